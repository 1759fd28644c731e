#include "connectors/email/charset.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <optional>
#include <utility>

#include "core/text.hpp"

namespace kanal::email {
namespace {

class Iconv {
 public:
  explicit Iconv(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  ~Iconv() {
    if (open()) iconv_close(handle_);
  }
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  [[nodiscard]] bool open() const {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own way to say no.
    return handle_ != reinterpret_cast<iconv_t>(-1);
  }
  [[nodiscard]] iconv_t get() const { return handle_; }

 private:
  iconv_t handle_;
};

struct Alias {
  std::string_view said;
  const char* meant;
};

// What mail programs write and glibc does not know, or knows as less than they mean.
constexpr std::array k_aliases = {
    Alias{"iso-8859-1", "WINDOWS-1252"},
    Alias{"iso8859-1", "WINDOWS-1252"},
    Alias{"latin1", "WINDOWS-1252"},
    Alias{"iso-8859-9", "WINDOWS-1254"},
    Alias{"ks_c_5601-1987", "CP949"},
    Alias{"ks_c_5601", "CP949"},
    Alias{"euc-kr", "CP949"},
    Alias{"gb2312", "GB18030"},
    Alias{"gbk", "GB18030"},
    Alias{"x-gbk", "GB18030"},
    Alias{"x-sjis", "CP932"},
    Alias{"shift_jis", "CP932"},
    Alias{"shift-jis", "CP932"},
    Alias{"iso-8859-8-i", "ISO-8859-8"},
    Alias{"iso-2022-jp", "ISO-2022-JP-2"},
    Alias{"unicode-1-1-utf-7", "UTF-7"},
    Alias{"cp-850", "CP850"},
    Alias{"windows-1252http-equivcontent-type", "WINDOWS-1252"},
    Alias{"macintosh", "MACINTOSH"},
    Alias{"x-mac-roman", "MACINTOSH"},
    Alias{"cp1252", "WINDOWS-1252"},
    Alias{"ansi", "WINDOWS-1252"},
};

constexpr std::size_t k_longest_name = 40;
// Formats of several bytes a character, where valid UTF-8 inside is no sign of a wrong label.
constexpr std::array<std::string_view, 4> k_never_utf8_inside = {"utf-7", "iso-2022", "utf-16",
                                                                 "utf-32"};

std::string iconv_name(std::string_view declared) {
  auto name = to_lower_ascii(trim(declared));
  while (!name.empty() && (name.front() == '"' || name.front() == '\'')) name.erase(0, 1);
  while (!name.empty() && (name.back() == '"' || name.back() == '\'')) name.pop_back();
  const auto* const alias = std::ranges::find(k_aliases, std::string_view(name), &Alias::said);
  if (alias != k_aliases.end()) return alias->meant;
  if (name.empty() || name.size() > k_longest_name) return {};
  // "//IGNORE" and the like would change how iconv works.
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           c == ':';
  });
  return plain ? name : std::string();
}

struct Converted {
  std::string text;
  std::size_t bad = 0;
};

std::optional<Converted> convert(std::string_view bytes, const std::string& from) {
  if (from.empty()) return std::nullopt;
  const Iconv iconv_handle(from.c_str());
  if (!iconv_handle.open()) return std::nullopt;
  Converted converted;
  converted.text.reserve(bytes.size() + bytes.size() / 4);
  std::string source(bytes);
  char* in = source.data();
  std::size_t left = source.size();
  std::array<char, 4096> chunk{};
  while (true) {
    char* out = chunk.data();
    std::size_t room = chunk.size();
    const auto before = left;
    const bool ending = left == 0;
    const auto done = ending ? iconv(iconv_handle.get(), nullptr, nullptr, &out, &room)
                             : iconv(iconv_handle.get(), &in, &left, &out, &room);
    const int why = done == static_cast<std::size_t>(-1) ? errno : 0;
    converted.text.append(chunk.data(), chunk.size() - room);
    if (ending) break;
    if (why == EILSEQ || why == EINVAL) {
      ++in;
      --left;
      if (converted.bad++ == 0 || !converted.text.ends_with("\xEF\xBF\xBD")) {
        converted.text += "\xEF\xBF\xBD";
      }
    } else if (why == E2BIG && room == chunk.size() && before == left) {
      break;
    }
  }
  return converted;
}

/// How many sequences of several bytes are UTF-8, and how many bytes above 127 are not.
std::pair<std::size_t, std::size_t> weigh_utf8(std::string_view bytes) {
  std::size_t good = 0;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead >= 0xC2 && is_utf8(bytes.substr(i, length)) && i + length <= bytes.size()) {
      ++good;
      i += length;
    } else {
      ++bad;
      ++i;
    }
  }
  return {good, bad};
}

std::string guess(std::string_view bytes) {
  if (is_utf8(bytes)) return scrub_utf8(bytes);
  const auto [good, bad] = weigh_utf8(bytes);
  if (good > bad) return scrub_utf8(bytes);
  if (auto western = convert(bytes, "WINDOWS-1252")) return scrub_utf8(western->text);
  return scrub_utf8(bytes);
}

}  // namespace

std::string decode_charset(std::string_view bytes, std::string_view declared) {
  const auto name = iconv_name(declared);
  const auto lower = to_lower_ascii(name);
  const bool stateful = std::ranges::any_of(
      k_never_utf8_inside, [&](std::string_view prefix) { return lower.starts_with(prefix); });
  if (!stateful && bytes.find("\x1B$") != std::string_view::npos && is_utf8(bytes)) {
    if (auto japanese = convert(bytes, "ISO-2022-JP-2"); japanese && japanese->bad == 0) {
      return scrub_utf8(japanese->text);
    }
  }
  if (name.empty() || lower == "utf-8" || lower == "utf8" || lower == "us-ascii" ||
      lower == "ascii" || lower.starts_with("ansi_x3")) {
    return guess(bytes);
  }
  if (!stateful && is_utf8(bytes) && weigh_utf8(bytes).first > 0) return scrub_utf8(bytes);
  const auto converted = convert(bytes, name);
  if (!converted || converted->bad > bytes.size() / 20 + 2) return guess(bytes);
  return scrub_utf8(converted->text);
}

}  // namespace kanal::email
