#include "format/gsm7.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "format/unicode.hpp"

namespace kanal::gsm7 {
namespace {

using Table = std::array<char32_t, 128>;

struct Cell {
  std::uint8_t septet;
  char32_t point;
};

constexpr std::u32string_view k_default =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
static_assert(k_default.size() == 128);

constexpr std::array k_extension = {
    Cell{0x0A, U'\f'}, Cell{0x14, U'^'}, Cell{0x28, U'{'}, Cell{0x29, U'}'}, Cell{0x2F, U'\\'},
    Cell{0x3C, U'['},  Cell{0x3D, U'~'}, Cell{0x3E, U']'}, Cell{0x40, U'|'}, Cell{0x65, U'€'}};

// What differs from the two above (Annex A.2 and A.3).
constexpr std::array k_turkish_locking = {Cell{0x04, U'€'}, Cell{0x07, U'ı'}, Cell{0x0B, U'Ğ'},
                                          Cell{0x0C, U'ğ'}, Cell{0x1C, U'Ş'}, Cell{0x1D, U'ş'},
                                          Cell{0x40, U'İ'}, Cell{0x60, U'ç'}};
constexpr std::array k_portuguese_locking = {
    Cell{0x04, U'ê'}, Cell{0x06, U'ú'}, Cell{0x07, U'í'}, Cell{0x08, U'ó'}, Cell{0x09, U'ç'},
    Cell{0x0B, U'Ô'}, Cell{0x0C, U'ô'}, Cell{0x0E, U'Á'}, Cell{0x0F, U'á'}, Cell{0x12, U'ª'},
    Cell{0x13, U'Ç'}, Cell{0x14, U'À'}, Cell{0x15, U'∞'}, Cell{0x16, U'^'}, Cell{0x17, U'\\'},
    Cell{0x18, U'€'}, Cell{0x19, U'Ó'}, Cell{0x1A, U'|'}, Cell{0x1C, U'Â'}, Cell{0x1D, U'â'},
    Cell{0x1E, U'Ê'}, Cell{0x24, U'º'}, Cell{0x40, U'Í'}, Cell{0x5B, U'Ã'}, Cell{0x5C, U'Õ'},
    Cell{0x5D, U'Ú'}, Cell{0x60, U'~'}, Cell{0x7B, U'ã'}, Cell{0x7C, U'õ'}, Cell{0x7D, U'`'}};
constexpr std::array k_turkish_single = {Cell{0x47, U'Ğ'}, Cell{0x49, U'İ'}, Cell{0x53, U'Ş'},
                                         Cell{0x63, U'ç'}, Cell{0x67, U'ğ'}, Cell{0x69, U'ı'},
                                         Cell{0x73, U'ş'}};
constexpr std::array k_spanish_single = {Cell{0x09, U'ç'}, Cell{0x41, U'Á'}, Cell{0x49, U'Í'},
                                         Cell{0x4F, U'Ó'}, Cell{0x55, U'Ú'}, Cell{0x61, U'á'},
                                         Cell{0x69, U'í'}, Cell{0x6F, U'ó'}, Cell{0x75, U'ú'}};
constexpr std::array k_portuguese_single = {
    Cell{0x05, U'ê'}, Cell{0x09, U'ç'}, Cell{0x0B, U'Ô'}, Cell{0x0C, U'ô'}, Cell{0x0E, U'Á'},
    Cell{0x0F, U'á'}, Cell{0x12, U'Φ'}, Cell{0x13, U'Γ'}, Cell{0x15, U'Ω'}, Cell{0x16, U'Π'},
    Cell{0x17, U'Ψ'}, Cell{0x18, U'Σ'}, Cell{0x19, U'Θ'}, Cell{0x1F, U'Ê'}, Cell{0x41, U'À'},
    Cell{0x49, U'Í'}, Cell{0x4F, U'Ó'}, Cell{0x55, U'Ú'}, Cell{0x5B, U'Ã'}, Cell{0x5C, U'Õ'},
    Cell{0x61, U'Â'}, Cell{0x69, U'í'}, Cell{0x6F, U'ó'}, Cell{0x75, U'ú'}, Cell{0x7B, U'ã'},
    Cell{0x7C, U'õ'}, Cell{0x7F, U'â'}};

Table with(Table table, std::span<const Cell> cells) {
  for (const auto& cell : cells) table.at(cell.septet) = cell.point;
  return table;
}

std::span<const Cell> locking_cells(Language language) {
  switch (language) {
    case Language::turkish:
      return k_turkish_locking;
    case Language::portuguese:
      return k_portuguese_locking;
    case Language::spanish:
    case Language::none:
      return {};
  }
  return {};
}

std::span<const Cell> single_cells(Language language) {
  switch (language) {
    case Language::turkish:
      return k_turkish_single;
    case Language::spanish:
      return k_spanish_single;
    case Language::portuguese:
      return k_portuguese_single;
    case Language::none:
      return {};
  }
  return {};
}

constexpr std::size_t k_languages = 4;
using Tables = std::array<Table, k_languages>;

Tables make_tables(const Table& base, std::span<const Cell> (*cells)(Language)) {
  Tables tables;
  for (std::size_t i = 0; i < k_languages; ++i) {
    tables.at(i) = with(base, cells(static_cast<Language>(i)));
  }
  return tables;
}

const Table& main_table(Language language) {
  static const Tables tables = [] {
    Table base{};
    std::copy(k_default.begin(), k_default.end(), base.begin());
    return make_tables(base, locking_cells);
  }();
  return tables.at(static_cast<std::size_t>(language));
}

const Table& escaped_table(Language language) {
  static const Tables tables = make_tables(with(Table{}, k_extension), single_cells);
  return tables.at(static_cast<std::size_t>(language));
}

/// Both tables turned around: a character's septets, two when the first is an escape.
struct Reverse {
  struct Entry {
    char32_t point;
    std::uint8_t septet;
    bool escaped;
  };
  std::vector<Entry> entries;

