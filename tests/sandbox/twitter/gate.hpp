#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tests/sandbox/twitter/answers.hpp"

namespace kanal::sandbox::twitter {

/// Who may come in. Made up, and the same at every start.
struct Credentials {
  std::string consumer_key = "sandbox-consumer-key";
  std::string consumer_secret = "sandbox-consumer-secret";
  std::string access_token = "1000-sandbox-access-token";
  std::string access_secret = "sandbox-access-secret";
  std::string bearer = "sandbox-app-bearer";
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-client-secret";
  std::string refresh_token = "sandbox-refresh-0";  ///< changes with every use
};

/// As whom a request was let in.
enum class Caller { nobody, app, user };

/// Signatures, tokens, rate limits and ordered faults: what stands before every endpoint.
class Gate {
 public:
  /// `origin`: scheme and host that requests were signed for.
  Caller admit(const Request& request, const std::string& origin, std::chrono::milliseconds now);
  /// OAuth 2.0: a refresh token used twice ends the whole family, as X does.
  Answer token(const Request& request, std::chrono::milliseconds now);
  [[nodiscard]] const Credentials& credentials() const { return credentials_; }
  void expire_tokens();

  /// One call of the endpoint; what its headers say afterwards. False: over the limit.
  bool count(const std::string& endpoint, std::chrono::milliseconds now,
             std::map<std::string, std::string>& headers);
  void set_limit(const std::string& endpoint, int limit) { limits_[endpoint] = limit; }

 private:
  [[nodiscard]] bool signed_well(const Request& request, const std::string& origin,
                                 std::chrono::milliseconds now);
  struct Window {
    std::chrono::seconds ends{0};
    int left = 0;
  };
  Credentials credentials_;
  std::set<std::string> nonces_;
  std::map<std::string, std::chrono::milliseconds> user_tokens_;  ///< token → its end
  std::map<std::string, int> limits_;
  std::map<std::string, Window> windows_;
  int refreshed_ = 0;
};

inline constexpr std::string_view k_media = "GET /media/:id";

/// What can be ordered. "…_posted": it was done all the same; "repeated": the list ends with the
/// post that it began with.
inline constexpr auto k_faults = std::to_array<std::string_view>(
    {"429", "429_plain", "402", "401", "503", "503_posted", "500", "duplicate", "duplicate_posted",
     "slow", "half", "cut", "garbage", "no_headers", "repeated"});

/// A fault that was ordered for the next calls of an endpoint.
struct Fault {
  std::string on;     ///< "GET /2/users/:id/mentions"; empty: any but pictures
  std::string fault;  ///< one of k_faults
  int times = 1;
  std::chrono::milliseconds delay{0};
  std::size_t after_bytes = 20;
};

class Faults {
 public:
  void order(Fault fault) { waiting_.push_back(std::move(fault)); }
  void forget() { waiting_.clear(); }
  std::optional<Fault> next(const std::string& endpoint);

 private:
  std::deque<Fault> waiting_;
};

}  // namespace kanal::sandbox::twitter
