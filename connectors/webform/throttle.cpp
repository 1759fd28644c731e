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
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  // RFC 4291 §2.5.5.2: an address of IPv4 in the clothes of IPv6.
  static constexpr std::array<unsigned char, 12> k_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(k_mapped.begin(), k_mapped.end(), bytes.begin())) {
    std::string plain(INET_ADDRSTRLEN, '\0');
    inet_ntop(AF_INET, bytes.data() + k_mapped.size(), plain.data(), INET_ADDRSTRLEN);
    plain.resize(plain.find('\0'));
    return plain;
  }
  return {bytes.begin(), bytes.begin() + 8};
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

// An empty bucket of all is asked first, so that a flood from many addresses costs no room.
Admission Throttle::admit(std::string_view peer, Time now) {
  const std::scoped_lock lock(mutex_);
  refill(total_, total_rate_, now);
  if (total_.tokens < 1) return Admission::all_are_over;
  const auto network = network_of(peer);
  if (!peers_.contains(network)) make_room(now);
  auto& own = peers_[network];
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

}  // namespace kanal::webform
