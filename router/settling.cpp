#include "router/settling.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <iterator>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/tracking_code.hpp"
#include "format/post_json.hpp"
#include "router/counters.hpp"
#include "router/intake.hpp"
#include "router/pipeline.hpp"
#include "router/proof.hpp"

namespace kanal {

namespace {

constexpr int k_most_settlings = 12;
constexpr std::chrono::milliseconds k_pause{5};  ///< longer with each try after the first few
constexpr std::chrono::milliseconds k_pause_alone{50};
constexpr int k_most_long = 3;  ///< for one post alone, before it is set aside
constexpr std::size_t k_most_posts_a_commit = 5000;

// With a raw form, if only in ours.
Filed set_aside(Post post, const ChannelName& channel, std::string reason) {
  if (post.payload.empty()) post.payload = print_post(post, channel.value());
  Filed filed;
  filed.post = std::move(post);
  filed.fate = Fate::quarantined;
  filed.reason = std::move(reason);
  return filed;
}

// The first half keeps what could not be read, the second what speaks of posts and the cursor.
std::pair<Portion, Portion> halves(Portion portion) {
  Portion first;
  first.lease = portion.lease;
  first.codes = portion.codes;
  first.told_codes = portion.told_codes;
  if (portion.posts.size() == 1) {
    first.posts = std::exchange(portion.posts, {});
  } else if (portion.posts.empty()) {
    const auto unreadable = portion.unreadable.size() / 2;
    if (portion.unreadable.size() + portion.signals.size() == 0) return {first, portion};
    if (portion.unreadable.empty() || portion.signals.empty()) {
      const auto signals = portion.signals.size() / 2;
      std::move(portion.unreadable.begin(),
                portion.unreadable.begin() + static_cast<std::ptrdiff_t>(unreadable),
                std::back_inserter(first.unreadable));
      portion.unreadable.erase(
          portion.unreadable.begin(),
          portion.unreadable.begin() + static_cast<std::ptrdiff_t>(unreadable));
      std::move(portion.signals.begin(),
                portion.signals.begin() + static_cast<std::ptrdiff_t>(signals),
                std::back_inserter(first.signals));
      portion.signals.erase(portion.signals.begin(),
                            portion.signals.begin() + static_cast<std::ptrdiff_t>(signals));
    } else {
      first.unreadable = std::exchange(portion.unreadable, {});
    }
  } else {
    const auto middle =
        portion.posts.begin() + static_cast<std::ptrdiff_t>(portion.posts.size() / 2);
    std::move(portion.posts.begin(), middle, std::back_inserter(first.posts));
    portion.posts.erase(portion.posts.begin(), middle);
    first.unreadable = std::exchange(portion.unreadable, {});
  }
  return {std::move(first), std::move(portion)};
}

// A statement that ran into its time limit; the same may pass with less to look at.
bool takes_too_long(const Result<>& done) {
  return !done && done.error().remedy == Remedy::retry && done.error().of_this_alone;
}

Portion joined(Portion first, Portion rest) {
  std::ranges::move(rest.posts, std::back_inserter(first.posts));
  std::ranges::move(rest.unreadable, std::back_inserter(first.unreadable));
  std::ranges::move(rest.signals, std::back_inserter(first.signals));
  first.next = std::move(rest.next);
  return first;
}

std::size_t weight(const Portion& portion) {
  return portion.posts.size() + portion.unreadable.size() + portion.signals.size();
}

// A fault of the program is laid to the posts, so that the one that meets it is parted from the
// others and no channel stands still.
template <class Work>
std::invoke_result_t<Work> caught(Work work) {
  try {
    return work();
  } catch (const std::exception& fault) {
    return fail(Remedy::drop, std::string("the program failed: ") + fault.what());
  }
}

void tell(const ChannelRules& channel, const IntakeBatch& batch, const Committed& committed,
          Ingested& into) {
  auto& counted = counters().channel(channel.name);
  for (std::size_t i = 0; i < batch.filed.size(); ++i) {
    const auto& filed = batch.filed[i];
    Filing filing;
    filing.id = filed.post.id;
    filing.fate = filed.fate;
    filing.reason = filed.reason;
    filing.report = filed.report;
    filing.code = filed.code;
    filing.stored = i < committed.stored.size() && committed.stored[i];
    if (!filing.stored && filing.fate != Fate::repeated) {
      filing.fate = Fate::repeated;
      filing.report = {};
      filing.code = {};
    } else if (filed.change) {
      const auto& report = batch.changes[*filed.change].after;
      filing.code = report.code;
      filing.report = report.id;
    }
    into.quarantined += filing.fate == Fate::quarantined ? 1 : 0;
    ++counted.posts.at(static_cast<std::size_t>(filing.fate));
    into.filings.push_back(std::move(filing));
  }
  into.reports += committed.reports;
  into.quarantined += batch.unreadable.size();
  counted.posts.at(static_cast<std::size_t>(Fate::quarantined)) += batch.unreadable.size();
}

}  // namespace

std::vector<TrackingCode> draw_tracking_codes(std::size_t count) {
  std::vector<TrackingCode> codes;
  codes.reserve(count);
  const auto bytes = random_bytes(count * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t random = 0;
    std::memcpy(&random, bytes.data() + i * sizeof random, sizeof random);
    codes.push_back(make_tracking_code(random));
  }
  return codes;
}

Settling::Settling(Store& store, const Organisation& organisation, const Clock& clock)
    : store_(store), organisation_(organisation), clock_(clock) {}

void Settling::know(ChannelRules rules) {
  auto known = std::make_shared<const ChannelRules>(std::move(rules));
  const std::scoped_lock lock(channels_mutex_);
  channels_[known->name] = known;
}

std::shared_ptr<const ChannelRules> Settling::rules(const ChannelName& name) {
  const std::shared_lock lock(channels_mutex_);
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : found->second;
}

Result<Decided> Settling::judge(const ChannelRules& channel, Portion& portion) {
  auto& posts = portion.posts;
  for (auto& post : posts) normalise(post);
  const auto evidence = TRY(store_.gather(
      channel.name, posts, channel.replies ? Store::Answering::maybe : Store::Answering::no));
  const auto fresh = static_cast<std::size_t>(std::ranges::count_if(
      evidence, [](const auto& each) { return !each.known || each.another; }));
  std::vector<ReportId> ids;
  if (fresh > 0) ids = TRY(store_.reserve_reports(fresh));
  auto codes = draw_tracking_codes(posts.size());
  auto own = portion.codes;
  for (std::size_t i = 0; i < posts.size() && !own.empty(); ++i) {
    if (auto code = own.extract(posts[i].id)) codes[i] = std::move(code.mapped());
  }
  const auto rules_of = [this](const ChannelName& name) {
    const auto found = rules(name);
    return found ? std::optional(*found) : std::nullopt;
  };
  auto decided = decide(std::move(posts), evidence,
                        {organisation_, channel, clock_.now(), rules_of}, ids, codes);
  if (!portion.told_codes) return decided;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    auto& filed = decided.batch.filed[i];
    if (filed.fate != Fate::report && filed.code.empty()) filed.code = codes[i];
    // The number leads on to where the same was said before.
    const bool elsewhere = filed.fate == Fate::repeated && !evidence[i].known && filed.report;
    if (elsewhere) filed.fate = Fate::joined;
  }
  return decided;
}

