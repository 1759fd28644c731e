#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/http_server.hpp"

namespace kanal {

/// What is wrong with one member of a body or one parameter of a query.
struct Fault {
  std::string field;  ///< empty: the whole
  std::string message;
};

/// An error for programs (RFC 9457, application/problem+json). `reference` is the request's, which
/// the log has too. Answers of 429 and 503 say when to come back: after `wait`.
Response problem(const Request& request, int status, std::string_view detail,
                 std::span<const Fault> faults = {},
                 std::chrono::seconds wait = std::chrono::seconds(5));

/// 503 for what failed on our side: why is for the log alone.
Response trouble(const Request& request, const Error& error);

/// The path that was asked for; of a target that could not be read, as it came.
std::string_view asked_path(const Request& request);

/// Whether whoever asks is a program: by the address, or because it would rather have JSON.
bool is_program(const Request& request);

}  // namespace kanal
