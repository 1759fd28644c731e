#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "connectors/twitter/api.hpp"
#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/translate.hpp"

namespace kanal::twitter {

/// What the recent search is asked; with `calls`, also for posts that call us.
std::string search_query(const Settings& settings, bool calls);

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
  /// Of a time that `read_between` has not come through yet.
  [[nodiscard]] int pages_read() const { return between_ ? between_->hunt.pages : 0; }
  /// These posts, with their pictures and what they go on from. Which of them: a post whose
  /// pictures cannot be had just now is left out.
  Result<std::vector<TweetId>> read_posts(std::span<const TweetId> ids, Batch& batch);
  /// What `read` gave out last is in the store.
  void stored();
  /// In whose name what is read from now on is counted.
  void count_as(std::string name) { counted_as_ = std::move(name); }

 private:
  enum class Source { mentions, search, messages };
  static constexpr std::array<Source, 3> k_sources = {Source::mentions, Source::search,
                                                      Source::messages};
  static constexpr std::size_t at(Source source) { return static_cast<std::size_t>(source); }
  /// A post on its way out and the number that the position moves to with it.
  struct Item {
    Source source = Source::mentions;
    TweetId id = 0;
    TweetId number = 0;  ///< X's own; 0: it has none that can be believed
    Batch piece;
    std::vector<std::string> media;   ///< addresses of pictures, fetched when it goes out
    std::size_t missing = 0;          ///< of them, those that could not be had
    std::optional<Story> story = {};  ///< which it begins
    TweetId addition = 0;             ///< its number, when it goes on from one
    TweetId goes_on_from = 0;         ///< which one that is
    std::vector<TweetId> told = {};   ///< what it takes along
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

  /// What was given out of a source behind its position, which stays behind what may still come in
  /// below it.
  struct Given {
    TweetId behind = 0;
    std::set<TweetId> ids;
  };
  /// A back-filled time whose pages are being read.
  struct Between {
    Time from;
    Time asked_from;
    Hunt hunt;
  };
  /// How a turn's looks went. `trouble`: what is in the way of a source, and for no longer than
  /// until another is due.
  struct Looked {
    bool unfinished = false;
    std::optional<Error> trouble;
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
  [[nodiscard]] Time& due(Source source) { return due_[at(source)]; }
  /// Whether the look is over; it goes on in the next turn otherwise.
  Result<bool> look(Source source, const Position& position, const Plan& plan);
  using Page = std::function<Result<Answer>(std::int64_t most)>;
  Result<bool> turn_pages(Hunt& hunt, std::int64_t most_reads, double price_usd, const Page& page);
  Result<Answer> page(Source source, const Position& position, const Hunt& hunt, std::int64_t most);
  Result<Answer> search(const std::string& query, const Hunt& hunt, std::int64_t most);
  Result<bool> fetch_between(Time from, Time to, TweetId after);
  void forget_ahead();
  /// What was told wrongly of the last batch is taken back.
  void start_over(const Position& position);
  Looked look_around(const Position& position);
  void follow_stories(Position& position, Looked& looked);
  Result<> find_additions(const Position& position, std::int64_t most_reads);
  void add_to_stories(const Position& position, Answer& found);
  void take_note_of(const Item& item, Position& position);
  Result<bool> try_source(Source source, const Position& position);
  void settle(Position& position);
  void forget_given(Source source, Answer& answer);
  [[nodiscard]] double price_of(Source source) const;
  [[nodiscard]] std::int64_t room_for(double price_usd) const;
  Result<> complete_stories(Answer& answer);
  Result<Answer> look_up(std::span<const TweetId> ids);
  void cut_at_additions(Answer& answer) const;
  void heed_clock();
  static void note_pictures(Item& item, const Answer& around, const std::vector<std::string>& keys);
  [[nodiscard]] Item addition_of(const Tweet& tweet, const Answer& found, TweetId story,
                                 bool is_told_of) const;
  [[nodiscard]] Item item_of(const Tweet& tweet, const Answer& around, std::string_view entrance,
                             TweetId story = 0) const;
  void hand_over(Source source, TweetId since, const Answer& answer);
  Result<bool> give_out(Budget budget, Batch& batch, const std::function<void(const Item&)>& gone);
  Result<> fetch_media(Item& item);
  void note_gap(Source source, TweetId since, const Answer& answer, std::string_view why);

  ChannelName channel_;
  std::string counted_as_ = channel_.value();
  const Settings& settings_;
  const Surroundings& around_;
  Api& api_;
  Ledger& ledger_;
  Translation& translation_;
  std::deque<Item> ahead_;
  std::array<TweetId, 3> ahead_of_{};  ///< where the position must stand for `ahead_` to go on
  std::array<std::optional<Hunt>, 3> hunts_;
  std::array<Time, 3> due_{};
  std::array<std::optional<Error>, 3> troubles_;  ///< of the last look at each
  std::array<Given, 3> given_;
  std::vector<std::pair<Source, TweetId>> unstored_;
  Time follow_due_;
  Time looked_at_;
  /// Of the last day, stored or given out; and what was taken along, which is not told again.
  std::set<TweetId> additions_;
  std::optional<Between> between_;
  std::optional<Stretch> stretch_;  ///< what `ahead_` is of, when it is not of what is new
  /// Since when, and when last, the host of the pictures gave none out.
  std::optional<Time> pictures_away_since_;
  Time pictures_missed_at_;
};

}  // namespace kanal::twitter
