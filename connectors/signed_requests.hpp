#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "core/result.hpp"

namespace kanal {

/// How requests to us are known to come from the other side: part of the settings of such a kind.
struct SignedRequests {
  Secret secret;
  Secret earlier_secret;
  std::chrono::seconds clock_skew_s{300};

  template <class Visitor>
  void describe_secrets(Visitor& visit, std::string_view about_secret,
                        std::string_view about_earlier) {
    visit(secret, Field{.key = "secret", .about = about_secret, .required = true});
    visit(earlier_secret, Field{.key = "earlier_secret", .about = about_earlier});
  }
  template <class Visitor>
  void describe_skew(Visitor& visit) {
    visit(clock_skew_s, Field{.key = "clock_skew_s",
                              .about = "How old a signed request may be.",
                              .least = 10,
                              .most = 3600});
  }
};

/// The secrets that count: the one that we sign with, then the earlier one where there is one.
Result<std::vector<std::string>> reveal_secrets(const SignedRequests& requests, const Keys& keys);

}  // namespace kanal
