#include "router/outbox.hpp"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>

#include "connectors/repeater.hpp"
#include "core/text.hpp"
#include "core/visibility.hpp"
#include "router/counters.hpp"
#include "router/offices.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_detail_bytes = 500;
constexpr int k_most_doubtful = 50;
constexpr int k_most_lots_passed = 20;  // of those that are not worth asking about any more
// Asking keeps the channel's thread from all else.
constexpr std::chrono::seconds k_longest_asking{20};
constexpr std::chrono::hours k_asked_for{3 * 24};
constexpr std::chrono::milliseconds k_usual_patience{60'000};
/// An answer that goes out so long after the message came to a phone that was in use.
constexpr std::chrono::minutes k_just_now{15};

std::string detail_of(std::string_view message) {
  return redact_detail(clip_utf8(message, k_most_detail_bytes));
}

// It answers nothing else either for now.
bool is_away(const Error& error) {
  return !error.of_this_alone &&
         (error.remedy == Remedy::retry || error.remedy == Remedy::throttled ||
          error.remedy == Remedy::reconfigure);
}

bool is_passing(const Result<Receipt>& result) {
  return !result && result.error().remedy == Remedy::retry;
}

// Since a person had it sent again, if one had.
int attempts_in(const OutboxRecord& record) {
  return std::max(record.attempts - record.earlier_attempts, 1);
}

}  // namespace

std::chrono::milliseconds Backoff::after(int failures) {
  auto delay = least_;
  for (int i = 1; i < failures && delay < most_; ++i) delay *= 2;
  delay = std::min(delay, most_);
  std::uniform_int_distribution<std::int64_t> jitter(delay.count() / 2, delay.count());
  return std::chrono::milliseconds(jitter(random_));
}

Outbox::Outbox(Store& store, Connector& connector, const Clock& clock, ChannelName channel,
               std::string node, OutboxOptions options)
    : store_(store),
      connector_(connector),
      confirmer_(dynamic_cast<Confirmer*>(&connector)),
      repeats_(dynamic_cast<Repeater*>(&connector) != nullptr),
      clock_(clock),
      channel_(std::move(channel)),
      node_(std::move(node)),
      options_(options),
      backoff_(options.least_backoff, options.most_backoff, options.seed) {}

Result<> Outbox::settle() {
  if (unsettled_.empty()) return {};
  TRY(store_.settle(unsettled_));
  auto& counted = counters().channel(channel_);
  for (const auto& settlement : unsettled_) {
    ++counted.replies.at(static_cast<std::size_t>(settlement.state));
  }
  unsettled_.clear();
  return {};
}

Settlement Outbox::again(const Reply& reply, std::string_view why, int attempts) {
  Settlement settlement;
  settlement.id = reply.id;
  settlement.detail = detail_of(why);
  const bool is_patient = reply.office && clock_.now() - reply.owed_at < options_.office_patience;
  if (attempts >= options_.most_attempts && !is_patient) {
    settlement.state = ReplyState::failed;
    settlement.detail += " (given up after " + std::to_string(attempts) + " attempts)";
  } else {
    settlement.state = ReplyState::owed;
    settlement.retry_at = clock_.now() + backoff_.after(attempts);
  }
  return settlement;
}

Result<std::optional<Receipt>> Outbox::confirm(const Reply& reply) {
  if (repeats_) return std::optional<Receipt>();
  if (confirmer_ == nullptr) return fail(Remedy::uncertain, "nobody can be asked");
  try {
    return confirmer_->confirm(reply);
  } catch (const std::exception& exception) {
    spdlog::error("channel {}: confirming failed: {}", channel_.value(), exception.what());
    return fail(Remedy::uncertain, "a fault of the program");
  }
}

Settlement Outbox::found_out(const Reply& reply, const Result<std::optional<Receipt>>& answer,
                             std::string_view why, int attempts) {
  if (answer && !*answer) {
    const std::string_view reason = repeats_ ? "it may have gone out: " : "it had not gone out: ";
    return again(reply, std::string(reason) + std::string(why), attempts);
  }
  Settlement settlement;
  settlement.id = reply.id;
  settlement.state = ReplyState::uncertain;
  settlement.detail = detail_of(why);
  if (!answer) return settlement;
  settlement.state = (*answer)->delivered ? ReplyState::delivered : ReplyState::sent;
  settlement.detail = k_found_there;
  settlement.external_id = (*answer)->id;
  settlement.in_private = (*answer)->in_private;
  return settlement;
}

