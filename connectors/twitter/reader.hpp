#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "connectors/twitter/api.hpp"
#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/translate.hpp"

namespace kanal::twitter {

/// Reads mentions, searches and direct messages into one stream, oldest first. What was fetched and
/// not yet given out is kept in memory and fetched again after a crash.
class Reader {
 public:
  Reader(ChannelName channel, const Settings& settings, const Surroundings& around, Api& api,
         Ledger& ledger, Translation& translation)
      : channel_(std::move(channel)),
        settings_(settings),
        around_(around),
        api_(api),
        ledger_(ledger),
        translation_(translation) {}

  /// Moves `position` past what it gives out.
  Result<Batch> read(Position& position, Budget budget);
  /// All that called us between two times, oldest first, by the recent search (seven days).
  Result<Batch> read_between(Time from, Time to);

 private:
  enum class Source { mentions, search, messages };
  /// A post on its way out and the number that the position moves to with it.
  struct Item {
    Source source = Source::mentions;
    TweetId id = 0;
    Batch piece;
    std::vector<std::string> media;  ///< addresses of pictures, fetched when it goes out
  };
  /// A look at one source that goes through all pages, and may take several turns.
  struct Hunt {
    TweetId since = 0;
    std::string token;
    int pages = 0;
    Answer found;
  };

  [[nodiscard]] TweetId& reached(Position& position, Source source) const;
  [[nodiscard]] bool wanted(Source source) const;
  [[nodiscard]] Time& due(Source source) { return due_.at(static_cast<std::size_t>(source)); }
  Result<> look(Source source, const Position& position, const Plan& plan);
  Result<Answer> page(Source source, const Position& position, const Hunt& hunt, std::int64_t most);
  [[nodiscard]] std::string query() const;
  Result<> complete_stories(Answer& answer);
  void hand_over(Source source, TweetId since, const Answer& answer);
  void fetch_media(Item& item);
  void note_gap(TweetId since, const Answer& answer);

  ChannelName channel_;
  const Settings& settings_;
  const Surroundings& around_;
  Api& api_;
  Ledger& ledger_;
  Translation& translation_;
  std::deque<Item> ahead_;
  std::array<TweetId, 3> ahead_of_{};  ///< where the position must stand for `ahead_` to go on
  std::array<std::optional<Hunt>, 3> hunts_;
  std::array<Time, 3> due_{};
};

}  // namespace kanal::twitter
