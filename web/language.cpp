#include "web/language.hpp"

#include "core/text.hpp"

namespace kanal {

std::string language_of(const Request& request) {
  for (const auto& said : {request.field("lang"), request.cookie("lang")}) {
    if (said == "id" || said == "en") return said;
  }
  const auto wish = to_lower_ascii(request.header("accept-language"));
  return wish.starts_with("en") && wish.find("id") == std::string::npos ? "en" : "id";
}

void remember_language(const Request& request, Response& response) {
  const auto said = request.field("lang");
  if (said != "id" && said != "en") return;
  response.headers.emplace_back("Set-Cookie", "lang=" + said +
                                                  "; Path=/; Max-Age=31536000; SameSite=Lax" +
                                                  (request.secure ? "; Secure" : ""));
}

}  // namespace kanal
