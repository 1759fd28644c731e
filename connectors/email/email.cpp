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
#include "connectors/send_each.hpp"
#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr Uid k_window = 2000;
constexpr std::size_t k_most_header_bytes = 256U << 10U;
constexpr std::size_t k_most_pending = 16;
constexpr std::size_t k_marks_at_once = 500;
constexpr Uid k_leftovers = 2000;
constexpr int k_breaks_of_bad_luck = 1;
constexpr int k_most_breaks = 5;
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
  std::vector<Uid> marking;                      ///< stored, the marks on their way
  std::vector<Uid> refused;                      ///< of this turn, not given out: left unmarked
  Uid breaks_at = 0;     ///< the first of the mails within which the last session broke
  Uid breaks_until = 0;  ///< the last of them: up to here each is read by itself, should it recur
  int breaks = 0;        ///< sessions in a row that broke there
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
  Result<Receipt> hand_over(const Reply& reply);
  Result<Uid> next_uid();
  static bool is_meant(const Position& position, const Imap::Listing& mail);
  [[nodiscard]] bool is_of_this_folder(const std::optional<Position>& position) const;
  Result<Position> position_of(const Cursor& since);
  Result<> list_ahead(Uid after, bool look);
  struct Choice {
    std::vector<Imap::Listing> mails;
    std::size_t passed = 0;  ///< of what is listed, with what is not ours
  };
  [[nodiscard]] Choice choose(const Position& position, const Budget& budget) const;
  std::vector<Imap::Listing> take(Position& position, const Budget& budget);
  [[nodiscard]] bool is_large(const Imap::Listing& mail) const;
  [[nodiscard]] bool breaks_sessions(Uid uid) const {
    return uid == breaks_at && breaks >= k_most_breaks;
  }
  void note_break(const std::vector<Imap::Listing>& chosen);
  [[nodiscard]] std::vector<Uid> to_fetch(const std::vector<Imap::Listing>& chosen) const;
  Result<std::vector<Imap::Fetched>> fetch(std::span<const Uid> uids, Batch& batch);
  Result<> miss(Uid uid, const std::string& why, Batch& batch);
  Result<> read_large(const std::vector<Imap::Listing>& chosen, Batch& batch);
  void fetch_ahead(const Position& position, const Budget& budget);
  void translate(const std::vector<Imap::Listing>& chosen, std::vector<Imap::Fetched> mails,
                 Batch& batch);
  Result<Batch> read_listed(Position position, Budget budget);
  Result<Batch> poll(const Cursor& since, Budget budget);
  Result<Position> place_in(const Backfill::Stretch& stretch, const Cursor& since);
  Result<Batch> backfill(const Backfill::Stretch& stretch, const Cursor& since, Budget budget);
  Result<> settle_leftovers(const Position& position);
  Result<> mark();
  Result<> mark_some(std::span<const Uid> uids);
  Result<> settle_marking();
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
    marking.clear();
    breaks_at = breaks_until = 0;
  }
  owed.insert(owed.end(), marking.begin(), marking.end());
  marking.clear();
  folder = opened;
  imap = std::move(session);
  return {};
}

Result<Uid> Email::Inside::next_uid() {
  if (folder.uid_next.value_or(0) != 0) return *folder.uid_next;
  const auto newest = TRY(imap->list(1, 1, false));
  return newest.empty() ? 1 : newest.back().uid + 1;
}

/// Whether a mail is one that the channel is to read.
bool Email::Inside::is_meant(const Position& position, const Imap::Listing& mail) {
  return mail.uid >= position.begun || !position.since || !mail.arrived ||
         *mail.arrived >= *position.since;
}

bool Email::Inside::is_of_this_folder(const std::optional<Position>& position) const {
  return position && position->uid_validity == folder.uid_validity &&
         position->folder == settings.folder;
}

