#include "connectors/email/reader.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "connectors/email/servers.hpp"
#include "connectors/email/turn.hpp"

namespace kanal::email {
namespace {

// The mail server's clock and ours may differ; what is read twice is recognised.
constexpr std::chrono::minutes k_server_clock_slack{10};

}  // namespace

Result<> Reader::connect() {
  if (is_connected()) return {};
  session_.reset();
  upcoming_.forget();
  const auto server = TRY(server_of(settings_, MailServer::Protocol::imap, around_.keys));
  auto session = std::make_unique<Imap>(TRY(around_.mail.connect(server)), server.timeout_ms);
  const auto opened = TRY(session->open(settings_.folder));
  if (opened.uid_validity != folder_.uid_validity) {
    marks_.forget();
    breaks_.forget();
  }
  marks_.session_ended();
  folder_ = opened;
  session_ = std::move(session);
  return {};
}

void Reader::close() {
  if (session_) session_->close();
  session_.reset();
}

Result<> Reader::try_listing() {
  TRY(connect());
  const auto newest = std::max<Uid>(folder_.uid_next.value_or(2), 2) - 1;
  TRY(session_->list(newest, newest, false));
  return {};
}

Result<Batch> Reader::poll(const Cursor& since, Budget budget) {
  const bool kept_open = is_connected();
  auto batch = poll_once(since, budget);
  // Servers end sessions that were left alone; that is no failure.
  if (!batch && kept_open && !is_connected()) return poll_once(since, budget);
  return batch;
}

Result<Batch> Reader::poll_once(const Cursor& since, Budget budget) {
  const bool kept_open = is_connected();
  TRY(connect());
  auto position = TRY(position_of(since));
  if (!is_settled_) TRY(marks_.settle_leftovers(*session_, position));
  is_settled_ = true;
  // A start point is worth keeping before anything is waited for.
  if (since.value.empty() && position.last > 0) {
    Batch start;
    start.next = print_position(position);
    return start;
  }
  TRY(upcoming_.list(*session_, position.last, kept_open));
  const bool listens = upcoming_.is_empty() && budget.wait.count() > 0 && session_->can_idle();
  if (listens && TRY(session_->idle(budget.wait, budget.wake))) {
    TRY(upcoming_.list(*session_, position.last, true));
  }
  auto batch = TRY(read_listed(std::move(position), budget));
  batch.listens = listens;
  return batch;
}

Result<> Reader::committed(const Batch& batch) {
  marks_.stored(batch.next);
  if (!marks_.any_owed()) return {};
  TRY(connect());
  return marks_.set(*session_);
}

Result<Batch> Reader::backfill(const Backfill::Stretch& stretch, const Cursor& since,
                               Budget budget) {
  TRY(connect());
  auto position = TRY(place_in(stretch, since));
  TRY(upcoming_.list(*session_, position.last, false));
  upcoming_.end_before(position.begun);
  return read_listed(std::move(position), budget);
}

bool Reader::is_of_this_folder(const std::optional<Position>& position) const {
  return position && position->uid_validity == folder_.uid_validity &&
         position->folder == settings_.folder;
}

Result<Position> Reader::start_of_folder() {
  Position position;
  position.uid_validity = folder_.uid_validity;
  position.folder = settings_.folder;
  position.begun = folder_.uid_next.value_or(0);
  if (position.begun == 0) {
    const auto newest = TRY(session_->list(1, 1, false));
    position.begun = newest.empty() ? 1 : newest.back().uid + 1;
  }
  return position;
}

Result<Position> Reader::position_of(const Cursor& since) {
  auto known = parse_position(since);
  if (!known && !since.value.empty()) {
    return fail(Remedy::reconfigure, "channel " + channel_.value() +
                                         ": its stored position is not that of a mailbox; was its "
                                         "kind changed?");
  }
  if (is_of_this_folder(known)) return *known;
  auto position = TRY(start_of_folder());
  if (known) {
    if (known->folder == settings_.folder) {
      spdlog::warn(
          "channel {}: the mail server has numbered its folder anew (UIDVALIDITY {} is now {}), so "
          "that all of it is read again; what is known is recognised. If this is said again and "
          "again, the server does not keep its numbers: ask who runs it",
          channel_.value(), known->uid_validity, position.uid_validity);
    }
    position.since = known->since;
    return position;
  }
  const auto start = parse_start(settings_.start_from);
  if (!start) return fail(Remedy::reconfigure, "start_from is not a date");
  position.since = start->since;
  if (start->now) {
    position.since = around_.clock.now() - k_server_clock_slack;
    position.last = position.begun - 1;
    position.first = position.begun;
  }
  return position;
}

Result<Position> Reader::place_in(const Backfill::Stretch& stretch, const Cursor& since) {
  if (auto known = parse_position(since); is_of_this_folder(known)) return *known;
  auto position = TRY(start_of_folder());
  position.since = stretch.from;
  if (const auto own = parse_position(stretch.until); is_of_this_folder(own)) {
    position.begun = std::min(position.begun, own->last + 1);
  }
  // The server's days are those of its own time zone.
  const auto found =
      TRY(session_->search("SINCE " + print_date(stretch.from - std::chrono::hours(24))));
  position.first = found.empty() ? position.begun : found.front();
  position.last = position.first - 1;
  return position;
}

Result<Batch> Reader::read_listed(Position position, Budget budget) {
  if (breaks_.one_by_one_behind(position.last) || last_read_.is_wary()) budget.posts = 1;
  Turn turn(*session_, folder_.uid_validity, settings_, translation_, last_read_,
            upcoming_.take(position, budget));
  if (auto fetched = turn.fetch(); !fetched) {
    auto& error = fetched.error();
    if (!session_->alive() && error.remedy == Remedy::retry) breaks_.note(uids_of(turn.mails()));
    upcoming_.forget();
    return tl::unexpected(std::move(error));
  }
  // The next turn's mails travel while this turn's are translated and stored. A session that breaks
  // here is noticed when it is used again.
  if (const auto next = whole_ones(upcoming_.peek(position, budget)); !next.empty()) {
    (void)session_->fetch_ahead(next, static_cast<std::size_t>(settings_.most_mail_bytes));
  }
  auto batch = turn.translate();
  add_refused(position, turn.refused());
  batch.next = print_position(position);
  batch.more = upcoming_.has_more();
  if (!turn.mails().empty()) marks_.given_out(batch.next, turn.to_mark());
  return batch;
}

}  // namespace kanal::email
