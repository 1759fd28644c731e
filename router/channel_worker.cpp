#include "router/channel_worker.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "core/count.hpp"
#include "core/text.hpp"
#include "core/visibility.hpp"
#include "router/counters.hpp"
#include "router/outbox.hpp"
#include "store/canary.hpp"

namespace kanal {

namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds k_look_every{5'000};
constexpr milliseconds k_between_looks{1'000};
constexpr milliseconds k_save_every{30'000};
constexpr milliseconds k_least_pause{1'000};  // between polls that bring nothing
constexpr milliseconds k_look_for_canary_every{60'000};
// A reply's own attempts are further apart than the channel's: twenty of them outlast a far side
// that is away for two days. (An office's message is tried for longer: OutboxOptions.)
constexpr int k_reply_backoff_factor = 30;
constexpr int k_recheck_factor = 30;

// What the source is told by; the bodies belong to the store by then.
Batch without_bodies(const Batch& batch) {
  Batch light;
  light.posts.reserve(batch.posts.size());
  for (const auto& post : batch.posts) {
    Post copy;
    copy.id = post.id;
    copy.in_reply_to = post.in_reply_to;
    copy.author = post.author;
    copy.hints = post.hints;
    copy.posted_at = post.posted_at;
    light.posts.push_back(std::move(copy));
  }
  for (const auto& unreadable : batch.unreadable) {
    light.unreadable.push_back({unreadable.id, {}, unreadable.reason});
  }
  light.signals = batch.signals;
  light.next = batch.next;
  light.more = batch.more;
  return light;
}

// Even an empty one is kept.
std::size_t messages_in(const Batch& batch) {
  return 1 + batch.posts.size() + batch.unreadable.size() + batch.signals.size();
}

std::uint64_t seed_of(const ChannelWorker::Parts& parts) {
  if (parts.options.seed != 0) return parts.options.seed;
  return std::hash<std::string>{}(parts.channel.value() + parts.node);
}

OutboxOptions outbox_options(const ChannelWorker::Parts& parts) {
  OutboxOptions options;
  options.most_attempts = parts.options.most_attempts;
  options.least_backoff =
      std::max(parts.options.least_backoff * k_reply_backoff_factor, milliseconds(1));
  options.seed = seed_of(parts) + 1;
  options.quiet = parts.options.quiet;
  options.office_address = parts.options.office_address;
  return options;
}

struct Condition {
  Health health = Health::connecting;
  std::string said;
};

bool is_trouble(Health health) {
  return health == Health::throttled || health == Health::credentials_refused ||
         health == Health::failing;
}

Condition condition_of(const Error& error) {
  const auto health = error.remedy == Remedy::throttled     ? Health::throttled
                      : error.remedy == Remedy::reconfigure ? Health::credentials_refused
                                                            : Health::failing;
  return {health, redact_detail(clip_utf8(error.message, 500))};
}

/// A descriptor that can be read from the first ring until it is silenced.
class Bell {
 public:
  Bell() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Bell() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void ring() const { (void)::eventfd_write(descriptor_, 1); }
  void silence() const {
    eventfd_t rings = 0;
    (void)::eventfd_read(descriptor_, &rings);
  }

 private:
  int descriptor_;
};

}  // namespace

struct ChannelWorker::Inside {
  explicit Inside(Parts the_parts)
      : parts(std::move(the_parts)),
        follower(dynamic_cast<Follower*>(&parts.connector)),
        outbox(parts.store, parts.connector, parts.clock, parts.channel, parts.node,
               outbox_options(parts)),
        poll_backoff(parts.options.least_backoff, parts.options.most_backoff, seed_of(parts)),
        send_backoff(parts.options.least_backoff, parts.options.most_backoff, seed_of(parts) + 2),
        counted(counters().channel(parts.channel)),
        metered(dynamic_cast<Metered*>(&parts.connector)),
        paced(dynamic_cast<Paced*>(&parts.connector)),
        rechecker(dynamic_cast<Rechecker*>(&parts.connector)) {}

  Parts parts;
  Follower* follower;
  Outbox outbox;
  Backoff poll_backoff;
  Backoff send_backoff;
  ChannelCounters& counted;

  std::mutex mutex;
  std::condition_variable_any changed;
  bool woken = true;
  Bell bell;  // rings while woken, for a connector that waits

  std::optional<Lease> lease;
  bool lease_doubted = false;  // asked for again before anything is done
  Steady::time_point leased_until;
  std::optional<Cursor> cursor;
  bool paused = false;
  bool was_hurried = false;  // the last poll did not wait for a push, as there was more to send
  bool resting = true;       // the connector holds nothing open
  Steady::time_point looked_at;
  Steady::time_point next_look;
  Steady::time_point next_poll;
  Steady::time_point next_send;
  Steady::time_point no_send_before;  // whatever is owed
  Steady::time_point next_canary;
  int poll_failures = 0;
  int send_failures = 0;
  int store_failures = 0;
  std::deque<Batch> untold;
  std::size_t untold_messages = 0;

  Condition polling;
  Condition sending{Health::waiting, {}};
  Condition telling{Health::waiting, {}};
  Metered* metered = nullptr;
  Paced* paced = nullptr;
  Rechecker* rechecker = nullptr;
  Steady::time_point next_recheck;
  int recheck_failures = 0;
  bool follows_all = true;
  std::optional<Usage> usage_shown;
  Steady::time_point usage_shown_at;
  std::optional<Condition> shown;
  Steady::time_point shown_at;

  std::jthread thread;  // last: it uses all the others

  void run(const std::stop_token& stop);
  bool rest(const std::stop_token& stop);
  bool take_lease(Steady::time_point now);
  bool keep_lease();
  bool still_ours();
  bool look();
  void look_soon();
  void rest_connector();
  void turn(const std::stop_token& stop);
  void poll_turn();
  void send_turn();
  void send_soon();
  void canary_turn();
  Result<Batch> poll(const Budget& budget);
  [[nodiscard]] std::string followed() const;
  Result<> digest(Batch batch);
  void tell_source();
  [[nodiscard]] std::optional<milliseconds> pause() const;
  [[nodiscard]] milliseconds until_asked_again() const;
  void recheck();
  void show();
  void show_usage();
  void not_stored(const Error& error);
  void store_failed(const Error& error);
  void look_failed(const Error& error);
  void give_lease_up();
  void lease_lost();
  [[nodiscard]] std::string_view name() const { return parts.channel.value(); }
};

ChannelWorker::ChannelWorker(Parts parts) : inside_(new Inside(std::move(parts))) {}

ChannelWorker::~ChannelWorker() {
  ask_to_stop();
}

void ChannelWorker::start() {
  inside_->thread =
      std::jthread([inside = inside_.get()](const std::stop_token& stop) { inside->run(stop); });
}

void ChannelWorker::ask_to_stop() {
  inside_->thread.request_stop();
  inside_->bell.ring();
}

void ChannelWorker::wake() {
  {
    std::scoped_lock lock(inside_->mutex);
    inside_->woken = true;
    inside_->bell.ring();
  }
  inside_->changed.notify_all();
}

void ChannelWorker::Inside::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (look()) {
      resting = false;
      turn(stop);
    } else if (paused || Steady::now() >= leased_until) {
      rest_connector();
    }
    show();
    show_usage();
    if (rest(stop)) {
      look_soon();
      send_soon();
    }
  }
  rest_connector();
  give_lease_up();
}

// Else its far side would go on sending to sessions that nobody reads, and keep another node out.
void ChannelWorker::Inside::rest_connector() {
  if (resting) return;
  resting = true;
  try {
    parts.connector.rest();
  } catch (const std::exception& exception) {
    spdlog::error("channel {}: letting go failed: {}", name(), exception.what());
  }
}

// True when somebody woke it.
bool ChannelWorker::Inside::rest(const std::stop_token& stop) {
  auto until = next_look;
  if (lease && !paused) {
    until = std::min({until, next_send, next_poll});
  }
  std::unique_lock lock(mutex);
  changed.wait_until(lock, stop, until, [&] { return woken; });
  if (woken && !stop.stop_requested()) bell.silence();
  return std::exchange(woken, false);
}

// Another node may have the channel, or the store be away: the next look says so.
void ChannelWorker::Inside::store_failed(const Error& error) {
  spdlog::warn("channel {}: the store: {}", name(), error.message);
  lease_doubted = true;
  next_look = Steady::now();
}

void ChannelWorker::Inside::look_failed(const Error& error) {
  ++store_failures;
  spdlog::warn("channel {}: the store: {}", name(), error.message);
  lease.reset();
  next_look = Steady::now() + poll_backoff.after(std::min(store_failures, 4));
}

// It may have been paused or resumed.
void ChannelWorker::Inside::look_soon() {
  if (lease) next_look = std::min(next_look, looked_at + k_between_looks);
}

// Takes or renews the lease; whether it is ours.
bool ChannelWorker::Inside::take_lease(Steady::time_point now) {
  auto taken = parts.store.lease(parts.channel, parts.node, parts.options.lease);
  if (!taken) {
    look_failed(taken.error());
    return false;
  }
  lease_doubted = false;
  if (*taken && (!lease || lease->epoch != (*taken)->epoch)) cursor.reset();
  lease = std::move(*taken);
  leased_until = lease ? now + parts.options.lease : Steady::time_point();
  return lease.has_value();
}

bool ChannelWorker::Inside::keep_lease() {
  const auto now = Steady::now();
  const bool sure = lease && !lease_doubted;
  return (sure && leased_until - now > parts.options.lease * 3 / 4) || take_lease(now);
}

// Sending may take longer than the lease lasts, and what follows it changes things at the far side
// (it renews a token) that another node may have in hand by then.
bool ChannelWorker::Inside::still_ours() {
  if (!keep_lease()) return false;
  // Another had it in between: how far it read is looked up first.
  if (!cursor) next_look = Steady::now();
  return cursor.has_value();
}

// Whether the channel is ours to work now.
bool ChannelWorker::Inside::look() {
  const auto now = Steady::now();
  const auto left = lease && !lease_doubted ? leased_until - now : Steady::duration();
  if (now < next_look) return left > parts.options.lease / 2 && !paused;
  looked_at = now;
  next_look = now + std::min(k_look_every, parts.options.lease / 4);
  if (!keep_lease()) return false;
  const auto record = parts.store.channel(parts.channel);
  if (!record) {
    look_failed(record.error());
    return false;
  }
  store_failures = 0;
  if (!cursor) cursor = record->cursor;
  if (metered != nullptr) metered->recall_apart(parts.channel, record->used_apart);
  if (paused && !record->paused) {
    next_poll = next_send = now;
    no_send_before = {};
    poll_failures = send_failures = 0;
    polling = {Health::connecting, {}};
  }
  paused = record->paused;
  return !paused;
}

void ChannelWorker::Inside::turn(const std::stop_token& stop) {
  try {
    if (Steady::now() >= next_send) send_turn();
    if (was_hurried && Steady::now() < next_send) next_poll = Steady::now();
    if (Steady::now() >= std::max(next_canary, no_send_before)) canary_turn();
    if (Steady::now() >= next_poll && !stop.stop_requested() && still_ours()) poll_turn();
    if (rechecker != nullptr && Steady::now() >= next_recheck && !stop.stop_requested() &&
        still_ours()) {
      recheck();
    }
  } catch (const std::exception& exception) {
    spdlog::error("channel {}: {}", name(), exception.what());
    polling = {Health::failing, "a fault of the program; see the log"};
    next_poll = Steady::now() + poll_backoff.after(++poll_failures);
  }
}

Result<Batch> ChannelWorker::Inside::poll(const Budget& budget) {
  ++counted.polls;
  const auto since = cursor.value_or(Cursor{});
  if (follower == nullptr) return parts.connector.poll(since, budget);
  if (pause().value_or(milliseconds(0)).count() > 0) {
    Batch nothing;
    nothing.next = since;
    return nothing;
  }
  std::vector<Outstanding> sent;
  auto with = TRY(parts.store.with_offices(parts.channel, parts.options.most_followed));
  follows_all = with.all;
  for (auto& message : with.messages) {
    sent.push_back({std::move(message.key), std::move(message.external_id),
                    std::move(message.language), message.reopened_at});
  }
  return follower->follow(sent, since, budget);
}

// What is wrong with following, though it goes well.
std::string ChannelWorker::Inside::followed() const {
  if (follows_all) return {};
  return "only the newest " + std::to_string(parts.options.most_followed) +
         " open reports are asked after there: there are more";
}

void ChannelWorker::Inside::poll_turn() {
  was_hurried = false;
  if (!untold.empty()) tell_source();
  if (untold_messages >= parts.options.most_untold) {
    telling.said += ". Nothing more is read until it can be";
    next_poll = Steady::now() + poll_backoff.after(++poll_failures);
    return;
  }
  const auto began = Steady::now();
  Budget budget;
  budget.wake = bell.descriptor();
  if (next_send > began) budget.wait = parts.options.wait;
  auto batch = poll(budget);
  const auto waited = Steady::now() - began;
  if (!batch) {
    ++counted.poll_errors;
    ++poll_failures;
    const auto& error = batch.error();
    polling = condition_of(error);
    next_poll = Steady::now() + std::max(poll_backoff.after(poll_failures), error.retry_after);
    spdlog::warn("channel {}: {}", name(), polling.said);
    return;
  }
  const bool brought =
      !batch->posts.empty() || !batch->unreadable.empty() || !batch->signals.empty();
  const bool at_once = batch->more || batch->listens || brought;
  if (brought || !(batch->next == cursor)) {
    if (auto digested = digest(std::move(*batch)); !digested) return not_stored(digested.error());
  }
  poll_failures = 0;
  polling = {brought ? Health::working : Health::waiting, followed()};
  if (brought) send_soon();
  // A source that pushes has been waited for already.
  const bool pushes = parts.options.wait.count() > 0 && waited >= parts.options.wait / 2;
  was_hurried = budget.wait < parts.options.wait;
  next_poll = Steady::now() + (at_once || pushes ? milliseconds(0) : until_asked_again());
}

std::optional<milliseconds> ChannelWorker::Inside::pause() const {
  return paced == nullptr ? std::nullopt : paced->rests_for();
}

milliseconds ChannelWorker::Inside::until_asked_again() const {
  const auto longest = parts.options.interval;
  return std::clamp(pause().value_or(longest), std::min(k_least_pause, longest), longest);
}

// The source would bring the same again, and may bill for it.
void ChannelWorker::Inside::not_stored(const Error& error) {
  polling = {Health::failing, "what was read could not be stored: " + condition_of(error).said};
  next_poll = Steady::now() + std::max(poll_backoff.after(++poll_failures), error.retry_after);
  store_failed(error);
}

Result<> ChannelWorker::Inside::digest(Batch batch) {
  auto light = without_bodies(batch);
  const auto ingested = TRY(parts.intake.ingest(parts.channel, std::move(batch), lease));
  if (!ingested.filings.empty()) {
    spdlog::info("channel {}: {}, {}, {} quarantined", name(),
                 count_of(ingested.filings.size(), "post"),
                 count_of(ingested.reports, "new report"), ingested.quarantined);
  }
  cursor = light.next;
  untold_messages += messages_in(light);
  untold.push_back(std::move(light));
  tell_source();
  return {};
}

void ChannelWorker::Inside::tell_source() {
  while (!untold.empty()) {
    const auto told = parts.connector.committed(untold.front());
    if (!told) {
      telling = condition_of(told.error());
      telling.said = "what was read could not be marked there as read: " + telling.said;
      spdlog::warn("channel {}: {}", name(), telling.said);
      return;
    }
    untold_messages -= messages_in(untold.front());
    untold.pop_front();
  }
  telling = {Health::waiting, {}};
}

void ChannelWorker::Inside::send_turn() {
  const auto turn = outbox.turn();
  if (!turn) {
    store_failed(turn.error());
    next_send = Steady::now() + send_backoff.after(1);
    return;
  }
  if (turn->trouble) {
    ++send_failures;
    sending = condition_of(*turn->trouble);
    no_send_before =
        Steady::now() + std::max(send_backoff.after(send_failures), turn->trouble->retry_after);
    next_send = no_send_before;
    return;
  }
  if (turn->claimed > 0 || send_failures == 0) {
    send_failures = 0;
    sending = {Health::waiting, {}};
  }
  next_send = Steady::now() + (turn->more ? milliseconds(0) : parts.options.outbox_interval);
}

// Settling what was refused is a change too: it must not end the waiting that it has begun.
void ChannelWorker::Inside::send_soon() {
  next_send = std::min(next_send, std::max(Steady::now(), no_send_before));
}

void ChannelWorker::Inside::canary_turn() {
  if (parts.options.canary_address.empty()) {
    // What was sent while there was an address is no longer missed.
    const auto forgotten = parts.store.withdraw_canary(parts.channel, {});
    next_canary = forgotten ? Steady::time_point::max() : Steady::now() + k_look_for_canary_every;
    return;
  }
  next_canary = Steady::now() + k_look_for_canary_every;
  const auto token = parts.store.next_canary(parts.channel, parts.options.canary_every);
  if (!token) {
    store_failed(token.error());
    return;
  }
  if (!*token) return;
  Reply message;
  message.key = "0.0." + **token;
  message.channel = parts.channel;
  message.address = parts.options.canary_address;
  message.language = "en";
  message.subject = "Kanal tries its channel";
  message.text = canary_text(**token);
  const auto sent = parts.connector.send({&message, 1});
  if (sent.size() == 1 && sent.front()) {
    send_failures = 0;
    sending = {Health::waiting, {}};
    return;
  }
  const auto error =
      sent.empty() ? Error{Remedy::retry, "it was left alone", {}} : sent.front().error();
  // What may have gone out is waited for.
  if (error.remedy == Remedy::uncertain) return;
  sending = condition_of(error);
  sending.said = "the test message could not be sent: " + sending.said;
  spdlog::warn("channel {}: {}", name(), sending.said);
  next_canary = Steady::now() + std::max(send_backoff.after(++send_failures), error.retry_after);
  const auto withdrawn = parts.store.withdraw_canary(parts.channel, **token);
  if (!withdrawn) store_failed(withdrawn.error());
}

// A failure here is told by polling too, if it is the channel's: it only waits.
void ChannelWorker::Inside::recheck() {
  next_recheck = Steady::now() + parts.options.interval;
  if (is_trouble(polling.health)) return;
  const auto since = cursor.value_or(Cursor{});
  const auto wish = rechecker->wanted(since);
  if (wish.most <= 0) return;
  const auto ids = parts.store.ids_between(parts.channel, wish.after, wish.before, wish.most);
  if (!ids) return store_failed(ids.error());
  auto batch = rechecker->recheck(since, *ids);
  if (!batch) {
    const auto& error = batch.error();
    next_recheck =
        Steady::now() +
        std::max(poll_backoff.after(++recheck_failures) * k_recheck_factor, error.retry_after);
    spdlog::info("channel {}: looking for deleted posts: {}", name(), redact_detail(error.message));
    return;
  }
  recheck_failures = 0;
  if (!batch->signals.empty()) {
    spdlog::info("channel {}: deleted by their authors: {}", name(),
                 count_of(batch->signals.size(), "post"));
  }
  if (batch->next == since && batch->signals.empty() && batch->posts.empty()) return;
  if (auto digested = digest(std::move(*batch)); !digested) store_failed(digested.error());
}

void ChannelWorker::Inside::show_usage() {
  if (metered == nullptr || !lease) return;
  auto usage = metered->usage();
  const bool early = usage_shown && Steady::now() - usage_shown_at < k_save_every;
  if (early || usage_shown == usage) return;
  const auto saved = parts.store.save_usage(parts.channel, usage, lease);
  if (!saved) return;
  if (!*saved) return lease_lost();
  usage_shown = std::move(usage);
  usage_shown_at = Steady::now();
}

void ChannelWorker::Inside::show() {
  if (!lease) return;
  auto now_so = polling;
  for (const auto* other : {&sending, &telling}) {
    if (is_trouble(other->health) && !is_trouble(now_so.health)) now_so = *other;
  }
  if (paused) now_so = {Health::paused, {}};
  const bool same = shown && shown->health == now_so.health && shown->said == now_so.said;
  if (same && Steady::now() - shown_at < k_save_every) return;
  const bool reads = polling.health == Health::working || polling.health == Health::waiting;
  const auto saved =
      parts.store.save_health(parts.channel, now_so.health, now_so.said, lease, reads);
  if (!saved) return;
  if (!*saved) return lease_lost();
  shown = std::move(now_so);
  shown_at = Steady::now();
}

void ChannelWorker::Inside::lease_lost() {
  spdlog::warn("channel {}: another node has taken it", name());
  lease.reset();
  leased_until = {};
  shown.reset();
  usage_shown.reset();
  next_look = Steady::now();
}

// So that another node need not wait for it to run out.
void ChannelWorker::Inside::give_lease_up() {
  if (lease) (void)parts.store.lease(parts.channel, parts.node, milliseconds(0));
}

}  // namespace kanal
