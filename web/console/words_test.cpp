#include "web/console/words.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>

#include <catch2/catch.hpp>

#include "core/reply.hpp"
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
    } else if (source.compare(at, 3, "'\"'") == 0) {
      at += 2;
      code += '?';
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

/// The connectors, what of the net they speak by, and who works them.
std::vector<std::string> sources_of_trouble() {
  std::vector<std::string> files = {"net/curl_pipe.cpp", "net/http_client.cpp",
                                    "net/mail_pipe.cpp", "router/channel_worker.cpp",
                                    "router/outbox.cpp", "router/settling.cpp"};
  // What they refuse is told to whoever sent it, and stands on no page.
  const std::set<std::string> unseen = {"verify.cpp", "standard_webhook.cpp"};
  const std::filesystem::path root(KANAL_SOURCE);
  for (const auto& each : std::filesystem::recursive_directory_iterator(root / "connectors")) {
    const auto name = each.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
    if (name.ends_with("fixture.cpp") || unseen.contains(name)) continue;
    files.push_back(std::filesystem::relative(each.path(), root).string());
  }
  return files;
}

/// Without blanks and comments, but with the texts as they are; what follows the last is left out.
std::vector<std::string> statements_in(const std::string& file) {
  std::vector<std::string> all(1);
  for (const auto& [text, before] : literals_in(file)) {
    for (const char character : before) {
      if (character == ';') {
        all.emplace_back();
      } else {
        all.back() += character;
      }
    }
    all.back() += '"' + text + '"';
  }
  return all;
}

/// The texts of a piece of a statement, with "1" for what stands between them.
std::string said_in(std::string_view piece) {
  std::string said;
  bool inside = false;
  bool between = false;
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (piece[at] == '"') {
      if (!inside && between) said += '1';
      inside = !inside;
      between = false;
    } else if (!inside) {
      between = true;
    } else {
      if (piece[at] == '\\') ++at;
      said += piece[at];
    }
  }
  return said;
}

/// Where what a statement fails with begins.
std::size_t reason_at(std::string_view statement) {
  const auto behind = [&](std::string_view what) {
    const auto at = statement.rfind(what);
    return at == statement.npos ? 0 : at + what.size();
  };
  auto at = std::max(
      {behind("Health::failing,"), behind("add_unreadable("), behind("unreadable.push_back(")});
  // An answer to whoever asked begins with its status.
  const auto refused = behind("returnrefuse(");
  if (refused > 0 && (statement[refused] == '"' || statement[refused] == '(')) {
    at = std::max(at, refused);
  }
  // One that is compared with, or a case of, stands before no comma.
  constexpr std::string_view k_remedy = "Remedy::";
  if (const auto remedy = behind(k_remedy); remedy > 0) {
    const auto stop = statement.find_first_of(",;)&|=:", remedy);
    if (stop != statement.npos && statement[stop] == ',') at = std::max(at, stop + 1);
  }
  return at;
}

/// What the variable was begun with in the last of the statements that begins one of its name.
std::string begun_with(std::span<const std::string> before, const std::string& name) {
  for (auto each = before.rbegin(); each != before.rend(); ++each) {
    for (const auto& begins : {"auto" + name + "=", "std::string" + name + "="}) {
      if (const auto at = each->rfind(begins); at != std::string::npos) {
        return said_in(std::string_view(*each).substr(at + begins.size()));
      }
    }
  }
  return {};
}

/// Whatever can be found of it in the source; what is put together elsewhere is not.
std::vector<std::string> failures_in(const std::string& file) {
  std::vector<std::string> all;
  const auto statements = statements_in(file);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto at = reason_at(statements[i]);
    if (at == 0) continue;
    const auto rest = std::string_view(statements[i]).substr(at);
    const auto end = rest.find_first_of(",)");
    const bool is_named = rest.find('"') == rest.npos && end != rest.npos;
    auto said = is_named
                    ? begun_with(std::span(statements).first(i), std::string(rest.substr(0, end)))
                    : said_in(rest);
    // Words of others alone.
    const auto is_letter = [](unsigned char character) { return std::isalpha(character) != 0; };
    if (std::ranges::any_of(said, is_letter)) all.push_back(std::move(said));
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
      // It ends no reply.
      if (said == "nobody can be asked") continue;
      INFO(file << ": " << said);
      CHECK(has_words(said));
      ++found;
    }
  }
  CHECK(found > 160);
}

TEST_CASE("of two kinds of trouble that are told alike each has its own words") {
  const auto organisation = Organisation::shipped();
  const auto words = [&](const std::string& said) {
    return console::trouble_words(said, organisation, "id").words;
  };
  CHECK(words("The access token is being renewed.") == "Token akses X sedang diperbarui.");
  CHECK(words("X did not renew the access token (status 503).").starts_with("X gagal"));
  CHECK(words("X says that this was posted, and does not show it yet").find("belum terlihat") !=
        std::string::npos);
  CHECK(words("X says that this was posted, and it could not be looked for")
            .find("belum dapat dicari") != std::string::npos);
  CHECK(words("the api_key is empty").starts_with("Kuncinya kosong"));
  CHECK(words("This api_key posts too much.").starts_with("Diminta menunggu"));
  CHECK(words("applications.1.key: two applications have one api_key").starts_with("Ada dua"));
  CHECK(words("mentions: Unauthorized (401)").starts_with("Nama pengguna, kata sandi"));
  CHECK(words("mentions: Forbidden (403)").starts_with("X tidak mengizinkan"));
  CHECK(words("mentions: Bad Request (400)").starts_with("X menolak"));
  CHECK(words("author.id is missing").starts_with("Ada isian yang wajib"));
  CHECK(words("data.key is missing") == words("the key is missing"));
  CHECK(words("it had not gone out: the sender was lost: node-1").starts_with("Proses pengirim"));
  CHECK(words("only the newest 200 open reports are asked after there: there are more")
            .starts_with("Laporan terbukanya"));
  const std::string lost = "; before: the mail server said: 550 5.1.1 User unknown";
  CHECK(words(std::string(k_given_up) + lost).starts_with("Petugas memutuskan"));
  CHECK(words("an officer has it sent again" + lost).starts_with("Petugas meminta"));
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