Result<> Settling::attempt(const ChannelRules& channel, Portion& portion, Ingested& into) {
  const auto pause = weight(portion) > 1 ? k_pause : k_pause_alone;
  bool outdated = false;
  for (int tries = 0; tries < k_most_settlings; ++tries) {
    const auto posts = portion.posts.size();
    auto judged = caught([&] { return judge(channel, portion); });
    if (!judged) {
      // What was being decided went with the fault: now only its source has it.
      if (portion.posts.size() != posts) judged.error().remedy = Remedy::retry;
      return tl::unexpected(std::move(judged).error());
    }
    auto& batch = judged->batch;
    batch.lease = portion.lease;
    batch.next = portion.next;
    batch.unreadable = portion.unreadable;
    batch.signals = portion.signals;
    if (portion.aside) batch.filed.push_back(*portion.aside);
    auto outcome = caught([&]() -> Result<CommitOutcome> {
      TRY(show_proof(store_, batch));
      return store_.commit(batch);
    });
    if (outcome && !outcome->refusal) {
      counters().count_batch(batch.filed.size());
      tell(channel, batch, outcome->committed, into);
      return {};
    }
    portion.posts.clear();
    for (auto& filed : batch.filed) {
      if (filed.fate != Fate::quarantined) portion.posts.push_back(std::move(filed.post));
    }
    if (outcome && *outcome->refusal == Refusal::stale_lease) {
      return fail(Remedy::retry, "another node works this channel now");
    }
    // After a broken COMMIT the posts are found to be known, or are not there.
    if (!outcome && outcome.error().remedy != Remedy::uncertain) {
      return tl::unexpected(std::move(outcome).error());
    }
    outdated = outcome.has_value();
    ++counters().intake_retries;
    // In the worst case it is a number that was given out already.
    if (tries >= (portion.told_codes ? k_most_settlings / 2 : 1)) portion.codes.clear();
    if (tries >= 2) std::this_thread::sleep_for(pause * tries);
  }
  // One post that never fits must not stop its channel: it is parted from the others, and set
  // aside.
  return fail(outdated ? Remedy::drop : Remedy::retry, "the reports are being changed by others");
}

