#include "connectors/twitter/progress.hpp"

#include <algorithm>

namespace kanal::twitter {
namespace {

/// Posts come in out of the order of their numbers for so long.
constexpr std::chrono::seconds k_still_arriving{60};
/// A day spares the position a change at every look.
constexpr std::chrono::hours k_quiet_for{24};

}  // namespace

TweetId Progress::settled() const {
  return first_tweet_id_of(clock_.now() - k_still_arriving);
}

Progress::Finding Progress::begin(const Position& position) {
  const bool is_stored = std::exchange(unstored_, {}).empty();
  bool is_moved = false;
  for (const auto source : k_sources) {
    const auto stands = reached(position, source);
    is_moved = is_moved || (waits_at_[source] != 0 && waits_at_[source] != stands);
    if (given_[source].behind != stands) given_[source] = {stands, {}};
  }
  if (is_stored && !is_moved) return Finding::goes_on;
  wait_no_more();
  return is_stored ? Finding::moved : Finding::not_stored;
}

void Progress::give_out(const Item& item, Position& position) {
  auto& place = reached(position, item.source);
  place = std::max(place, std::min(item.id, settled()));
  if (waits_at_[item.source] != 0) waits_at_[item.source] = place;
  if (item.addition != 0) unstored_.emplace_back(item.source, 0);
  if (item.number == 0) return;
  // Nobody stores what brings nothing (our own posts): it is done with.
  if (item.is_empty()) {
    given_[item.source].ids.insert(item.number);
  } else {
    unstored_.emplace_back(item.source, item.number);
  }
}

void Progress::stored() {
  for (const auto& [source, id] : std::exchange(unstored_, {})) {
    auto& given = given_[source];
    if (id > given.behind) given.ids.insert(id);
  }
}

void Progress::forget_given(Source source, Answer& answer) const {
  const auto& ids = given_[source].ids;
  const auto is_known = [&](const auto& each) { return ids.contains(each.id); };
  std::erase_if(answer.tweets, is_known);
  std::erase_if(answer.messages, is_known);
  std::erase_if(answer.unreadable, [&](const Unreadable& each) {
    return ids.contains(parse_tweet_id(each.id.value()).value_or(0));
  });
}

void Progress::pass_quiet_days(Source source) {
  auto& given = given_[source];
  if (given.behind > 1 && time_of(given.behind) + k_quiet_for < clock_.now()) {
    given.ids.insert(settled());
  }
}

void Progress::settle(Position& position, const BySource<bool>& under_way) {
  for (const auto source : k_sources) {
    auto& stands = reached(position, source);
    auto& given = given_[source];
    if (!under_way[source] && !given.ids.empty()) {
      stands = std::max(stands, std::min(*given.ids.rbegin(), settled()));
    }
    given.behind = stands;
    given.ids.erase(given.ids.begin(), given.ids.upper_bound(stands));
  }
}

}  // namespace kanal::twitter
