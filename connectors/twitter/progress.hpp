#pragma once

#include <set>
#include <utility>
#include <vector>

#include "connectors/twitter/item.hpp"
#include "connectors/twitter/source.hpp"
#include "core/clock.hpp"

namespace kanal::twitter {

/// What has been given out of each source, and how the position follows it: it stays behind what
/// may still come in below it, since posts come in out of the order of their numbers.
class Progress {
 public:
  explicit Progress(const Clock& clock) : clock_(clock) {}

  /// How a turn finds what the one before it left.
  enum class Finding {
    goes_on,
    moved,       ///< another has moved the position
    not_stored,  ///< what was given out last
  };
  /// Looks at where the position stands now. Unless reading goes on, nothing waits any more.
  Finding begin(const Position& position);
  /// Items of a source wait to be given out, for as long as its position stands here.
  void wait(Source source, TweetId stands) { waits_at_[source] = stands; }
  /// Nothing waits any more.
  void wait_no_more() { waits_at_ = {}; }
  /// Moves the position with an item on its way out.
  void give_out(const Item& item, Position& position);
  /// What was given out is in the store.
  void stored();
  /// Takes out of an answer what was given out of it before.
  void forget_given(Source source, Answer& answer) const;
  /// A look found nothing of the source: it has no days behind it that nobody looked at.
  void pass_quiet_days(Source source);
  /// Passes what was given out long enough ago, of the sources of which nothing is under way.
  void settle(Position& position, const BySource<bool>& under_way);

 private:
  struct Given {
    TweetId behind = 0;
    std::set<TweetId> ids;
  };
  /// The newest number below which nothing comes in any more.
  [[nodiscard]] TweetId settled() const;

  const Clock& clock_;
  BySource<TweetId> waits_at_;  ///< 0: nothing does
  BySource<Given> given_;
  std::vector<std::pair<Source, TweetId>> unstored_;
};

}  // namespace kanal::twitter
