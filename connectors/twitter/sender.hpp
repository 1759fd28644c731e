#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "connectors/twitter/api.hpp"

namespace kanal::twitter {

/// Sends answers, publicly or as direct messages, and finds out whether doubtful ones went out. All
/// that it reads for that is within the caps, and counted.
class Sender {
 public:
  /// The number of our own account.
  using Account = std::function<Result<std::string>()>;

  Sender(ChannelName channel, const Settings& settings, const Surroundings& around,
         const Authorisation& authorisation, Api& api, Ledger& ledger)
      : channel_(std::move(channel)),
        settings_(settings),
        around_(around),
        authorisation_(authorisation),
        api_(api),
        ledger_(ledger) {}

  Result<Receipt> send(const Reply& reply, const Account& account);
  Result<Receipt> send_directly(const Reply& reply, const std::string& text);
  /// Nothing: it did not go out. The error: nobody can tell.
  Result<std::optional<Receipt>> confirm(const Reply& reply, const Account& account);
  /// Whether the account has written to us by direct message.
  void know(const std::string& address, bool has_written);

 private:
  struct Asked {
    bool has_written = false;
    Time at;
  };
  struct Search {
    std::optional<Receipt> found;
    bool all_seen = true;  ///< that nothing was found is proof
    bool says_elsewhere = false;
  };
  /// What earlier tries of a reply that is not settled have shown; in memory alone.
  struct Tries {
    std::set<std::string> in_doubt;  ///< words that X may have taken
    std::optional<Time> refused_at;  ///< first since then, as a repeat
  };
  Tries& tries_of(const Reply& reply);
  void doubt(const Reply& reply, const std::string& text);
  [[nodiscard]] Result<> afford(double price_usd) const;
  [[nodiscard]] double price_of(std::string_view text) const;
  Result<Receipt> send_as_planned(const Reply& reply, const Account& account);
  Result<Receipt> send_publicly(const Reply& reply, const std::string& text,
                                const Account& account);
  Result<std::vector<std::string>> upload_pictures(const Reply& reply);
  Receipt posted_publicly(std::string_view text, ExternalId id);
  Receipt sent_directly(const std::string& id);
  Result<bool> has_written(const std::string& address);
  Result<bool> is_open(const Reply& reply);
  [[nodiscard]] bool may_wait(const Reply& reply, const Error& error) const;
  [[nodiscard]] std::int64_t room_for_messages() const;
  Result<Answer> read_conversation(const std::string& address, std::int64_t most);
  Result<Search> find_answer(const Reply& reply, TweetId parent, const Account& account,
                             std::string_view repeats = {});
  Result<Receipt> judge_duplicate(const Reply& reply, const std::string& text,
                                  const Account& account);
  Result<Search> find_message(const Reply& reply);

  ChannelName channel_;
  const Settings& settings_;
  const Surroundings& around_;
  const Authorisation& authorisation_;
  Api& api_;
  Ledger& ledger_;
  std::map<std::string, Asked> correspondents_;
  std::map<std::string, Tries> tries_;  ///< by the reply's key
};

}  // namespace kanal::twitter
