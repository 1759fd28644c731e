#pragma once

#include <memory>

#include "connectors/email/settings.hpp"
#include "connectors/kind.hpp"

namespace kanal::email {

/// A mailbox as a channel: read by IMAP, answered by SMTP. Keeps its sessions open between calls;
/// losing one loses nothing but time. `around` outlives it.
class Email final : public Connector, public Backfill, public Translator, public Probe {
 public:
  Email(ChannelName channel, Settings settings, const Surroundings& around);
  ~Email() override;

  Result<Batch> poll(const Cursor& since, Budget budget) override;
  Result<> committed(const Batch& batch) override;
  Result<Batch> backfill(const Stretch& stretch, const Cursor& since, Budget budget) override;
  void rest() override;
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal::email
