#pragma once

#include <array>
#include <deque>
#include <functional>
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
  /// What called us between two times, oldest first, by the recent search (seven days). `after`:
  /// the last that was given out, and moves with it; `Batch::more` while there is more between
  /// them.
  Result<Batch> read_between(Time from, Time to, TweetId& after, Budget budget);

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
    Answer found;
    std::vector<TweetId> gone;  ///< as the pages said
    int pages = 0;
    bool all_pages = false;  ///< what is left is to complete the stories
  };

  /// A back-filled time, and how far it has been given out.
  struct Stretch {
    Time from;
    TweetId after = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
  };

  static Hunt hunt_from(TweetId since);
  [[nodiscard]] TweetId& reached(Position& position, Source source) const;
  [[nodiscard]] bool wanted(Source source) const;
  [[nodiscard]] Time& due(Source source) { return due_.at(static_cast<std::size_t>(source)); }
  /// Whether the look is over; it goes on in the next turn otherwise.
  Result<bool> look(Source source, const Position& position, const Plan& plan);
  using Page = std::function<Result<Answer>(std::int64_t most)>;
  Result<bool> turn_pages(Hunt& hunt, std::int64_t most_reads, double price_usd, const Page& page);
  Result<Answer> page(Source source, const Position& position, const Hunt& hunt, std::int64_t most);
  Result<> fetch_between(Time from, Time to, TweetId after);
  void forget_ahead();
  [[nodiscard]] std::string query() const;
  Result<> complete_stories(Answer& answer);
  void hand_over(Source source, TweetId since, const Answer& answer);
  Result<bool> give_out(Budget budget, Batch& batch, const std::function<void(const Item&)>& gone);
  Result<> fetch_media(Item& item);
  void note_gap(Source source, TweetId since, const Answer& answer, std::string_view why);

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
  std::optional<Stretch> stretch_;  ///< what `ahead_` is of, when it is not of what is new
  /// Since when, and when last, the host of the pictures gave none out.
  std::optional<Time> pictures_away_since_;
  Time pictures_missed_at_;
};

}  // namespace kanal::twitter
