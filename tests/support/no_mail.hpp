#pragma once

#include "net/mail_pipe.hpp"

namespace kanal::test {

/// For connectors that have no use for mail.
class NoMail final : public Mail {
 public:
  Result<std::unique_ptr<Pipe>> connect(const MailServer& /*server*/) override {
    return fail(Remedy::drop, "there is no mail here");
  }
};

}  // namespace kanal::test
