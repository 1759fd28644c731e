#include "router/intake.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <span>
#include <thread>
#include <utility>

#include "router/counters.hpp"
#include "router/keeping.hpp"
#include "router/parting.hpp"
#include "router/settling.hpp"
#include "router/stages.hpp"
#include "router/unstored.hpp"
#include "router/waiting.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_threads = 2;

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

struct Intake::Inside {
  Store& store;
  Settling settling;
  WaitingRequests waiting;
  std::vector<std::jthread> threads;
  /// Null until it is told where. It goes first: its thread works with the others.
  std::unique_ptr<Keeping> keeping;

  Result<> take_in(const ChannelName& channel, Batch batch, std::optional<Lease> lease,
                   Ingested& into);
  void find_codes(const ChannelName& channel, Ingested& ingested);
  void run(const std::stop_token& stop);
  void serve(WaitingRequests::Group& group);
};

Intake::Intake(Store& store, const Organisation& organisation, const Clock& clock)
    : inside_(new Inside{store, {store, organisation, clock}, WaitingRequests(k_threads), {}, {}}) {
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
  inside_->settling.know(std::move(rules));
}

Result<> Intake::keep_unstored_in(const std::filesystem::path& directory, const Keys& keys) {
  auto unstored = TRY(Unstored::open(directory, keys));
  inside_->keeping =
      std::make_unique<Keeping>(std::move(unstored), inside_->settling, inside_->store);
  return {};
}

Result<> Intake::Inside::take_in(const ChannelName& channel, Batch batch,
                                 std::optional<Lease> lease, Ingested& into) {
  auto known = settling.rules(channel);
  if (!known) return fail(Remedy::reconfigure, "channel " + channel.value() + " is not declared");
  if (batch.quiet) known = std::make_shared<const ChannelRules>(for_import(*known));
  Portion portion{std::move(batch.posts), std::move(batch.unreadable), std::move(batch.signals),
                  std::nullopt, std::move(lease)};
  if (!batch.next.value.empty()) portion.next = std::move(batch.next);
  return settling.settle(*known, portion, into);
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
  if (!inside_->settling.rules(channel)) {
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
  if (keeping) {
    codes = keeping->codes_of(channel, portion.posts);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      portion.codes.try_emplace(portion.posts[i].id, codes[i]);
    }
  }
  Ingested all;
  Result<> settled;
  if (keeping && keeping->is_away()) {
    // What came before goes first: this may be about it.
    settled = fail(Remedy::retry, "others wait for the database");
  } else {
    settled = settling.settle(*settling.rules(channel), portion, all);
  }
  if (settled) find_codes(channel, all);
  // What was stored in part is told apart when it is sent again.
  const bool keeps = !settled && keeping && settled.error().remedy != Remedy::drop &&
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
      request.done(keeping->keep(channel, std::move(received), own));
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

}  // namespace kanal