Settlement Outbox::asked(const Reply& reply, std::string_view why, int attempts) {
  return found_out(reply, confirm(reply), why, attempts);
}

Settlement Outbox::settled(const Reply& reply, const Result<Receipt>& result, int attempts,
                           OutboxTurn& turn) {
  Settlement settlement;
  settlement.id = reply.id;
  if (result) {
    settlement.state = result->delivered ? ReplyState::delivered : ReplyState::sent;
    settlement.external_id = result->id;
    settlement.segments = result->segments;
    settlement.in_private = result->in_private;
    counters().channel(channel_).segments += static_cast<std::uint64_t>(result->segments);
    ++turn.sent;
    return settlement;
  }
  const auto& error = result.error();
  if (error.remedy == Remedy::withhold) {
    settlement.state = ReplyState::withheld;
    settlement.detail = detail_of(error.message);
    return settlement;
  }
  ++counters().channel(channel_).send_errors;
  switch (error.remedy) {
    case Remedy::retry:
      if (!error.of_this_alone) turn.trouble = error;
      return again(reply, error.message, attempts);
    case Remedy::uncertain:
      return asked(reply, error.message, attempts);
    case Remedy::drop:
      settlement.state = ReplyState::failed;
      settlement.detail = detail_of(error.message);
      return settlement;
    case Remedy::throttled:
    case Remedy::reconfigure:
    case Remedy::withhold:
      break;
  }
  // The channel's fault, not the reply's: it does not use up the reply's attempts.
  if (!error.of_this_alone) turn.trouble = error;
  settlement.counts = false;
  settlement.state = ReplyState::owed;
  settlement.detail = detail_of(error.message);
  settlement.retry_at =
      clock_.now() + (error.retry_after.count() > 0 ? error.retry_after : k_usual_patience);
  return settlement;
}

// What is not to be sent, or not now.
std::optional<Settlement> Outbox::kept_back(Reply& reply) const {
  Settlement settlement;
  settlement.id = reply.id;
  settlement.counts = false;
  if (reply.office) {
    if (!options_.office_address) return std::nullopt;
    auto address = options_.office_address(*reply.office);
    if (!address) {
      settlement.state = ReplyState::failed;
      settlement.detail = k_not_handed_over;
      return settlement;
    }
    reply.address = std::move(*address);
    return std::nullopt;
  }
  if (reply.silent) {
    settlement.state = ReplyState::withheld;
    settlement.detail = k_asked_for_silence;
    return settlement;
  }
  const auto now = clock_.now();
  const auto until = options_.quiet ? options_.quiet->end_of(now) : std::nullopt;
  if (!until || (reply.acknowledgement && now - reply.owed_at < k_just_now)) return std::nullopt;
  settlement.state = ReplyState::owed;
  settlement.detail = k_waits_for_morning;
  settlement.retry_at = until;
  return settlement;
}

std::vector<Result<Receipt>> Outbox::send(std::span<const Reply> replies) {
  std::vector<Result<Receipt>> results;
  try {
    results = connector_.send(replies);
  } catch (const std::exception& exception) {
    spdlog::error("channel {}: sending failed: {}", channel_.value(), exception.what());
  }
  while (results.size() < replies.size()) {
    results.emplace_back(fail(Remedy::uncertain, "the connector did not say how it ended"));
  }
  return results;
}

std::vector<int> Outbox::attempts_of(std::span<const Reply> replies) {
  std::vector<int> attempts(replies.size(), 1);
  constexpr int k_most = 200;
  const auto records = store_.outbox(channel_, ReplyState::sending, k_most);
  if (!records) return attempts;
  for (const auto& record : *records) {
    const auto found = std::ranges::find(replies, record.reply.id, &Reply::id);
    if (found == replies.end()) continue;
    attempts[static_cast<std::size_t>(found - replies.begin())] = attempts_in(record);
  }
  return attempts;
}

