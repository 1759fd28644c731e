#include "connectors/kind.hpp"

#include "connectors/sms_gateway/sms_gateway.hpp"

namespace kanal {
namespace {

sms_gateway::Settings read_gateway(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<sms_gateway::Settings>(table, problems);
  if (problems.size() == before) {
    for (auto& [key, message] : sms_gateway::wrong_settings(settings)) {
      problems.push_back(table.problem(key, std::move(message)));
    }
  }
  return settings;
}

class SmsGatewayKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "sms_gateway"; }
  [[nodiscard]] std::string_view about() const override {
    return "Text messages by a gateway: Kannel, Twilio, Vonage, MessageBird, or any that posts "
           "them here.";
  }
  [[nodiscard]] Description settings() const override { return described<sms_gateway::Settings>(); }
  [[nodiscard]] Manner manner() const override {
    return {.length = Length::brief, .hears_itself = true};
  }
  void check(const Table& settings, Problems& problems) const override {
    read_gateway(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& /*channel*/, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_gateway(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return TRY(sms_gateway::SmsGateway::create(std::move(read_settings), around));
  }
};

}  // namespace

const Kind& sms_gateway_kind();
const Kind& sms_gateway_kind() {
  static const SmsGatewayKind kind;
  return kind;
}

}  // namespace kanal
