#include "tests/sandbox/email/smtp.hpp"

#include <algorithm>
#include <thread>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/sandbox/email/imap_words.hpp"

namespace kanal::sandbox::email {
namespace {

constexpr std::size_t k_longest_smtp_line = 4096;
constexpr std::size_t k_longest_text_line = 1U << 20U;
constexpr std::size_t k_most_recipients = 100;

/// "<wati@contoh.test> SIZE=100 …" of MAIL FROM and RCPT TO.
struct Path {
  std::string address;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in capitals
  [[nodiscard]] std::string parameter(std::string_view name) const {
    const auto found =
        std::ranges::find(parameters, name, &decltype(parameters)::value_type::first);
    return found == parameters.end() ? std::string() : found->second;
  }
};

std::optional<Path> parse_path(std::string_view text, std::string_view keyword) {
  if (!equals_ignoring_case(text.substr(0, keyword.size()), keyword)) return std::nullopt;
  text = trim(text.substr(keyword.size()));
  const auto end = text.find('>');
  if (!text.starts_with('<') || end == std::string_view::npos) return std::nullopt;
  Path path{std::string(text.substr(1, end - 1)), {}};
  for (const auto part : split(trim(text.substr(end + 1)), ' ')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    path.parameters.emplace_back(to_upper_ascii(part.substr(0, equals)),
                                 equals == std::string_view::npos ? "" : part.substr(equals + 1));
  }
  return path;
}

bool knows(const Path& path, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(path.parameters, [&](const auto& parameter) {
    return std::ranges::find(names, parameter.first) != names.end();
  });
}

}  // namespace

bool SmtpSession::say(std::string_view line) {
  const auto slow = office_.orders().slow;
  if (slow.count() > 0) std::this_thread::sleep_for(slow);
  return wire_.write(std::string(line) + "\r\n");
}

void SmtpSession::run() {
  if (!say("220 " + std::string(k_domain) + " ESMTP sandbox")) return;
  while (const auto line = wire_.read_line(k_longest_smtp_line)) {
    if (!carry_out(*line)) return;
  }
}

void SmtpSession::reset() {
  open_.reset();
  recipients_.clear();
}

bool SmtpSession::carry_out(const std::string& line) {
  const auto space = line.find(' ');
  const auto verb = to_upper_ascii(line.substr(0, space));
  const auto rest = space == std::string::npos ? std::string() : line.substr(space + 1);
  if (verb == "EHLO" || verb == "HELO") return greet(verb == "EHLO");
  if (verb == "NOOP") return say("250 2.0.0 here");
  if (verb == "RSET") {
    reset();
    return say("250 2.0.0 forgotten");
  }
  if (verb == "QUIT") {
    say("221 2.0.0 until next time");
    return false;
  }
  if (!greeted_) return say("503 5.5.1 EHLO comes first");
  if (verb == "AUTH") return authenticate(rest);
  if (verb == "VRFY") return say("252 2.0.0 send and see");
  if (verb != "MAIL" && verb != "RCPT" && verb != "DATA") return say("500 5.5.2 not known here");
  if (!signed_in_) return say("530 5.7.0 sign in first");
  if (verb == "MAIL") return take_sender(rest);
  if (verb == "RCPT") return take_recipient(rest);
  return take_mail();
}

bool SmtpSession::greet(bool extended) {
  reset();
  greeted_ = true;
  if (!extended) return say("250 " + std::string(k_domain));
  return say("250-" + std::string(k_domain) + "\r\n250-PIPELINING\r\n250-SIZE " +
             std::to_string(k_most_mail_bytes) +
             "\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 DSN");
}

std::optional<std::string> SmtpSession::ask(std::string_view what) {
  if (!say("334 " + to_base64(what))) return std::nullopt;
  const auto line = wire_.read_line(k_longest_smtp_line);
  if (!line) return std::nullopt;
  return from_base64(*line).value_or("");
}

bool SmtpSession::authenticate(std::string_view rest) {
  if (signed_in_ || open_) return say("503 5.5.1 not now");
  const auto space = rest.find(' ');
  const auto how = to_upper_ascii(rest.substr(0, space));
  const auto given = space == std::string_view::npos
                         ? std::optional<std::string>()
                         : from_base64(trim(rest.substr(space + 1))).value_or("");
  if (how == "PLAIN") {
    const auto bytes = given ? given : ask("");
    if (!bytes) return false;
    const auto parts = split(*bytes, '\0');
    if (parts.size() != 3) return say("501 5.5.2 that is not PLAIN");
    return log_in(parts[1], parts[2]);
  }
  if (how != "LOGIN") return say("504 5.5.4 only PLAIN and LOGIN are known");
  const auto user = given ? given : ask("Username:");
  if (!user) return false;
  const auto password = ask("Password:");
  return password && log_in(*user, *password);
}

bool SmtpSession::log_in(std::string_view user, std::string_view password) {
  signed_in_ =
      !office_.orders().refuse_login && PostOffice::account_of(user) && password == k_password;
  return say(signed_in_ ? "235 2.7.0 signed in" : "535 5.7.8 the name or the password is wrong");
}

bool SmtpSession::take_sender(std::string_view rest) {
  if (open_) return say("503 5.5.1 one mail at a time");
  const auto path = parse_path(rest, "FROM:");
  if (!path) return say("501 5.5.4 that cannot be read");
  if (!knows(*path, {"SIZE", "BODY", "RET", "ENVID", "AUTH"})) {
    return say("555 5.5.4 such a parameter is not known here");
  }
  if (number_of(path->parameter("SIZE")).value_or(0) > k_most_mail_bytes) {
    return say("552 5.3.4 that is larger than is taken here");
  }
  if (!path->address.empty() && !looks_like_email(path->address)) {
    return say("553 5.1.7 that is no address");
  }
  Envelope envelope;
  envelope.sender = path->address;
  envelope.envelope_id = path->parameter("ENVID");
  envelope.returns_whole = to_upper_ascii(path->parameter("RET")) == "FULL";
  open_ = std::move(envelope);
  return say("250 2.1.0 sender taken");
}

bool SmtpSession::take_recipient(std::string_view rest) {
  if (!open_) return say("503 5.5.1 MAIL comes first");
  const auto path = parse_path(rest, "TO:");
  if (!path) return say("501 5.5.4 that cannot be read");
  if (!knows(*path, {"NOTIFY", "ORCPT"})) {
    return say("555 5.5.4 such a parameter is not known here");
  }
  if (recipients_.size() == k_most_recipients) return say("452 4.5.3 too many recipients");
  if (!PostOffice::account_of(path->address)) {
    return say("550 5.7.1 nothing leaves this machine: write to somebody@" + std::string(k_domain));
  }
  if (office_.take(&Orders::greylist)) return say("451 4.7.1 greylisted, try again later");
  if (office_.take(&Orders::refuse)) return say("550 5.1.1 User unknown");
  auto envelope = *open_;
  envelope.recipient = path->address;
  envelope.original_recipient = path->parameter("ORCPT");
  const auto notify = to_upper_ascii(path->parameter("NOTIFY"));
  envelope.reports_failure = notify.empty() || notify.find("FAILURE") != std::string::npos;
  recipients_.push_back(std::move(envelope));
  return say("250 2.1.5 recipient taken");
}

// RFC 5321 §4.5.2; what is too large is read to its end and refused.
std::optional<std::string> SmtpSession::read_mail() {
  std::string mail;
  while (auto line = wire_.read_line(k_longest_text_line)) {
    if (*line == ".") return mail;
    const auto text = std::string_view(*line).substr(line->starts_with('.') ? 1 : 0);
    if (mail.size() <= k_most_mail_bytes) mail.append(text).append("\r\n");
  }
  return std::nullopt;
}

bool SmtpSession::take_mail() {
  if (recipients_.empty()) return say("554 5.5.1 no valid recipients");
  if (!say("354 end with a dot on a line of its own")) return false;
  const auto mail = read_mail();
  if (!mail) return false;
  const auto recipients = std::move(recipients_);
  reset();
  if (mail->size() > k_most_mail_bytes) return say("552 5.3.4 that is larger than is taken here");
  for (const auto& envelope : recipients) {
    if (office_.take(&Orders::bounce)) {
      office_.bounce(envelope, *mail);
    } else if (!office_.deliver(envelope, *mail)) {
      return say("452 4.3.1 there is no room");
    }
  }
  if (office_.take(&Orders::lose_answer)) return false;
  return say("250 2.0.0 queued as " + to_hex(std::to_string(mail->size())));
}

}  // namespace kanal::sandbox::email
