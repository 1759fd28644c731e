#include "connectors/email/email.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "connectors/email/compose.hpp"
#include "connectors/email/cursor.hpp"
#include "connectors/email/imap.hpp"
#include "connectors/email/smtp.hpp"
#include "connectors/email/tokens.hpp"
#include "connectors/email/translate.hpp"
#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr Uid k_window = 2000;
constexpr std::size_t k_most_header_bytes = 256U << 10U;
constexpr std::size_t k_most_pending = 16;
constexpr std::size_t k_marks_at_once = 500;
constexpr Uid k_leftovers = 2000;
// The mail server's clock and ours may differ; what is read twice is recognised.
constexpr std::chrono::minutes k_clock_slack{10};

std::int64_t usual_port(MailServer::Protocol protocol, const std::string& security) {
  if (protocol == MailServer::Protocol::imap) return security == "tls" ? 993 : 143;
  return security == "tls" ? 465 : security == "starttls" ? 587 : 25;
}

}  // namespace

struct Email::Inside {
  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  Translation translation;
  Tokens tokens;

  std::unique_ptr<Imap> imap;
  Imap::Folder folder;
  std::deque<Imap::Listing> ahead;  ///< listed already, after `ahead_of`
  Uid ahead_of = 0;
  bool beyond = false;                           ///< there is mail behind what is listed
  std::map<std::string, std::vector<Uid>> read;  ///< by cursor: not yet known to be stored
  std::vector<Uid> owed;                         ///< stored, not yet marked
  bool settled = false;
  std::unique_ptr<Smtp> smtp;

  Inside(ChannelName name, Settings given, const Surroundings& surroundings)
      : channel(std::move(name)),
        settings(std::move(given)),
        around(surroundings),
        translation(settings, around.keys),
        tokens(around.keys) {}

  Result<MailServer> server(MailServer::Protocol protocol) const;
  Result<> connect_imap();
  Result<> connect_smtp();
  Result<Position> position_of(const Cursor& since);
  Result<> list_ahead(Uid after, bool look);
  std::vector<Imap::Listing> choose(Position& position, const Budget& budget);
  Result<std::vector<Imap::Fetched>> fetch(std::span<const Uid> uids, Batch& batch);
  Result<Batch> poll(const Cursor& since, Budget budget);
  Result<> translate(const std::vector<Imap::Listing>& chosen, Batch& batch);
  Result<> settle_leftovers(const Position& position);
  Result<> mark();
};

Result<MailServer> Email::Inside::server(MailServer::Protocol protocol) const {
  const bool imap_wanted = protocol == MailServer::Protocol::imap;
  const auto& given = imap_wanted ? settings.imap : settings.smtp;
  MailServer server;
  server.protocol = protocol;
  server.security = given.security == "plain"      ? MailServer::Security::plain
                    : given.security == "starttls" ? MailServer::Security::starttls
                                                   : MailServer::Security::tls;
  server.login = given.login == "none"      ? MailServer::Login::none
                 : given.login == "xoauth2" ? MailServer::Login::xoauth2
                                            : MailServer::Login::password;
  server.host = given.host;
  server.port = static_cast<std::uint16_t>(given.port != 0 ? given.port
                                                           : usual_port(protocol, given.security));
  server.ca_file = given.ca_file.string();
  server.timeout_ms = given.timeout_s;
  if (server.login == MailServer::Login::none) return server;
  server.user = !given.user.empty()           ? given.user
                : !settings.imap.user.empty() ? settings.imap.user
                                              : settings.address;
  const auto& password = given.password.empty() ? settings.imap.password : given.password;
  server.password = TRY(password.reveal(&around.keys));
  return server;
}

Result<> Email::Inside::connect_imap() {
  if (imap && imap->alive()) return {};
  imap.reset();
  ahead.clear();
  ahead_of = 0;
  const auto to = TRY(server(MailServer::Protocol::imap));
  auto session = std::make_unique<Imap>(TRY(around.mail.connect(to)), to.timeout_ms);
  const auto opened = TRY(session->open(settings.folder));
  if (opened.uid_validity != folder.uid_validity) {
    read.clear();
    owed.clear();
  }
  folder = opened;
  imap = std::move(session);
  return {};
}

