#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "connectors/twitter/item.hpp"
#include "connectors/twitter/questions.hpp"
#include "connectors/twitter/stories.hpp"
#include "connectors/twitter/translate.hpp"

namespace kanal::twitter {

/// Follows the stories of a position: what the author of a complaint adds below it is found by
/// searching, and keeps nothing else back.
class Following {
 public:
  Following(const Settings& settings, const Clock& clock, Questions& questions, const Items& items,
            const Translation& translation)
      : settings_(settings),
        clock_(clock),
        questions_(questions),
        items_(items),
        translation_(translation) {}

  /// Searches when it is time to, and gives up stories that are over. `trouble` becomes what a
  /// person must see to, if it is nothing yet.
  std::vector<Item> follow(Position& position, std::optional<Error>& trouble);
  /// When it is time to search again; none: there was nothing to search for.
  [[nodiscard]] std::optional<Time> due() const {
    return follows_ ? std::optional(due_) : std::nullopt;
  }
  /// Begins a story with what calls us, and counts what was added to one, as they go out.
  void take_note_of(const Item& item, Position& position);
  /// What was given out as an addition is not told once more by what goes on from it.
  void cut_at_additions(Answer& answer) const;
  /// What was given out last was not stored: it will be told again.
  void forget_additions() { additions_.clear(); }
  /// The clock was set back: it is time to search.
  void be_due() { due_ = {}; }

 private:
  Result<> find_additions(const Position& position, std::int64_t most_reads,
                          std::vector<Item>& items);
  void add_to_stories(const Position& position, Answer& found, std::vector<Item>& items) const;
  [[nodiscard]] Item addition_of(const Tweet& tweet, const Answer& found, TweetId story,
                                 bool is_told_of) const;

  const Settings& settings_;
  const Clock& clock_;
  Questions& questions_;
  const Items& items_;
  const Translation& translation_;
  Time due_;
  bool follows_ = false;
  /// Of the last day, stored or given out; and what was taken along, which is not told again.
  std::set<TweetId> additions_;
};

}  // namespace kanal::twitter
