#include "connectors/email/servers.hpp"

namespace kanal::email {
namespace {

std::int64_t usual_port(MailServer::Protocol protocol, const std::string& security) {
  if (protocol == MailServer::Protocol::imap) return security == "tls" ? 993 : 143;
  return security == "tls" ? 465 : security == "starttls" ? 587 : 25;
}

}  // namespace

Result<MailServer> server_of(const Settings& settings, MailServer::Protocol protocol,
                             const Keys& keys) {
  const auto& given = protocol == MailServer::Protocol::imap ? settings.imap : settings.smtp;
  MailServer server;
  server.protocol = protocol;
  server.security = given.security == "plain"      ? MailServer::Security::plain
                    : given.security == "starttls" ? MailServer::Security::starttls
                                                   : MailServer::Security::tls;
  server.login = given.login == "none"      ? MailServer::Login::none
                 : given.login == "xoauth2" ? MailServer::Login::xoauth2
                                            : MailServer::Login::password;
  server.host = given.host;
  server.port = static_cast<std::uint16_t>(given.port != 0 ? given.port
                                                           : usual_port(protocol, given.security));
  server.ca_file = given.ca_file.string();
  server.timeout_ms = given.timeout_s;
  if (server.login == MailServer::Login::none) return server;
  server.user = !given.user.empty()           ? given.user
                : !settings.imap.user.empty() ? settings.imap.user
                                              : settings.address;
  const auto& password = given.password.empty() ? settings.imap.password : given.password;
  server.password = TRY(password.reveal(&keys));
  return server;
}

}  // namespace kanal::email
