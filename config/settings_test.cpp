#include "config/settings.hpp"

#include <fstream>

#include <catch2/catch.hpp>

#include "config/listen.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {
namespace {

TEST_CASE("without a file there is a web form") {
  const auto settings = Settings::defaults();
  REQUIRE(settings.channels.size() == 1);
  CHECK(settings.channels.front().name.value() == "form");
  CHECK(settings.channels.front().common.kind == "webform");
  CHECK(settings.channels.front().table.keys().empty());
}

TEST_CASE("a settings file is read, with what its kinds must read kept apart") {
  const Scratch directory;
  const auto file = directory.path() / "kanal.toml";
  std::ofstream(file) << "[http]\nlisten = \"0.0.0.0:80\"\npublic_url = \"https://x/\"\n"
                         "[channel.mail]\nkind = \"email\"\nreplies = false\naddress = \"a@b\"\n"
                         "[organisation]\nfile = \"org.toml\"\n";
  Problems problems;
  const auto settings = Settings::read(file, problems);
  CHECK(print(problems).empty());
  CHECK(settings.http.public_url == "https://x");
  CHECK(settings.organisation.file == directory.path() / "org.toml");
  REQUIRE(settings.channels.size() == 1);
  CHECK_FALSE(settings.channels.front().common.replies);
  CHECK(settings.channels.front().table.keys() == std::vector<std::string>{"address"});
}

Problems problems_of(const std::string& settings) {
  const Scratch directory;
  const auto file = directory.path() / "k.toml";
  std::ofstream(file) << settings;
  Problems problems;
  Settings::read(file, problems);
  for (auto& problem : problems) problem.file = "k.toml";
  return problems;
}

TEST_CASE("what must be a table and is none is said with its line") {
  for (const auto& [text, said] : {
           std::pair("\n[[channel]]\nkind = \"webform\"\n", "k.toml:2: channel: must be tables"),
           {"channel = 1\n", "k.toml:1: channel: must be tables"},
           {"[channel]\nform = \"webform\"\n",
            "k.toml:2: channel.form: must be a table: [channel.form]"},
           {"[[channel.form]]\nkind = \"webform\"\n", "k.toml:1: channel.form: must be a table"},
           {"[[store]]\nurl = \"\"\n", "k.toml:1: store: must be a table"},
           {"http = 80\n", "k.toml:1: http: must be a table"},
       }) {
    const auto problems = print(problems_of(text));
    INFO(problems);
    CHECK(problems.find(said) != std::string::npos);
  }
}

TEST_CASE("an address to listen on is one that can be listened on") {
  for (const auto& [text, printed] : {std::pair("127.0.0.1:8080", "127.0.0.1:8080"),
                                      {"[::]:8080", "[::]:8080"},
                                      {":80", "127.0.0.1:80"},
                                      {"80", "127.0.0.1:80"},
                                      {"localhost:0", "localhost:0"}}) {
    INFO(text);
    REQUIRE(parse_listen(text));
    CHECK(parse_listen(text)->print() == printed);
  }
  CHECK(parse_listen("[::1]:80")->host == "::1");
  for (const auto* text : {"", "::1:8080", "[::1]", "[127.0.0.1]:80", "kanal.test:80",
                           "1.2.3.4:", "1.2.3.4:70000", "1.2.3:80"}) {
    INFO(text);
    CHECK_FALSE(parse_listen(text));
    if (*text == '\0') continue;
    CHECK(print(problems_of("[http]\nlisten = \"" + std::string(text) + "\"\n")).find("k.toml:2") !=
          std::string::npos);
  }
}

TEST_CASE("whoever left an address is told by a mail channel that is on") {
  const std::string form = "[channel.form]\nkind = \"webform\"\nnotify_by = \"post\"\n";
  CHECK(print(problems_of(form)).find("k.toml:3: channel.form.notify_by: there is no channel") !=
        std::string::npos);
  CHECK(print(problems_of(form + "[channel.post]\nkind = \"smpp\"\n"))
            .find("is of the kind \"smpp\", not \"email\"") != std::string::npos);
  CHECK(print(problems_of(form + "[channel.post]\nkind = \"email\"\nenabled = false\n"))
            .find("is not enabled") != std::string::npos);
  CHECK(problems_of(form + "[channel.post]\nkind = \"email\"\n").empty());
}

TEST_CASE(
    "a proxy, what is reached without it and whom to trust are read, and refused when wrong") {
  const Scratch directory;
  const auto file = directory.path() / "kanal.toml";
  std::ofstream(directory.path() / "own.pem") << "PEM";
  const auto read = [&](const std::string& lines) {
    std::ofstream(file) << "[http_client]\n" << lines;
    Problems problems;
    const auto settings = Settings::read(file, problems);
    return std::pair{settings.http_client, print(problems)};
  };
  const auto [good, none] = read(
      "proxy = \"http://proxy.example:3128\"\nno_proxy = [\"example.go.id\"]\n"
      "ca_file = \"own.pem\"\n");
  CHECK(none.empty());
  CHECK(good.proxy == "http://proxy.example:3128");
  CHECK(good.no_proxy == std::vector<std::string>{"example.go.id"});
  CHECK(good.ca_file == (directory.path() / "own.pem").string());
  CHECK(read("proxy = \"direct\"\n").second.empty());
  const auto wrong =
      read("proxy = \"proxy 3128\"\nno_proxy = [\"http://x\"]\nca_file = \"none.pem\"\n").second;
  CHECK(wrong.find("kanal.toml:2: http_client.proxy: must be a web address") != std::string::npos);
  CHECK(wrong.find("http_client.no_proxy: \"http://x\" is not the name") != std::string::npos);
  CHECK(wrong.find("http_client.ca_file: ") != std::string::npos);
  const auto secret = read("proxy = \"http://me:hunter2@proxy.example:3128\"\n").second;
  CHECK(secret.find("must not hold a user or password") != std::string::npos);
  CHECK(secret.find("hunter2") == std::string::npos);
}

TEST_CASE("quiet hours and a price that mean nothing are refused with their lines") {
  const Scratch directory;
  const auto file = directory.path() / "kanal.toml";
  const auto read = [&](const std::string& lines) {
    std::ofstream(file) << "[channel.sms]\nkind = \"smpp\"\n" << lines;
    Problems problems;
    const auto settings = Settings::read(file, problems);
    return std::pair{settings, print(problems)};
  };
  const auto [good, none] = read("quiet_hours = \"21:00-06:00\"\nsegment_price = \"350 IDR\"\n");
  CHECK(none.empty());
  CHECK(good.channels.front().common.quiet_hours == "21:00-06:00");
  CHECK(good.channels.front().table.keys().empty());
  const auto wrong = read("quiet_hours = \"9 to 5\"\nsegment_price = \"Rp350\"\n").second;
  CHECK(wrong.find(":3: channel.sms.quiet_hours: must be two different times") !=
        std::string::npos);
  CHECK(wrong.find("\"9 to 5\"") != std::string::npos);
  CHECK(wrong.find(":4: channel.sms.segment_price: must be an amount and a currency") !=
        std::string::npos);
  CHECK_FALSE(read("quiet_hours = \"06:00-06:00\"\n").second.empty());
}

TEST_CASE("a channel says on which day its credential ends, or nothing") {
  const Scratch directory;
  const auto file = directory.path() / "kanal.toml";
  const auto read = [&](const std::string& line) {
    std::ofstream(file) << "[channel.sms]\nkind = \"smpp\"\n" << line;
    Problems problems;
    const auto settings = Settings::read(file, problems);
    return std::pair{settings.channels.front().common, print(problems)};
  };
  const auto day = std::chrono::year(2027) / 1 / 31;
  const auto [set, none] = read("credential_ends = 2027-01-31\n");
  CHECK(none.empty());
  CHECK(set.credential_ends == day);
  CHECK(redacted(set).find("credential_ends = 2027-01-31\n") != std::string::npos);
  CHECK(read("credential_ends = \"2027-01-31\"\n").first.credential_ends == day);
  const auto [unset, nothing] = read("");
  CHECK(nothing.empty());
  CHECK_FALSE(unset.credential_ends.ok());
  CHECK(redacted(unset).find("credential_ends") == std::string::npos);
  CHECK(read("credential_ends = \"soon\"\n").second.find("must be a date") != std::string::npos);
}

TEST_CASE("a password in the database's address is refused") {
  const Scratch directory;
  const auto file = directory.path() / "kanal.toml";
  const auto said_of = [&](const std::string& url) {
    std::ofstream(file) << "[store]\nurl = \"" << url << "\"\n";
    Problems problems;
    Settings::read(file, problems);
    return print(problems);
  };
  for (const auto* url :
       {"postgresql://kanal:hunter2@db/kanal", "postgresql://kanal@db/kanal?password=hunter2",
        "postgresql://db/kanal?user=kanal&password=hunter2", "host=db password=hunter2",
        "password = hunter2 host=db", "host=db sslpassword='hunter2'"}) {
    INFO(url);
    CHECK(said_of(url).find("store.password") != std::string::npos);
    CHECK(said_of(url).find("hunter2") == std::string::npos);
  }
  for (const auto* url : {"postgresql://kanal@db/kanal?passfile=/etc/kanal.pgpass",
                          "postgresql://kanal@db/password=", "host=db user=kanal"}) {
    INFO(url);
    CHECK(said_of(url).find("store.password") == std::string::npos);
  }
}

}  // namespace
}  // namespace kanal
