#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "net/pipe.hpp"

namespace kanal {

struct MailServer {
  enum class Protocol { imap, smtp };
  enum class Security { plain, starttls, tls };
  enum class Login { none, password, xoauth2 };  ///< password: the best of SCRAM, PLAIN, LOGIN
  Protocol protocol = Protocol::imap;
  Security security = Security::tls;
  Login login = Login::password;
  std::string host;
  std::uint16_t port = 993;
  std::string user;
  std::string password;  ///< or the bearer token
  std::string ca_file;
  std::chrono::milliseconds timeout_ms{30'000};
};

/// Opens mail sessions over libcurl's CONNECT_ONLY. The pipe is logged in. A refused login is
/// `reconfigure`.
class Mail {
 public:
  virtual ~Mail() = default;
  virtual Result<std::unique_ptr<Pipe>> connect(const MailServer& server) = 0;
};

std::unique_ptr<Mail> make_mail();

/// Whether a mail server's words mean "not so much at once": RFC 5530's LIMIT, or what providers
/// say in its place. Who hears them waits for `k_mail_patience`.
bool asks_for_patience(std::string_view said);
inline constexpr std::chrono::minutes k_mail_patience{5};

}  // namespace kanal
