#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace kanal {

/// How many tokens a bucket holds, and how many flow in.
struct Rate {
  double burst = 1;
  double per_hour = 1;
};

enum class Admission : std::uint8_t { admitted, peer_is_over, all_are_over };

/// Token buckets: one an address (an IPv6 network of 64 bits counts as one) or whatever else `peer`
/// names, and one for all. Keeps at most 10,000 of them. Thread-safe.
class Throttle {
 public:
  Throttle(Rate peer, Rate total) : peer_rate_(peer), total_rate_(total) {}
  /// Takes a token of both buckets, or says which is empty and takes none.
  Admission admit(std::string_view peer, Time now);
  /// How many addresses are kept.
  [[nodiscard]] std::size_t peers() const;

 private:
  struct Bucket {
    double tokens = 0;
    Time at;
  };
  static void refill(Bucket& bucket, const Rate& rate, Time now);
  void make_room(Time now);

  Rate peer_rate_;
  Rate total_rate_;
  mutable std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> peers_;
  Bucket total_{-1, {}};
};

}  // namespace kanal
