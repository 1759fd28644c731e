#include "connectors/email/smtp.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_longest_line = 8U << 10U;
constexpr std::size_t k_most_lines = 100;
constexpr std::size_t k_longest_said = 200;
// RFC 5321 §4.5.3.2.6 has ten minutes for the answer to the final dot; giving up early makes a
// delivered mail doubtful.
constexpr int k_final_dot_factor = 10;

/// Whether a refusal is about what we may do, whomever the mail is for: "relay access denied",
/// "client not authenticated", "may not send as this sender".
bool is_about_our_rights(std::string_view said) {
  // What another server told this one is about the other's recipient.
  if (said.find(" said:") != std::string_view::npos) return false;
  const auto lower = to_lower_ascii(said);
  for (const auto word : split(lower, ' ')) {
    if (word.find('@') != std::string_view::npos) continue;
    for (const std::string_view sign :
         {"relay", "rcpthosts", "authenticat", "5.7.54", "5.7.57", "5.7.60"}) {
      if (word.find(sign) != std::string_view::npos) return true;
    }
  }
  return false;
}

/// Whether it is the recipient's mailbox that takes nothing for now: full, or behind a greylist
/// (RFC 3463 §3.3). Servers give their own trouble with us at RCPT too: "450 4.7.1 Client host
/// rejected", "452 4.3.1 Insufficient system storage".
bool is_about_the_mailbox(int status, std::string_view said) {
  constexpr int k_no_room = 452;
  const auto lower = to_lower_ascii(said);
  if (lower.find("greylist") != std::string::npos || lower.find("graylist") != std::string::npos) {
    return true;
  }
  const bool has_code = said.starts_with("4.");
  return has_code ? said.starts_with("4.2.") : status == k_no_room;
}

/// RFC 3463 §3.4 and §3.5, or RFC 5321 §4.2.3. That of 552 is a mailbox's room, too.
bool is_about_the_size(int status, std::string_view said) {
  return status == 552 || said.starts_with("5.3.4") || said.starts_with("5.2.3");
}

}  // namespace

std::string dot_stuffed(std::string_view data) {
  std::string out;
  out.reserve(data.size() + data.size() / 50 + 2);
  bool line_start = true;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const char c = data[i];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i + 1 < data.size() && data[i + 1] == '\n') ++i;
      out += "\r\n";
      line_start = true;
      continue;
    }
    if (line_start && c == '.') out += '.';
    out += c;
    line_start = false;
  }
  if (!line_start) out += "\r\n";
  return out;
}

tl::unexpected<Error> Smtp::lost(Error error) {
  alive_ = false;
  return tl::unexpected<Error>(std::move(error));
}

Result<> Smtp::write(std::string_view bytes) {
  auto written = pipe_->write(bytes, timeout_ms_);
  if (!written) return lost(std::move(written.error()));
  return {};
}

