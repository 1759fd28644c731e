#include "connectors/webform/throttle.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>

namespace kanal::webform {
namespace {

constexpr std::size_t k_most_peers = 10'000;

std::string network_of(std::string_view peer) {
  std::array<unsigned char, 16> bytes{};
  const std::string text(peer);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return {bytes.begin(), bytes.begin() + 8};
  }
  return text;
}

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

bool Throttle::admit(std::string_view peer, Time now) {
  const std::scoped_lock lock(mutex_);
  const auto network = network_of(peer);
  if (!peers_.contains(network)) make_room(now);
  auto& own = peers_[network];
  refill(own, peer_rate_, now);
  refill(total_, total_rate_, now);
  if (own.tokens < 1 || total_.tokens < 1) return false;
  own.tokens -= 1;
  total_.tokens -= 1;
  return true;
}

}  // namespace kanal::webform
