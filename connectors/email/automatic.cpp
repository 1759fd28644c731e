#include "connectors/email/automatic.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::array<std::string_view, 3> k_bulk = {"bulk", "list", "junk"};
constexpr std::array<std::string_view, 5> k_marks = {
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply"};
// What an acknowledgement is among those that X-Auto-Response-Suppress names ([MS-OXCMAIL]).
constexpr std::array<std::string_view, 3> k_suppressed = {"all", "autoreply", "oof"};
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

bool has_head_of_machines(std::string_view subject) {
  return std::ranges::any_of(k_subjects, [&](std::string_view head) {
    return equals_ignoring_case(subject.substr(0, head.size()), head);
  });
}

bool came_by_list(const ParsedMail& mail) {
  return std::ranges::any_of(mail.headers,
                             [](const Header& header) { return header.name.starts_with("list-"); });
}

}  // namespace

std::string why_automatic(const ParsedMail& mail, const Tokens& tokens,
                          std::span<const std::string> ours, Answers answers) {
  if (tokens.key_of_message_id(mail.message_id)) return "it is a mail of ours";
  for (const auto& header : mail.headers) {
    const auto value = to_lower_ascii(trim(header.value));
    if (header.name == k_loop_header && std::ranges::find(ours, value) != ours.end()) {
      return "it went out from here (X-Loop)";
    }
    if (header.name == "auto-submitted" && first_word(value) != "no") {
      return "Auto-Submitted: " + std::string(clip_utf8(value, 40));
    }
    if (header.name == "precedence" && first_word(value) == "auto_reply") {
      return "Precedence: auto_reply";
    }
    if (header.name == "return-path" && (value == "<>" || value.empty())) {
      return "it came with no return path";
    }
    if (std::ranges::find(k_marks, std::string_view(header.name)) != k_marks.end() &&
        value != "no" && value != "none") {
      return "it is an automatic answer (" + header.name + ")";
    }
  }
  if (mail.is_report) return "it is a report of a mail server";
  if (mail.from.empty()) return "it names no sender";
  if (std::ranges::find(ours, mail.from) != ours.end()) return "it comes from our own address";
  if (is_machine(mail.from)) return "nobody reads mail to its sender";
  if (answers != Answers::ours) return {};
  if (has_head_of_machines(mail.subject)) return "its subject is that of an automatic answer";
  // Absence notes of Yahoo and others have no other mark; a list's mails have it too.
  const auto precedence = to_lower_ascii(mail.header("precedence"));
  const auto word = first_word(precedence);
  if ((word == "bulk" || word == "junk") && !came_by_list(mail)) {
    return "it answers a mail of ours, and is marked as bulk";
  }
  return {};
}

std::string why_unanswered(const ParsedMail& mail, std::span<const std::string> ours) {
  if (has_head_of_machines(mail.subject)) return "its subject may be that of an automatic answer";
  const bool way_in = is_list_of(mail, ours);
  for (const auto& header : mail.headers) {
    const auto value = to_lower_ascii(trim(header.value));
    if (header.name == "x-auto-response-suppress") {
      for (const auto word : split(value, ',')) {
        if (std::ranges::find(k_suppressed, trim(word)) != k_suppressed.end()) {
          return "it asks for no automatic answer (X-Auto-Response-Suppress)";
        }
      }
    }
    if (way_in) continue;
    if (header.name.starts_with("list-")) return "it comes from a list (" + header.name + ")";
    if (header.name == "precedence" &&
        std::ranges::find(k_bulk, first_word(value)) != k_bulk.end()) {
      return "Precedence: " + std::string(first_word(value));
    }
  }
  return {};
}

bool is_list_of(const ParsedMail& mail, std::span<const std::string> addresses) {
  return std::ranges::any_of(mail.headers, [&](const Header& header) {
    if (header.name != "list-id" && header.name != "list-post") return false;
    const auto value = to_lower_ascii(header.value);
    return std::ranges::any_of(addresses, [&](const std::string& address) {
      auto id = address;
      std::ranges::replace(id, '@', '.');
      const auto wanted = header.name == "list-id" ? "<" + id + ">" : "<mailto:" + address + ">";
      return value.find(wanted) != std::string::npos;
    });
  });
}

}  // namespace kanal::email
