#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/twitter/authorisation.hpp"
#include "connectors/twitter/ledger.hpp"
#include "connectors/twitter/settings.hpp"
#include "connectors/twitter/tweet.hpp"

namespace kanal::twitter {

/// On whose account what is read goes, and what one costs.
struct Bill {
  std::string channel;
  double price_usd = 0;
};

/// Calls of the API v2: signed, within the limits, with errors that say what to do next.
class Api {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  Api(const Settings& settings, Authorisation& authorisation, Ledger& ledger, Http& http,
      const Clock& clock)
      : settings_(settings),
        authorisation_(authorisation),
        ledger_(ledger),
        http_(http),
        clock_(clock) {}

  /// `endpoint` names it for the rate limits ("mentions"). The body of a 200. A refusal of this
  /// question, and not of the credential, is `of_this_alone`.
  Result<std::string> get(std::string_view endpoint, const std::string& path,
                          const Parameters& parameters);
  /// The same, read; of posts no more than what comes unasked.
  Result<Answer> read(std::string_view endpoint, const std::string& path,
                      const Parameters& parameters);
  /// Posts with all that we read of them. Where X does not know our fields it is asked once more by
  /// their other names, and by these from then on; posts that come without them all the same are
  /// put on the bill here, as nobody gets them.
  Result<Answer> read_posts(std::string_view endpoint, const std::string& path,
                            Parameters parameters, const Bill& bill);
  /// Any answer that says whether it was done: 2xx, and 4xx that the caller must judge. What the
  /// far side may have done without saying so is `uncertain`.
  Result<HttpReply> post(std::string_view endpoint, const std::string& path, std::string body,
                         const std::string& type = "application/json");
  /// A file that a post shows; only from X's own hosts.
  Result<std::string> fetch_medium(const std::string& url, std::size_t most_bytes);

 private:
  Result<HttpReply> call(std::string_view endpoint, HttpCall call);

  const Settings& settings_;
  Authorisation& authorisation_;
  Ledger& ledger_;
  Http& http_;
  const Clock& clock_;
  /// Of requests, by endpoint: the setting's, until X has shown there that it is the other.
  std::map<std::string, std::string> dialects_;
  bool told_dialect_ = false;
};

/// What the far side says is wrong, in one line, bounded.
std::string detail_of(const HttpReply& reply);
/// Whether it is our app that may not do this at all (X API v2, "Response codes and errors": the
/// problem's type).
bool refuses_client(const HttpReply& reply);

}  // namespace kanal::twitter
