#include "connectors/kind_of.hpp"
#include "connectors/webhook/webhook.hpp"

namespace kanal {

const Kind& webhook_kind() {
  static const KindOf<webhook::Settings> kind({
      .name = "webhook",
      .about = "Another system, by signed requests both ways (Standard Webhooks).",
      .wrong = wrong_far_system,
      .make = webhook::Webhook::create,
  });
  return kind;
}

}  // namespace kanal
