#pragma once

#include <memory>
#include <span>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/email/settings.hpp"
#include "connectors/email/smtp.hpp"
#include "connectors/email/tokens.hpp"
#include "connectors/kind.hpp"

namespace kanal::email {

/// Sends answers by SMTP, over one session that stays open between calls. `settings` and `around`
/// outlive it.
class Sender {
 public:
  Sender(const Settings& settings, const Surroundings& around)
      : settings_(settings), around_(around), tokens_(around.keys) {}

  /// One result for every reply, in their order.
  std::vector<Result<Receipt>> send(std::span<const Reply> replies);
  /// Logs in, unless there is a session that still answers.
  Result<> connect();
  /// With the files that the server has room for; if it has less than it says, without any.
  Result<Receipt> hand_over(const Reply& reply);
  /// Ends the session; the next call makes a new one.
  void close();

 private:
  const Settings& settings_;
  const Surroundings& around_;
  Tokens tokens_;
  std::unique_ptr<Smtp> session_;
};

}  // namespace kanal::email
