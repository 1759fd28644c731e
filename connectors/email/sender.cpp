#include "connectors/email/sender.hpp"

#include <algorithm>
#include <utility>

#include "connectors/email/compose.hpp"
#include "connectors/email/servers.hpp"
#include "connectors/send_each.hpp"

namespace kanal::email {

Result<> Sender::connect() {
  if (session_ && session_->alive() && session_->check()) return {};
  session_.reset();
  const auto server = TRY(server_of(settings_, MailServer::Protocol::smtp, around_.keys));
  auto session = std::make_unique<Smtp>(TRY(around_.mail.connect(server)), server.timeout_ms);
  TRY(session->open(split_address(settings_.address).domain));
  session_ = std::move(session);
  return {};
}

Result<Receipt> Sender::hand_over(const Reply& reply) {
  if (!session_ || !session_->alive()) TRY(connect());
  const auto now = around_.clock.now();
  const auto room = room_for_files(session_->most_mail_bytes());
  auto mail = TRY(compose(reply, settings_, tokens_, now, room));
  auto sent = session_->send(mail);
  if (!sent && session_->was_too_large() && !reply.attachments.empty()) {
    TRY(connect());
    mail = TRY(compose(reply, settings_, tokens_, now, 0));
    sent = session_->send(mail);
  }
  TRY(std::move(sent));
  return Receipt{ExternalId(mail.message_id), false};
}

std::vector<Result<Receipt>> Sender::send(std::span<const Reply> replies) {
  bool is_first = true;
  bool is_reached = true;
  const auto send_one = [&](const Reply& reply) -> Result<Receipt> {
    // Asking whether a session still answers takes a round trip: not before every mail.
    if (std::exchange(is_first, false) || !session_ || !session_->alive()) {
      auto connected = connect();
      is_reached = connected.has_value();
      TRY(std::move(connected));
    }
    return hand_over(reply);
  };
  auto results = send_each(replies, around_.clock, send_one, [&](const Error& error) {
    return !is_reached || error.remedy == Remedy::throttled;
  });
  // Where another got through, nothing is wrong with the settings.
  if (std::ranges::any_of(results, [](const auto& each) { return each.has_value(); })) {
    for (auto& each : results) {
      if (!each && each.error().remedy == Remedy::reconfigure) each.error().remedy = Remedy::retry;
    }
  }
  return results;
}

void Sender::close() {
  if (session_) session_->close();
  session_.reset();
}

}  // namespace kanal::email
