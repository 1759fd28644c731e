#include "connectors/email/subject.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/text.hpp"

namespace kanal::email {
namespace {

// What gateways write without brackets.
constexpr std::array<std::string_view, 4> k_gateway_words = {"external", "ext", "eksternal",
                                                             "spam"};
constexpr std::size_t k_longest_mark = 10;
constexpr std::size_t k_longest_label = 80;

constexpr std::size_t k_most_secrecy_words = 10;
constexpr std::size_t k_most_wrapped_lines = 3;
constexpr std::array<std::string_view, 3> k_anonymous = {"anonim", "anonymous", "anonymously"};
// What a report is; of an identity only behind its word.
constexpr std::array<std::string_view, 5> k_confidential = {"rahasia", "confidential", "private",
                                                            "pribadi", "secret"};
// What is done to a report, or to the identity wherever that is named.
constexpr std::array<std::string_view, 6> k_hiding = {"dirahasiakan", "rahasiakan", "disembunyikan",
                                                      "sembunyikan",  "hide",       "kerahasiaan"};
// Only behind "jangan" and "do not".
constexpr std::array<std::string_view, 5> k_telling = {"sebutkan", "sebarkan", "bocorkan",
                                                       "disclose", "reveal"};
constexpr std::array<std::string_view, 5> k_denying = {"jangan", "not", "don't", "don\u2019t",
                                                       "dont"};
constexpr std::array<std::string_view, 4> k_identity = {"identitas", "nama", "identity", "name"};
constexpr std::array<std::string_view, 10> k_pleading = {
    "mohon", "tolong", "harap", "minta", "please", "saya", "kami", "pelapor", "my", "our"};
constexpr std::array<std::string_view, 30> k_between = {
    "dan",   "and",   "laporan", "report", "aduan", "bersifat", "secara", "agar",
    "untuk", "tetap", "sebagai", "dijaga", "jaga",  "ini",      "ya",     "pak",
    "bu",    "bapak", "ibu",     "terima", "kasih", "keep",     "kept",   "be",
    "do",    "the",   "as",      "thanks", "thank", "you"};

template <std::size_t count>
bool one_of(std::string_view word, const std::array<std::string_view, count>& words) {
  return std::ranges::find(words, word) != words.end();
}

struct Wish {
  Secrecy asked;
  bool of_identity = false;  ///< in so many words: "identitas saya", "my name"
  bool pleads = false;
};

/// Without what makes words bold and what quotes them.
std::string_view unadorned(std::string_view word) {
  constexpr std::array<std::string_view, 6> k_adornments = {"*",      "_",      "\"",
                                                            "\u201C", "\u201D", "'"};
  for (bool more = true; more;) {
    more = false;
    for (const auto adornment : k_adornments) {
      if (word.starts_with(adornment)) {
        word.remove_prefix(adornment.size());
        more = true;
      }
      if (word.ends_with(adornment)) {
        word.remove_suffix(adornment.size());
        more = true;
      }
    }
  }
  return word;
}

/// Only words of those lists: "Rahasia dapur" asks for nothing.
Wish wish_of(std::string_view label) {
  if (label.size() > k_longest_label) return {};
  bool anonymous = false;
  bool confidential = false;
  bool hidden = false;
  bool told = false;
  bool denied = false;
  Wish wish;
  std::size_t count = 0;
  const auto lower = to_lower_ascii(label);
  for (std::size_t at = 0; at < lower.size();) {
    const auto end = std::min(lower.find_first_of(" \t\r\n,/&+.!-", at), lower.size());
    const auto word = unadorned(std::string_view(lower).substr(at, end - at));
    at = end + 1;
    if (word.empty()) continue;
    if (++count > k_most_secrecy_words) return {};
    if (one_of(word, k_anonymous)) {
      anonymous = true;
    } else if (one_of(word, k_confidential)) {
      (wish.of_identity ? hidden : confidential) = true;
    } else if (one_of(word, k_hiding)) {
      hidden = true;
    } else if (one_of(word, k_telling)) {
      told = true;
    } else if (one_of(word, k_denying)) {
      denied = true;
    } else if (one_of(word, k_identity)) {
      wish.of_identity = true;
    } else if (one_of(word, k_pleading)) {
      wish.pleads = true;
    } else if (!one_of(word, k_between)) {
      return {};
    }
  }
  if (denied != told || (denied && (anonymous || confidential || hidden))) return {};
  hidden = hidden || told;
  wish.asked = wish.of_identity ? Secrecy{anonymous || confidential || hidden, confidential}
                                : Secrecy{anonymous, confidential || hidden};
  return wish;
}

Secrecy secrecy_of(std::string_view label) {
  return wish_of(label).asked;
}

bool asks_for_no_name(std::string_view sentence) {
  const auto wish = wish_of(trim(sentence));
  return wish.of_identity && wish.pleads && wish.asked.anonymous;
}

/// "Mohon identitas saya dirahasiakan." wherever it stands, as a sentence or as lines of its own:
/// mail programs wrap a sentence, and people end one with a line.
bool wants_no_name(std::string_view text) {
  while (!text.empty()) {
    std::size_t first_end = text.size();
    std::size_t at = 0;
    for (std::size_t line = 0; line < k_most_wrapped_lines; ++line) {
      const auto end = std::min(text.find_first_of("\n.!?;:()[]", at), text.size());
      first_end = std::min(first_end, end);
      if (trim(text.substr(at, end - at)).empty()) break;
      if (asks_for_no_name(text.substr(0, end))) return true;
      if (end == text.size() || text[end] != '\n') break;
      at = end + 1;
    }
    text.remove_prefix(std::min(first_end + 1, text.size()));
  }
  return false;
}

bool asks(const Secrecy& secrecy) {
  return secrecy.anonymous || secrecy.confidential;
}

/// How much of the front is a label: "[EXTERNAL]", "{Spam?}", "***SPAM***"; 0: it is none, or one
/// that asks for secrecy.
std::size_t label_at_front(std::string_view subject) {
  if (subject.starts_with("**")) {
    const auto word = subject.find_first_not_of('*');
    const auto end = word == std::string_view::npos ? word : subject.find('*', word);
    if (end == std::string_view::npos || asks(secrecy_of(subject.substr(word, end - word)))) {
      return 0;
    }
    return std::min(subject.find_first_not_of('*', end), subject.size());
  }
  if (!subject.starts_with('[') && !subject.starts_with('{')) return 0;
  const auto end = subject.find(subject.front() == '[' ? ']' : '}');
  if (end == std::string_view::npos || asks(secrecy_of(subject.substr(1, end - 1)))) return 0;
  return end + 1;
}

/// What stands in front of a colon there, in lower case and without a count: "re" of "RE[2]: …".
std::string word_before(std::string_view subject, std::size_t colon) {
  auto word = to_lower_ascii(subject.substr(0, colon));
  return std::string(trim(std::string_view(word).substr(0, word.find_first_of("[("))));
}

std::string_view label_of(std::string_view bare) {
  constexpr std::string_view k_opening = "[({*";
  constexpr std::string_view k_closing = "])}*";
  if (const auto kind = k_opening.find(bare.substr(0, 1)); !bare.empty() && kind < 4) {
    bare.remove_prefix(std::min(bare.find_first_not_of(bare.front()), bare.size()));
    return bare.substr(0, std::min(bare.find(k_closing[kind]), bare.size()));
  }
  return bare.substr(0, std::min(bare.find(':'), bare.size()));
}

std::string_view label_at_end(std::string_view bare) {
  bare = trim(bare);
  if (!bare.ends_with(')') && !bare.ends_with(']')) return {};
  const auto start = bare.rfind(bare.back() == ')' ? '(' : '[');
  if (start == std::string_view::npos) return {};
  return bare.substr(start + 1, bare.size() - start - 2);
}

std::string_view first_line(std::string_view text) {
  auto line = trim(text.substr(0, std::min(text.find('\n'), text.size())));
  while (!line.empty() && std::string_view("[({*:})]").find(line.back()) != std::string_view::npos)
    line.remove_suffix(1);
  while (!line.empty() && std::string_view("[({*").find(line.front()) != std::string_view::npos)
    line.remove_prefix(1);
  return line;
}

}  // namespace

Subject peel(std::string_view subject) {
  Subject peeled{trim(subject)};
  const auto marked = [&](Subject::Mark mark) {
    if (peeled.mark == Subject::Mark::none) peeled.mark = mark;
  };
  for (;;) {
    auto& bare = peeled.bare;
    const auto colon = bare.substr(0, k_longest_mark + 1).find(':');
    if (colon != std::string_view::npos) {
      const auto word = word_before(bare, colon);
      if (one_of(word, k_answer_marks)) marked(Subject::Mark::answer);
      if (one_of(word, k_forward_marks)) marked(Subject::Mark::forward);
      if (one_of(word, k_answer_marks) || one_of(word, k_forward_marks) ||
          one_of(word, k_gateway_words)) {
        bare = trim(bare.substr(colon + 1));
        continue;
      }
    }
    const auto label = label_at_front(bare);
    if (label == 0) return peeled;
    if (equals_ignoring_case(bare.substr(1, 4), "fwd:")) {
      marked(Subject::Mark::forward);
      bare = trim(bare.substr(5, label - 6));
      continue;
    }
    bare = trim(bare.substr(label));
    if (bare.starts_with(':')) bare = trim(bare.substr(1));
  }
}

Secrecy secrecy_in(std::string_view subject, std::string_view text) {
  const auto bare = peel(subject).bare;
  Secrecy asked;
  // "[Fwd: Jalan] (rahasia)" has an end of its own.
  for (const auto label :
       {label_of(bare), label_at_end(bare), label_at_end(subject), first_line(text)}) {
    const auto said = secrecy_of(label);
    asked.anonymous = asked.anonymous || said.anonymous;
    asked.confidential = asked.confidential || said.confidential;
  }
  asked.anonymous = asked.anonymous || wants_no_name(text);
  return asked;
}

}  // namespace kanal::email
