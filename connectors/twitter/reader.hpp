#pragma once

#include <optional>
#include <span>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/following.hpp"
#include "connectors/twitter/hunt.hpp"
#include "connectors/twitter/item.hpp"
#include "connectors/twitter/pictures.hpp"
#include "connectors/twitter/progress.hpp"
#include "connectors/twitter/questions.hpp"
#include "connectors/twitter/queue.hpp"
#include "connectors/twitter/source.hpp"
#include "connectors/twitter/translate.hpp"

namespace kanal::twitter {

/// Reads mentions, searches and direct messages into one stream, oldest first. What was fetched and
/// not yet given out is kept in memory and fetched again after a crash. All that it is given
/// outlives it.
class Reader {
 public:
  Reader(const Settings& settings, const Clock& clock, Questions& questions, const Items& items,
         Pictures& pictures, const Translation& translation)
      : settings_(settings),
        clock_(clock),
        questions_(questions),
        items_(items),
        pictures_(pictures),
        queue_(pictures),
        progress_(clock),
        following_(settings, clock, questions, items, translation) {}

  /// Moves `position` past what it gives out.
  Result<Batch> read(Position& position, Budget budget);
  /// For how long there is nothing to look for; nothing: no pace says so.
  [[nodiscard]] std::optional<std::chrono::milliseconds> rests_for() const;
  /// These posts, with their pictures and what they go on from. Which of them: a post whose
  /// pictures cannot be had just now is left out.
  Result<std::vector<TweetId>> read_posts(std::span<const TweetId> ids, Batch& batch);
  /// What `read` gave out last is in the store.
  void stored() { progress_.stored(); }

 private:
  /// How a turn's looks went. `trouble`: what is in the way of a source, and for no longer than
  /// until another is due.
  struct Looked {
    bool unfinished = false;
    std::optional<Error> trouble;
  };

  void heed_clock();
  void start_over(const Position& position);
  Looked look_around(const Position& position);
  /// Whether the look is over; it goes on in the next turn otherwise.
  Result<bool> try_source(Source source, const Position& position);
  Result<bool> look(Source source, const Position& position, const Plan& plan);
  void queue_found(Source source, const Hunt& hunt);
  void follow(Position& position, std::optional<Error>& trouble);

  const Settings& settings_;
  const Clock& clock_;
  Questions& questions_;
  const Items& items_;
  Pictures& pictures_;
  Queue queue_;
  Progress progress_;
  Following following_;
  BySource<std::optional<Hunt>> hunts_;
  BySource<Time> due_;
  BySource<std::optional<Error>> troubles_;  ///< of the last look at each
  Time looked_at_;
};

}  // namespace kanal::twitter
