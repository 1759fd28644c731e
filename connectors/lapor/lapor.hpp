#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kind.hpp"
#include "connectors/lapor/settings.hpp"
#include "connectors/unpolled.hpp"

namespace kanal::lapor {

/// A system with the API of SP4N-LAPOR! v3: reports that are handed over are made complaints there,
/// and what becomes of them is asked for. `around` outlives it.
class Lapor final : public Unpolled,
                    public Follower,
                    public Paced,
                    public Translator,
                    public Probe {
 public:
  static Result<std::unique_ptr<Lapor>> create(ChannelName channel, Settings settings,
                                               const Surroundings& around);

  [[nodiscard]] std::optional<std::chrono::milliseconds> rests_for() const override;
  Result<Batch> follow(std::span<const Outstanding> sent, const Cursor& since,
                       Budget budget) override;
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Turn;  ///< one round of questions
  Lapor(ChannelName channel, Settings settings, const Surroundings& around)
      : channel_(std::move(channel)), settings_(std::move(settings)), around_(around) {}
  [[nodiscard]] HttpCall call_to(std::string_view resource) const;
  [[nodiscard]] Result<std::string> get(std::string_view resource) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> upload(const Reply& reply) const;
  [[nodiscard]] Result<Receipt> deliver(const Reply& reply) const;
  Result<> ask_about(const Outstanding& sent, Turn& turn) const;

  ChannelName channel_;
  Settings settings_;
  const Surroundings& around_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::optional<Time> ask_at_;
  std::size_t next_ = 0;  ///< where the next turn begins among what was sent
};

}  // namespace kanal::lapor
