#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace kanal {

/// A response as bytes: the head, and what is left to send after it.
struct RawAnswer {
  std::string head;
  std::string body;
  std::filesystem::path file;
  std::uint64_t file_bytes = 0;
  int status = 200;
  bool streams = false;  ///< events follow
};

/// Makes the head (RFC 9112 §4, RFC 9110): length, date, validator and compression where they
/// apply. A header that could split the response makes it a bare 500.
RawAnswer make_answer(const Request& request, Response& response, bool keep_alive);

/// The phrase that goes with a status.
std::string_view phrase_of(int status);

}  // namespace kanal
