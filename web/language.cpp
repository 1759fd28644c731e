#include "web/language.hpp"

#include <charconv>

#include "core/text.hpp"

namespace kanal {
namespace {

/// One language of an Accept-Language header (RFC 9110 §12.5.4), in lower case.
struct Wish {
  std::string_view tag;
  double weight = 1;
};

Wish wish_of(std::string_view item) {
  const auto semicolon = item.find(';');
  Wish wish{trim(item.substr(0, semicolon))};
  if (semicolon == std::string_view::npos) return wish;
  auto said = trim(item.substr(semicolon + 1));
  wish.weight = 0;
  if (!said.starts_with("q=")) return wish;
  said.remove_prefix(2);
  std::from_chars(said.data(), said.data() + said.size(), wish.weight);
  return wish;
}

// Which of the two a tag is content with; empty: neither. "in" is what old phones call Indonesian,
// and who speaks another language of the country reads it.
std::string_view language_in(std::string_view tag) {
  const auto primary = tag.substr(0, tag.find('-'));
  if (primary == "en") return "en";
  return primary == "id" || primary == "in" || tag.ends_with("-id") ? "id" : "";
}

std::string wanted(std::string_view header) {
  std::string_view best = "id";
  double weight = 0;
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto wish = wish_of(header.substr(0, comma));
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    const auto language = language_in(wish.tag);
    if (language.empty() || !(wish.weight > weight)) continue;
    best = language;
    weight = wish.weight;
  }
  return std::string(best);
}

}  // namespace

std::string language_of(const Request& request) {
  for (const auto& said : {request.field("lang"), request.cookie("lang")}) {
    if (said == "id" || said == "en") return said;
  }
  return wanted(to_lower_ascii(request.header("accept-language")));
}

void remember_language(const Request& request, Response& response) {
  const auto said = request.field("lang");
  // A form's own address names the language of its page, which nobody may have chosen.
  if (request.method == "POST" || (said != "id" && said != "en")) return;
  response.headers.emplace_back("Set-Cookie", "lang=" + said +
                                                  "; Path=/; Max-Age=31536000; SameSite=Lax" +
                                                  (request.secure ? "; Secure" : ""));
}

}  // namespace kanal
