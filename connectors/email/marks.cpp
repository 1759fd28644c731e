#include "connectors/email/marks.hpp"

#include <algorithm>

namespace kanal::email {
namespace {

// More than whoever is to tell us keeps for it.
constexpr std::size_t k_most_pending = 20'000;
constexpr std::size_t k_marks_at_once = 500;
constexpr Uid k_leftovers = 2000;

void append(std::vector<Uid>& all, const std::vector<Uid>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

void Marks::given_out(const Cursor& next, std::vector<Uid> uids) {
  if (given_out_.size() >= k_most_pending) given_out_.clear();
  given_out_[next.value] = std::move(uids);
}

void Marks::stored(const Cursor& next) {
  const auto found = given_out_.find(next.value);
  if (found == given_out_.end()) return;
  if (settings_.after_reading != "nothing") append(owed_, found->second);
  given_out_.erase(found);
}

Result<> Marks::set(Imap& session) {
  TRY(settle_on_their_way(session));
  std::ranges::sort(owed_);
  const auto twice = std::ranges::unique(owed_);
  owed_.erase(twice.begin(), twice.end());
  while (!owed_.empty()) {
    const auto count = std::min(owed_.size(), k_marks_at_once);
    TRY(set_some(session, {owed_.data(), count}));
    owed_.erase(owed_.begin(), owed_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return {};
}

Result<> Marks::set_some(Imap& session, std::span<const Uid> uids) {
  if (settings_.after_reading == "move") return session.move(uids, settings_.move_to);
  // Behind mails that are on their way the answer would be long in coming.
  if (!session.fetches_ahead()) return session.mark_seen(uids);
  TRY(session.mark_seen_ahead(uids));
  on_their_way_.insert(on_their_way_.end(), uids.begin(), uids.end());
  return {};
}

Result<> Marks::settle_on_their_way(Imap& session) {
  if (on_their_way_.empty()) return {};
  auto marked = session.marked();
  if (!marked) append(owed_, on_their_way_);
  on_their_way_.clear();
  return marked;
}

// All up to the position is stored, save what was not given out.
Result<> Marks::settle_leftovers(Imap& session, const Position& position) {
  if (settings_.after_reading == "nothing" || position.last < position.first) return {};
  const auto lowest =
      std::max(position.first, position.last > k_leftovers ? position.last - k_leftovers : 1);
  const auto range = std::to_string(lowest) + ':' + std::to_string(position.last);
  auto found = session.search("UID " + range +
                              (settings_.after_reading == "seen" ? " UNSEEN" : " UNDELETED"));
  if (!found && !session.alive()) return tl::unexpected(std::move(found.error()));
  if (!found) return {};
  std::erase_if(*found, [&](Uid uid) { return std::ranges::binary_search(position.refused, uid); });
  if (found->empty()) return {};
  if (position.since) {
    const auto listed = session.list(lowest, position.last, false);
    if (!listed && !session.alive()) return tl::unexpected(listed.error());
    if (!listed) return {};
    std::erase_if(*found, [&](Uid uid) {
      const auto mail = std::ranges::lower_bound(*listed, uid, {}, &Imap::Listing::uid);
      return mail == listed->end() || mail->uid != uid || !is_meant(position, uid, mail->arrived);
    });
  }
  append(owed_, *found);
  auto marked = set(session);
  if (!marked && !session.alive()) return marked;
  return {};
}

void Marks::session_ended() {
  append(owed_, on_their_way_);
  on_their_way_.clear();
}

void Marks::forget() {
  given_out_.clear();
  owed_.clear();
  on_their_way_.clear();
}

}  // namespace kanal::email
