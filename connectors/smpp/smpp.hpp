#pragma once

#include <memory>

#include "connectors/kind.hpp"
#include "connectors/smpp/settings.hpp"
#include "net/pipe.hpp"

namespace kanal::smpp {

/// An operator's SMSC as a channel, over SMPP 3.4. Holds its sessions between calls and serves them
/// only within calls: it must be polled about as often as they are to be kept alive. A deliver_sm
/// is answered only when `committed` says that it is stored. `around` outlives it.
class Smpp final : public Connector, public Translator, public Previewer, public Probe {
 public:
  Smpp(ChannelName channel, Settings settings, const Surroundings& around,
       std::unique_ptr<Dialer> dialer);
  ~Smpp() override;

  Result<Batch> poll(const Cursor& since, Budget budget) override;
  Result<> committed(const Batch& batch) override;
  void rest() override;
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  /// `raw`: units in hex, blanks between; all parts of one message make one post.
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  [[nodiscard]] std::vector<Appearance> preview(const Reply& reply) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal::smpp
