#include "connectors/email/authentication.hpp"

#include <optional>
#include <string>
#include <vector>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_most_header_bytes = 16'384;
constexpr std::size_t k_most_results = 64;

// The words of a structured field without its comments; ';' and '=' are words of their own.
std::vector<std::string> words_of(std::string_view value) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  bool quoted = false;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      ++i;
      if (depth == 0) word += value[i];
    } else if (quoted) {
      if (c == '"') {
        quoted = false;
      } else {
        word += c;
      }
    } else if (c == '(') {
      ++depth;
    } else if (depth > 0) {
      if (c == ')') --depth;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ';' || c == '=') {
      finish();
      words.emplace_back(1, c);
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      finish();
    } else {
      word += c;
    }
  }
  finish();
  for (auto& each : words) each = to_lower_ascii(each);
  return words;
}

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? address : address.substr(at + 1);
}

bool same_domain_or_above(std::string_view domain, std::string_view from) {
  domain = domain_of(domain);
  if (domain.find('.') == std::string_view::npos || from.size() < domain.size()) return false;
  if (!from.ends_with(domain)) return false;
  return from.size() == domain.size() || from[from.size() - domain.size() - 1] == '.';
}

struct Findings {
  bool passed = false;   // DMARC, for the sender's own domain
  bool failed = false;   // DMARC, for whatever domain, or not looked at for want of an answer
  bool refuted = false;  // DMARC found that the sender is another
  bool aligned = false;  // DKIM or SPF of the sender's own domain passed
};

// `words` behind the server's name: ";" method "=" result {property "=" value}.
Findings findings_of(const std::vector<std::string>& words, std::string_view from) {
  Findings found;
  std::size_t results = 0;
  for (std::size_t i = 0; i + 3 < words.size(); ++i) {
    if (words[i] != ";" || words[i + 2] != "=" || ++results > k_most_results) continue;
    const auto method = words[i + 1].substr(0, words[i + 1].find('/'));
    const bool passes = words[i + 3] == "pass";
    if (method == "dmarc" && !passes) found.failed = found.failed || words[i + 3] != "none";
    if (method == "dmarc") found.refuted = found.refuted || words[i + 3] == "fail";
    if (!passes) continue;
    for (auto at = i + 4; at + 2 < words.size() && words[at] != ";"; ++at) {
      if (words[at + 1] != "=") continue;
      const auto& name = words[at];
      const auto& value = words[at + 2];
      if (method == "dmarc" && name == "header.from") {
        found.passed = found.passed || domain_of(value) == from;
        found.failed = found.failed || domain_of(value) != from;
      }
      const bool own =
          (method == "dkim" && name == "header.d") || (method == "spf" && name == "smtp.mailfrom");
      found.aligned = found.aligned || (own && same_domain_or_above(value, from));
    }
  }
  return found;
}

}  // namespace

Vouching vouching_of(const ParsedMail& mail, std::string_view authserv_id) {
  const auto wanted = to_lower_ascii(authserv_id);
  for (const auto& header : mail.headers) {
    if (header.name != k_findings) continue;
    // What is too long to be read may be the server's own.
    if (header.value.size() > k_most_header_bytes) return Vouching::none;
    const auto words = words_of(header.value);
    if (words.empty() || words.front() != wanted) continue;
    const auto found = findings_of(words, domain_of(mail.from));
    if (found.refuted) return Vouching::refuted;
    const bool vouched = mail.one_author && !found.failed && (found.passed || found.aligned);
    return vouched ? Vouching::vouched : Vouching::none;
  }
  return Vouching::none;
}

}  // namespace kanal::email
