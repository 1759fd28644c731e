#include "connectors/email/html.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_most_html_bytes = 4U << 20U;
constexpr std::size_t k_longest_entity = 32;
constexpr int k_deepest_quote = 8;
constexpr std::size_t k_longest_link_words = 2048;
constexpr std::size_t k_compared_link = 60;
constexpr std::size_t k_most_pictures = 50;

struct Entity {
  std::string_view name;
  std::uint32_t code;
};

constexpr std::array k_entities = {
    Entity{"amp", '&'},       Entity{"lt", '<'},       Entity{"gt", '>'},
    Entity{"quot", '"'},      Entity{"apos", '\''},    Entity{"nbsp", ' '},
    Entity{"copy", 0xA9},     Entity{"reg", 0xAE},     Entity{"trade", 0x2122},
    Entity{"hellip", 0x2026}, Entity{"mdash", 0x2014}, Entity{"ndash", 0x2013},
    Entity{"lsquo", 0x2018},  Entity{"rsquo", 0x2019}, Entity{"ldquo", 0x201C},
    Entity{"rdquo", 0x201D},  Entity{"sbquo", 0x201A}, Entity{"bdquo", 0x201E},
    Entity{"laquo", 0xAB},    Entity{"raquo", 0xBB},   Entity{"lsaquo", 0x2039},
    Entity{"rsaquo", 0x203A}, Entity{"bull", 0x2022},  Entity{"middot", 0xB7},
    Entity{"deg", 0xB0},      Entity{"plusmn", 0xB1},  Entity{"frac12", 0xBD},
    Entity{"frac14", 0xBC},   Entity{"frac34", 0xBE},  Entity{"sup2", 0xB2},
    Entity{"sup3", 0xB3},     Entity{"times", 0xD7},   Entity{"divide", 0xF7},
    Entity{"euro", 0x20AC},   Entity{"pound", 0xA3},   Entity{"yen", 0xA5},
    Entity{"cent", 0xA2},     Entity{"sect", 0xA7},    Entity{"para", 0xB6},
    Entity{"iexcl", 0xA1},    Entity{"iquest", 0xBF},  Entity{"agrave", 0xE0},
    Entity{"aacute", 0xE1},   Entity{"acirc", 0xE2},   Entity{"atilde", 0xE3},
    Entity{"auml", 0xE4},     Entity{"aring", 0xE5},   Entity{"aelig", 0xE6},
    Entity{"ccedil", 0xE7},   Entity{"egrave", 0xE8},  Entity{"eacute", 0xE9},
    Entity{"ecirc", 0xEA},    Entity{"euml", 0xEB},    Entity{"igrave", 0xEC},
    Entity{"iacute", 0xED},   Entity{"icirc", 0xEE},   Entity{"iuml", 0xEF},
    Entity{"ntilde", 0xF1},   Entity{"ograve", 0xF2},  Entity{"oacute", 0xF3},
    Entity{"ocirc", 0xF4},    Entity{"otilde", 0xF5},  Entity{"ouml", 0xF6},
    Entity{"oslash", 0xF8},   Entity{"ugrave", 0xF9},  Entity{"uacute", 0xFA},
    Entity{"ucirc", 0xFB},    Entity{"uuml", 0xFC},    Entity{"szlig", 0xDF},
    Entity{"Agrave", 0xC0},   Entity{"Aacute", 0xC1},  Entity{"Auml", 0xC4},
    Entity{"Ccedil", 0xC7},   Entity{"Egrave", 0xC8},  Entity{"Eacute", 0xC9},
    Entity{"Ntilde", 0xD1},   Entity{"Ouml", 0xD6},    Entity{"Uuml", 0xDC},
    Entity{"rarr", 0x2192},   Entity{"larr", 0x2190},  Entity{"uarr", 0x2191},
    Entity{"darr", 0x2193},   Entity{"le", 0x2264},    Entity{"ge", 0x2265},
    Entity{"ne", 0x2260},     Entity{"check", 0x2713}, Entity{"zwnj", 0},
    Entity{"zwj", 0x200D},    Entity{"shy", 0},        Entity{"ensp", ' '},
    Entity{"emsp", ' '},      Entity{"thinsp", ' '},
};