// Those of a process that died while sending, and from time to time those still in doubt.
Result<> Outbox::look_at_doubtful() {
  const auto now = clock_.now();
  if (looked_at_ && now >= *looked_at_ && now - *looked_at_ < options_.look_again) return {};
  const auto doubtful = TRY(store_.expire_claims(channel_, fresh_ ? node_ : std::string()));
  fresh_ = false;
  looked_at_ = now;
  for (const auto& reply : doubtful) {
    spdlog::warn("channel {}: reply {} may have gone out", channel_.value(), reply.key);
    if (confirmer_ == nullptr && !repeats_) {
      ++counters().channel(channel_).replies.at(static_cast<std::size_t>(ReplyState::uncertain));
    }
    asked_at_.reset();
  }
  if (confirmer_ == nullptr && !repeats_) return {};
  if (asked_at_ && now - *asked_at_ < options_.ask_again) return {};
  asked_at_ = now;
  return ask_about_doubtful(now);
}

// The longer one has been in doubt, the less is to be hoped for from asking again.
bool Outbox::is_worth_asking(const OutboxRecord& record, Time now) const {
  const auto since = record.settled_at.value_or(record.due_at);
  if (now - since > k_asked_for) return false;
  const auto last = last_asked_.find(record.reply.id);
  return last == last_asked_.end() || last->second < since ||
         now - since >= 2 * (last->second - since);
}

// A number a turn, so that those that stay in doubt do not keep the older ones from being asked
// for.
Result<> Outbox::ask_about_doubtful(Time now) {
  int asked_for = 0;
  bool more = true;
  for (int lots = 0; more && asked_for < k_most_doubtful && lots < k_most_lots_passed; ++lots) {
    const auto lot =
        TRY(store_.outbox(channel_, ReplyState::uncertain, k_most_doubtful, asked_from_));
    more = static_cast<int>(lot.size()) == k_most_doubtful;
    for (const auto& record : lot) {
      asked_from_ = record.reply.id;
      if (!is_worth_asking(record, now)) continue;
      ++asked_for;
      last_asked_[record.reply.id] = now;
      const auto answer = confirm(record.reply);
      auto settlement = found_out(record.reply, answer, record.detail, attempts_in(record));
      settlement.claims = record.claims;
      // Nothing has refused it.
      if (repeats_ && settlement.state == ReplyState::owed) settlement.retry_at = now;
      if (settlement.state != ReplyState::uncertain) unsettled_.push_back(std::move(settlement));
      const bool away = !answer && is_away(answer.error());
      if (away || clock_.now() - now >= k_longest_asking) return settle();
    }
  }
  if (!more) asked_from_ = OutboxId();
  std::erase_if(last_asked_, [&](const auto& each) { return now - each.second > k_asked_for; });
  return settle();
}

Result<OutboxTurn> Outbox::turn() {
  TRY(settle());
  TRY(look_at_doubtful());
  OutboxTurn turn;
  const auto begin_before = clock_.now() + options_.begin;
  auto replies = TRY(store_.claim(channel_, node_, options_.most_at_once, options_.claim));
  turn.claimed = replies.size();
  turn.more = static_cast<int>(replies.size()) >= options_.most_at_once;
  std::erase_if(replies, [&](Reply& reply) {
    reply.begin_before = begin_before;
    auto kept = kept_back(reply);
    if (kept) unsettled_.push_back(std::move(*kept));
    return kept.has_value();
  });
  if (replies.empty()) {
    TRY(settle());
    return turn;
  }
  const auto results = send(replies);
  std::vector<int> attempts(replies.size(), 1);
  const bool all_well = std::ranges::all_of(results, [](const auto& each) { return !!each; });
  if (!all_well) attempts = attempts_of(replies);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    unsettled_.push_back(settled(replies[i], results[i], attempts[i], turn));
  }
  // Where some got through, what keeps others back is theirs; where none of several did, it is not.
  if (turn.sent > 0 && turn.trouble && turn.trouble->remedy == Remedy::retry) turn.trouble.reset();
  if (turn.sent == 0 && replies.size() > 1 && std::ranges::all_of(results, is_passing)) {
    turn.trouble = results.back().error();
  }
  TRY(settle());
  return turn;
}

}  // namespace kanal
