#include "connectors/email/settings.hpp"

#include "connectors/email/cursor.hpp"
#include "connectors/email/tokens.hpp"

namespace kanal::email {

WrongSettings wrong_settings(const Settings& settings) {
  WrongSettings wrong;
  if (!is_plain_address(settings.address)) {
    wrong.emplace_back("address", "must be a mail address (\"lapor@contoh.go.id\")");
  }
  for (const auto& [key, addresses] :
       {std::pair{"also_ours", &settings.also_ours},
        std::pair{"trusted_forwarders", &settings.trusted_forwarders}}) {
    for (std::size_t i = 0; i < addresses->size(); ++i) {
      if (is_plain_address((*addresses)[i])) continue;
      wrong.emplace_back(key + ("[" + std::to_string(i) + "]"), "must be a mail address");
    }
  }
  if (!parse_start(settings.start_from)) {
    wrong.emplace_back("start_from", "must be \"now\", \"all\" or a date (\"2026-01-31\")");
  }
  if (settings.imap.login != "none" && settings.imap.password.empty()) {
    wrong.emplace_back("imap.password", "is missing (\"env:NAME\" or \"file:PATH\")");
  }
  // Else the one that is missing above will do for both.
  if (settings.smtp.login != "none" && settings.smtp.password.empty() &&
      settings.imap.password.empty() && settings.imap.login == "none") {
    wrong.emplace_back("smtp.password", "is missing (\"env:NAME\" or \"file:PATH\")");
  }
  if (settings.after_reading == "move" &&
      (settings.move_to.empty() || settings.move_to == settings.folder)) {
    wrong.emplace_back("move_to", "must name another folder than the one that is read");
  }
  return wrong;
}

}  // namespace kanal::email
