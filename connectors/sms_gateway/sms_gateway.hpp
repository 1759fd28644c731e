#pragma once

#include <memory>

#include "connectors/kind.hpp"
#include "connectors/sms_gateway/settings.hpp"
#include "connectors/unpolled.hpp"

namespace kanal::sms_gateway {

/// Text messages through somebody else's gateway: they are posted to us, and answers go out by its
/// HTTP API. Holds no state: safe wherever its Receiver is called from. `around` outlives it.
class SmsGateway final : public Unpolled,
                         public Receiver,
                         public Translator,
                         public Previewer,
                         public Probe {
 public:
  /// Reveals the secrets; `reconfigure` when one cannot be had.
  static Result<std::unique_ptr<SmsGateway>> create(Settings settings, const Surroundings& around);
  ~SmsGateway() override;

  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  [[nodiscard]] Result<Received> receive(const Delivery& delivery) const override;
  /// `raw`: method, a blank and the query on the first line, Content-Type on the second, an empty
  /// one, the body: as payloads are kept.
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  [[nodiscard]] std::vector<Appearance> preview(const Reply& reply) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Inside;
  explicit SmsGateway(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

WrongSettings wrong_settings(const Settings& settings);

}  // namespace kanal::sms_gateway
