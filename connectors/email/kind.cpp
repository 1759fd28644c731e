#include "connectors/email/email.hpp"
#include "connectors/kind_of.hpp"

namespace kanal {

const Kind& email_kind() {
  static const KindOf<email::Settings> kind({
      .name = "email",
      .about = "A mailbox, read by IMAP and answered by SMTP.",
      .title_id = "Surel",
      .title_en = "Email",
      .manner = {.sender_ids = true, .hears_itself = true, .handing = Handing::writes},
      .wrong = email::wrong_settings,
      .make =
          [](const ChannelName& channel, email::Settings settings, const Surroundings& around) {
            return std::make_unique<email::Email>(channel, std::move(settings), around);
          },
  });
  return kind;
}

}  // namespace kanal