// Text of the C1 range in a numeric reference is windows-1252 (WHATWG HTML §13.2.5.80).
constexpr std::array<std::uint32_t, 32> k_c1 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append_code_point(std::string& out, std::uint32_t code) {
  if (code == 0) return;
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::optional<std::uint32_t> numeric_entity(std::string_view name) {
  const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  const auto digits = name.substr(hex ? 2 : 1);
  if (digits.empty() || digits.size() > 8) return std::nullopt;
  std::uint64_t code = 0;
  for (const char c : digits) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      code = code * (hex ? 16 : 10) + static_cast<std::uint64_t>(c - '0');
    } else if (hex && lower >= 'a' && lower <= 'f') {
      code = code * 16 + static_cast<std::uint64_t>(lower - 'a') + 10;
    } else {
      return std::nullopt;
    }
  }
  if (code >= 0x80 && code < 0xA0) code = k_c1[code - 0x80];
  if (code == 0xA0) code = ' ';
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(code, 0x110000));
}

/// Decodes the entity at `text[0] == '&'` and says how many bytes it took; 0: none.
std::size_t append_entity(std::string& out, std::string_view text) {
  const auto end = text.substr(0, k_longest_entity).find_first_of("; <&\n\t", 1);
  if (end == std::string_view::npos || text[end] != ';') return 0;
  const auto name = text.substr(1, end - 1);
  if (name.empty()) return 0;
  if (name.front() == '#') {
    const auto code = numeric_entity(name);
    if (!code) return 0;
    append_code_point(out, *code);
    return end + 1;
  }
  const auto* const found = std::ranges::find(k_entities, name, &Entity::name);
  if (found == k_entities.end()) return 0;
  append_code_point(out, found->code);
  return end + 1;
}

std::string decode_entities(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t taken = text[i] == '&' ? append_entity(out, text.substr(i)) : 0;
    if (taken == 0) out += text[i];
    i += std::max<std::size_t>(taken, 1);
  }
  return out;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

struct Tag {
  std::string name;  ///< in lower case
  bool closing = false;
  std::string_view inside;
  std::size_t end = 0;  ///< index after '>'
};

/// A tag at `html[at] == '<'`; quotes may hold '>'.
std::optional<Tag> tag_at(std::string_view html, std::size_t at) {
  std::size_t i = at + 1;
  Tag tag;
  if (i < html.size() && html[i] == '/') {
    tag.closing = true;
    ++i;
  }
  const auto start = i;
  while (i < html.size() && !is_space(html[i]) && html[i] != '>' && html[i] != '/' &&
         i - start < 24)
    ++i;
  tag.name = to_lower_ascii(html.substr(start, i - start));
  if (tag.name.empty() || tag.name[0] < 'a' || tag.name[0] > 'z') return std::nullopt;
  const auto inside = i;
  char quote = 0;
  for (; i < html.size(); ++i) {
    const char c = html[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && html[i - 1] == '=') {
      quote = c;
    } else if (c == '>') {
      break;
    }
  }
  if (i >= html.size() && quote != 0) {
    // An unclosed quote swallows the rest: end the tag at the first '>' instead.
    i = std::min(html.find('>', inside), html.size());
  }
  tag.inside = html.substr(inside, i - inside);
  tag.end = std::min(i + 1, html.size());
  return tag;
}

std::string attribute(std::string_view inside, std::string_view name) {
  for (std::size_t i = 0; i + name.size() < inside.size(); ++i) {
    if (!is_space(inside[i]) && inside[i] != '/') continue;
    if (!equals_ignoring_case(inside.substr(i + 1, name.size()), name)) continue;
    std::size_t value = i + 1 + name.size();
    if (value >= inside.size() || inside[value] != '=') continue;
    ++value;
    if (value >= inside.size()) return {};
    const char quote = inside[value];
    const auto end = quote == '"' || quote == '\'' ? inside.find(quote, ++value)
                                                   : inside.find_first_of(" \t\r\n", value);
    return decode_entities(inside.substr(value, end == std::string_view::npos ? end : end - value));
  }
  return {};
}

/// "white-space: pre-wrap" and its like.
bool keeps_white_space(std::string_view inside) {
  if (inside.find(':') == std::string_view::npos) return false;
  auto style = to_lower_ascii(attribute(inside, "style"));
  std::erase_if(style, is_space);
  const auto at = style.find("white-space:pre");
  return at == 0 || (at != std::string::npos && style[at - 1] == ';');
}

template <std::size_t count>
bool one_of(std::string_view name, const std::array<std::string_view, count>& names) {
  return std::ranges::find(names, name) != names.end();
}

// Not the head, whose tags may both be left out: whatever it may hold stands here.
constexpr std::array<std::string_view, 8> k_skipped = {"script", "style",  "title",  "xml",
                                                       "iframe", "object", "select", "noscript"};
