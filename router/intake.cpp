#include "router/intake.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <filesystem>
#include <future>
#include <map>
#include <set>
#include <shared_mutex>
#include <thread>
#include <type_traits>

#include <spdlog/spdlog.h>

#include "core/tracking_code.hpp"
#include "format/post_json.hpp"
#include "router/counters.hpp"
#include "router/parting.hpp"
#include "router/proof.hpp"
#include "router/stages.hpp"
#include "router/unstored.hpp"
#include "router/waiting.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_threads = 2;
constexpr int k_most_tries = 12;
constexpr std::chrono::milliseconds k_pause{5};  ///< longer with each try after the first few
constexpr std::chrono::milliseconds k_pause_alone{50};
constexpr int k_most_long = 3;  ///< for one post alone, before it is set aside
constexpr std::size_t k_most_posts_a_commit = 5000;
constexpr int k_most_failures = 3;  ///< of what was kept, before the store is taken to be away
constexpr std::chrono::seconds k_first_wait{1};
constexpr std::chrono::seconds k_longest_wait{5};

/// Part of a turn that is committed together.
struct Portion {
  std::vector<Post> posts;
  std::vector<Unreadable> unreadable;
  std::vector<Signal> signals;
  std::optional<Cursor> next;
  std::optional<Lease> lease;
  std::optional<Filed> aside = {};  ///< for quarantine, with its files
  /// The same at each try, as senders may be told them before a commit; else drawn anew.
  std::map<ExternalId, TrackingCode> codes = {};
  bool told_codes = false;  ///< the senders know them already
};

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