Result<Position> Email::Inside::position_of(const Cursor& since) {
  auto known = parse_position(since);
  if (!known && !since.value.empty()) {
    return fail(Remedy::reconfigure, "channel " + channel.value() +
                                         ": its stored position is not that of a mailbox; was its "
                                         "kind changed?");
  }
  if (known && known->uid_validity == folder.uid_validity && known->folder == settings.folder) {
    return *known;
  }
  Position position;
  position.uid_validity = folder.uid_validity;
  position.folder = settings.folder;
  if (known) {
    position.since = known->since;
    return position;
  }
  const auto start = parse_start(settings.start_from);
  if (!start) return fail(Remedy::reconfigure, "start_from is not a date");
  position.since = start->since;
  if (start->now) {
    position.since = around.clock.now() - k_clock_slack;
    Uid next = folder.uid_next.value_or(0);
    if (next == 0) {
      const auto newest = TRY(imap->list(1, 1, false));
      next = newest.empty() ? 1 : newest.back().uid + 1;
    }
    position.last = next - 1;
    position.first = next;
  }
  return position;
}

Result<> Email::Inside::list_ahead(Uid after, bool look) {
  if (!ahead.empty() && ahead_of == after) return {};
  ahead.clear();
  ahead_of = after;
  Uid first = after + 1;
  auto listed = TRY(imap->list(first, first + k_window - 1, look));
  const auto in_window = [&](const Imap::Listing& one) { return one.uid - first < k_window; };
  beyond = !listed.empty() && !in_window(listed.back());
  if (beyond && !in_window(listed.front())) {
    // A hole in the numbers: the next mail is further up.
    const auto found = TRY(imap->search("UID " + std::to_string(first) + ":*"));
    const auto next = std::ranges::lower_bound(found, first);
    if (next == found.end()) return {};
    first = *next;
    listed = TRY(imap->list(first, first + k_window - 1, false));
    beyond = !listed.empty() && !in_window(listed.back());
  }
  for (const auto& one : listed) {
    if (in_window(one)) ahead.push_back(one);
  }
  return {};
}

/// Takes what fits the budget from what is listed, and moves the position past it.
std::vector<Imap::Listing> Email::Inside::choose(Position& position, const Budget& budget) {
  std::vector<Imap::Listing> chosen;
  std::uint64_t bytes = 0;
  while (!ahead.empty()) {
    const auto next = ahead.front();
    const bool ours = !position.since || !next.arrived || *next.arrived >= *position.since;
    if (ours) {
      const bool large = next.size_bytes > static_cast<std::uint64_t>(settings.most_mail_bytes);
      const auto cost = large ? k_most_header_bytes : next.size_bytes;
      const bool full = chosen.size() >= budget.posts || bytes + cost > budget.bytes;
      if (full && !chosen.empty()) break;
      bytes += cost;
      chosen.push_back(next);
    }
    position.last = next.uid;
    ahead_of = next.uid;
    ahead.pop_front();
  }
  return chosen;
}

/// One range for all; when the server stumbles over a mail, each by itself.
Result<std::vector<Imap::Fetched>> Email::Inside::fetch(std::span<const Uid> uids, Batch& batch) {
  const auto most = static_cast<std::size_t>(settings.most_mail_bytes);
  auto all = imap->fetch(uids, most);
  if (all || !imap->alive() || all.error().remedy == Remedy::throttled) return all;
  std::vector<Imap::Fetched> mails;
  for (const auto uid : uids) {
    auto one = imap->fetch({&uid, 1}, most);
    if (!one && (!imap->alive() || one.error().remedy == Remedy::throttled)) return one;
    if (one) {
      std::ranges::move(*one, std::back_inserter(mails));
      continue;
    }
    batch.unreadable.push_back(
        {ExternalId("uid:" + std::to_string(folder.uid_validity) + ':' + std::to_string(uid)),
         {},
         "the mail server does not give this mail out: " + one.error().message});
  }
  return mails;
}

Result<> Email::Inside::translate(const std::vector<Imap::Listing>& chosen, Batch& batch) {
  std::vector<Uid> wanted;
  for (const auto& one : chosen) {
    if (one.size_bytes <= static_cast<std::uint64_t>(settings.most_mail_bytes)) {
      wanted.push_back(one.uid);
    }
  }
  auto mails = TRY(fetch(wanted, batch));
  for (const auto& one : chosen) {
    const auto found = std::ranges::lower_bound(mails, one.uid, {}, &Imap::Fetched::uid);
    if (found != mails.end() && found->uid == one.uid) {
      if (found->whole) {
        translation.add(std::move(found->bytes), one.arrived, batch);
      } else {
        found->bytes.resize(std::min(found->bytes.size(), k_most_header_bytes));
        batch.unreadable.push_back(translation.oversized(std::move(found->bytes), one.size_bytes));
      }
    } else if (one.size_bytes > static_cast<std::uint64_t>(settings.most_mail_bytes)) {
      auto headers = TRY(imap->fetch_headers(one.uid, k_most_header_bytes));
      for (auto& header : headers) {
        if (header.uid != one.uid) continue;
        batch.unreadable.push_back(translation.oversized(std::move(header.bytes), one.size_bytes));
      }
    }
  }
  return {};
}