constexpr std::array<std::string_view, 16> k_lines = {
    "div",  "tr",      "table",  "section", "article", "header", "footer", "address",
    "form", "caption", "center", "dt",      "dd",      "figure", "thead",  "tbody"};
constexpr std::array<std::string_view, 10> k_paragraphs = {"p",  "h1", "h2", "h3", "h4",
                                                           "h5", "h6", "ul", "ol", "dl"};

constexpr std::array<std::string_view, 14> k_void = {"area",  "base",   "br",    "col",  "embed",
                                                     "hr",    "img",    "input", "link", "meta",
                                                     "param", "source", "track", "wbr"};
// What ends a paragraph that is not closed besides k_lines and k_paragraphs.
constexpr std::array<std::string_view, 3> k_blocks = {"blockquote", "hr", "pre"};

/// Lines with collapsed white space and quotation marks in front.
class Lines {
 public:
  void text(std::string_view words, bool as_is) {
    for (const char c : words) {
      if (as_is && c == '\n') {
        finish();
      } else if (!as_is && is_space(c)) {
        space_ = !line_.empty();
      } else if (c != '\r') {
        if (space_) line_ += ' ';
        space_ = false;
        line_ += c;
      }
    }
  }
  void finish() {
    while (!line_.empty() && line_.back() == ' ') line_.pop_back();
    if (line_.empty()) {
      blank_ = blank_ || started_;
    } else {
      flush_blank();
      out_ += prefix() + line_ + '\n';
      started_ = true;
    }
    line_.clear();
    space_ = false;
  }
  void end_line() {
    if (!line_.empty()) finish();
  }
  void paragraph() {
    end_line();
    blank_ = started_;
  }
  void quote(int by) {
    paragraph();
    flush_blank();
    depth_ = std::max(depth_ + by, 0);
  }
  std::string take() {
    end_line();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string prefix() const {
    std::string marks;
    for (int i = 0; i < std::min(depth_, k_deepest_quote); ++i) marks += "> ";
    return marks;
  }
  void flush_blank() {
    if (blank_) out_ += std::string(trim(prefix())) + '\n';
    blank_ = false;
  }
  std::string out_;
  std::string line_;
  bool space_ = false;
  bool blank_ = false;
  bool started_ = false;
  int depth_ = 0;
};

class Converter {
 public:
  explicit Converter(std::string_view html) : html_(html.substr(0, k_most_html_bytes)) {}

  std::string run() {
    std::size_t at = 0;
    while (at < html_.size()) {
      const auto mark = std::min(html_.find('<', at), html_.size());
      if (mark > at) words(decode_entities(html_.substr(at, mark - at)));
      at = mark < html_.size() ? markup(mark) : mark;
    }
    return lines_.take();
  }

 private:
  void words(std::string_view text) {
    lines_.text(text, pre_ > 0 || kept_depth_ > 0);
    if (!link_.empty() && link_words_.size() < k_longest_link_words) link_words_ += text;
  }

  std::size_t markup(std::size_t at) {
    const auto rest = html_.substr(at);
    if (rest.starts_with("<!--")) return after(rest.starts_with("<!-->") ? ">" : "-->", at + 4);
    if (rest.starts_with("<!") || rest.starts_with("<?")) return after(">", at + 2);
    const auto tag = tag_at(html_, at);
    if (!tag) {
      words("<");
      return at + 1;
    }
    if (!tag->closing && one_of(tag->name, k_skipped) && !tag->inside.ends_with('/')) {
      return after_element(*tag);
    }
    apply(*tag);
    return tag->end;
  }

  [[nodiscard]] std::size_t after(std::string_view what, std::size_t from) {
    // Looked for at most once in vain: else many unclosed comments would cost a pass each.
    auto& missing = what == ">" ? no_angle_ : no_comment_end_;
    const auto found = missing ? std::string_view::npos : html_.find(what, from);
    missing = missing || found == std::string_view::npos;
    return found == std::string_view::npos ? from : found + what.size();
  }

  [[nodiscard]] std::size_t after_element(const Tag& tag) {
    std::size_t at = tag.end;
    const auto index =
        static_cast<std::size_t>(std::ranges::find(k_skipped, tag.name) - k_skipped.begin());
    if (unclosed_[index]) return at;
    while ((at = html_.find("</", at)) != std::string_view::npos) {
      const auto behind = at + 2 + tag.name.size();
      const bool ends = behind >= html_.size() || is_space(html_[behind]) || html_[behind] == '>' ||
                        html_[behind] == '/';
      if (ends && equals_ignoring_case(html_.substr(at + 2, tag.name.size()), tag.name)) {
        const auto end = html_.find('>', at);
        return end == std::string_view::npos ? html_.size() : end + 1;
      }
      at += 2;
    }
    unclosed_[index] = true;
    return tag.end;
  }

