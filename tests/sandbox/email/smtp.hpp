#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/email/post_office.hpp"
#include "tests/sandbox/email/wire.hpp"

namespace kanal::sandbox::email {

/// One session of SMTP submission (RFC 5321, 6409) with AUTH, SIZE, 8BITMIME, PIPELINING, DSN and
/// ENHANCEDSTATUSCODES. One thread.
class SmtpSession {
 public:
  SmtpSession(Wire& wire, PostOffice& office) : wire_(wire), office_(office) {}
  /// Until the client says goodbye or is gone.
  void run();

 private:
  bool say(std::string_view line);
  bool carry_out(const std::string& line);
  bool greet(bool extended);
  bool authenticate(std::string_view rest);
  bool log_in(std::string_view user, std::string_view password);
  std::optional<std::string> ask(std::string_view what);
  bool take_sender(std::string_view rest);
  bool take_recipient(std::string_view rest);
  bool take_mail();
  std::optional<std::string> read_mail();
  void reset();

  Wire& wire_;
  PostOffice& office_;
  bool greeted_ = false;
  bool signed_in_ = false;
  std::optional<Envelope> open_;  ///< MAIL was said
  std::vector<Envelope> recipients_;
};

}  // namespace kanal::sandbox::email
