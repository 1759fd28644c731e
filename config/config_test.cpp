#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "config/keys.hpp"
#include "config/listen.hpp"
#include "config/organisation.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"
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

TEST_CASE("a secret is found where its reference points, and never printed") {
  const Scratch directory;
  std::ofstream(directory.path() / "secret") << "s3cret\n";
  const Secret from_file("file:" + (directory.path() / "secret").string());
  CHECK(from_file.reveal(nullptr).value() == "s3cret");
  ::setenv("KANAL_TEST_SECRET", "e", 1);
  CHECK(Secret("env:KANAL_TEST_SECRET").reveal(nullptr).value() == "e");
  CHECK(Secret("env:KANAL_TEST_NO_SECRET").reveal(nullptr).error().remedy == Remedy::reconfigure);
  CHECK(Secret("sealed:abcdef").redacted() == "sealed:…");
}

TEST_CASE("a tag is the beginning of the whole proof, and each purpose's own") {
  const auto keys = Keys::of_seed("here");
  const auto whole = keys.mac(Purpose::form, "a report");
  CHECK(keys.tag(Purpose::form, "a report", 32) == std::string(whole.begin(), whole.end()));
  CHECK(keys.tag(Purpose::form, "a report", 16) == std::string(whole.begin(), whole.begin() + 16));
  CHECK(keys.tag(Purpose::form, "a report", 0).empty());
  CHECK(keys.tag(Purpose::form, "a report", 16) != keys.tag(Purpose::thread, "a report", 16));
  CHECK(keys.tag(Purpose::form, "a report", 16) != keys.tag(Purpose::form, "another", 16));
}

TEST_CASE("a sealed secret opens with the key that sealed it, and with no other") {
  const auto keys = Keys::of_seed("here");
  const auto sealed = Secret::seal(keys, "hunter2 é");
  CHECK(sealed.reference().starts_with("sealed:"));
  CHECK(sealed.reference().find("hunter2") == std::string::npos);
  CHECK(sealed.reveal(&keys).value() == "hunter2 é");
  CHECK(Secret::seal(keys, "hunter2").reference() != Secret::seal(keys, "hunter2").reference());
  const auto others = Keys::of_seed("there");
  CHECK(sealed.reveal(&others).error().message.find("seal it again") != std::string::npos);
  CHECK(sealed.reveal(nullptr).error().message.find("without the key") != std::string::npos);
  for (const auto* with : {&others, static_cast<const Keys*>(nullptr)}) {
    const auto refused = sealed.reveal(with);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::reconfigure);
    CHECK(refused.error().message.find(sealed.reference().substr(7)) == std::string::npos);
  }
  auto broken = sealed.reference();
  broken[20] = broken[20] == 'A' ? 'B' : 'A';
  CHECK_FALSE(Secret(broken).reveal(&keys));
  CHECK_FALSE(Secret("sealed:???").reveal(&keys));
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

TEST_CASE("the key is made once, for this user alone") {
  const Scratch directory;
  const auto file = directory.path() / "keys/kanal.key";
  const auto first = Keys::open(file);
  REQUIRE(first);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  const auto second = Keys::open(file);
  REQUIRE(second);
  CHECK(first->mac(Purpose::form, "x") == second->mac(Purpose::form, "x"));
  CHECK(first->mac(Purpose::form, "x") != first->mac(Purpose::thread, "x"));
  ::chmod(file.c_str(), 0644);
  CHECK_FALSE(Keys::open(file));
}

TEST_CASE("a key that cannot be looked at is told as such") {
  const Scratch directory;
  std::filesystem::create_symlink("loop", directory.path() / "loop");
  const auto refused = Keys::open(directory.path() / "loop");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("loop cannot be looked at") != std::string::npos);
}

TEST_CASE("what is sealed for one purpose opens for that purpose only") {
  const auto keys = Keys::of_seed("test");
  auto sealed = keys.seal(Purpose::identity, "budi@example.org");
  CHECK(keys.unseal(Purpose::identity, sealed).value() == "budi@example.org");
  CHECK_FALSE(keys.unseal(Purpose::payload, sealed));
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  CHECK_FALSE(keys.unseal(Purpose::identity, sealed));
  CHECK(keys.seal(Purpose::identity, "x") != keys.seal(Purpose::identity, "x"));
}

TEST_CASE("the shipped organisation is sound") {
  const auto organisation = Organisation::shipped();
  CHECK(organisation.agencies.size() == 3);
  CHECK(organisation.units.size() >= 10);
  CHECK(organisation.category(CategoryId("road"))->unit == UnitId("putr"));
  CHECK(organisation.unit(UnitId("putr"))->agency == AgencyId("buleleng"));
  CHECK(organisation.deadlines.at(0).days.at("verification") == 3);
  CHECK(std::is_sorted(organisation.holidays.begin(), organisation.holidays.end()));
  CHECK(organisation.agency(AgencyId("nobody")) == nullptr);
}

