#include "connectors/kind.hpp"

#include "connectors/far_system.hpp"
#include "connectors/webhook/webhook.hpp"

namespace kanal {
namespace {

webhook::Settings read_webhook(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<webhook::Settings>(table, problems);
  if (problems.size() == before) {
    check_far_url(table, settings, problems);
  }
  return settings;
}

class WebhookKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "webhook"; }
  [[nodiscard]] std::string_view about() const override {
    return "Another system, by signed requests both ways (Standard Webhooks).";
  }
  [[nodiscard]] Description settings() const override { return described<webhook::Settings>(); }
  void check(const Table& settings, Problems& problems) const override {
    read_webhook(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_webhook(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return TRY(webhook::Webhook::create(channel, std::move(read_settings), around));
  }
};

}  // namespace

const Kind& webhook_kind();
const Kind& webhook_kind() {
  static const WebhookKind kind;
  return kind;
}

}  // namespace kanal
