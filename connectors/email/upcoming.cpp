#include "connectors/email/upcoming.hpp"

#include <algorithm>

namespace kanal::email {
namespace {

constexpr Uid k_window = 2000;

}  // namespace

std::vector<Uid> uids_of(const std::vector<Chosen>& mails) {
  std::vector<Uid> uids;
  for (const auto& mail : mails) uids.push_back(mail.uid);
  return uids;
}

std::vector<Uid> whole_ones(const std::vector<Chosen>& mails) {
  std::vector<Uid> uids;
  for (const auto& mail : mails) {
    if (!mail.headers_only) uids.push_back(mail.uid);
  }
  return uids;
}

Result<> Upcoming::list(Imap& session, Uid after, bool look) {
  if (!mails_.empty() && after_ == after) return {};
  mails_.clear();
  after_ = after;
  Uid first = after + 1;
  auto listed = TRY(session.list(first, first + k_window - 1, look));
  const auto in_window = [&](const Imap::Listing& mail) { return mail.uid - first < k_window; };
  beyond_ = !listed.empty() && !in_window(listed.back());
  if (beyond_ && !in_window(listed.front())) {
    // A hole in the numbers: the next mail is further up.
    const auto found = TRY(session.search("UID " + std::to_string(first) + ":*"));
    const auto next = std::ranges::lower_bound(found, first);
    if (next == found.end()) return {};
    first = *next;
    listed = TRY(session.list(first, first + k_window - 1, false));
    beyond_ = !listed.empty() && !in_window(listed.back());
  }
  std::ranges::copy_if(listed, std::back_inserter(mails_), in_window);
  return {};
}

void Upcoming::end_before(Uid end) {
  const auto cut = std::ranges::lower_bound(mails_, end, {}, &Imap::Listing::uid);
  if (cut != mails_.end()) beyond_ = false;
  mails_.erase(cut, mails_.end());
}

std::vector<Chosen> Upcoming::peek(const Position& position, const Budget& budget) const {
  return choose(position, budget).mails;
}

std::vector<Chosen> Upcoming::take(Position& position, const Budget& budget) {
  auto choice = choose(position, budget);
  if (choice.passed > 0) position.last = after_ = mails_[choice.passed - 1].uid;
  mails_.erase(mails_.begin(), mails_.begin() + static_cast<std::ptrdiff_t>(choice.passed));
  return std::move(choice.mails);
}

Upcoming::Choice Upcoming::choose(const Position& position, const Budget& budget) const {
  Choice choice;
  std::uint64_t bytes = 0;
  for (const auto& next : mails_) {
    if (is_meant(position, next.uid, next.arrived)) {
      const auto mail = chosen(next);
      const auto cost = mail.headers_only ? k_most_header_bytes : mail.size_bytes;
      const bool full = choice.mails.size() >= budget.posts || bytes + cost > budget.bytes;
      if (full && !choice.mails.empty()) break;
      bytes += cost;
      choice.mails.push_back(mail);
    }
    ++choice.passed;
  }
  return choice;
}

Chosen Upcoming::chosen(const Imap::Listing& mail) const {
  const auto breaks = breaks_.given_up_after(mail.uid);
  const auto most = static_cast<std::uint64_t>(settings_.most_mail_bytes);
  return {mail.uid, mail.size_bytes, mail.arrived, breaks > 0 || mail.size_bytes > most, breaks};
}

}  // namespace kanal::email
