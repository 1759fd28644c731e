#include "web/console/live.hpp"

#include <algorithm>
#include <iterator>

namespace kanal::console {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t k_most_readers = 512;
constexpr std::ptrdiff_t k_most_of_an_officer = 8;
constexpr std::chrono::minutes k_longest_stay{10};

}  // namespace

Live::Live(std::chrono::milliseconds between)
    : between_(between), thread_([this](const std::stop_token& stop) { work(stop); }) {}

bool Live::has_room(OfficerId officer) {
  std::vector<Reader> gone;  // let go of outside the lock
  const std::scoped_lock lock(mutex_);
  const auto closed =
      std::ranges::partition(readers_, [](const auto& reader) { return reader.stream->is_open(); });
  std::ranges::move(closed, std::back_inserter(gone));
  readers_.erase(closed.begin(), closed.end());
  return fits(officer);
}

void Live::add(OfficerId officer, std::shared_ptr<EventStream> reader) {
  const std::scoped_lock lock(mutex_);
  if (fits(officer)) readers_.push_back({officer, std::move(reader), steady_clock::now()});
}

bool Live::fits(OfficerId officer) const {
  return readers_.size() < k_most_readers &&
         std::ranges::count(readers_, officer, &Reader::officer) < k_most_of_an_officer;
}

void Live::touch() {
  {
    const std::scoped_lock lock(mutex_);
    touched_ = true;
  }
  changed_.notify_all();
}

void Live::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<Reader> gone;  // let go of outside the lock
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return touched_; })) return;
      touched_ = false;
      const auto oldest = steady_clock::now() - k_longest_stay;
      std::vector<Reader> staying;
      for (auto& reader : readers_) {
        const bool stays = reader.stream->push("change", "") && reader.since > oldest;
        (stays ? staying : gone).push_back(std::move(reader));
      }
      readers_ = std::move(staying);
    }
    gone.clear();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, between_, [] { return false; });
  }
}

}  // namespace kanal::console
