#include "config/reader.hpp"

#include <fstream>

#include <catch2/catch.hpp>

#include "config/schema.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {
namespace {

struct Inner {
  std::string host;
  std::int64_t port = 993;
  Secret password;
  template <class Visitor>
  void describe(Visitor& visit) {
    visit(host, Field{.key = "host", .about = "The server.", .required = true});
    visit(port, Field{.key = "port", .about = "Its port.", .least = 1, .most = 65535});
    visit(password, Field{.key = "password", .about = "The password."});
  }
};

struct Outer {
  Inner imap;
  std::vector<Inner> others;
  std::map<std::string, Inner> named;
  std::vector<std::string> words = {"a"};
  std::string security = "tls";
  std::chrono::milliseconds timeout_ms{30'000};
  bool quick = false;
  template <class Visitor>
  void describe(Visitor& visit) {
    visit(imap, Field{.key = "imap", .about = "The mailbox."});
    visit(others, Field{.key = "others", .about = "Others."});
    visit(named, Field{.key = "named", .about = "Named."});
    visit(words, Field{.key = "words", .about = "Words."});
    visit(security, Field{.key = "security", .about = "How.", .choices = {"tls", "plain"}});
    visit(timeout_ms, Field{.key = "timeout_ms", .about = "Patience.", .least = 1, .most = 60'000});
    visit(quick, Field{.key = "quick", .about = "Quick."});
  }
};

TEST_CASE("settings are read with their defaults") {
  Problems problems;
  const auto table = Table::parse(
      "words = [\"x\", \"y\"]\ntimeout_ms = 5\n[imap]\nhost = \"h\"\npassword = \"env:P\"\n"
      "[[others]]\nhost = \"o\"\n[named.n]\nhost = \"n\"\nport = 1\n",
      "k.toml", problems);
  const auto settings = read<Outer>(table, problems);
  CHECK(print(problems).empty());
  CHECK(settings.imap.host == "h");
  CHECK(settings.imap.port == 993);
  CHECK(settings.words == std::vector<std::string>{"x", "y"});
  CHECK(settings.timeout_ms == std::chrono::milliseconds{5});
  CHECK(settings.others.at(0).host == "o");
  CHECK(settings.named.at("n").port == 1);
}

TEST_CASE("everything wrong is said at once, with file, line and key") {
  Problems problems;
  const auto table = Table::parse(
      "quick = 1\nsecurty = \"tls\"\nsecurity = \"ssl\"\ntimeout_ms = 0\n[imap]\nport = 70000\n"
      "password = \"hunter2\"\n",
      "k.toml", problems);
  read<Outer>(table, problems);
  const auto text = print(problems);
  CHECK(text.find("k.toml:1: quick: must be true or false") != std::string::npos);
  CHECK(text.find("k.toml:2: securty: is not a setting; did you mean \"security\"?") !=
        std::string::npos);
  CHECK(text.find("k.toml:3: security: must be one of \"tls\", \"plain\"") != std::string::npos);
  CHECK(text.find("k.toml:4: timeout_ms: must be at least 1") != std::string::npos);
  CHECK(text.find("imap.host: is missing: The server.") != std::string::npos);
  CHECK(text.find("k.toml:6: imap.port: must be at most 65535") != std::string::npos);
  CHECK(text.find("k.toml:7: imap.password: a secret must not stand here") != std::string::npos);
  CHECK(text.find("hunter2") == std::string::npos);
}

TEST_CASE("a syntax error names its line") {
  Problems problems;
  Table::parse("a = 1\nb = = 2\n", "k.toml", problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().line == 2);
}

TEST_CASE("printed settings read back the same") {
  Outer settings;
  settings.imap.host = "a\"b\\c\n";
  settings.imap.password = Secret("env:PASSWORD");
  settings.others.resize(2);
  settings.others[0].host = "x";
  settings.others[1].host = "y";
  settings.named["two words"].host = "z";
  const auto text = redacted(settings);
  INFO(text);
  Problems problems;
  const auto again = read<Outer>(Table::parse(text, "k.toml", problems), problems);
  CHECK(print(problems).empty());
  CHECK(redacted(again) == text);
  CHECK(again.imap.host == settings.imap.host);
  CHECK(again.others.size() == 2);
}

TEST_CASE("one description makes schema and documentation") {
  const auto description = described<Outer>();
  const auto schema = print_schema(description, "Outer");
  CHECK(schema.find("\"timeout_ms\":{\"type\":\"integer\"") != std::string::npos);
  CHECK(schema.find("\"required\":[\"host\"]") != std::string::npos);
  const auto page = print_documentation(description, "outer");
  CHECK(page.find("| `port` | integer | `993` | Its port. |") != std::string::npos);
  CHECK(page.find("`[outer.named.NAME]`") != std::string::npos);
}

TEST_CASE("the file of a secret is looked for beside the settings") {
  const Scratch directory;
  std::filesystem::create_directories(directory.path() / "etc");
  std::ofstream(directory.path() / "etc/secret") << "s3cret";
  std::ofstream(directory.path() / "etc/k.toml")
      << "[imap]\nhost = \"h\"\npassword = \"file:secret\"\n";
  Problems problems;
  const auto settings =
      read<Outer>(Table::read(directory.path() / "etc/k.toml", problems), problems);
  CHECK(print(problems).empty());
  CHECK(settings.imap.password.reveal(nullptr).value() == "s3cret");
}

TEST_CASE("a table prints with its defaults and without its secrets") {
  Problems problems;
  const auto table = Table::parse(
      "quick = true\nunknown = \"hunter2\"\n[imap]\nhost = \"h\"\npassword = \"sealed:hunter2\"\n"
      "[[others]]\nhost = \"o\"\npassword = \"env:P\"\n[named.\"two words\"]\nhost = \"n\"\n",
      "k.toml", problems);
  const auto text = print_redacted(table, described<Outer>(), "channel.x");
  INFO(text);
  CHECK(text.starts_with("[channel.x]\n"));
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("security = \"tls\"") != std::string::npos);
  CHECK(text.find("password = \"sealed:…\"") != std::string::npos);
  CHECK(text.find("password = \"env:P\"") != std::string::npos);
  const auto again = Table::parse(text, "again.toml", problems).child("channel").child("x");
  CHECK(print(problems).empty());
  CHECK(again.child("imap").text("host") == "h");
  CHECK(again.child("named").child("two words").text("host") == "n");
  REQUIRE(again.node().member("others") != nullptr);
  CHECK(again.node().member("others")->items.size() == 1);
}

TEST_CASE("all secrets of a table are found with their lines") {
  Problems problems;
  const auto table = Table::parse(
      "[imap]\nhost = \"h\"\npassword = \"env:A\"\n[[others]]\nhost = \"o\"\n"
      "password = \"file:b\"\n[named.n]\nhost = \"n\"\npassword = \"sealed:c\"\n",
      "etc/k.toml", problems);
  const auto secrets = secrets_in(table, described<Outer>());
  REQUIRE(secrets.size() == 3);
  CHECK(secrets[0].secret.reference() == "env:A");
  CHECK(secrets[0].place.line == 3);
  CHECK(secrets[0].place.key == "imap.password");
  CHECK(secrets[1].secret.reference() == "file:etc/b");
  CHECK(secrets[2].secret.redacted() == "sealed:…");
}

TEST_CASE("whatever is wrong with a settings file, no fault repeats the secret in it") {
  for (const auto* text :
       {"password = hunter2", "password = \"hunter2", "password = 'hunter2\n'",
        "password = [hunter2]", "password = \"\\hunter2\"", "password hunter2",
        "password = \"env:X\" hunter2", "[imap]\nhost = \"h\"\npassword = \"hunter2\"",
        "[imap]\npassword = [\"hunter2\"]", "[imap]\npassword = { value = \"hunter2\" }",
        "imap = \"hunter2\"", "[[others]]\npassword = \"hunter2\"", "timeout_ms = \"hunter2\"",
        "security = \"hunter2\"", "words = \"hunter2\"", "quick = \"hunter2\""}) {
    Problems problems;
    const auto table = Table::parse(text, "k.toml", problems);
    if (problems.empty()) read<Outer>(table, problems);
    INFO(text << "\n" << print(problems));
    CHECK_FALSE(problems.empty());
    CHECK(print(problems).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a number is printed as its owner would write it") {
  CHECK(print_toml_number(0.015) == "0.015");
  CHECK(print_toml_number(2) == "2.0");
  CHECK(print_toml_number(1e30) == "1e+30");
}

}  // namespace
}  // namespace kanal
