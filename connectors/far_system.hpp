#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "config/describe.hpp"
#include "connectors/kind.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"

// What connectors share that call another system.
namespace kanal {

/// How another system is reached: what the settings of such a kind begin with.
struct FarSystem {
  std::string url;
  bool private_network = false;
  std::chrono::seconds timeout_s{30};

  template <class Visitor>
  void describe_way(Visitor& visit, std::string_view about_url, bool required = true) {
    visit(url, Field{.key = "url",
                     .about = about_url,
                     .required = required,
                     .example = "https://example.invalid"});
    visit(private_network,
          Field{.key = "private_network",
                .about = "The other system may be on this machine or a private network, and "
                         "without TLS."});
    visit(timeout_s, Field{.key = "timeout_s",
                           .about = "How long the other system may take to answer.",
                           .least = 1,
                           .most = 600});
  }
};

/// A call to an address of that system.
HttpCall call_to(const FarSystem& system, std::string url, std::size_t most_answer_bytes);

/// Whether the status says that what was posted went to an address that takes none: a slip in the
/// settings or a move there, for a person to mend, and no fault of what was posted.
bool is_wrong_address(int status);

/// What the answer's status says of a request that was to change something there, posted to an
/// address that is the same for all: done for 2xx, else what to do next. `said`: its own words, for
/// people.
Result<> judge_answer(const HttpReply& answer, std::string_view said = {});
/// The same of what may be posted twice: whatever is in doubt is posted again.
Result<HttpReply> judge_repeatable(Result<HttpReply> answer);
/// The same of a question: whatever is in doubt is asked again, and what is not there is gone
/// (drop).
Result<HttpReply> judge_question(Result<HttpReply> answer, std::string_view said = {});

/// Why the address cannot be called, which is one of https; http will do within a private network.
/// Empty: it can.
std::string why_not_called(std::string_view url, bool private_network);
/// Complains of "url" unless it can be called.
WrongSettings wrong_far_system(const FarSystem& system);

}  // namespace kanal