// What the store has not taken by now it never will: it is refused and sent again, or quarantined.
std::function<void(Result<Ingested>)> without_leftovers(
    const Received& received, std::function<void(Result<Ingested>)> done) {
  std::vector<std::filesystem::path> spooled;
  for (const auto& post : received.posts) {
    for (const auto& attachment : post.attachments) {
      if (!attachment.file.empty()) spooled.push_back(attachment.file);
    }
  }
  if (spooled.empty()) return done;
  return [spooled = std::move(spooled), done = std::move(done)](Result<Ingested> ingested) {
    std::error_code error;
    for (const auto& file : spooled) std::filesystem::remove(file, error);
    done(std::move(ingested));
  };
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

struct Intake::Inside {
  Store& store;
  const Organisation& organisation;
  const Clock& clock;

  std::shared_mutex channels_mutex;
  std::map<ChannelName, std::shared_ptr<const ChannelRules>> channels;

  WaitingRequests waiting;
  std::unique_ptr<Unstored> unstored;
  std::atomic<bool> away = false;  ///< the store is, since something was kept
  std::mutex unstored_mutex;
  std::condition_variable_any one_more_kept;
  std::vector<std::jthread> threads;

  std::shared_ptr<const ChannelRules> rules(const ChannelName& name) {
    std::shared_lock lock(channels_mutex);
    const auto found = channels.find(name);
    return found == channels.end() ? nullptr : found->second;
  }

  Result<> take_in(const ChannelName& channel, Batch batch, std::optional<Lease> lease,
                   Ingested& into);
  /// What is not stored after an error is left in the portion.
  Result<> settle(const ChannelRules& channel, Portion& portion, Ingested& into);
  Result<> settle_halves(const ChannelRules& channel, Portion& portion, Ingested& into);
  Result<> attempt(const ChannelRules& channel, Portion& portion, Ingested& into);
  Result<Decided> judge(const ChannelRules& channel, Portion& portion);
  Result<> isolate(const ChannelRules& channel, Portion& portion, const Error& error,
                   Ingested& into);
  void tell(const ChannelRules& channel, const IntakeBatch& batch, const Committed& committed,
            Ingested& into);
  void find_codes(const ChannelName& channel, Ingested& ingested);

  void run(const std::stop_token& stop);
  void serve(WaitingRequests::Group& group);
  Result<Ingested> keep(const ChannelName& channel, Received received,
                        std::span<const TrackingCode> codes);
  void store_kept(const std::stop_token& stop);
  /// False while the store is away still.
  bool store_earliest(std::set<std::string>& passed_over);
  /// False where the channel is not ours to work, now.
  Result<bool> store_again(const std::string& name);
};

Intake::Intake(Store& store, const Organisation& organisation, const Clock& clock)
    : inside_(new Inside{
          store, organisation, clock, {}, {}, WaitingRequests(k_threads), {}, {}, {}, {}, {}}) {
  for (std::size_t i = 0; i < k_threads; ++i) {
    inside_->threads.emplace_back(
        [inside = inside_.get()](const std::stop_token& stop) { inside->run(stop); });
  }
}

Intake::~Intake() {
  for (auto& thread : inside_->threads) thread.request_stop();
  inside_->waiting.wake();
  inside_->threads.clear();
}

void Intake::know(ChannelRules rules) {
  auto known = std::make_shared<const ChannelRules>(std::move(rules));
  std::scoped_lock lock(inside_->channels_mutex);
  inside_->channels[known->name] = known;
}

Result<> Intake::keep_unstored_in(const std::filesystem::path& directory, const Keys& keys) {
  inside_->unstored = TRY(Unstored::open(directory, keys));
  counters().kept_on_disk = inside_->unstored->count();
  inside_->threads.emplace_back(
      [inside = inside_.get()](const std::stop_token& stop) { inside->store_kept(stop); });
  return {};
}

Result<Decided> Intake::Inside::judge(const ChannelRules& channel, Portion& portion) {
  auto& posts = portion.posts;
  for (auto& post : posts) normalise(post);
  const auto evidence = TRY(store.gather(channel.name, posts));
  const auto fresh = static_cast<std::size_t>(std::ranges::count_if(
      evidence, [](const auto& each) { return !each.known || each.another; }));
  std::vector<ReportId> ids;
  if (fresh > 0) ids = TRY(store.reserve_reports(fresh));
  auto codes = draw_tracking_codes(posts.size());
  auto own = portion.codes;
  for (std::size_t i = 0; i < posts.size() && !own.empty(); ++i) {
    if (auto code = own.extract(posts[i].id)) codes[i] = std::move(code.mapped());
  }
  const auto rules_of = [this](const ChannelName& name) {
    const auto found = rules(name);
    return found ? std::optional(*found) : std::nullopt;
  };
  auto decided = decide(std::move(posts), evidence, {organisation, channel, clock.now(), rules_of},
                        ids, codes);
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

Result<> Intake::Inside::attempt(const ChannelRules& channel, Portion& portion, Ingested& into) {
  const auto pause = weight(portion) > 1 ? k_pause : k_pause_alone;
  bool outdated = false;
  for (int tries = 0; tries < k_most_tries; ++tries) {
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
      TRY(show_proof(store, batch));
      return store.commit(batch);
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
    if (tries >= (portion.told_codes ? k_most_tries / 2 : 1)) portion.codes.clear();
    if (tries >= 2) std::this_thread::sleep_for(pause * tries);
  }
  // One post that never fits must not stop its channel: it is parted from the others, and set
  // aside.
  return fail(outdated ? Remedy::drop : Remedy::retry, "the reports are being changed by others");
}

void Intake::Inside::tell(const ChannelRules& channel, const IntakeBatch& batch,
                          const Committed& committed, Ingested& into) {
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

Result<> Intake::Inside::settle(const ChannelRules& channel, Portion& portion, Ingested& into) {
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

Result<> Intake::Inside::settle_halves(const ChannelRules& channel, Portion& portion,
                                       Ingested& into) {
  auto [first, rest] = halves(std::move(portion));
  if (auto done = settle(channel, first, into); !done) {
    portion = joined(std::move(first), std::move(rest));
    return done;
  }
  portion = std::move(rest);
  return settle(channel, portion, into);
}

Result<> Intake::Inside::isolate(const ChannelRules& channel, Portion& portion, const Error& error,
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

Result<> Intake::Inside::take_in(const ChannelName& channel, Batch batch,
                                 std::optional<Lease> lease, Ingested& into) {
  auto known = rules(channel);
  if (!known) return fail(Remedy::reconfigure, "channel " + channel.value() + " is not declared");
  if (batch.quiet) known = std::make_shared<const ChannelRules>(for_import(*known));
  Portion portion{std::move(batch.posts), std::move(batch.unreadable), std::move(batch.signals),
                  std::nullopt, std::move(lease)};
  if (!batch.next.value.empty()) portion.next = std::move(batch.next);
  return settle(*known, portion, into);
}

Result<Ingested> Intake::ingest(const ChannelName& channel, Batch batch,
                                std::optional<Lease> lease) {
  Ingested ingested;
  TRY(inside_->take_in(channel, std::move(batch), std::move(lease), ingested));
  return ingested;
}

Result<> Intake::ingest_mass(const ChannelName& channel, Batch batch, Ingested& into) {
  auto parts = part(std::move(batch), k_threads);
  std::vector<Ingested> taken(parts.size());
  // After what they work on, so that they are waited for before it goes.
  std::vector<std::future<Result<>>> others;
  const auto take_in = [&](std::size_t i) {
    return inside_->take_in(channel, std::move(parts[i]), std::nullopt, taken[i]);
  };
  for (std::size_t i = 1; i < parts.size(); ++i) {
    others.push_back(std::async(std::launch::async, take_in, i));
  }
  auto all = parts.empty() ? Result<>() : take_in(0);
  for (auto& each : others) {
    if (auto other = each.get(); all) all = std::move(other);
  }
  for (auto& each : taken) {
    std::ranges::move(each.filings, std::back_inserter(into.filings));
    into.reports += each.reports;
    into.quarantined += each.quarantined;
  }
  return all;
}

void Intake::submit(const ChannelName& channel, Received received,
                    std::function<void(Result<Ingested>)> done) {
  done = without_leftovers(received, std::move(done));
  if (!inside_->rules(channel)) {
    done(fail(Remedy::reconfigure, "channel " + channel.value() + " is not declared"));
    return;
  }
  IntakeRequest request{channel, std::move(received), std::move(done)};
  if (inside_->waiting.add(request)) return;
  ++counters().intake_refused;
  request.done(fail(Remedy::throttled, "too many messages at once: try again in a moment",
                    std::chrono::seconds(2)));
}

void Intake::Inside::run(const std::stop_token& stop) {
  while (auto group = waiting.next(stop)) {
    serve(*group);
    waiting.finished(*group);
  }
}

void Intake::Inside::find_codes(const ChannelName& channel, Ingested& ingested) {
  std::vector<Filing*> wanted;
  std::vector<ExternalId> ids;
  for (auto& filing : ingested.filings) {
    const bool known = filing.fate == Fate::repeated || filing.fate == Fate::joined;
    if (!filing.code.empty() || !known) continue;
    wanted.push_back(&filing);
    ids.push_back(filing.id);
  }
  const auto found = store.filed_under(channel, ids);
  if (!found) return;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if ((*found)[i].report) wanted[i]->report = (*found)[i].report;
    wanted[i]->code = (*found)[i].code;
  }
}

void Intake::Inside::serve(WaitingRequests::Group& group) {
  struct Counts {
    std::size_t posts, unreadable, signals;
  };
  Portion portion;
  std::vector<Counts> counts;
  Counts sum{};
  for (auto& request : group.requests) {
    auto& received = request.received;
    counts.push_back({received.posts.size(), received.unreadable.size(), received.signals.size()});
    sum.posts += received.posts.size();
    sum.unreadable += received.unreadable.size();
    sum.signals += received.signals.size();
    std::ranges::move(received.posts, std::back_inserter(portion.posts));
    std::ranges::move(received.unreadable, std::back_inserter(portion.unreadable));
    std::ranges::move(received.signals, std::back_inserter(portion.signals));
  }
  const auto& channel = group.channel;
  std::vector<TrackingCode> codes;
  if (unstored) {
    for (const auto& post : portion.posts) {
      codes.push_back(unstored->code_of(channel, post));
      portion.codes.try_emplace(post.id, codes.back());
    }
  }
  Ingested all;
  Result<> settled;
  if (away) {
    // What came before goes first: this may be about it.
    settled = fail(Remedy::retry, "others wait for the database");
  } else {
    settled = settle(*rules(channel), portion, all);
  }
  if (settled) find_codes(channel, all);
  // What was stored in part is told apart when it is sent again.
  const bool keeps = !settled && unstored && settled.error().remedy != Remedy::drop &&
                     portion.posts.size() == sum.posts && all.filings.empty() &&
                     portion.unreadable.size() == sum.unreadable &&
                     portion.signals.size() == sum.signals;
  std::size_t at = 0;
  const auto take = [](auto& from, std::size_t count, auto& to) {
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(from.begin(), end, std::back_inserter(to));
    from.erase(from.begin(), end);
  };
  for (std::size_t i = 0; i < group.requests.size(); ++i) {
    auto& request = group.requests[i];
    if (keeps) {
      Received received;
      take(portion.posts, counts[i].posts, received.posts);
      take(portion.unreadable, counts[i].unreadable, received.unreadable);
      take(portion.signals, counts[i].signals, received.signals);
      const auto own = std::span(codes).subspan(at, counts[i].posts);
      at += counts[i].posts;
      request.done(keep(channel, std::move(received), own));
      continue;
    }
    if (!settled) {
      request.done(tl::unexpected(settled.error()));
      continue;
    }
    Ingested own;
    own.quarantined = counts[i].unreadable;
    for (const auto end = std::min(at + counts[i].posts, all.filings.size()); at < end; ++at) {
      auto& filing = all.filings[at];
      own.reports += filing.fate == Fate::report ? 1 : 0;
      own.quarantined += filing.fate == Fate::quarantined ? 1 : 0;
      own.filings.push_back(std::move(filing));
    }
    request.done(std::move(own));
  }
}

Result<Ingested> Intake::Inside::keep(const ChannelName& channel, Received received,
                                      std::span<const TrackingCode> codes) {
  Ingested ingested;
  Unstored::Kept what{channel, std::move(received), {codes.begin(), codes.end()}};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    auto& post = what.received.posts[i];
    for (auto& file : post.attachments) {
      // The store took it away and did not commit.
      const bool taken = file.bytes.empty() && file.file.empty() && !file.sha256.empty();
      if (taken) file.file = store.attachment_file(file);
    }
    Filing filing;
    filing.id = post.id;
    filing.code = codes[i];
    filing.stored = false;
    filing.waits = true;
    ingested.filings.push_back(std::move(filing));
  }
  const bool is_first = !away.exchange(true);
  if (auto written = unstored->keep(what); !written) {
    if (unstored->count() == 0) away = false;
    return tl::unexpected(std::move(written).error());
  }
  counters().kept_on_disk = unstored->count();
  if (is_first) spdlog::warn("what comes is kept on disk, as the database is away");
  one_more_kept.notify_all();
  return ingested;
}

void Intake::Inside::store_kept(const std::stop_token& stop) {
  auto wait = k_first_wait;
  std::set<std::string> passed_over;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(unstored_mutex);
      one_more_kept.wait(lock, stop, [&] { return unstored->count() > passed_over.size(); });
      one_more_kept.wait_for(lock, stop, wait, [] { return false; });
    }
    if (stop.stop_requested()) return;
    wait = store_earliest(passed_over) ? k_first_wait : std::min(2 * wait, k_longest_wait);
    counters().kept_on_disk = unstored->count();
    if (unstored->count() == 0) {
      away = false;
      spdlog::info("what was kept on disk while the database was away is stored");
    }
  }
}

bool Intake::Inside::store_earliest(std::set<std::string>& passed_over) {
  int failures = 0;
  for (const auto& name : unstored->names()) {
    if (passed_over.contains(name)) continue;
    const auto done = store_again(name);
    if (done && !*done) passed_over.insert(name);
    if (done) {
      away = false;
      continue;
    }
    // One may be the others' trouble only by itself.
    if (++failures == k_most_failures) return false;
  }
  return failures == 0;
}

Result<bool> Intake::Inside::store_again(const std::string& name) {
  auto read = unstored->read(name);
  if (!read && read.error().remedy == Remedy::drop) {
    spdlog::error("kept while the database was away, and put apart: {}", read.error().message);
    unstored->set_apart(name);
    return true;
  }
  if (!read) return tl::unexpected(std::move(read).error());
  const auto known = rules(read->channel);
  if (!known) {
    spdlog::warn("kept while the database was away, and waits until channel {} is on again: {}",
                 read->channel.value(), name);
    return false;
  }
  Portion portion{std::move(read->received.posts), std::move(read->received.unreadable),
                  std::move(read->received.signals), std::nullopt, std::nullopt};
  for (std::size_t i = 0; i < portion.posts.size() && i < read->codes.size(); ++i) {
    portion.codes.try_emplace(portion.posts[i].id, read->codes[i]);
  }
  portion.told_codes = true;
  Ingested ingested;
  TRY(settle(*known, portion, ingested));
  unstored->forget(name);
  return true;
}

}  // namespace kanal