TEST_CASE("an organisation that contradicts itself is refused with every reason") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << "name = \"X\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                         "[[agency]]\nid = \"a\"\nname = \"B\"\n"
                         "[[unit]]\nid = \"u\"\nagency = \"b\"\nname = \"U\"\n"
                         "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                         "[[deadlines]]\nname = \"d\"\nfrom = \"2026-01-01\"\n"
                         "days = { lunch = 1 }\n";
  const auto read = Organisation::read(file);
  REQUIRE_FALSE(read);
  const auto& text = read.error().message;
  INFO(text);
  CHECK(text.find(":6: agency[1].id: \"a\" is there twice") != std::string::npos);
  CHECK(text.find(":10: unit[0].agency: there is no agency \"b\"") != std::string::npos);
  CHECK(text.find("lunch: is not a timer") != std::string::npos);
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

TEST_CASE("what would quietly never hold is said") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto said_of = [&](const std::string& zone, const std::string& more) {
    std::ofstream(file) << "name = \"X\"\ntime_zone = \"" << zone << "\"\n"
                        << "[[agency]]\nid = \"a\"\nname = \"A\"\n"
                        << "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                        << more;
    const auto read = Organisation::read(file);
    return read ? std::string() : read.error().message;
  };
  for (const auto* zone : {"Asia/Jakarta", "UTC", "+08:00", "-03:30"})
    CHECK(said_of(zone, "").empty());
  for (const auto* zone : {"WIB", "Asia/Singapore", "+8:00", "+99:00", "+07:0x", ""}) {
    INFO(zone);
    CHECK(said_of(zone, "").find(":2: time_zone: ") != std::string::npos);
  }
  const auto rule = said_of("UTC", "[[rule]]\nname = \"all\"\nagency = \"a\"\n");
  CHECK(rule.find(":10: rule[0].name: this rule has no condition") != std::string::npos);
  const auto words = said_of("UTC",
                             "[wordings]\n\"received.id\" = \"a\"\n\"received.en.short\" = \"b\"\n"
                             "\"received.indonesia\" = \"c\"\n\"received.id.tiny\" = \"d\"\n"
                             "received = \"e\"\n");
  CHECK(words.find("received.indonesia: must be called") != std::string::npos);
  CHECK(words.find("received.id.tiny: must be called") != std::string::npos);
  CHECK(words.find("wordings.received: must be called") != std::string::npos);
  CHECK(words.find(":12: wordings.received.indonesia") != std::string::npos);
  CHECK(words.find("received.id:") == std::string::npos);
  const auto lost = said_of("UTC", "[wordings]\n\"received.id\" = \"Laporan {kode} diterima\"\n");
  CHECK(lost.find(":10: wordings.received.id: no reply has a value {kode}") != std::string::npos);
  const std::string dated = "[[deadlines]]\nname = \"d\"\nfrom = \"2026-01-01\"\ndays = ";
  CHECK(said_of("UTC", dated + "{ \"resolution.k\" = 5, resolution = 9, silence = 3 }\n").empty());
  CHECK(said_of("UTC", dated + "{ none = 5 }\n")
            .find(":12: deadlines[0].days.none: is not a timer") != std::string::npos);
  CHECK(said_of("UTC", dated + "{ \"resolution.x\" = 5 }\n").find("is not a timer") !=
        std::string::npos);
  CHECK(words.find("received.en.short:") == std::string::npos);
}

TEST_CASE("the organisation too has a name short enough for a text message") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto said_of = [&](const std::string& names) {
    std::ofstream(file) << names << "[[agency]]\nid = \"a\"\nname = \"A\"\n"
                        << "[[kind]]\nid = \"k\"\nname_id = \"K\"\n";
    const auto read = Organisation::read(file);
    return read ? std::string() : read.error().message;
  };
  const std::string name = "name = \"Pemerintah Kabupaten Buleleng\"\n";
  CHECK(said_of(name).find(":1: name: must be at most 24") != std::string::npos);
  CHECK(said_of(name + "short_name = \"Kabupaten Buleleng (contoh)\"\n").find(":2: short_name") !=
        std::string::npos);
  CHECK(said_of(name + "short_name = \"Kab. Buleleng\"\n").empty());
}

