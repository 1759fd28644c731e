#include "connectors/email/automatic.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::array<std::string_view, 4> k_bulk = {"bulk", "list", "junk", "auto_reply"};
constexpr std::array<std::string_view, 6> k_marks = {"x-autoreply",
                                                     "x-autorespond",
                                                     "x-autoresponder",
                                                     "x-auto-reply",
                                                     "x-auto-response-suppress",
                                                     "x-mail-autoreply"};
constexpr std::array<std::string_view, 14> k_machines = {
    "mailer-daemon", "maildaemon",    "postmaster",     "no-reply",      "noreply",
    "no_reply",      "donotreply",    "do-not-reply",   "do_not_reply",  "bounce",
    "bounces",       "tidak-dibalas", "jangan-dibalas", "jangan.dibalas"};
constexpr std::array<std::string_view, 8> k_subjects = {
    "automatic reply:", "auto reply:",       "autoreply:",        "auto:",
    "out of office:",   "balasan otomatis:", "jawaban otomatis:", "di luar kantor:"};

std::string_view first_word(std::string_view value) {
  value = trim(value);
  return value.substr(0, value.find_first_of("; \t("));
}

bool is_machine(std::string_view address) {
  const auto local = to_lower_ascii(address.substr(0, address.find('@')));
  const auto bare = std::string_view(local).substr(0, local.find_first_of("+="));
  return std::ranges::find(k_machines, bare) != k_machines.end() ||
         bare.starts_with("mailer-daemon") || bare.starts_with("noreply") ||
         bare.starts_with("no-reply");
}

}  // namespace

std::string why_automatic(const ParsedMail& mail, const Tokens& tokens,
                          std::span<const std::string> ours) {
  if (tokens.key_of_message_id(mail.message_id)) return "it is a mail of ours";
  for (const auto& header : mail.headers) {
    const auto value = to_lower_ascii(trim(header.value));
    if (header.name == k_loop_header && std::ranges::find(ours, value) != ours.end()) {
      return "it went out from here (X-Loop)";
    }
    if (header.name == "auto-submitted" && first_word(value) != "no") {
      return "Auto-Submitted: " + std::string(clip_utf8(value, 40));
    }
    if (header.name == "precedence" &&
        std::ranges::find(k_bulk, first_word(value)) != k_bulk.end()) {
      return "Precedence: " + std::string(first_word(value));
    }
    if (header.name == "return-path" && (value == "<>" || value.empty())) {
      return "it came with no return path";
    }
    if (header.name.starts_with("list-")) return "it comes from a list (" + header.name + ")";
    if (std::ranges::find(k_marks, std::string_view(header.name)) != k_marks.end() &&
        value != "no" && value != "none") {
      return "it is an automatic answer (" + header.name + ")";
    }
  }
  if (mail.is_report) return "it is a report of a mail server";
  if (mail.from.empty()) return "it names no sender";
  if (std::ranges::find(ours, mail.from) != ours.end()) return "it comes from our own address";
  if (is_machine(mail.from)) return "nobody reads mail to its sender";
  const auto subject = to_lower_ascii(mail.subject.substr(0, 40));
  for (const auto head : k_subjects) {
    if (subject.starts_with(head)) return "its subject is that of an automatic answer";
  }
  return {};
}

}  // namespace kanal::email
