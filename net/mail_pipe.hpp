#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

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

/// A connected and logged-in mail session: bytes both ways. One thread. Closing is destruction.
class MailPipe {
 public:
  virtual ~MailPipe() = default;
  virtual Result<> write(std::string_view bytes, std::chrono::milliseconds timeout_ms) = 0;
  /// Up to and including CRLF; an error beyond `most_bytes`.
  virtual Result<std::string> read_line(std::size_t most_bytes,
                                        std::chrono::milliseconds timeout_ms) = 0;
  virtual Result<std::string> read_exactly(std::size_t count,
                                           std::chrono::milliseconds timeout_ms) = 0;
  /// Waits for input; false when none came in time.
  virtual Result<bool> wait(std::chrono::milliseconds timeout_ms) = 0;
};

/// Opens mail sessions over libcurl's CONNECT_ONLY. A refused login is `reconfigure`.
class Mail {
 public:
  virtual ~Mail() = default;
  virtual Result<std::unique_ptr<MailPipe>> connect(const MailServer& server) = 0;
};

std::unique_ptr<Mail> make_mail();

/// Whether a mail server's words mean "not so much at once": RFC 5530's LIMIT, or what providers
/// say in its place. Who hears them waits for `k_mail_patience`.
bool asks_for_patience(std::string_view said);
inline constexpr std::chrono::minutes k_mail_patience{5};

}  // namespace kanal
