#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "net/pipe.hpp"

namespace kanal {

struct CurlClose {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlClose>;

/// A handle that connects and does nothing else once it has a URL and its protocols. `reconfigure`
/// when `host` is not the name of a server.
Result<CurlHandle> prepare_connection(const std::string& host, std::chrono::milliseconds timeout_ms,
                                      const std::string& ca_file);

/// Why no connection to `host` came about; `peer` is what errors call it. `said` follows what has
/// no better explanation.
tl::unexpected<Error> not_connected(CURLcode code, const std::string& host, const std::string& peer,
                                    const std::string& ca_file, const std::string& said = "");

/// Takes over a handle that CURLOPT_CONNECT_ONLY has connected. `peer` is what errors call it.
Result<std::unique_ptr<Pipe>> make_curl_pipe(CurlHandle handle, std::string peer);

}  // namespace kanal
