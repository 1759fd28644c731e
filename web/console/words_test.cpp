#include "web/console/words.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <catch2/catch.hpp>

#include "format/picture_fixture.hpp"
#include "web/words.hpp"

using namespace kanal;

namespace {

/// A text in quotation marks, its parts joined as the compiler does, and what stands before it.
struct Literal {
  std::string text;
  std::string before;
};

std::vector<Literal> literals_in(const std::string& file) {
  const auto source = content_of(std::string(KANAL_SOURCE) + "/" + file);
  std::vector<Literal> all;
  std::string code;
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source.compare(at, 2, "//") == 0) {
      at = std::min(source.find('\n', at), source.size());
    } else if (source[at] != '"') {
      if (std::isspace(static_cast<unsigned char>(source[at])) == 0) code += source[at];
    } else {
      const auto start = at + 1;
      for (++at; at < source.size() && source[at] != '"'; ++at) {
        if (source[at] == '\\') ++at;
      }
      const bool goes_on = code.empty() && !all.empty();
      if (!goes_on) all.push_back({{}, code});
      all.back().text += source.substr(start, at - start);
      code.clear();
    }
  }
  return all;
}

/// The connectors, and what of the net they speak by.
std::vector<std::string> sources_of_trouble() {
  std::vector<std::string> files = {"net/curl_pipe.cpp", "net/http_client.cpp",
                                    "net/mail_pipe.cpp"};
  const std::filesystem::path root(KANAL_SOURCE);
  for (const auto& each : std::filesystem::recursive_directory_iterator(root / "connectors")) {
    const auto name = each.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
    if (name.ends_with("fixture.cpp")) continue;
    files.push_back(std::filesystem::relative(each.path(), root).string());
  }
  return files;
}

/// What follows a remedy in one statement, with "1" for what stands between the texts.
std::vector<std::string> failures_in(const std::string& file) {
  std::vector<std::string> all;
  bool goes_on = false;
  for (const auto& [text, before] : literals_in(file)) {
    constexpr std::string_view k_remedy = "Remedy::";
    const auto end = before.rfind(';');
    const auto remedy = before.rfind(k_remedy);
    const bool is_last = remedy != std::string::npos && (end == std::string::npos || remedy > end);
    // One that is compared with, or a case of, stands before no comma.
    const auto stop =
        is_last ? before.find_first_of(",;)&|=:", remedy + k_remedy.size()) : std::string::npos;
    const bool begins = stop != std::string::npos && before[stop] == ',';
    goes_on = begins || (goes_on && end == std::string::npos);
    if (begins) all.emplace_back(before.ends_with(',') ? "" : "1");
    if (!goes_on) continue;
    if (!begins) all.back() += '1';
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] != '\\') all.back() += text[at];
    }
  }
  return all;
}

}  // namespace

TEST_CASE("why an act is refused is told in Indonesian, whichever room says it") {
  int found = 0;
  for (const auto* file :
       {"router/casework.cpp", "router/moves.cpp", "router/files.cpp", "router/quarantine.cpp",
        "store/store_officers.cpp", "store/store_posts.cpp", "store/store_senders.cpp"}) {
    for (const auto& [text, before] : literals_in(file)) {
      const bool refuses = before.ends_with("refuse(") || before.ends_with("refuse(file,") ||
                           before.ends_with("fail(Remedy::drop,");
      // What is put together stands below.
      if (!refuses || text.starts_with('\\') || text.ends_with('\'')) continue;
      INFO(file << ": " << text);
      CHECK(console::refusal_words(text, "id") != text);
      CHECK(console::refusal_words(text, "en") == text);
      ++found;
    }
  }
  CHECK(found > 30);
  CHECK(console::refusal_words("made is the last national admin: make or enable another one first",
                               "id")
            .starts_with("made adalah admin nasional terakhir"));
  CHECK(console::refusal_words("There is an officer with the user name 'made'", "id") ==
        "Sudah ada petugas dengan nama pengguna 'made'.");
  CHECK(console::refusal_words("No report can be made of it: x", "id") ==
        "Tidak dapat dijadikan laporan: x");
  CHECK(console::refusal_words("\"a.jpg\": The file is empty.", "id") ==
        "\"a.jpg\": Berkasnya kosong.");
}

