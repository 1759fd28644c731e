#pragma once

#include <chrono>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"

namespace kanal::webhook {

struct Settings {
  std::string url;
  Secret secret;
  Secret earlier_secret;
  bool private_network = false;
  std::chrono::seconds clock_skew_s{300};
  std::chrono::seconds timeout_s{30};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(url,
          Field{.key = "url", .about = "Where the other system takes requests.", .required = true});
    visit(secret, Field{.key = "secret",
                        .about = "What requests are signed with, ours and theirs; it may begin "
                                 "with \"whsec_\".",
                        .required = true});
    visit(earlier_secret,
          Field{.key = "earlier_secret",
                .about = "One that still counts on requests to us while they change to the new."});
    visit(private_network,
          Field{.key = "private_network",
                .about = "The other system may be on this machine or a private network, and "
                         "without TLS."});
    visit(clock_skew_s, Field{.key = "clock_skew_s",
                              .about = "How old a signed request may be.",
                              .least = 10,
                              .most = 3600});
    visit(timeout_s, Field{.key = "timeout_s",
                           .about = "How long the other system may take to answer.",
                           .least = 1,
                           .most = 600});
  }
};

}  // namespace kanal::webhook
