#include "connectors/kind_of.hpp"
#include "connectors/sms_gateway/sms_gateway.hpp"

namespace kanal {

const Kind& sms_gateway_kind() {
  static const KindOf<sms_gateway::Settings> kind({
      .name = "sms_gateway",
      .about = "Text messages by a gateway: Kannel, Twilio, Vonage, MessageBird, or any that posts "
               "them here.",
      .title_id = "SMS",
      .manner = {.length = Length::brief, .hears_itself = true},
      .wrong = sms_gateway::wrong_settings,
      .make =
          [](const ChannelName& /*channel*/, sms_gateway::Settings settings,
             const Surroundings& around) {
            return sms_gateway::SmsGateway::create(std::move(settings), around);
          },
  });
  return kind;
}

}  // namespace kanal
