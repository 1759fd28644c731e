#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kanal::sandbox::email {

/// One argument of an IMAP command (RFC 3501 §4).
struct Word {
  enum class Type : std::uint8_t { atom, text, list };
  Type type = Type::atom;
  std::string text;
  std::vector<Word> items;
  [[nodiscard]] bool is_list() const { return type == Type::list; }
};

/// Reads arguments; each "{…}" stands for the next literal. Nothing when they cannot be read.
std::optional<std::vector<Word>> parse_words(std::string_view text,
                                             std::vector<std::string> literals);

/// A literal that a line announces at its end.
struct Announced {
  std::size_t bytes = 0;
  bool waits = true;  ///< for our leave to send it ("{123}", not "{123+}")
};
std::optional<Announced> announced_literal(std::string_view line);

/// "1:5,7,12:*". `last` is what "*" means.
class NumberSet {
 public:
  static std::optional<NumberSet> parse(std::string_view text, std::uint32_t last);
  [[nodiscard]] bool holds(std::uint32_t number) const;

 private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges_;
};

std::string to_upper_ascii(std::string_view text);
std::optional<std::uint32_t> number_of(std::string_view text);
/// A string as an answer shows it: quoted, or a literal where that cannot be.
std::string print_text(std::string_view text);

}  // namespace kanal::sandbox::email