  /// The first element whose style keeps white space, to its end.
  void keep_white_space(const Tag& tag) {
    const bool ends_paragraph =
        one_of(tag.name, k_paragraphs) || one_of(tag.name, k_lines) || one_of(tag.name, k_blocks);
    if (kept_name_ == "p" && ends_paragraph) kept_depth_ = 0;
    if (one_of(tag.name, k_void)) return;
    if (kept_depth_ > 0) {
      if (tag.name == kept_name_) kept_depth_ += tag.closing ? -1 : 1;
    } else if (!tag.closing && !tag.inside.ends_with('/') && keeps_white_space(tag.inside)) {
      kept_name_ = tag.name;
      kept_depth_ = 1;
    }
  }

  void apply(const Tag& tag) {
    const auto& name = tag.name;
    keep_white_space(tag);
    if (name == "br") {
      lines_.finish();
    } else if (name == "hr") {
      lines_.paragraph();
    } else if (name == "li") {
      lines_.end_line();
      if (!tag.closing) lines_.text("- ", true);
    } else if (name == "td" || name == "th") {
      lines_.text(" ", false);
    } else if (name == "blockquote") {
      lines_.quote(tag.closing ? -1 : 1);
    } else if (name == "pre") {
      lines_.paragraph();
      pre_ = std::max(pre_ + (tag.closing ? -1 : 1), 0);
    } else if (name == "a") {
      link(tag);
    } else if (name == "img" && !tag.closing) {
      lines_.text(std::string(clip_utf8(attribute(tag.inside, "alt"), 200)), false);
    } else if (one_of(name, k_paragraphs)) {
      lines_.paragraph();
    } else if (one_of(name, k_lines)) {
      lines_.end_line();
    }
  }

  void link(const Tag& tag) {
    if (!tag.closing) {
      link_ = attribute(tag.inside, "href");
      link_words_.clear();
      return;
    }
    if (link_.empty()) return;
    auto start = std::string_view(link_).substr(0, k_compared_link);
    if (start.ends_with('/')) start.remove_suffix(1);
    const bool shown = trim(link_words_).starts_with(start);
    if ((link_.starts_with("http://") || link_.starts_with("https://")) && !shown) {
      lines_.text(" (" + std::string(clip_utf8(link_, 500)) + ")", false);
    }
    link_.clear();
  }

  std::string_view html_;
  Lines lines_;
  int pre_ = 0;
  std::string link_;
  std::string link_words_;
  std::string kept_name_;
  int kept_depth_ = 0;
  bool no_angle_ = false;
  bool no_comment_end_ = false;
  std::array<bool, k_skipped.size()> unclosed_{};
};

}  // namespace

std::string html_to_text(std::string_view html) {
  return Converter(html).run();
}

std::vector<Picture> take_pictures(std::string& html) {
  constexpr std::string_view k_scheme = "data:";
  constexpr std::string_view k_encoding = ";base64,";
  constexpr std::size_t k_longest_type = 60;
  std::vector<Picture> pictures;
  std::string rest;
  std::size_t done = 0;
  for (std::size_t at = 0; pictures.size() < k_most_pictures;) {
    at = html.find("data:image/", at);
    if (at == std::string::npos) break;
    const auto type = at + k_scheme.size();
    const auto head = std::string_view(html).substr(type, k_longest_type);
    const auto encoding = head.find(k_encoding);
    at = type;
    if (encoding == std::string_view::npos) continue;
    // Nothing begins within it, picture or not: else many heads without an end would be read anew
    // from each of them.
    const auto start = type + encoding + k_encoding.size();
    const auto end = std::min(html.find_first_of("\"'<>)", start), html.size());
    at = end;
    auto encoded = html.substr(start, end - start);
    std::erase_if(encoded, is_space);
    auto bytes = from_base64(encoded);
    if (!bytes || bytes->empty()) continue;
    const auto declared = head.substr(0, encoding);
    pictures.push_back({std::string(declared.substr(0, declared.find(';'))), std::move(*bytes)});
    rest.append(html, done, type - k_scheme.size() - done);
    done = end;
  }
  if (done > 0) html = rest.append(html, done);
  return pictures;
}

}  // namespace kanal::email
