#pragma once

#include "net/http_client.hpp"

namespace kanal::test {

/// For connectors that have no use for HTTP.
class NoHttp final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& /*call*/) override {
    return fail(Remedy::drop, "there is no HTTP here");
  }
};

}  // namespace kanal::test
