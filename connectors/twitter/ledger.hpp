#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "connectors/twitter/settings.hpp"
#include "core/clock.hpp"
#include "core/usage.hpp"
#include "net/http_client.hpp"

namespace kanal::twitter {

/// What was used up in a day and a month (UTC), as a channel carries it in its cursor.
struct Spent {
  std::int64_t day = 0;    ///< days since 1970
  std::int64_t month = 0;  ///< months since year 0
  std::int64_t reads_today = 0;
  std::int64_t reads_this_month = 0;
  std::int64_t posts_today = 0;
  std::int64_t posts_this_month = 0;
  std::int64_t microdollars_this_month = 0;
  std::int64_t rechecks_today = 0;  ///< of the reads
  std::int64_t microdollars_today = 0;
  friend bool operator==(const Spent&, const Spent&) = default;
};

/// Sets back what belongs to an earlier day or month.
Spent as_of(Spent spent, Time now);

/// How reading should go on.
struct Plan {
  std::chrono::milliseconds pace{0};  ///< least time between two looks
  std::int64_t most_reads = 0;        ///< in the next look
  bool searches = true;               ///< false: what is left is kept for mentions
  std::string dry;                    ///< why nothing may be read before `until`; empty: it may
  Time until;
};

/// Less than this is not worth a look: X gives out no smaller page.
inline constexpr std::int64_t k_least_page = 5;

/// How many stored posts may be asked after now: what mentions may need comes first. Pure.
std::int64_t plan_rechecks(const Spent& spent, const Caps& caps, double price_usd, Time now);

/// Stretches polling so that the caps last to the end of the day and the month: while less has been
/// used than the time that has passed allows, the pace is `usual`. `price_usd`: of one that is
/// read. Pure.
Plan plan_reading(const Spent& spent, const Caps& caps, std::chrono::milliseconds usual,
                  double price_usd, Time now);
/// How many of this price may be read at all now. Pure.
std::int64_t room_for_reads(const Spent& spent, const Caps& caps, double price_usd, Time now);

/// Why no answer may be sent now, and until when; nothing: it may.
struct Pause {
  std::string why;
  Time until;
  bool of_this_alone = false;  ///< what costs less may go
};
std::optional<Pause> pause_of_sending(const Spent& spent, const Caps& caps, double price_usd,
                                      Time now);

/// What stands against the caps, and when each of them starts anew.
std::vector<Meter> meters_of(const Spent& spent, const Caps& caps, Time now);

/// The account of one credential: rate limits by endpoint as the headers tell them, and what all
/// of its channels have used. Safe from any thread.
class Ledger {
 public:
  /// The credential's own ledger. Shared, because channels that use one credential share its
  /// limits, come and go, and know nothing of each other.
  static std::shared_ptr<Ledger> of(const std::string& credential);

  /// What the channel had used when it last ran. Doing it again changes nothing.
  void adopt(const std::string& channel, const Spent& spent, Time now);
  /// How many of them X bills: each once in a day (UTC), however often it is read.
  std::int64_t count_reads(const std::string& channel, std::span<const std::uint64_t> ids,
                           double price_usd, Time now);
  void count_rechecks(const std::string& channel, std::int64_t count, Time now);
  void count_post(const std::string& channel, double price_usd, Time now);
  [[nodiscard]] Spent of_channel(const std::string& channel, Time now) const;
  [[nodiscard]] Spent total(Time now) const;

  /// Takes x-rate-limit-*, x-app-limit-24hour-* and x-user-limit-24hour-* down.
  void note_limits(std::string_view endpoint, const HttpReply& reply, Time now);
  /// Until when the endpoint must not be called; nothing: it may be.
  [[nodiscard]] std::optional<Time> closed_until(std::string_view endpoint, Time now) const;
  /// Calls left in the endpoint's window, as last told.
  [[nodiscard]] std::optional<std::int64_t> calls_left(std::string_view endpoint, Time now) const;
  /// The windows that are open, by endpoint.
  [[nodiscard]] std::vector<Meter> windows(Time now) const;
  /// Those of the credential besides this one, in words; empty: none.
  [[nodiscard]] std::string others(const std::string& channel) const;

 private:
  struct Window {
    std::int64_t left = 0;
    Time resets;
    std::int64_t most = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Spent> channels_;
  std::map<std::string, Window, std::less<>> windows_;
  std::int64_t read_day_ = 0;
  std::unordered_set<std::uint64_t> read_;  ///< on that day
};

}  // namespace kanal::twitter
