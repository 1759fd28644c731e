#include "connectors/webhook/webhook.hpp"

#include <algorithm>

#include "connectors/far_system.hpp"
#include "connectors/send_each.hpp"
#include "connectors/standard_webhook.hpp"
#include "connectors/webhook/messages.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::webhook {
namespace {

constexpr std::size_t k_most_answer_bytes = 64U << 10U;

}  // namespace

Result<std::unique_ptr<Webhook>> Webhook::create(ChannelName channel, Settings settings,
                                                 const Surroundings& around) {
  std::unique_ptr<Webhook> made(new Webhook(std::move(channel), std::move(settings), around));
  made->secrets_ = TRY(reveal_secrets(made->settings_, around.keys));
  for (const auto& secret : made->secrets_) TRY(check_standard_secret(secret));
  return made;
}

Result<Receipt> Webhook::deliver(std::string_view id, const std::string& body) const {
  if (settings_.url.empty()) return fail(Remedy::reconfigure, "there is no url to send to");
  auto call = call_to(settings_, settings_.url, k_most_answer_bytes);
  call.method = "POST";
  call.body = body;
  const auto at = std::to_string(
      std::chrono::floor<std::chrono::seconds>(around_.clock.now()).time_since_epoch().count());
  // The standard keeps the dot for itself.
  std::string plain(id);
  std::ranges::replace(plain, '.', '-');
  call.headers = {{"Content-Type", "application/json"},
                  {"webhook-id", plain},
                  {"webhook-timestamp", at},
                  {"webhook-signature", standard_signature(secrets_.front(), plain, at, body)}};
  // The other side knows it again by its webhook-id, so that it may be sent twice.
  TRY(judge_repeatable(around_.http.fetch(call)));
  return Receipt{ExternalId(), true};
}

std::vector<Result<Receipt>> Webhook::send(std::span<const Reply> replies) {
  return send_each(replies, around_.clock, [this](const Reply& reply) -> Result<Receipt> {
    return deliver(reply.key, TRY(print_message(reply, around_.clock.now())));
  });
}

Result<Received> Webhook::receive(const Delivery& delivery) const {
  TRY(verify_standard_webhook(delivery, secrets_, settings_.clock_skew_s, around_.clock.now()));
  Received received;
  received.posts.push_back(TRY(read_message(
      {header(delivery, "webhook-id"), header(delivery, "webhook-timestamp"), delivery.body},
      channel_, settings_.fields)));
  received.answer.status = 202;
  return received;
}

Result<Batch> Webhook::translate(std::string_view raw) const {
  Batch batch;
  batch.posts.push_back(TRY(read_payload(raw, channel_, settings_.fields)));
  return batch;
}

std::vector<FieldNote> Webhook::explain(std::string_view raw) const {
  return explain_payload(raw, settings_.fields);
}

std::vector<ProbeStep> Webhook::probe(std::string_view /*send_to*/) {
  if (settings_.url.empty()) return {{"settings", true, "messages are posted to us"}};
  const auto now = around_.clock.now();
  const auto body = "{\"type\":\"test\",\"timestamp\":\"" + print_rfc3339(now) + "\",\"data\":{}}";
  const auto answer = deliver("test-" + std::to_string(now.time_since_epoch().count()), body);
  return {{"send a message", answer.has_value(), answer ? "" : answer.error().message}};
}

}  // namespace kanal::webhook
