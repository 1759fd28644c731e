#include "web/language.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

std::string asked_with(const std::string& accepted) {
  Request request;
  request.method = "GET";
  request.headers = {{"accept-language", accepted}};
  return language_of(request);
}

TEST_CASE("a browser gets the one of our languages that it would rather have") {
  for (const auto* english :
       {"en", "en-ID,en;q=0.9", "en-US,en;q=0.9,id;q=0.8", "EN-GB", "ja,en;q=0.5",
        "id;q=0.3, en-GB;q=0.8", "id;q=0,en;q=0.1", "de-ID;q=0.1, en"}) {
    INFO(english);
    CHECK(asked_with(english) == "en");
  }
  for (const auto* indonesian :
       {"", "id", "id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "in-ID,en;q=0.8", "en;q=0.5,id;q=0.9",
        "jv-ID,jv;q=0.9,en-US;q=0.8", "ms,ja;q=0.5", "en;q=0", "*", ",;q=,=", "en;q=x"}) {
    INFO(indonesian);
    CHECK(asked_with(indonesian) == "id");
  }
}

TEST_CASE("a language that was chosen by a link is remembered, and that of a form's address not") {
  for (const auto* method : {"GET", "POST"}) {
    Request request;
    request.method = method;
    request.fields = {{"lang", "en"}};
    request.headers = {{"cookie", "lang=id"}};
    CHECK(language_of(request) == "en");
    Response response;
    remember_language(request, response);
    CHECK(response.headers.empty() == (request.method == "POST"));
  }
}

}  // namespace
}  // namespace kanal
