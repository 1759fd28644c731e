#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/quiet_hours.hpp"
#include "store/store.hpp"

namespace kanal {

/// Waiting times that double from `least` to `most`, shortened at random by up to a half so that
/// many who failed together do not come back together.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds least, std::chrono::milliseconds most, std::uint64_t seed)
      : least_(least), most_(most), random_(seed) {}
  /// After the `failures`th failure in a row, counted from 1.
  std::chrono::milliseconds after(int failures);

 private:
  std::chrono::milliseconds least_;
  std::chrono::milliseconds most_;
  std::mt19937_64 random_;
};

/// Where reports that are handed over to an office go by this channel now; nothing: they no longer
/// do.
using OfficeAddress = std::function<std::optional<std::string>(const HandedTo&)>;

/// What is written to a reply that had gone out without our knowing, in place of its trouble.
inline constexpr std::string_view k_found_there = "found at the far side";

struct OutboxOptions {
  int most_at_once = 10;
  int most_attempts = 10;
  /// A message to an office is tried for so long, however often that is: no citizen asks after it.
  std::chrono::hours office_patience{7 * 24};
  /// How long those that were taken up together may go on being begun one after another, and how
  /// long it is until they are doubtful; what the slowest takes must fit in between.
  std::chrono::milliseconds begin{300'000};
  std::chrono::milliseconds claim{1'500'000};
  std::chrono::milliseconds least_backoff{30'000};
  std::chrono::milliseconds most_backoff{6L * 3600 * 1000};
  std::chrono::milliseconds ask_again{
      300'000};  ///< at least, between questions about doubtful ones
  std::chrono::milliseconds look_again{10'000};  ///< between looks for those of lost senders
  std::uint64_t seed = 1;
  std::optional<QuietHours> quiet;  ///< when only those are answered who have just written
  OfficeAddress office_address;     ///< none: where the message was owed to
};

/// How a turn went. `trouble`: the channel as a whole must wait or be mended.
struct OutboxTurn {
  std::size_t claimed = 0;
  std::size_t sent = 0;
  bool more = false;
  std::optional<Error> trouble;
};

/// Sends what one channel owes: claim, send, settle. A reply that may have gone out is asked about
/// if the connector can find out, for three days and more and more seldom, sent once more if the
/// far side knows it again, and never by itself otherwise. For one thread.
class Outbox {
 public:
  Outbox(Store& store, Connector& connector, const Clock& clock, ChannelName channel,
         std::string node, OutboxOptions options);
  /// One round. The error: the store could not be asked; nothing is lost by it.
  Result<OutboxTurn> turn();

 private:
  Result<> look_at_doubtful();
  Result<> ask_about_doubtful(Time now);
  Result<> settle();
  [[nodiscard]] std::vector<Result<Receipt>> send(std::span<const Reply> replies);
  [[nodiscard]] Settlement settled(const Reply& reply, const Result<Receipt>& result, int attempts,
                                   OutboxTurn& turn);
  [[nodiscard]] Settlement asked(const Reply& reply, std::string_view why, int attempts);
  [[nodiscard]] Result<std::optional<Receipt>> confirm(const Reply& reply);
  [[nodiscard]] Settlement found_out(const Reply& reply,
                                     const Result<std::optional<Receipt>>& answer,
                                     std::string_view why, int attempts);
  [[nodiscard]] bool is_worth_asking(const OutboxRecord& record, Time now) const;
  [[nodiscard]] Settlement again(const Reply& reply, std::string_view why, int attempts);
  [[nodiscard]] std::optional<Settlement> kept_back(Reply& reply) const;
  [[nodiscard]] std::vector<int> attempts_of(std::span<const Reply> replies);

  Store& store_;
  Connector& connector_;
  Confirmer* confirmer_;
  bool repeats_;  ///< what may have gone out is sent once more
  const Clock& clock_;
  ChannelName channel_;
  std::string node_;
  bool fresh_ = true;  ///< nothing claimed under this name is being sent by us
  OutboxOptions options_;
  Backoff backoff_;
  std::vector<Settlement> unsettled_;  ///< that the store could not be told yet
  std::optional<Time> asked_at_;
  OutboxId asked_from_;  ///< those before it are asked for next; none: the newest
  std::map<OutboxId, Time> last_asked_;
  std::optional<Time> looked_at_;
};

}  // namespace kanal