TEST_CASE("what a category asks is read, and refused where it cannot be answered") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto with = [&](const std::string& questions) {
    std::ofstream(file) << "name = \"O\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                           "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                           "[[category]]\nid = \"c\"\nname_id = \"C\"\n" +
                               questions;
    return Organisation::read(file);
  };
  const std::string list =
      "[[category.question]]\ncode = \"size\"\ntype = \"singlevaluelist\"\nrequired = true\n"
      "text_id = \"Ukuran\"\nchoice = [{ key = \"big\", name_id = \"Besar\" }]\n";
  const auto read = with(list);
  REQUIRE(read);
  const auto& question = read->categories.at(0).questions.at(0);
  CHECK(question.required);
  CHECK(question.text_en == "Ukuran");
  CHECK(question.choices.at(0).name_en == "Besar");
  CHECK_FALSE(read->is_heading(read->categories.at(0)));

  const auto wrong = with(list + list +
                          "[[category.question]]\ncode = \"a]\"\ntype = \"number\"\n"
                          "text_id = \"A\"\nchoice = [{ key = \"1\", name_id = \"1\" }]\n"
                          "[[category.question]]\ncode = \"b\"\ntype = \"multivaluelist\"\n"
                          "text_id = \"B\"\n");
  REQUIRE_FALSE(wrong);
  const auto& text = wrong.error().message;
  INFO(text);
  CHECK(text.find("\"size\" is there twice") != std::string::npos);
  CHECK(text.find("has only letters, digits") != std::string::npos);
  CHECK(text.find("only lists have answers") != std::string::npos);
  CHECK(text.find("a list needs answers") != std::string::npos);
}

TEST_CASE("a way to an office is read, and refused where no report could take it") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::vector<ChannelEntry> channels(4);
  channels[3].name = ChannelName("putr");
  channels[3].common.kind = "webhook";
  channels[0].name = ChannelName("email");
  channels[0].common.kind = "email";
  channels[1].name = ChannelName("form");
  channels[1].common.kind = "webform";
  channels[2].name = ChannelName("off");
  channels[2].common.kind = "email";
  channels[2].common.enabled = false;
  const auto with = [&](const std::string& way) {
    std::ofstream(file) << "name = \"O\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                           "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                           "[[unit]]\nid = \"u\"\nagency = \"a\"\nname = \"U\"\n"
                           "[unit.handed_over]\n" +
                               way;
    return Organisation::read(file, &channels);
  };
  const auto read = with(
      "by = \"email\"\nchannel = \"email\"\naddress = \"putr@contoh.go.id\"\n"
      "also_from = [\"@Contoh.go.id\", \"ani@lain.id\"]\n");
  REQUIRE(read);
  const auto* way = read->hand_over({AgencyId("a"), UnitId("u")});
  REQUIRE(way != nullptr);
  CHECK(way->language == "id");
  CHECK(way->answers("PUTR@contoh.go.id"));
  CHECK(way->answers("siapa@contoh.go.id"));
  CHECK(way->answers("ani@lain.id"));
  CHECK_FALSE(way->answers("budi@lain.id"));
  CHECK_FALSE(way->answers("siapa@jahat-contoh.go.id"));
  CHECK_FALSE(way->answers(""));
  CHECK(read->hand_over({AgencyId("a"), {}}) == nullptr);

  const auto refusal = [&](const std::string& text) { return with(text).error().message; };
  const std::string address = "address = \"putr@contoh.go.id\"\n";
  CHECK(refusal("by = \"fax\"\nchannel = \"email\"\n" + address)
            .find(":13: unit[0].handed_over.by") != std::string::npos);
  CHECK(refusal("by = \"email\"\n" + address).find("handed_over.channel: is missing") !=
        std::string::npos);
  CHECK(refusal("channel = \"email\"\n" + address).find("handed_over.by") != std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"mail\"\n" + address)
            .find(":14: unit[0].handed_over.channel: there is no channel \"mail\"") !=
        std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"form\"\n" + address)
            .find("\"form\" is of the kind \"webform\", not \"email\"") != std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"off\"\n" + address).find("is not enabled") !=
        std::string::npos);
  const auto wrong = refusal(
      "by = \"email\"\nchannel = \"email\"\naddress = \"putr\"\nalso_from = [\"@x\", \"y\"]\n");
  CHECK(wrong.find(":15: unit[0].handed_over.address") != std::string::npos);
  CHECK(wrong.find("also_from[0]") != std::string::npos);
  CHECK(wrong.find("also_from[1]") != std::string::npos);

  const auto system = with("by = \"webhook\"\nchannel = \"putr\"\n");
  REQUIRE(system);
  CHECK(system->hand_over({AgencyId("a"), UnitId("u")})->answers("putr"));
  CHECK_FALSE(system->hand_over({AgencyId("a"), UnitId("u")})->answers("putr@contoh.go.id"));
  CHECK(refusal("by = \"webhook\"\nchannel = \"putr\"\n" + address)
            .find(":15: unit[0].handed_over.address: is for by = \"email\"") != std::string::npos);
}

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

TEST_CASE("a number is printed as its owner would write it") {
  CHECK(print_toml_number(0.015) == "0.015");
  CHECK(print_toml_number(2) == "2.0");
  CHECK(print_toml_number(1e30) == "1e+30");
}

}  // namespace
}  // namespace kanal