Result<> Settling::settle(const ChannelRules& channel, Portion& portion, Ingested& into) {
  if (portion.posts.size() > k_most_posts_a_commit) return settle_halves(channel, portion, into);
  auto done = attempt(channel, portion, into);
  const bool alone = weight(portion) == 1 && !portion.posts.empty();
  for (int tries = 1; alone && takes_too_long(done) && tries < k_most_long; ++tries) {
    done = attempt(channel, portion, into);
  }
  const bool parts = takes_too_long(done) && (alone || weight(portion) > 1);
  if (done || (done.error().remedy != Remedy::drop && !parts)) return done;
  return isolate(channel, portion, done.error(), into);
}

Result<> Settling::settle_halves(const ChannelRules& channel, Portion& portion, Ingested& into) {
  auto [first, rest] = halves(std::move(portion));
  if (auto done = settle(channel, first, into); !done) {
    portion = joined(std::move(first), std::move(rest));
    return done;
  }
  portion = std::move(rest);
  return settle(channel, portion, into);
}

Result<> Settling::isolate(const ChannelRules& channel, Portion& portion, const Error& error,
                           Ingested& into) {
  if (weight(portion) > 1) {
    ++counters().intake_splits;
    return settle_halves(channel, portion, into);
  }
  if (portion.posts.empty()) {
    const bool bare = portion.unreadable.empty() || portion.unreadable.front().payload.empty();
    spdlog::error("channel {}: could not be stored: {}", channel.name.value(), error.message);
    if (bare && portion.signals.empty()) return tl::unexpected(error);
    portion.signals.clear();
    for (auto& unreadable : portion.unreadable) unreadable.payload.clear();
    return settle(channel, portion, into);
  }
  spdlog::warn("channel {}: a post goes to quarantine: {}", channel.name.value(), error.message);
  auto aside = set_aside(std::move(portion.posts.front()), channel.name, error.message);
  portion.posts.clear();
  if (!aside.post.attachments.empty()) {
    portion.aside = aside;
    auto kept = attempt(channel, portion, into);
    if (kept || kept.error().remedy != Remedy::drop) return kept;
    portion.aside.reset();
  }
  Filing filing;
  filing.id = aside.post.id;
  portion.unreadable.push_back(
      {std::move(aside.post.id), std::move(aside.post.payload), std::move(aside.reason)});
  TRY(settle(channel, portion, into));
  filing.fate = Fate::quarantined;
  filing.reason = error.message;
  into.filings.push_back(std::move(filing));
  return {};
}

}  // namespace kanal
