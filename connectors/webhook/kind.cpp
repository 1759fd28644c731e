#include "connectors/kind_of.hpp"
#include "connectors/webhook/webhook.hpp"

namespace kanal {

const Kind& webhook_kind() {
  static const KindOf<webhook::Settings> kind({
      .name = "webhook",
      .about = "Another system, by signed requests both ways (Standard Webhooks).",
      .title_id = "Sistem lain",
      .title_en = "Another system",
      .manner = {.handing = Handing::writes},
      .needed_to_send = [](const webhook::Settings& settings) -> std::string_view {
        return settings.url.empty() ? "url" : "";
      },
      .wrong =
          [](const webhook::Settings& settings) {
            return settings.url.empty() ? WrongSettings() : wrong_far_system(settings);
          },
      .make = webhook::Webhook::create,
  });
  return kind;
}

}  // namespace kanal