  explicit Reverse(Shift shift) {
    const auto& plain = main_table(shift.locking);
    const auto& escaped = escaped_table(shift.single);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      if (i == static_cast<std::size_t>(k_escape)) continue;
      entries.push_back({plain.at(i), static_cast<std::uint8_t>(i), false});
    }
    for (std::size_t i = 0; i < escaped.size(); ++i) {
      if (escaped.at(i) == 0) continue;
      entries.push_back({escaped.at(i), static_cast<std::uint8_t>(i), true});
    }
    std::ranges::stable_sort(entries, {}, &Entry::point);
  }
  [[nodiscard]] const Entry* find(char32_t point) const {
    const auto found = std::ranges::lower_bound(entries, point, {}, &Entry::point);
    return found == entries.end() || found->point != point ? nullptr : &*found;
  }
};

const Reverse& reverse(Shift shift) {
  static const auto all = [] {
    std::vector<Reverse> made;
    for (std::size_t i = 0; i < k_languages * k_languages; ++i) {
      made.emplace_back(
          Shift{static_cast<Language>(i / k_languages), static_cast<Language>(i % k_languages)});
    }
    return made;
  }();
  return all.at(static_cast<std::size_t>(shift.locking) * k_languages +
                static_cast<std::size_t>(shift.single));
}

}  // namespace

std::string decode(std::string_view septets, Shift shift) {
  const auto& plain = main_table(shift.locking);
  const auto& escaped = escaped_table(shift.single);
  std::string text;
  text.reserve(septets.size());
  for (std::size_t i = 0; i < septets.size(); ++i) {
    auto septet = static_cast<std::uint8_t>(septets[i]);
    if (septets[i] == k_escape) {
      if (++i == septets.size()) break;
      septet = static_cast<std::uint8_t>(septets[i]);
      if (septet < 0x80 && escaped.at(septet) != 0) {
        append_utf8(text, escaped.at(septet));
        continue;
      }
      if (septets[i] == k_escape) {
        text += ' ';
        continue;
      }
    }
    append_utf8(text, septet < 0x80 ? plain.at(septet) : k_replacement);
  }
  return text;
}

std::optional<std::string> encode(std::string_view text, Shift shift) {
  const auto& table = reverse(shift);
  std::string septets;
  septets.reserve(text.size());
  while (!text.empty()) {
    const auto* entry = table.find(next_point(text));
    if (entry == nullptr) return std::nullopt;
    if (entry->escaped) septets += k_escape;
    septets += static_cast<char>(entry->septet);
  }
  return septets;
}

}  // namespace kanal::gsm7