Result<Smtp::Answer> Smtp::read_answer(std::chrono::milliseconds timeout_ms) {
  Answer answer;
  for (std::size_t i = 0; i < k_most_lines; ++i) {
    auto line = pipe_->read_line(k_longest_line, timeout_ms);
    if (!line) return lost(std::move(line.error()));
    const bool digits =
        line->size() >= 5 &&
        std::all_of(line->begin(), line->begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return lost({Remedy::retry, "the mail server does not speak SMTP", {}});
    answer.status = std::stoi(line->substr(0, 3));
    answer.text += std::string(trim(std::string_view(*line).substr(4))) + '\n';
    if ((*line)[3] != '-') {
      if (answer.status == 421) alive_ = false;
      return answer;
    }
  }
  return lost({Remedy::retry, "the mail server's answer does not end", {}});
}

Result<Smtp::Answer> Smtp::command(const std::string& line) {
  TRY(write(line + "\r\n"));
  return read_answer(timeout_ms_);
}

// An answer that nobody asked for would be taken for that to what is said next.
Result<> Smtp::hear_nothing() {
  const auto spoke = pipe_->wait(std::chrono::milliseconds(0));
  if (!spoke) return lost(spoke.error());
  if (*spoke) return lost({Remedy::retry, "the mail server spoke out of turn", {}});
  return {};
}

// A server may refuse a mail in the middle of it; without its end it has none.
Result<> Smtp::hear_no_refusal() {
  const auto spoke = pipe_->wait(std::chrono::milliseconds(0));
  if (!spoke) return lost(spoke.error());
  if (!*spoke) return {};
  const auto answer = TRY(read_answer(timeout_ms_));
  alive_ = false;
  return refused(answer, false);
}

tl::unexpected<Error> Smtp::refused(const Answer& answer, bool of_the_sender) {
  if (answer.status < 400 || answer.status > 599) {
    return lost({Remedy::retry,
                 "the mail server answered " + std::to_string(answer.status) + " out of turn",
                 {}});
  }
  const auto text = trim(std::string_view(answer.text).substr(0, answer.text.find('\n')));
  const auto message = "the mail server said: " + std::to_string(answer.status) + " " +
                       scrub_utf8(text.substr(0, k_longest_said));
  was_too_large_ = is_about_the_size(answer.status, text);
  if (answer.status >= 400 && answer.status < 500) {
    return asks_for_patience(text) ? fail(Remedy::throttled, message, k_mail_patience)
                                   : fail(Remedy::retry, message);
  }
  const bool login =
      answer.status == 530 || answer.status == 535 || answer.status == 534 || answer.status == 538;
  // A server that refuses our own address would refuse it for every reply.
  if (login || is_about_our_rights(text) ||
      (of_the_sender && (answer.status == 550 || answer.status == 553))) {
    return fail(Remedy::reconfigure, message + "; check the smtp login and the address");
  }
  return fail(Remedy::drop, message);
}

Result<> Smtp::open(std::string_view name) {
  const auto answer = TRY(command("EHLO " + std::string(name)));
  if (answer.status != 250) return refused(answer, false);
  for (const auto line : split(answer.text, '\n')) {
    const auto word = line.substr(0, line.find(' '));
    dsn_ = dsn_ || equals_ignoring_case(word, "DSN");
    pipelining_ = pipelining_ || equals_ignoring_case(word, "PIPELINING");
    if (equals_ignoring_case(word, "SIZE")) {
      size_ = true;
      const auto number = trim(line.substr(word.size()));
      std::from_chars(number.data(), number.data() + number.size(), most_mail_bytes_);
    }
  }
  return {};
}

Result<> Smtp::check() {
  TRY(hear_nothing());
  const auto answer = TRY(command("NOOP"));
  if (answer.status != 250) return lost({Remedy::retry, "the mail server ended the session", {}});
  return {};
}

Result<> Smtp::reset() {
  if (alive_) TRY(command("RSET"));
  return {};
}

/// MAIL, RCPT and DATA, in one round trip where the server allows it (RFC 2920).
Result<> Smtp::envelope(const Outgoing& mail) {
  std::array<std::string, 3> lines;
  lines[0] = "MAIL FROM:<" + mail.sender + ">";
  if (size_) lines[0] += " SIZE=" + std::to_string(mail.data.size() + mail.data.size() / 50);
  if (dsn_) lines[0] += " RET=HDRS ENVID=" + mail.envelope_id;
  lines[1] = "RCPT TO:<" + mail.recipient + ">";
  if (dsn_) lines[1] += " NOTIFY=FAILURE,DELAY";
  lines[2] = "DATA";
  std::array<Answer, 3> answers;
  if (pipelining_) {
    TRY(write(lines[0] + "\r\n" + lines[1] + "\r\n" + lines[2] + "\r\n"));
    for (auto& answer : answers) {
      answer = TRY(read_answer(timeout_ms_));
      if (!alive_) break;
    }
  } else {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      answers[i] = TRY(command(lines[i]));
      if (answers[i].status / 100 != (i == 2 ? 3 : 2)) break;
    }
  }
  const bool data_open = answers[2].status / 100 == 3;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (answers[i].status / 100 == (i == 2 ? 3 : 2)) continue;
    // A server that opened DATA all the same gets an empty mail, which it must refuse.
    if (data_open && alive_) {
      TRY(write(".\r\n"));
      TRY(read_answer(timeout_ms_));
    } else {
      TRY(reset());
    }
    auto refusal = refused(answers[i], i == 0);
    refusal.value().of_this_alone = i == 1 && refusal.value().remedy == Remedy::retry &&
                                    is_about_the_mailbox(answers[i].status, answers[i].text);
    return refusal;
  }
  return {};
}

Result<> Smtp::send(const Outgoing& mail) {
  was_too_large_ = false;
  TRY(hear_nothing());
  TRY(envelope(mail));
  TRY(write(dot_stuffed(mail.data)));
  TRY(hear_no_refusal());
  // From here on the whole mail may have arrived, whatever we hear of it.
  const auto doubtful = [&](Error error) {
    alive_ = false;
    return fail(Remedy::uncertain, "the mail may have gone out: " + error.message);
  };
  if (auto dot = pipe_->write(".\r\n", timeout_ms_); !dot) return doubtful(dot.error());
  auto answer = read_answer(timeout_ms_ * k_final_dot_factor);
  if (!answer) return doubtful(answer.error());
  if (answer->status / 100 == 2) return {};
  auto refusal = refused(*answer, false);
  return answer->status < 400 || answer->status > 599 ? doubtful(refusal.value()) : refusal;
}

void Smtp::close() {
  if (alive_) (void)pipe_->write("QUIT\r\n", std::chrono::milliseconds(200));
  alive_ = false;
}

}  // namespace kanal::email
