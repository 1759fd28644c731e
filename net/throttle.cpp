#include "net/throttle.hpp"

#include <algorithm>
#include <chrono>

#include "net/address.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_most_peers = 10'000;

}  // namespace

void Throttle::refill(Bucket& bucket, const Rate& rate, Time now) {
  if (bucket.at == Time{}) {
    bucket = {rate.burst, now};
    return;
  }
  const std::chrono::duration<double, std::ratio<3600>> hours = now - bucket.at;
  bucket.tokens =
      std::min(rate.burst, bucket.tokens + std::max(0.0, hours.count()) * rate.per_hour);
  bucket.at = std::max(bucket.at, now);
}

void Throttle::make_room(Time now) {
  if (peers_.size() < k_most_peers) return;
  std::erase_if(peers_, [&](const auto& entry) {
    auto bucket = entry.second;
    refill(bucket, peer_rate_, now);
    return bucket.tokens >= peer_rate_.burst;
  });
  if (peers_.size() >= k_most_peers) peers_.erase(peers_.begin());
}

// An empty bucket of all is asked first, so that a flood from many addresses costs no room.
Admission Throttle::admit(std::string_view peer, Time now) {
  const std::scoped_lock lock(mutex_);
  refill(total_, total_rate_, now);
  if (total_.tokens < 1) return Admission::all_are_over;
  const auto whose = customer_of(peer);
  if (!peers_.contains(whose)) make_room(now);
  auto& own = peers_[whose];
  refill(own, peer_rate_, now);
  if (own.tokens < 1) return Admission::peer_is_over;
  own.tokens -= 1;
  total_.tokens -= 1;
  return Admission::admitted;
}

std::size_t Throttle::peers() const {
  const std::scoped_lock lock(mutex_);
  return peers_.size();
}

}  // namespace kanal
