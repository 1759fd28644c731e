#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/email/compose.hpp"
#include "core/result.hpp"
#include "net/mail_pipe.hpp"

namespace kanal::email {

/// One SMTP session (RFC 5321) for any number of mails. One thread.
class Smtp {
 public:
  Smtp(std::unique_ptr<Pipe> pipe, std::chrono::milliseconds timeout_ms)
      : pipe_(std::move(pipe)), timeout_ms_(timeout_ms) {}

  /// Asks what the server can do; `name` is who we are.
  Result<> open(std::string_view name);
  /// Hands one mail over. `uncertain` once the end of the mail may have arrived; before that a
  /// broken session is `retry`. A mail that the server refuses for good is `drop`.
  Result<> send(const Outgoing& mail);
  /// Whether a session that was left alone is still there.
  Result<> check();
  void close();
  [[nodiscard]] bool alive() const { return alive_; }
  /// What the server takes of one mail (RFC 1870 §3); 0: it names no limit.
  [[nodiscard]] std::uint64_t most_mail_bytes() const { return most_mail_bytes_; }
  /// Whether the mail that was refused last was so for its size, as far as the server says.
  [[nodiscard]] bool was_too_large() const { return was_too_large_; }

 private:
  struct Answer {
    int status = 0;
    std::string text;
  };
  Result<Answer> read_answer(std::chrono::milliseconds timeout_ms);
  Result<> write(std::string_view bytes);
  Result<Answer> command(const std::string& line);
  Result<> envelope(const Outgoing& mail);
  Result<> reset();
  Result<> hear_nothing();
  Result<> hear_no_refusal();
  tl::unexpected<Error> refused(const Answer& answer, bool of_the_sender);
  tl::unexpected<Error> lost(Error error);

  std::unique_ptr<Pipe> pipe_;
  std::chrono::milliseconds timeout_ms_;
  bool dsn_ = false;
  bool pipelining_ = false;
  bool size_ = false;
  std::uint64_t most_mail_bytes_ = 0;
  bool was_too_large_ = false;
  bool alive_ = true;
};

/// A mail's bytes as DATA wants them: lines in CRLF, dots doubled, ending in CRLF (RFC 5321
/// §4.5.2).
std::string dot_stuffed(std::string_view data);

}  // namespace kanal::email