Result<Position> Email::Inside::position_of(const Cursor& since) {
  auto known = parse_position(since);
  if (!known && !since.value.empty()) {
    return fail(Remedy::reconfigure, "channel " + channel.value() +
                                         ": its stored position is not that of a mailbox; was its "
                                         "kind changed?");
  }
  if (is_of_this_folder(known)) return *known;
  Position position;
  position.uid_validity = folder.uid_validity;
  position.folder = settings.folder;
  position.begun = TRY(next_uid());
  if (known) {
    position.since = known->since;
    return position;
  }
  const auto start = parse_start(settings.start_from);
  if (!start) return fail(Remedy::reconfigure, "start_from is not a date");
  position.since = start->since;
  if (start->now) {
    position.since = around.clock.now() - k_clock_slack;
    position.last = position.begun - 1;
    position.first = position.begun;
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

/// Whether only the headers of a mail are read.
bool Email::Inside::is_large(const Imap::Listing& mail) const {
  return mail.size_bytes > static_cast<std::uint64_t>(settings.most_mail_bytes) ||
         breaks_sessions(mail.uid);
}

void Email::Inside::note_break(const std::vector<Imap::Listing>& chosen) {
  if (chosen.empty()) return;
  breaks = breaks_at == chosen.front().uid ? breaks + 1 : 1;
  breaks_at = chosen.front().uid;
  breaks_until = std::max(breaks_until, chosen.back().uid);
}

/// What fits the budget from what is listed.
Email::Inside::Choice Email::Inside::choose(const Position& position, const Budget& budget) const {
  Choice choice;
  std::uint64_t bytes = 0;
  for (const auto& next : ahead) {
    if (is_meant(position, next)) {
      const auto cost = is_large(next) ? k_most_header_bytes : next.size_bytes;
      const bool full = choice.mails.size() >= budget.posts || bytes + cost > budget.bytes;
      if (full && !choice.mails.empty()) break;
      bytes += cost;
      choice.mails.push_back(next);
    }
    ++choice.passed;
  }
  return choice;
}

/// Chooses, and moves the position past it.
std::vector<Imap::Listing> Email::Inside::take(Position& position, const Budget& budget) {
  auto choice = choose(position, budget);
  if (choice.passed > 0) position.last = ahead_of = ahead[choice.passed - 1].uid;
  ahead.erase(ahead.begin(), ahead.begin() + static_cast<std::ptrdiff_t>(choice.passed));
  return std::move(choice.mails);
}

std::vector<Uid> Email::Inside::to_fetch(const std::vector<Imap::Listing>& chosen) const {
  std::vector<Uid> uids;
  for (const auto& one : chosen) {
    if (!is_large(one)) uids.push_back(one.uid);
  }
  return uids;
}

/// Somebody may have taken it away meanwhile; else it is in the mailbox, and a person should know.
Result<> Email::Inside::miss(Uid uid, const std::string& why, Batch& batch) {
  if (why.empty() && TRY(imap->search("UID " + std::to_string(uid))).empty()) return {};
  refused.push_back(uid);
  batch.unreadable.push_back(
      {ExternalId("uid:" + std::to_string(folder.uid_validity) + ':' + std::to_string(uid)),
       {},
       "the mail server does not give this mail out" + why});
  return {};
}

/// One range for all; what the server stumbles over or leaves out, each by itself.
Result<std::vector<Imap::Fetched>> Email::Inside::fetch(std::span<const Uid> uids, Batch& batch) {
  const auto most = static_cast<std::size_t>(settings.most_mail_bytes);
  auto all = imap->fetch(uids, most);
  if (!all && (!imap->alive() || all.error().remedy == Remedy::throttled)) return all;
  std::vector<Imap::Fetched> mails;
  if (all) mails = std::move(*all);
  const auto has = [&](Uid uid) {
    const auto found = std::ranges::lower_bound(mails, uid, {}, &Imap::Fetched::uid);
    return found != mails.end() && found->uid == uid;
  };
  std::vector<Uid> left;
  std::ranges::copy_if(uids, std::back_inserter(left), [&](Uid uid) { return !has(uid); });
  for (const auto uid : left) {
    auto one = imap->fetch({&uid, 1}, most);
    if (!one && (!imap->alive() || one.error().remedy == Remedy::throttled)) return one;
    if (one && !one->empty()) {
      std::ranges::move(*one, std::back_inserter(mails));
      continue;
    }
    TRY(miss(uid, one ? std::string() : ": " + one.error().message, batch));
  }
  std::ranges::sort(mails, {}, &Imap::Fetched::uid);
  return mails;
}

Result<> Email::Inside::read_large(const std::vector<Imap::Listing>& chosen, Batch& batch) {
  for (const auto& one : chosen) {
    if (!is_large(one)) continue;
    auto headers = TRY(imap->fetch_headers(one.uid, k_most_header_bytes));
    const auto header = std::ranges::find(headers, one.uid, &Imap::Fetched::uid);
    if (header == headers.end()) {
      TRY(miss(one.uid, {}, batch));
      continue;
    }
    batch.unreadable.push_back(
        breaks_sessions(one.uid)
            ? translation.unfinished(std::move(header->bytes), one.size_bytes, breaks)
            : translation.oversized(std::move(header->bytes), one.size_bytes));
  }
  return {};
}

// So that the next turn's mails travel while this turn's are translated and stored. A session that
// breaks here is noticed when it is used again.
void Email::Inside::fetch_ahead(const Position& position, const Budget& budget) {
  const auto next = to_fetch(choose(position, budget).mails);
  if (next.empty()) return;
  (void)imap->fetch_ahead(next, static_cast<std::size_t>(settings.most_mail_bytes));
}

void Email::Inside::translate(const std::vector<Imap::Listing>& chosen,
                              std::vector<Imap::Fetched> mails, Batch& batch) {
  for (const auto& one : chosen) {
    const auto found = std::ranges::lower_bound(mails, one.uid, {}, &Imap::Fetched::uid);
    if (found == mails.end() || found->uid != one.uid) continue;
    if (found->whole) {
      translation.add(std::move(found->bytes), one.arrived, batch);
    } else {
      found->bytes.resize(std::min(found->bytes.size(), k_most_header_bytes));
      batch.unreadable.push_back(translation.oversized(std::move(found->bytes), one.size_bytes));
    }
  }
}

/// A turn of what is listed.
Result<Batch> Email::Inside::read_listed(Position position, Budget budget) {
  Batch batch;
  if (breaks > k_breaks_of_bad_luck && position.last < breaks_until) budget.posts = 1;
  const auto chosen = take(position, budget);
  refused.clear();
  auto mails = fetch(to_fetch(chosen), batch);
  auto large = mails ? read_large(chosen, batch) : Result<>();
  if (!mails || !large) {
    const auto& error = mails ? large.error() : mails.error();
    if (!imap->alive() && error.remedy == Remedy::retry) note_break(chosen);
    ahead.clear();
    return tl::unexpected(std::move(mails ? large.error() : mails.error()));
  }
  fetch_ahead(position, budget);
  translate(chosen, std::move(*mails), batch);
  add_refused(position, refused);
  batch.next = print_position(position);
  batch.more = !ahead.empty() || beyond;
  if (!chosen.empty()) {
    if (read.size() >= k_most_pending) read.clear();
    auto& uids = read[batch.next.value];
    uids.clear();
    for (const auto& one : chosen) {
      if (std::ranges::find(refused, one.uid) == refused.end()) uids.push_back(one.uid);
    }
  }
  return batch;
}

Result<Batch> Email::Inside::poll(const Cursor& since, Budget budget) {
  const bool kept_open = imap && imap->alive();
  TRY(connect_imap());
  auto position = TRY(position_of(since));
  if (!settled) TRY(settle_leftovers(position));
  settled = true;
  // A start point is worth keeping before anything is waited for.
  if (since.value.empty() && position.last > 0) {
    Batch start;
    start.next = print_position(position);
    return start;
  }
  TRY(list_ahead(position.last, kept_open));
  const bool listens = ahead.empty() && budget.wait.count() > 0 && imap->can_idle();
  if (listens && TRY(imap->idle(budget.wait, budget.wake))) TRY(list_ahead(position.last, true));
  auto batch = TRY(read_listed(std::move(position), budget));
  batch.listens = listens;
  return batch;
}

/// Here `begun` is where the channel's own reading goes on, which nothing is read from.
Result<Position> Email::Inside::place_in(const Backfill::Stretch& stretch, const Cursor& since) {
  if (auto known = parse_position(since); is_of_this_folder(known)) return *known;
  Position position;
  position.uid_validity = folder.uid_validity;
  position.folder = settings.folder;
  position.since = stretch.from;
  position.begun = TRY(next_uid());
  if (const auto own = parse_position(stretch.until); is_of_this_folder(own)) {
    position.begun = std::min(position.begun, own->last + 1);
  }
  // The server's days are those of its own time zone.
  const auto found =
      TRY(imap->search("SINCE " + print_date(stretch.from - std::chrono::hours(24))));
  position.first = found.empty() ? position.begun : found.front();
  position.last = position.first - 1;
  return position;
}

Result<Batch> Email::Inside::backfill(const Backfill::Stretch& stretch, const Cursor& since,
                                      Budget budget) {
  TRY(connect_imap());
  auto position = TRY(place_in(stretch, since));
  TRY(list_ahead(position.last, false));
  const auto end = std::ranges::lower_bound(ahead, position.begun, {}, &Imap::Listing::uid);
  if (end != ahead.end()) beyond = false;
  ahead.erase(end, ahead.end());
  return read_listed(std::move(position), budget);
}

/// What an earlier run stored and could not mark any more. All up to the position is stored, save
/// what was not given out.
Result<> Email::Inside::settle_leftovers(const Position& position) {
  if (settings.after_reading == "nothing" || position.last < position.first) return {};
  const auto lowest =
      std::max(position.first, position.last > k_leftovers ? position.last - k_leftovers : 1);
  const auto range = std::to_string(lowest) + ':' + std::to_string(position.last);
  auto found =
      imap->search("UID " + range + (settings.after_reading == "seen" ? " UNSEEN" : " UNDELETED"));
  if (!found && !imap->alive()) return tl::unexpected(std::move(found.error()));
  if (!found) return {};
  std::erase_if(*found, [&](Uid uid) { return std::ranges::binary_search(position.refused, uid); });
  if (found->empty()) return {};
  if (position.since) {
    const auto listed = TRY(imap->list(lowest, position.last, false));
    std::erase_if(*found, [&](Uid uid) {
      const auto one = std::ranges::lower_bound(listed, uid, {}, &Imap::Listing::uid);
      return one == listed.end() || one->uid != uid || !is_meant(position, *one);
    });
  }
  owed.insert(owed.end(), found->begin(), found->end());
  auto marked = mark();
  if (!marked && !imap->alive()) return marked;
  return {};
}

/// What comes of the marks that were not waited for.
Result<> Email::Inside::settle_marking() {
  if (marking.empty()) return {};
  auto marked = imap->marked();
  if (!marked) owed.insert(owed.end(), marking.begin(), marking.end());
  marking.clear();
  return marked;
}

Result<> Email::Inside::mark_some(std::span<const Uid> uids) {
  if (settings.after_reading == "move") return imap->move(uids, settings.move_to);
  // Behind mails that are on their way the answer would be long in coming.
  if (!imap->fetches_ahead()) return imap->mark_seen(uids);
  TRY(imap->mark_seen_ahead(uids));
  marking.insert(marking.end(), uids.begin(), uids.end());
  return {};
}

Result<> Email::Inside::mark() {
  TRY(settle_marking());
  std::ranges::sort(owed);
  const auto twice = std::ranges::unique(owed);
  owed.erase(twice.begin(), twice.end());
  while (!owed.empty()) {
    const auto count = std::min(owed.size(), k_marks_at_once);
    TRY(mark_some({owed.data(), count}));
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

/// With the files that the server has room for; if it has less than it says, without any.
Result<Receipt> Email::Inside::hand_over(const Reply& reply) {
  const auto now = around.clock.now();
  auto mail = TRY(compose(reply, settings, tokens, now, room_for_files(smtp->most_mail_bytes())));
  auto sent = smtp->send(mail);
  if (!sent && smtp->was_too_large() && !reply.attachments.empty()) {
    TRY(connect_smtp());
    mail = TRY(compose(reply, settings, tokens, now, 0));
    sent = smtp->send(mail);
  }
  TRY(std::move(sent));
  return Receipt{ExternalId(mail.message_id), false};
}

Email::Email(ChannelName channel, Settings settings, const Surroundings& around)
    : inside_(new Inside(std::move(channel), std::move(settings), around)) {}

Email::~Email() {
  rest();
}

void Email::rest() {
  if (inside_->imap) inside_->imap->close();
  if (inside_->smtp) inside_->smtp->close();
  inside_->imap.reset();
  inside_->smtp.reset();
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
  if (inside.owed.empty() && inside.marking.empty()) return {};
  TRY(inside.connect_imap());
  return inside.mark();
}

Result<Batch> Email::backfill(const Stretch& stretch, const Cursor& since, Budget budget) {
  return inside_->backfill(stretch, since, budget);
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
    if (inside.around.clock.now() >= reply.begin_before) {
      results.emplace_back(too_late());
      continue;
    }
    const bool fresh = results.empty() || !inside.smtp || !inside.smtp->alive();
    if (auto connected = fresh ? inside.connect_smtp() : Result<>(); !connected) {
      stopped = connected.error();
      results.emplace_back(tl::unexpected(*stopped));
      continue;
    }
    auto sent = inside.hand_over(reply);
    if (!sent && sent.error().remedy == Remedy::throttled) stopped = sent.error();
    results.push_back(std::move(sent));
  }
  // Where another got through, nothing is wrong with the settings.
  if (std::ranges::any_of(results, [](const auto& each) { return each.has_value(); })) {
    for (auto& each : results) {
      if (!each && each.error().remedy == Remedy::reconfigure) each.error().remedy = Remedy::retry;
    }
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
  // Neither the mail says when nor a server.
  for (auto& post : batch.posts) {
    if (post.posted_at == Time{}) post.posted_at = inside_->around.clock.now();
  }
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

WrongSettings wrong_settings(const Settings& settings) {
  WrongSettings wrong;
  if (!is_plain_address(settings.address)) {
    wrong.emplace_back("address", "must be a mail address (\"lapor@contoh.go.id\")");
  }
  for (const auto& [key, addresses] :
       {std::pair{"also_ours", &settings.also_ours},
        std::pair{"trusted_forwarders", &settings.trusted_forwarders}}) {
    for (std::size_t i = 0; i < addresses->size(); ++i) {
      if (is_plain_address((*addresses)[i])) continue;
      wrong.emplace_back(key + ("[" + std::to_string(i) + "]"), "must be a mail address");
    }
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
