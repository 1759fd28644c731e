#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/kind.hpp"
#include "connectors/repeater.hpp"
#include "connectors/unpolled.hpp"
#include "connectors/webhook/settings.hpp"

namespace kanal::webhook {

/// Another system as a channel: it is posted replies and reports that are handed over, and posts
/// complaints and an office's answers to /in/{channel}. `around` outlives it.
class Webhook final : public Unpolled,
                      public Repeater,
                      public Receiver,
                      public Translator,
                      public Explainer,
                      public Probe {
 public:
  static Result<std::unique_ptr<Webhook>> create(ChannelName channel, Settings settings,
                                                 const Surroundings& around);

  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  [[nodiscard]] Result<Received> receive(const Delivery& delivery) const override;
  /// Files come within a message.
  [[nodiscard]] std::uint64_t most_body_bytes() const override { return 12U << 20U; }
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  [[nodiscard]] std::vector<FieldNote> explain(std::string_view raw) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  Webhook(ChannelName channel, Settings settings, const Surroundings& around)
      : channel_(std::move(channel)), settings_(std::move(settings)), around_(around) {}
  [[nodiscard]] Result<Receipt> deliver(std::string_view id, const std::string& body) const;

  ChannelName channel_;
  Settings settings_;
  const Surroundings& around_;
  std::vector<std::string> secrets_;  ///< the first signs
};

}  // namespace kanal::webhook