Result<Batch> Email::Inside::poll(const Cursor& since, Budget budget) {
  const bool kept_open = imap && imap->alive();
  TRY(connect_imap());
  auto position = TRY(position_of(since));
  Batch batch;
  batch.next = print_position(position);
  if (!settled) TRY(settle_leftovers(position));
  settled = true;
  // A start point is worth keeping before anything is waited for.
  if (since.value.empty() && position.last > 0) return batch;
  TRY(list_ahead(position.last, kept_open));
  if (ahead.empty() && budget.wait.count() > 0 && imap->can_idle()) {
    if (TRY(imap->idle(budget.wait))) TRY(list_ahead(position.last, true));
  }
  const auto chosen = choose(position, budget);
  auto done = translate(chosen, batch);
  if (!done) {
    ahead.clear();
    return tl::unexpected(std::move(done.error()));
  }
  batch.next = print_position(position);
  batch.more = !ahead.empty() || beyond;
  if (!chosen.empty()) {
    if (read.size() >= k_most_pending) read.clear();
    auto& uids = read[batch.next.value];
    uids.clear();
    for (const auto& one : chosen) uids.push_back(one.uid);
  }
  return batch;
}

/// What an earlier run stored and could not mark any more. All up to the position is stored.
Result<> Email::Inside::settle_leftovers(const Position& position) {
  if (settings.after_reading == "nothing" || position.last < position.first) return {};
  const auto lowest =
      std::max(position.first, position.last > k_leftovers ? position.last - k_leftovers : 1);
  const auto range = std::to_string(lowest) + ':' + std::to_string(position.last);
  auto found =
      imap->search("UID " + range + (settings.after_reading == "seen" ? " UNSEEN" : " UNDELETED"));
  if (!found && !imap->alive()) return tl::unexpected(std::move(found.error()));
  if (!found || found->empty()) return {};
  if (position.since) {
    const auto listed = TRY(imap->list(lowest, position.last, false));
    std::erase_if(*found, [&](Uid uid) {
      const auto one = std::ranges::lower_bound(listed, uid, {}, &Imap::Listing::uid);
      return one == listed.end() || one->uid != uid ||
             (one->arrived && *one->arrived < *position.since);
    });
  }
  owed.insert(owed.end(), found->begin(), found->end());
  auto marked = mark();
  if (!marked && !imap->alive()) return marked;
  return {};
}

