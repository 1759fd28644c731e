#include "connectors/kind_of.hpp"
#include "connectors/smpp/smpp.hpp"

namespace kanal {

const Kind& smpp_kind() {
  static const KindOf<smpp::Settings> kind({
      .name = "smpp",
      .about = "Text messages by an operator's SMSC, over SMPP 3.4.",
      .title_id = "SMS",
      .manner = {.length = Length::brief, .hears_itself = true},
      .make =
          [](const ChannelName& channel, smpp::Settings settings, const Surroundings& around) {
            return std::make_unique<smpp::Smpp>(channel, std::move(settings), around,
                                                make_dialer());
          },
  });
  return kind;
}

}  // namespace kanal
