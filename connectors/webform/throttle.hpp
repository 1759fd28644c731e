#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace kanal::webform {

/// How many tokens a bucket holds, and how many flow in.
struct Rate {
  double burst = 1;
  double per_hour = 1;
};

/// Token buckets: one an address (an IPv6 network of 64 bits counts as one) and one for all. Keeps
/// at most 10,000 addresses. Thread-safe.
class Throttle {
 public:
  Throttle(Rate peer, Rate total) : peer_rate_(peer), total_rate_(total) {}
  /// Takes a token, or says false and takes none.
  bool admit(std::string_view peer, Time now);

 private:
  struct Bucket {
    double tokens = 0;
    Time at;
  };
  static void refill(Bucket& bucket, const Rate& rate, Time now);
  void make_room(Time now);

  Rate peer_rate_;
  Rate total_rate_;
  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> peers_;
  Bucket total_{-1, {}};
};

}  // namespace kanal::webform
