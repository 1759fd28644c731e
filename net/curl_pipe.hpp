#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "net/pipe.hpp"

namespace kanal {

struct CurlClose {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlClose>;

/// Takes over a handle that CURLOPT_CONNECT_ONLY has connected. `peer` is what errors call it.
Result<std::unique_ptr<Pipe>> make_curl_pipe(CurlHandle handle, std::string peer);

}  // namespace kanal
