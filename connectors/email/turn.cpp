#include "connectors/email/turn.hpp"

#include <algorithm>

namespace kanal::email {
namespace {

/// Whether asking for less, or for another mail, is of no use now.
bool ends_turn(const Imap& session, const Error& error) {
  return !session.alive() || error.remedy == Remedy::throttled;
}

}  // namespace

Result<> Turn::fetch() {
  TRY(fetch_whole());
  return fetch_headers();
}

// One range for all; what the server stumbles over or leaves out, each by itself.
Result<> Turn::fetch_whole() {
  const auto wanted = whole_ones(mails_);
  auto all = session_.fetch(wanted, most_bytes());
  if (!all && ends_turn(session_, all.error())) return tl::unexpected(std::move(all.error()));
  if (all) fetched_ = std::move(*all);
  std::vector<Uid> left;
  std::ranges::copy_if(wanted, std::back_inserter(left),
                       [&](Uid uid) { return find(uid) == fetched_.end(); });
  for (const auto uid : left) TRY(fetch_by_itself(uid));
  std::ranges::sort(fetched_, {}, &Imap::Fetched::uid);
  return {};
}

Result<> Turn::fetch_by_itself(Uid uid) {
  auto mail = session_.fetch({&uid, 1}, most_bytes());
  if (!mail && ends_turn(session_, mail.error())) return tl::unexpected(std::move(mail.error()));
  if (!mail) return miss(uid, ": " + mail.error().message);
  if (mail->empty()) return miss(uid, {});
  std::ranges::move(*mail, std::back_inserter(fetched_));
  return {};
}

Result<> Turn::fetch_headers() {
  for (const auto& mail : mails_) {
    if (!mail.headers_only) continue;
    if (mail.breaks >= k_breaks_in_headers) {
      TRY(miss(mail.uid, ": every connection broke within it"));
      continue;
    }
    auto fetched = session_.fetch_headers(mail.uid, k_most_header_bytes);
    if (!fetched && ends_turn(session_, fetched.error())) {
      return tl::unexpected(std::move(fetched.error()));
    }
    if (!fetched) {
      TRY(miss(mail.uid, ": " + fetched.error().message));
      continue;
    }
    const auto headers = std::ranges::find(*fetched, mail.uid, &Imap::Fetched::uid);
    if (headers == fetched->end()) {
      TRY(miss(mail.uid, {}));
      continue;
    }
    auto& bytes = headers->bytes;
    batch_.unreadable.push_back(
        mail.breaks > 0 ? translation_.unfinished(std::move(bytes), mail.size_bytes, mail.breaks)
                        : translation_.oversized(std::move(bytes), mail.size_bytes));
  }
  return {};
}

// Somebody may have taken it away meanwhile; else it is in the mailbox, and a person should know.
Result<> Turn::miss(Uid uid, const std::string& why) {
  if (why.empty() && TRY(session_.search("UID " + std::to_string(uid))).empty()) return {};
  refused_.push_back(uid);
  batch_.unreadable.push_back(
      {ExternalId("uid:" + std::to_string(uid_validity_) + ':' + std::to_string(uid)),
       {},
       "the mail server does not give this mail out" + why});
  return {};
}

std::vector<Imap::Fetched>::iterator Turn::find(Uid uid) {
  const auto found = std::ranges::lower_bound(fetched_, uid, {}, &Imap::Fetched::uid);
  return found != fetched_.end() && found->uid == uid ? found : fetched_.end();
}

Batch Turn::translate() {
  for (const auto& mail : mails_) {
    const auto fetched = find(mail.uid);
    if (fetched == fetched_.end()) continue;
    auto& bytes = fetched->bytes;
    const bool is_harmless = last_read_.begin(uid_validity_, mail.uid);
    if (fetched->whole && is_harmless) {
      translation_.add(std::move(bytes), mail.arrived, batch_);
      continue;
    }
    bytes.resize(std::min(bytes.size(), k_most_header_bytes));
    batch_.unreadable.push_back(is_harmless
                                    ? translation_.oversized(std::move(bytes), mail.size_bytes)
                                    : translation_.fatal(std::move(bytes)));
  }
  last_read_.end();
  return std::move(batch_);
}

std::vector<Uid> Turn::to_mark() const {
  auto uids = uids_of(mails_);
  std::erase_if(uids, [&](Uid uid) { return std::ranges::find(refused_, uid) != refused_.end(); });
  return uids;
}

}  // namespace kanal::email
