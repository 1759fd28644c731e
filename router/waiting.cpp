#include "router/waiting.hpp"

#include <algorithm>

#include "router/parting.hpp"

namespace kanal {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t k_most_waiting = 4096;
constexpr std::size_t k_most_posts_together = 300;
constexpr std::size_t k_least_apart = 16;  ///< fewer cost more apart than together
constexpr std::size_t k_most_looked_at = 512;
constexpr std::chrono::milliseconds k_linger{2};
constexpr std::chrono::milliseconds k_just_finished{20};

std::vector<std::string> names_of_all(const Received& received) {
  std::vector<std::string> names;
  for (const auto& post : received.posts) {
    for (auto& name : names_of(post)) names.push_back(std::move(name));
  }
  for (const auto& signal : received.signals) names.push_back(name_of(signal.subject));
  return names;
}

bool share_one(const std::unordered_set<std::string>& some, const std::vector<std::string>& names) {
  return !some.empty() &&
         std::ranges::any_of(names, [&](const auto& name) { return some.contains(name); });
}

}  // namespace

bool WaitingRequests::add(IntakeRequest& request) {
  auto names = names_of_all(request.received);
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= k_most_waiting) return false;
    ++channels_[request.channel].waiting;
    waiting_.push_back({std::move(request), std::move(names)});
  }
  // Who lingers for others of its channel takes no other's; one alone might be just that one.
  changed_.notify_all();
  return true;
}

bool WaitingRequests::is_free(const Waiting& waiting) const {
  return !share_one(channels_.at(waiting.request.channel).out, waiting.names);
}

const WaitingRequests::Waiting* WaitingRequests::first_free() const {
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), k_most_looked_at));
  const auto found =
      std::find_if(waiting_.begin(), end, [&](const Waiting& each) { return is_free(each); });
  return found == end ? nullptr : &*found;
}

// Of all that are there or out, so that none waits for one large commit while others are idle.
std::size_t WaitingRequests::share(const Channel& channel) const {
  const auto all = channel.requests_out + channel.waiting;
  return std::max(k_least_apart, (all + workers_ - 1) / workers_);
}

std::optional<WaitingRequests::Group> WaitingRequests::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, stop, [&] { return first_free() != nullptr; });
    const auto* first = first_free();
    if (first == nullptr) {
      if (waiting_.empty()) return std::nullopt;
      // What is still out holds them up.
      changed_.wait(lock, [&] { return waiting_.empty() || first_free() != nullptr; });
      continue;
    }
    const auto name = first->request.channel;
    auto& channel = channels_.at(name);
    // Who is not alone, or was not just now, will not be for the next moment either.
    const auto enough = [&] {
      return channel.waiting >= std::min(std::max(channel.last, k_least_apart), share(channel));
    };
    const bool just_now = steady_clock::now() - channel.finished < k_just_finished;
    const bool alone = channel.waiting == 1 && (channel.last <= 1 || !just_now);
    if (!alone && !enough() && !stop.stop_requested()) {
      changed_.wait_for(lock, stop, k_linger, enough);
    }
    auto group = take(name, channel);
    if (!group.requests.empty()) return group;
    // Another took them, or they are tied to one that must wait.
    changed_.wait_for(lock, k_linger);
  }
}

// Whoever is tied to one that must wait waits behind it.
WaitingRequests::Group WaitingRequests::take(const ChannelName& name, Channel& channel) {
  Group group{name, {}, {}};
  const auto most = share(channel);
  std::unordered_set<std::string> behind;
  std::deque<Waiting> rest;
  std::size_t posts = 0;
  std::size_t looked_at = 0;
  for (auto& each : waiting_) {
    const bool fits = ++looked_at <= k_most_looked_at && each.request.channel == name &&
                      group.requests.size() < most && posts < k_most_posts_together &&
                      !share_one(channel.out, each.names) && !share_one(behind, each.names);
    if (!fits) {
      if (each.request.channel == name) behind.insert(each.names.begin(), each.names.end());
      rest.push_back(std::move(each));
      continue;
    }
    posts += each.request.received.posts.size() + 1;
    group.requests.push_back(std::move(each.request));
    std::ranges::move(each.names, std::back_inserter(group.names));
  }
  waiting_ = std::move(rest);
  channel.waiting -= group.requests.size();
  channel.requests_out += group.requests.size();
  channel.out.insert(group.names.begin(), group.names.end());
  return group;
}

void WaitingRequests::finished(const Group& group) {
  {
    const std::scoped_lock lock(mutex_);
    auto& channel = channels_.at(group.channel);
    for (const auto& name : group.names) channel.out.erase(name);
    channel.requests_out -= group.requests.size();
    channel.last = group.requests.size();
    channel.finished = steady_clock::now();
  }
  changed_.notify_all();
}

}  // namespace kanal
