#include "connectors/email/bounce.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_longest_detail = 300;
constexpr std::size_t k_most_recipient_groups = 20;
constexpr std::size_t k_most_report_bytes = 256U << 10U;

std::string_view field(const std::vector<Header>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Header::name);
  return found == fields.end() ? std::string_view() : trim(found->value);
}

/// A delivery report's groups of fields, which stand apart by blank lines.
std::vector<std::vector<Header>> groups_of(std::string_view text) {
  std::vector<std::vector<Header>> groups;
  std::string block;
  const auto finish = [&] {
    if (!block.empty()) groups.push_back(parse_fields(block));
    block.clear();
  };
  for (const auto line : split(text.substr(0, k_most_report_bytes), '\n')) {
    if (groups.size() > k_most_recipient_groups) break;
    if (trim(line).empty()) {
      finish();
    } else {
      block += line;
      block += '\n';
    }
  }
  finish();
  return groups;
}

std::string_view after_semicolon(std::string_view value) {
  const auto at = value.find(';');
  return trim(at == std::string_view::npos ? value : value.substr(at + 1));
}

int gravity(Signal::Kind kind) {
  switch (kind) {
    case Signal::Kind::failed:
      return 2;
    case Signal::Kind::delayed:
      return 1;
    default:
      return 0;
  }
}

/// One recipient's line; nothing when it says nothing about delivery.
std::optional<Signal> read_group(const std::vector<Header>& group) {
  const auto action = to_lower_ascii(field(group, "action"));
  const auto status = field(group, "status");
  Signal signal;
  if (action.starts_with("failed") || (action.empty() && status.starts_with('5'))) {
    signal.kind = Signal::Kind::failed;
    signal.permanent = !status.starts_with('4');
  } else if (action.starts_with("delayed") || (action.empty() && status.starts_with('4'))) {
    signal.kind = Signal::Kind::delayed;
  } else if (action.starts_with("delivered") || action.starts_with("relayed") ||
             action.starts_with("expanded")) {
    signal.kind = Signal::Kind::delivered;
  } else {
    return std::nullopt;
  }
  const auto why = after_semicolon(field(group, "diagnostic-code"));
  if (why.find(status) == std::string_view::npos) signal.detail = status.substr(0, 20);
  if (!why.empty()) signal.detail += (signal.detail.empty() ? "" : " ") + std::string(why);
  signal.detail = std::string(clip_utf8(signal.detail, k_longest_detail));
  return signal;
}

std::optional<std::string> key_of_ids(std::string_view value, const Tokens& tokens) {
  for (const auto& id : message_ids(value)) {
    if (auto key = tokens.key_of_message_id(id)) return key;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Signal> read_bounce(const ParsedMail& mail, const Tokens& tokens,
                                  const std::optional<std::string>& return_key) {
  auto key = key_of_ids(field(mail.returned, "message-id"), tokens);
  if (!key) key = return_key;
  std::optional<Signal> signal;
  const bool reports = mail.is_report || return_key;
  if (reports && !mail.delivery_status.empty()) {
    for (const auto& group : groups_of(mail.delivery_status)) {
      if (auto named = tokens.verify_key(field(group, "original-envelope-id"))) key = named;
      const auto read = read_group(group);
      if (read && (!signal || gravity(read->kind) > gravity(signal->kind))) signal = read;
    }
  } else if (reports && !mail.disposition.empty()) {
    const auto fields = parse_fields(mail.disposition);
    if (auto named = key_of_ids(field(fields, "original-message-id"), tokens)) key = named;
    signal.emplace();
    signal->detail = std::string(clip_utf8(field(fields, "disposition"), k_longest_detail));
  } else if (return_key && mail.from.starts_with("mailer-daemon@")) {
    // Older servers say in free text that a mail came back; the address tells which one.
    signal.emplace();
    signal->kind = Signal::Kind::failed;
    signal->detail = std::string(clip_utf8(mail.subject, k_longest_detail));
  }
  if (!signal || !key) return std::nullopt;
  signal->reply_key = *key;
  return signal;
}

}  // namespace kanal::email
