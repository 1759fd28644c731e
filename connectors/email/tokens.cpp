#include "connectors/email/tokens.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_hash_bytes = 10;
constexpr std::size_t k_longest_key = 120;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

std::string escape(std::string_view key) {
  std::string text;
  for (const char c : key) {
    if (is_plain(c)) {
      text += c;
    } else {
      text += '_' + to_hex(std::string_view(&c, 1));
    }
  }
  return text;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string key;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      const auto byte = from_hex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      key += *byte;
      i += 2;
    } else if (is_plain(text[i])) {
      key += text[i];
    } else {
      return std::nullopt;
    }
  }
  return key;
}

}  // namespace

std::string Tokens::hash(std::string_view what, std::string_view of) const {
  return to_base32(
      keys_.tag(Purpose::thread, std::string(what) + ':' + std::string(of), k_hash_bytes));
}

std::string Tokens::sign_key(std::string_view key) const {
  return escape(key) + '.' + hash("reply", key);
}

std::optional<std::string> Tokens::verify_key(std::string_view signed_key) const {
  if (signed_key.size() > 3 * k_longest_key) return std::nullopt;
  const auto text = to_lower_ascii(signed_key);
  const auto dot = text.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  auto key = unescape(std::string_view(text).substr(0, dot));
  if (!key || text.substr(dot + 1) != hash("reply", *key)) return std::nullopt;
  return key;
}

std::optional<std::string> Tokens::key_of_message_id(std::string_view message_id) const {
  const auto at = message_id.rfind('@');
  return at == std::string_view::npos ? std::nullopt : verify_key(message_id.substr(0, at));
}

std::string Tokens::sign_report(ReportId report) const {
  const auto number = std::to_string(report.value());
  return number + '.' + hash("report", number);
}

std::optional<ReportId> Tokens::verify_report(std::string_view token) const {
  const auto report = report_of_key(token);
  if (!report || to_lower_ascii(token) != sign_report(report)) return std::nullopt;
  return report;
}

ReportId report_of_key(std::string_view key) {
  std::int64_t number = 0;
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return {};
  const auto [end, error] = std::from_chars(key.data(), key.data() + dot, number);
  return error == std::errc{} && end == key.data() + dot && number > 0 ? ReportId(number)
                                                                       : ReportId();
}

Address split_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return {};
  return {std::string(address.substr(0, at)), to_lower_ascii(address.substr(at + 1))};
}

bool is_plain_address(std::string_view address) {
  const auto [local, domain] = split_address(address);
  if (local.empty() || local.size() > 64 || domain.size() > 253) return false;
  if (local.front() == '.' || local.back() == '.' || domain.front() == '.' ||
      domain.front() == '-' || local.find("..") != std::string::npos ||
      domain.find("..") != std::string::npos) {
    return false;
  }
  constexpr std::string_view k_marks = "!#$%&'*+-/=?^_`{|}~.";
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return std::ranges::all_of(local,
                             [&](char c) {
                               return alphanumeric(c) || k_marks.find(c) != std::string_view::npos;
                             }) &&
         std::ranges::all_of(domain,
                             [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace kanal::email
