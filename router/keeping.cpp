#include "router/keeping.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "router/counters.hpp"

namespace kanal {

namespace {

constexpr int k_most_round_failures = 100;  ///< in a round; the next goes on behind them
constexpr std::chrono::seconds k_first_wait{1};
constexpr std::chrono::seconds k_longest_wait{5};

}  // namespace

Keeping::Keeping(std::unique_ptr<Unstored> unstored, Settling& settling, Store& store)
    : unstored_(std::move(unstored)), settling_(settling), store_(store) {
  counters().kept_on_disk = unstored_->count();
  thread_ = std::jthread([this](const std::stop_token& stop) { store_kept(stop); });
}

Keeping::~Keeping() = default;

std::vector<TrackingCode> Keeping::codes_of(const ChannelName& channel,
                                            std::span<const Post> posts) const {
  std::vector<TrackingCode> codes;
  codes.reserve(posts.size());
  for (const auto& post : posts) codes.push_back(unstored_->code_of(channel, post));
  return codes;
}

Result<Ingested> Keeping::keep(const ChannelName& channel, Received received,
                               std::span<const TrackingCode> codes) {
  Ingested ingested;
  Unstored::Kept what{channel, std::move(received), {codes.begin(), codes.end()}};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    auto& post = what.received.posts[i];
    for (auto& file : post.attachments) {
      // The store took it away and did not commit.
      const bool taken = file.bytes.empty() && file.file.empty() && !file.sha256.empty();
      if (taken) file.file = store_.attachment_file(file);
    }
    Filing filing;
    filing.id = post.id;
    filing.code = codes[i];
    filing.stored = false;
    filing.waits = true;
    ingested.filings.push_back(std::move(filing));
  }
  const bool is_first = !away_.exchange(true);
  if (auto written = unstored_->keep(what); !written) {
    if (is_first) away_ = false;
    return tl::unexpected(std::move(written).error());
  }
  counters().kept_on_disk = unstored_->count();
  if (is_first) spdlog::warn("what comes is kept on disk, as the database is away");
  { const std::scoped_lock lock(mutex_); }
  one_more_kept_.notify_all();
  return ingested;
}

void Keeping::store_kept(const std::stop_token& stop) {
  auto wait = k_first_wait;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      one_more_kept_.wait(lock, stop, [&] { return unstored_->count() > passed_over_.size(); });
      one_more_kept_.wait_for(lock, stop, wait, [] { return false; });
    }
    if (stop.stop_requested()) return;
    wait = store_all(stop) ? k_first_wait : std::min(2 * wait, k_longest_wait);
    if (unstored_->count() == 0) {
      spdlog::info("what was kept on disk while the database was away is stored");
    }
  }
}

// What fails by itself holds up none of the others, nor what comes once all have been tried: that
// may be about them.
bool Keeping::store_all(const std::stop_token& stop) {
  auto names = unstored_->names();
  std::ranges::rotate(names, std::ranges::upper_bound(names, tried_last_));
  int failures = 0;
  for (const auto& name : names) {
    if (stop.stop_requested()) return false;
    if (passed_over_.contains(name)) continue;
    const auto done = store_again(name);
    counters().kept_on_disk = unstored_->count();
    if (!done) {
      log_failure(name, done.error());
      if (!store_.channels()) return false;
      tried_last_ = name;
      if (++failures == k_most_round_failures) return false;
    } else if (*done == Outcome::passed_over) {
      passed_over_.insert(name);
    } else {
      failing_.erase(name);
    }
  }
  tried_last_.clear();
  const auto is_tried = [&](const std::string& name) {
    return failing_.contains(name) || passed_over_.contains(name);
  };
  if (std::ranges::all_of(unstored_->names(), is_tried)) away_ = false;
  return failures == 0;
}

void Keeping::log_failure(const std::string& name, const Error& error) {
  if (!failing_.insert(name).second) return;
  spdlog::warn("kept while the database was away, and not stored yet: {}: {}", name, error.message);
}

Result<Keeping::Outcome> Keeping::store_again(const std::string& name) {
  auto read = unstored_->read(name);
  if (!read && read.error().remedy == Remedy::drop) {
    spdlog::error("kept while the database was away, and put apart: {}", read.error().message);
    unstored_->set_apart(name);
    return Outcome::apart;
  }
  if (!read) return tl::unexpected(std::move(read).error());
  const auto known = settling_.rules(read->channel);
  if (!known) {
    spdlog::warn("kept while the database was away, and waits until channel {} is on again: {}",
                 read->channel.value(), name);
    return Outcome::passed_over;
  }
  Portion portion{std::move(read->received.posts), std::move(read->received.unreadable),
                  std::move(read->received.signals), std::nullopt, std::nullopt};
  for (std::size_t i = 0; i < portion.posts.size() && i < read->codes.size(); ++i) {
    portion.codes.try_emplace(portion.posts[i].id, read->codes[i]);
  }
  portion.told_codes = true;
  Ingested ingested;
  TRY(settling_.settle(*known, portion, ingested));
  unstored_->forget(name);
  return Outcome::stored;
}

}  // namespace kanal
