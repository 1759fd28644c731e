#include "router/timers.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/count.hpp"
#include "router/counters.hpp"

namespace kanal {

struct Timers::Inside {
  Casework& casework;
  Store& store;
  const Clock& clock;
  std::chrono::milliseconds every;
  AlarmLimits limits;
  std::mutex mutex;
  std::condition_variable_any changed;
  bool woken = false;
  std::set<std::pair<ChannelName, Alarm::Kind>> standing;
  std::set<Alarm::Kind> own_standing;
  Time next_sweep{};
  Time next_advice{};
  std::jthread thread;

  void run(const std::stop_token& stop);
  void watch();
  std::chrono::steady_clock::duration index();
  void sweep();
  void advise(const std::stop_token& stop);
  bool was_woken();
};

bool Timers::Inside::was_woken() {
  const std::scoped_lock lock(mutex);
  return std::exchange(woken, false);
}

// Only what a crash has left behind is found, so a part of the files an hour is enough; which one
// goes by the clock, so that a bridge that is often started comes by all.
void Timers::Inside::sweep() {
  constexpr std::chrono::hours k_hour{1};
  constexpr std::chrono::hours k_day{24};
  const auto now = clock.now();
  if (now < next_sweep) return;
  next_sweep = now + k_hour;
  const auto swept =
      store.sweep_attachments(k_day, static_cast<std::uint64_t>(now.time_since_epoch() / k_hour));
  if (!swept) {
    spdlog::warn("timers: attachments: {}", swept.error().message);
  } else if (*swept > 0) {
    spdlog::info("timers: removed, as no post names them: {}", count_of(*swept, "attachment"));
  }
  const auto forgotten = store.forget_receipts();
  if (!forgotten) spdlog::warn("timers: receipts: {}", forgotten.error().message);
}

void Timers::Inside::advise(const std::stop_token& stop) {
  if (clock.now() < next_advice) return;
  const auto advised = casework.advise_unsolved(stop);
  const bool more = advised && *advised >= Casework::k_most_moved;
  if (!more) next_advice = clock.now() + std::chrono::hours(1);
  if (!advised) {
    ++counters().timer_errors;
    spdlog::warn("timers: advice: {}", advised.error().message);
  } else if (*advised > 0) {
    spdlog::info("timers: told of the Ombudsman: {}", count_of(*advised, "reporter"));
  }
}

// One lot; how long the index of words may be left alone then. Where much comes in it takes a
// quarter of one session's time, and what has just come must not wait for a turn to be found.
std::chrono::steady_clock::duration Timers::Inside::index() {
  constexpr std::size_t k_large_lot = 1000;
  constexpr std::chrono::seconds k_again{2};
  const auto began = std::chrono::steady_clock::now();
  const auto lot = store.index_words();
  if (!lot) {
    ++counters().timer_errors;
    spdlog::warn("timers: the index of words: {}", lot.error().message);
    return every;
  }
  if (*lot == 0) return every;
  return *lot < k_large_lot ? k_again : 3 * (std::chrono::steady_clock::now() - began);
}

void Timers::Inside::watch() {
  const auto channels = store.channels();
  if (!channels) return;
  std::set<std::pair<ChannelName, Alarm::Kind>> now_raised;
  for (auto& alarm : alarms(*channels, clock.now(), limits)) {
    const std::pair key{alarm.channel, alarm.kind};
    if (!standing.contains(key)) {
      spdlog::warn("channel {}: {}", alarm.channel.value(), alarm.message);
    }
    now_raised.insert(key);
  }
  std::set<Alarm::Kind> own_raised;
  for (const auto& alarm : own_alarms(clock.now(), limits)) {
    own_raised.insert(alarm.kind);
    if (!own_standing.contains(alarm.kind)) spdlog::warn("{}", alarm.message);
  }
  own_standing = std::move(own_raised);
  counters().certificate_ends = own_standing.contains(Alarm::Kind::credential_ends);
  for (const auto& channel : *channels) {
    auto& standing_now = counters().channel(channel.name).alarms;
    for (std::size_t kind = 0; kind < standing_now.size(); ++kind) {
      standing_now[kind] = now_raised.contains({channel.name, static_cast<Alarm::Kind>(kind)});
    }
  }
  standing = std::move(now_raised);
}

void Timers::Inside::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto moved = casework.run_timers(stop);
    const bool more = moved && *moved >= Casework::k_most_moved;
    if (moved) {
      counters().timers_moved += static_cast<std::uint64_t>(*moved);
      if (*moved > 0) spdlog::info("timers: {} moved", count_of(*moved, "report"));
    } else {
      ++counters().timer_errors;
      spdlog::warn("timers: {}", moved.error().message);
    }
    watch();
    sweep();
    advise(stop);
    if (stop.stop_requested()) return;
    const auto rests = more ? std::chrono::milliseconds(0) : every;
    const auto next_turn = std::chrono::steady_clock::now() + rests;
    do {
      const auto rest = index();
      const auto rest_until = std::chrono::steady_clock::now() + rest;
      std::unique_lock lock(mutex);
      changed.wait_until(lock, stop, std::min(next_turn, rest_until), [&] { return woken; });
    } while (!stop.stop_requested() && !was_woken() &&
             std::chrono::steady_clock::now() < next_turn);
  }
}

Timers::Timers(Casework& casework, Store& store, const Clock& clock,
               std::chrono::milliseconds every, AlarmLimits limits)
    : inside_(
          new Inside{casework, store, clock, every, limits, {}, {}, false, {}, {}, {}, {}, {}}) {
  inside_->thread =
      std::jthread([inside = inside_.get()](const std::stop_token& stop) { inside->run(stop); });
}

Timers::~Timers() = default;

void Timers::wake() {
  {
    std::scoped_lock lock(inside_->mutex);
    inside_->woken = true;
  }
  inside_->changed.notify_all();
}

}  // namespace kanal