Result<> Email::Inside::mark() {
  std::ranges::sort(owed);
  const auto twice = std::ranges::unique(owed);
  owed.erase(twice.begin(), twice.end());
  while (!owed.empty()) {
    const auto count = std::min(owed.size(), k_marks_at_once);
    const std::span<const Uid> some(owed.data(), count);
    TRY(settings.after_reading == "move" ? imap->move(some, settings.move_to)
                                         : imap->mark_seen(some));
    owed.erase(owed.begin(), owed.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return {};
}

Result<> Email::Inside::connect_smtp() {
  if (smtp && smtp->alive() && smtp->check()) return {};
  smtp.reset();
  const auto to = TRY(server(MailServer::Protocol::smtp));
  auto session = std::make_unique<Smtp>(TRY(around.mail.connect(to)), to.timeout_ms);
  TRY(session->open(split_address(settings.address).domain));
  smtp = std::move(session);
  return {};
}

Email::Email(ChannelName channel, Settings settings, const Surroundings& around)
    : inside_(new Inside(std::move(channel), std::move(settings), around)) {}

Email::~Email() {
  if (inside_->imap) inside_->imap->close();
  if (inside_->smtp) inside_->smtp->close();
}

Result<Batch> Email::poll(const Cursor& since, Budget budget) {
  const bool kept_open = inside_->imap && inside_->imap->alive();
  auto batch = inside_->poll(since, budget);
  // Servers end sessions that were left alone; that is no failure.
  if (!batch && kept_open && !(inside_->imap && inside_->imap->alive()))
    batch = inside_->poll(since, budget);
  return batch;
}

Result<> Email::committed(const Batch& batch) {
  auto& inside = *inside_;
  const auto found = inside.read.find(batch.next.value);
  if (found != inside.read.end()) {
    if (inside.settings.after_reading != "nothing") {
      inside.owed.insert(inside.owed.end(), found->second.begin(), found->second.end());
    }
    inside.read.erase(found);
  }
  if (inside.owed.empty()) return {};
  TRY(inside.connect_imap());
  return inside.mark();
}

std::vector<Result<Receipt>> Email::send(std::span<const Reply> replies) {
  auto& inside = *inside_;
  std::vector<Result<Receipt>> results;
  results.reserve(replies.size());
  std::optional<Error> stopped;
  for (const auto& reply : replies) {
    if (stopped) {
      results.emplace_back(tl::unexpected(*stopped));
      continue;
    }
    const auto mail = compose(reply, inside.settings, inside.tokens, inside.around.clock.now());
    if (!mail) {
      results.emplace_back(tl::unexpected(mail.error()));
      continue;
    }
    const bool fresh = results.empty() || !inside.smtp || !inside.smtp->alive();
    if (auto connected = fresh ? inside.connect_smtp() : Result<>(); !connected) {
      stopped = connected.error();
      results.emplace_back(tl::unexpected(*stopped));
      continue;
    }
    auto sent = inside.smtp->send(*mail);
    if (sent) {
      results.emplace_back(Receipt{ExternalId(mail->message_id), false});
      continue;
    }
    const auto remedy = sent.error().remedy;
    if (remedy == Remedy::throttled || remedy == Remedy::reconfigure) stopped = sent.error();
    results.emplace_back(tl::unexpected(std::move(sent.error())));
  }
  return results;
}

Result<Batch> Email::translate(std::string_view raw) const {
  if (raw.size() > static_cast<std::size_t>(inside_->settings.most_mail_bytes)) {
    return fail(Remedy::drop, "the mail is larger than most_mail_bytes allows");
  }
  Batch batch;
  inside_->translation.add(std::string(raw), std::nullopt, batch);
  if (!batch.unreadable.empty()) return fail(Remedy::drop, batch.unreadable.front().reason);
  return batch;
}

std::vector<ProbeStep> Email::probe(std::string_view send_to) {
  auto& inside = *inside_;
  std::vector<ProbeStep> steps;
  const auto step = [&](std::string what, const Result<>& result) {
    steps.push_back({std::move(what), result.has_value(), result ? "" : result.error().message});
    return result.has_value();
  };
  if (inside.imap) inside.imap->close();
  if (inside.smtp) inside.smtp->close();
  if (step("log in to " + inside.settings.imap.host + " and open the folder " +
               inside.settings.folder,
           inside.connect_imap())) {
    auto listed =
        inside.imap->list(std::max<Uid>(inside.folder.uid_next.value_or(2), 2) - 1,
                          std::max<Uid>(inside.folder.uid_next.value_or(2), 2) - 1, false);
    step("read the list of mails", listed ? Result<>() : tl::unexpected(listed.error()));
  }
  const bool ready =
      step("log in to " + inside.settings.smtp.host + " for sending", inside.connect_smtp());
  if (!ready || send_to.empty()) return steps;
  Reply reply;
  const auto now = inside.around.clock.now();
  reply.key = "0.0.probe-" + std::to_string(now.time_since_epoch().count());
  reply.address = std::string(send_to);
  reply.subject = "Kanal: percobaan / test";
  reply.text = "Surat ini dikirim untuk mencoba saluran \"" + inside.channel.value() +
               "\".\nThis mail was sent to test that channel.\n";
  auto mail = compose(reply, inside.settings, inside.tokens, now);
  step("send a mail", mail ? inside.smtp->send(*mail) : tl::unexpected(mail.error()));
  return steps;
}

std::vector<std::pair<std::string, std::string>> wrong_settings(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> wrong;
  if (!is_plain_address(settings.address)) {
    wrong.emplace_back("address", "must be a mail address (\"lapor@contoh.go.id\")");
  }
  for (std::size_t i = 0; i < settings.also_ours.size(); ++i) {
    if (is_plain_address(settings.also_ours[i])) continue;
    wrong.emplace_back("also_ours[" + std::to_string(i) + "]", "must be a mail address");
  }
  if (!parse_start(settings.start_from)) {
    wrong.emplace_back("start_from", "must be \"now\", \"all\" or a date (\"2026-01-31\")");
  }
  if (settings.imap.login != "none" && settings.imap.password.empty()) {
    wrong.emplace_back("imap.password", "is missing (\"env:NAME\" or \"file:PATH\")");
  }
  if (settings.smtp.login != "none" && settings.smtp.password.empty() &&
      settings.imap.password.empty()) {
    wrong.emplace_back("smtp.password", "is missing (\"env:NAME\" or \"file:PATH\")");
  }
  if (settings.after_reading == "move" &&
      (settings.move_to.empty() || settings.move_to == settings.folder)) {
    wrong.emplace_back("move_to", "must name another folder than the one that is read");
  }
  return wrong;
}

}  // namespace kanal::email
