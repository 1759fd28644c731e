#include "web/site/answer.hpp"

#include <utility>

#include "web/language.hpp"
#include "web/problem.hpp"

namespace kanal::site {

Response page_answer(const Request& request, int status, std::string html,
                     std::string_view framers) {
  auto response = Response::html(status, std::move(html));
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; "
      "form-action 'self'; base-uri 'none'; frame-ancestors " +
          std::string(framers));
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cache-Control", "no-store");
  const bool has_key = asked_path(request).starts_with("/r/");
  response.headers.emplace_back("Referrer-Policy", has_key ? "no-referrer" : "same-origin");
  remember_language(request, response);
  return response;
}

}  // namespace kanal::site