TEST_CASE("the kinds of trouble are told in Indonesian, with what was said of them below") {
  const auto organisation = Organisation::shipped();
  const auto told = [&](std::string_view said, std::string_view language) {
    const auto trouble = console::trouble_words(said, organisation, language);
    return trouble.words + "|" + trouble.detail;
  };
  for (const std::string said :
       {"line 3: \"texte\" is not a key of a post", "not valid JSON: a comma is missing",
        "the mail server said: 550 5.1.1 <budi@x>: User unknown",
        "the mail server said: 552 5.2.2 Mailbox full",
        "imap.x:993 refused the login of lapor; check user and password",
        "imap.x:993 did not answer in time; check port and security",
        "the mail server said: 451 4.7.0 Too many messages"}) {
    INFO(said);
    CHECK(told(said, "en") == said + "|");
    CHECK(told(said, "id").ends_with("|" + said));
    CHECK_FALSE(told(said, "id").starts_with(said));
  }
  CHECK(told("552 5.2.2 Mailbox full", "id").starts_with("Kotak surat penerimanya penuh."));
  CHECK(told("it says nothing", "id") == "tidak ada isinya|");
  CHECK(told("sesuatu yang lain", "id") == "sesuatu yang lain|");
}

TEST_CASE("whatever a connector can fail with has words in Indonesian") {
  const auto organisation = Organisation::shipped();
  const auto has_words = [&](const std::string& said) {
    return console::trouble_words(said, organisation, "id").words != said;
  };
  int found = 0;
  for (const auto& file : sources_of_trouble()) {
    for (const auto& said : failures_in(file)) {
      INFO(file << ": " << said);
      CHECK(has_words(said));
      ++found;
    }
  }
  CHECK(found > 120);
}

TEST_CASE("an officer is told what to do once, and by what was said where that does it") {
  const auto organisation = Organisation::shipped();
  const std::string unpaid =
      "X wants payment (402): credits depleted. Buy credits or raise the spending limit in the "
      "developer console (console.x.com, Billing).";
  const auto words = console::trouble_words(unpaid, organisation, "id").words;
  CHECK(words.starts_with("Saldo kredit X habis. Beli kredit"));
  CHECK(health_advice(Health::credentials_refused, words, "id") ==
        "Dicoba lagi dengan sendirinya; setelah pengaturan diubah, mulai ulang.");
  CHECK(health_advice(Health::credentials_refused, unpaid, "en") ==
        "It is tried again by itself; once you have changed the settings, start again.");
  for (const auto* const language : {"id", "en"}) {
    const auto general = health_advice(Health::credentials_refused, "", language);
    CHECK(general.find(language == std::string("id") ? "Periksa" : "Check") == 0);
  }
}

TEST_CASE("what the stages note is told in Indonesian") {
  // Parts of sentences that are put together.
  const std::set<std::string> parts = {"a token of ours", "an earlier message",
                                       "a report's number"};
  const auto is_letter = [](char character) { return character >= 'a' && character <= 'z'; };
  const auto organisation = Organisation::shipped();
  int found = 0;
  for (const auto* stage : {"screen", "identify", "pipeline", "route"}) {
    for (const auto& [text, before] : literals_in("router/" + std::string(stage) + ".cpp")) {
      // Whole sentences have three words and more.
      if (std::ranges::count(text, ' ') < 2 || parts.contains(text)) continue;
      if (!is_letter(text.front()) || !is_letter(text.back())) continue;
      INFO(stage << ": " << text);
      CHECK(console::reason_words(text, organisation, "id") != text);
      ++found;
    }
  }
  CHECK(found > 30);
}
