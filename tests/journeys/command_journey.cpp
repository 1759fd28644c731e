#include "tests/journeys/command_world.hpp"

namespace kanal::test {
namespace {

constexpr const char* k_marker = "hunter2-must-not-be-seen";

TEST_CASE("every command explains itself and takes a settings file, a place and JSON") {
  const std::vector<std::vector<std::string>> commands{{"serve"},
                                                       {"database"},
                                                       {"check"},
                                                       {"trace"},
                                                       {"ingest"},
                                                       {"channel", "list"},
                                                       {"channel", "show"},
                                                       {"channel", "test"},
                                                       {"channel", "pause"},
                                                       {"channel", "resume"},
                                                       {"channel", "backfill"},
                                                       {"report", "list"},
                                                       {"report", "show"},
                                                       {"report", "act"},
                                                       {"report", "verify"},
                                                       {"quarantine", "list"},
                                                       {"quarantine", "show"},
                                                       {"quarantine", "replay"},
                                                       {"quarantine", "discard"},
                                                       {"user", "list"},
                                                       {"user", "add"},
                                                       {"user", "password"},
                                                       {"user", "disable"},
                                                       {"user", "enable"},
                                                       {"settings", "show"},
                                                       {"settings", "schema"},
                                                       {"settings", "docs"},
                                                       {"settings", "seal"}};
  for (auto command : commands) {
    command.emplace_back("--help");
    const auto finished = run_kanal(command);
    INFO(command[0] << " " << command[1]);
    CHECK(finished.code == 0);
    for (const auto* option : {"--config", "--data", "--json"}) {
      CHECK(finished.out.find(option) != std::string::npos);
    }
  }
  for (const auto* group : {"channel", "report", "quarantine", "sender", "user", "settings"}) {
    const auto finished = run_kanal({group, "--help"});
    CHECK(finished.code == 0);
    CHECK(finished.out.find("--config") != std::string::npos);
  }
  CHECK(run_kanal({"channel", "--json", "list", "--data", bridge().directory() / "data"}).code ==
        0);
  CHECK(run_kanal({"--json", "check"}).out.starts_with("{"));
  CHECK(run_kanal({"--help"}).code == 0);
  CHECK(run_kanal({"--version"}).code == 0);
}

TEST_CASE("wrong usage ends with 2 and says why on stderr") {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"serve", "--nonsense"},
                                             {"channel"},
                                             {"channel", "show"},
                                             {"report", "act", "1"},
                                             {"ingest", "-"},
                                             {"trace", "--channel", "form"},
                                             {"trace", "--channel", "form", "--format", "xml", "-"},
                                             {"quarantine", "show", "many"},
                                             {"quarantine", "discard", "1"},
                                             {"report", "list", "--most", "0"},
                                             {"user", "add", "x"}}) {
    const auto finished = run_kanal(arguments);
    INFO(finished.out << finished.err);
    CHECK(finished.code == 2);
    CHECK(finished.out.empty());
    CHECK_FALSE(finished.err.empty());
  }
  const auto unknown = run_kanal({"nonsense", "--help"});
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("there is no command \"nonsense\"") != std::string::npos);
}

TEST_CASE("check says everything that is wrong at once, with file, line and key") {
  const TemporaryDirectory directory;
  write(directory, "organisation.toml",
        "name = \"X\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n[[kind]]\nid = \"k\"\n");
  const auto file = write(directory, "kanal.toml",
                          "colour = \"red\"\n"
                          "[http]\nlisten = 80\n"
                          "[store]\npassword = \"hunter2-must-not-be-seen\"\n"
                          "[organisation]\nfile = \"organisation.toml\"\n"
                          "[channel.form]\nkind = \"webform\"\nmost_files = 99\n"
                          "[channel.fax]\nkind = \"fax\"\n"
                          "[channel.mail]\nkind = \"email\"\n");
  const auto finished = run_kanal({"check", "--config", file});
  INFO(finished.err);
  CHECK(finished.code == 2);
  CHECK(finished.out.empty());
  const auto name = file.string();
  for (const auto& line :
       {name + ":1: colour: is not a setting", name + ":3: http.listen: must be a text",
        name + ":5: store.password: a secret must not stand here",
        name + ":10: channel.form.most_files: must be at most 20",
        name + ":11: channel.fax.kind: there is no kind \"fax\"",
        (directory.path() / "organisation.toml").string() + ":5: kind[0].name_id: is missing"}) {
    INFO(line);
    CHECK(finished.err.find(line) != std::string::npos);
  }
  CHECK(finished.err.find("channel.mail") != std::string::npos);
  CHECK(finished.err.find(k_marker) == std::string::npos);
  // Nothing was touched.
  CHECK_FALSE(std::filesystem::exists(directory.path() / "var"));
  const auto json = run_kanal({"check", "--json", "--config", file});
  CHECK(json.code == 2);
  const auto said = only_line(json);
  CHECK_FALSE(said.find("valid")->boolean);
  CHECK(said.find("problems")->array.size() >= 6);
}

TEST_CASE("check looks every secret up and warns of those that others can read") {
  const TemporaryDirectory directory;
  const auto settings = [&](const std::string& password) {
    return write(directory, "kanal.toml",
                 "[http]\npublic_url = \"https://lapor.example.go.id\"\n"
                 "[store]\nurl = \"postgresql://kanal@db/kanal\"\npassword = \"" +
                     password + "\"\n");
  };
  write(directory, "secret", k_marker, 0644);
  const auto open = run_kanal({"check", "--config", settings("file:secret")});
  INFO(open.err);
  CHECK(open.code == 0);
  CHECK(open.err.find("chmod 600") != std::string::npos);
  write(directory, "secret", k_marker, 0600);
  CHECK(run_kanal({"check", "--config", settings("file:secret")}).err.empty());
  const auto missing = run_kanal({"check", "--config", settings("env:KANAL_TEST_NOT_SET")});
  CHECK(missing.code == 2);
  CHECK(
      missing.err.find("store.password: the environment variable KANAL_TEST_NOT_SET is not set") !=
      std::string::npos);
  CHECK(run_kanal({"check", "--config", settings("file:nothing")}).code == 2);
  CHECK(run_kanal({"check", "--config", settings("sealed:AAAA")}).code == 2);
}

TEST_CASE("check reads the certificate, and warns of rules for channels that there are not") {
  const TemporaryDirectory directory;
  write(directory, "chain.pem", "no certificate");
  write(directory, "organisation.toml",
        "name = \"X\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n[[kind]]\nid = \"k\"\n"
        "name_id = \"K\"\n[[rule]]\nname = \"mail\"\nchannel = \"emial\"\nagency = \"a\"\n");
  const std::string rest =
      "[organisation]\nfile = \"organisation.toml\"\n"
      "[channel.form]\nkind = \"webform\"\n";
  const auto bare = write(directory, "bare.toml", rest);
  const auto warned = run_kanal({"check", "--config", bare});
  CHECK(warned.code == 0);
  CHECK(warned.err.find("rule \"mail\": there is no channel \"emial\"") != std::string::npos);
  const auto served = write(directory, "kanal.toml",
                            "[http]\ncertificate_file = \"chain.pem\"\nkey_file = "
                            "\"chain.pem\"\nlisten = \"127.0.0.1:0\"\n" +
                                rest);
  for (const auto* command : {"check", "serve"}) {
    const auto refused = run_kanal({command, "--config", served});
    INFO(refused.err);
    CHECK(refused.code == 2);
    CHECK(refused.err.find("chain.pem cannot be used") != std::string::npos);
  }
}

TEST_CASE("check warns of links in replies that lead nowhere") {
  const TemporaryDirectory directory;
  const auto warned = [&](const std::string& http, const std::string& replies) {
    const auto file =
        write(directory, "kanal.toml", http + "[channel.form]\nkind = \"webform\"\n" + replies);
    const auto checked = run_kanal({"check", "--config", file});
    CHECK(checked.code == 0);
    return checked.err.find("http.public_url is not set") != std::string::npos;
  };
  CHECK(warned("[http]\nlisten = \"0.0.0.0:8080\"\n", ""));
  CHECK_FALSE(warned("[http]\npublic_url = \"https://lapor.example.go.id\"\n", ""));
  CHECK_FALSE(warned("", "replies = false\n"));
}

TEST_CASE("a missing settings file, or one that is no TOML, ends with 2") {
  const TemporaryDirectory directory;
  const auto none = (directory.path() / "none.toml").string();
  const auto broken = write(directory, "broken.toml", "[http\n").string();
  for (const auto* command : {"check", "serve"}) {
    CHECK(run_kanal({command, "--config", none}).code == 2);
    const auto finished = run_kanal({command, "--config", broken});
    CHECK(finished.code == 2);
    CHECK(finished.err.find(broken + ":1") != std::string::npos);
  }
}

TEST_CASE("a sealed secret is pasted into the settings, and seen nowhere again") {
  const TemporaryDirectory directory;
  const auto data = (directory.path() / "data").string();
  const auto sealed = run_kanal({"settings", "seal", "--data", data}, std::string(k_marker) + "\n");
  INFO(sealed.err);
  REQUIRE(sealed.code == 0);
  REQUIRE(lines_of(sealed.out).size() == 1);
  const auto text = lines_of(sealed.out)[0];
  CHECK(text.starts_with("sealed:"));
  CHECK(sealed.err.find("Made a new key") != std::string::npos);
  CHECK((sealed.out + sealed.err).find(k_marker) == std::string::npos);
  CHECK(run_kanal({"settings", "seal", "--data", data}, "").code == 2);

  ::setenv("KANAL_TEST_MARKER", k_marker, 1);
  write(directory, "secret", k_marker);
  const auto file = write(directory, "kanal.toml",
                          "[store]\nurl = \"postgresql://kanal@127.0.0.1:1/kanal\"\npassword = \"" +
                              text + "\"\n" +
                              "[channel.mail]\nkind = \"email\"\naddress = \"kanal@example.org\"\n"
                              "[channel.mail.imap]\nhost = \"127.0.0.1\"\nport = 1\nuser = \"k\"\n"
                              "password = \"env:KANAL_TEST_MARKER\"\n"
                              "[channel.mail.smtp]\nhost = \"127.0.0.1\"\nport = 1\nuser = \"k\"\n"
                              "password = \"file:secret\"\n");
  const std::vector<std::string> where{"--config", file.string(), "--data", data};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), where.begin(), where.end());
    const auto finished = run_kanal(arguments);
    INFO(arguments[0] << ": " << finished.out << finished.err);
    CHECK((finished.out + finished.err).find(k_marker) == std::string::npos);
    return finished;
  };
  CHECK(run({"check"}).code == 0);
  const auto shown = run({"settings", "show"});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("password = \"sealed:…\"") != std::string::npos);
  CHECK(shown.out.find("password = \"env:KANAL_TEST_MARKER\"") != std::string::npos);
  CHECK(shown.out.find("host = \"127.0.0.1\"") != std::string::npos);
  CHECK(shown.out.find(text) == std::string::npos);
  run({"settings", "schema"});
  run({"settings", "docs"});
  // The database is not there: the reason is told, the password is not.
  for (const auto* command : {"serve", "report"}) {
    const auto finished = command == std::string("serve")
                              ? run({"serve", "--listen", "127.0.0.1:0"})
                              : run({"report", "list"});
    CHECK(finished.code == 1);
    CHECK(finished.err.find("127.0.0.1") != std::string::npos);
  }
  const auto elsewhere = run_kanal(
      {"check", "--config", file.string(), "--data", (directory.path() / "elsewhere").string()});
  CHECK(elsewhere.code == 2);
  CHECK(elsewhere.err.find("store.password") != std::string::npos);
  CHECK(elsewhere.err.find("elsewhere/kanal.key; is --data missing?") != std::string::npos);
}

TEST_CASE("the schema is JSON, knows every kind, and reads back its own page") {
  const auto schema = only_line(run_kanal({"settings", "schema"}));
  CHECK(schema.text("$schema") == "https://json-schema.org/draft/2020-12/schema");
  const auto* channel = schema.find("properties")->find("channel");
  REQUIRE(channel != nullptr);
  CHECK(channel->find("additionalProperties")->find("allOf")->array.size() >= 2);
  CHECK(run_kanal({"settings", "docs"}).out.find("# Settings") == 0);
  CHECK(only_line(run_kanal({"settings", "docs", "--json"})).text("title") == "kanal.toml");
}

TEST_CASE("channels are listed, paused and resumed from a shell") {
  const auto channels = bridge().query({"channel", "list"});
  REQUIRE(channels.size() == 2);
  CHECK(channels[0].text("name") == "form");
  CHECK(channels[0].text("kind") == "webform");
  CHECK_FALSE(channels[0].text("health").empty());
  CHECK(channels[0].find("last_post") != nullptr);
  CHECK(bridge().command({"channel", "list"}).out.find(" since ") != std::string::npos);
  CHECK(bridge().command({"channel", "pause", "old"}).out == "old: paused.\n");
  CHECK(bridge().command({"channel", "resume", "old"}).out ==
        "old: resumed; it goes on within seconds.\n");
  CHECK(bridge().query({"channel", "pause", "old"}).at(0).find("paused")->boolean);
  CHECK(bridge().query({"channel", "show", "old"}).at(0).find("paused")->boolean);
  CHECK_FALSE(bridge().query({"channel", "resume", "old"}).at(0).find("paused")->boolean);
  CHECK(bridge().command({"channel", "show", "form"}).out.find("least_fill_s = 3") !=
        std::string::npos);
  const auto shown = bridge().query({"channel", "show", "form"}).at(0);
  CHECK(shown.find("settings")->find("least_fill_s")->integer == 3);
  CHECK(channels[0].find("settings") == nullptr);
  CHECK(bridge().command({"channel", "test", "form"}).code == 0);
  CHECK(bridge().query({"channel", "test", "form"}).at(0).find("passed")->boolean);
  const auto unsent = bridge().command({"channel", "test", "form", "--send", "a@example.org"});
  CHECK(unsent.code == 2);
  CHECK(unsent.err.find("sends no messages") != std::string::npos);
  CHECK(bridge().command({"channel", "show", "nothing"}).code == 2);
  CHECK(bridge().command({"channel", "backfill", "form", "--from", "yesterday"}).code == 2);
  CHECK(bridge()
            .command({"channel", "backfill", "form", "--from", "2026-01-31T00:00:00+07:00"})
            .code == 2);
}

TEST_CASE("a report is found, moved and verified from a shell, as its officer may") {
  ingest(post_line("r1", "Sampah menumpuk di TPS Banyuning", "77"));
  const auto code = code_of_newest();
  const auto act = [&](std::vector<std::string> arguments) {
    std::vector<std::string> all{"report", "act", code};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return bridge().command(all);
  };
  CHECK(act({"nonsense"}).code == 2);
  CHECK(act({"verify"}).code == 1);
  CHECK(act({"verify", "--agency", "nobody"}).code == 1);
  CHECK(act({"verify", "--as", "nobody", "--agency", "buleleng"}).code == 2);
  CHECK(act({"verify", "--agency", "buleleng"}).code == 0);
  CHECK(act({"dispose", "--as", "kemenkes", "--unit", "yankes"}).code == 1);
  CHECK(act({"dispose", "--as", "buleleng", "--unit", "dlh"}).code == 0);
  const auto proof = bridge().directory() / "berita acara.pdf";
  std::ofstream(proof) << "%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";
  CHECK(act({"answer", "--as", "dlh", "--words", "Diangkut.", "--file", "nowhere.jpg"}).code == 1);
  CHECK(act({"note", "--words", "Dicek.", "--file", proof.string()}).code == 1);
  const auto answered = bridge().query({"report", "act", code, "answer", "--as", "dlh", "--words",
                                        "Diangkut.", "--file", proof.string()});
  CHECK(answered.at(0).text("state") == "answered");
  CHECK(std::filesystem::exists(proof));
  const auto shown = bridge().query({"report", "show", code}).at(0);
  CHECK(shown.text("unit") == "dlh");
  for (const auto* key : {"kind", "place", "rating", "updated_at"}) {
    INFO(key);
    CHECK(shown.find(key) != nullptr);
  }
  CHECK(bridge().query({"report", "list", "--most", "1"}).at(0).find("history") == nullptr);
  CHECK(bridge().command({"report", "list", "--search", "tiadasamasekali"}).out ==
        "There are no such reports.\n");
  CHECK(shown.find("history")->array.size() == 4);
  CHECK(shown.find("history")->array.back().text("words") == "Diangkut.");
  CHECK(shown.find("history")->array.back().find("files")->array.at(0).text("name") ==
        "berita acara.pdf");
  CHECK(bridge().command({"report", "show", "#" + code.substr(0, 4) + "-" + code.substr(4)}).code ==
        0);
  CHECK(bridge().command({"report", "show", code, "--as", "kemenkes"}).code == 1);
  CHECK(bridge().command({"report", "show", "000000000001"}).code == 1);
  CHECK(bridge().query({"report", "list", "--state", "answered"}).size() == 1);
  CHECK(bridge().query({"report", "list", "--search", "Banyuning"}).size() == 1);
  CHECK(bridge().command({"report", "list", "--state", "lost"}).code == 2);
  // Others' newer reports do not push an office's own out of its list.
  std::string many;
  for (int i = 0; i < 5; ++i)
    many += post_line("n" + std::to_string(i), "Lain " + std::to_string(i));
  ingest(many);
  CHECK(bridge().query({"report", "list", "--as", "dlh", "--most", "1"}).size() == 1);
}

TEST_CASE(
    "a report's title, category and secrecy are corrected from a shell, and by that act alone") {
  ingest(post_line("c1", "Lubang di Jalan Sudirman", "79"));
  const auto code = code_of_newest();
  const auto act = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"report", "act", code});
    return bridge().command(arguments).code;
  };
  CHECK(act({"correct", "--title", "Jalan Sudirman berlubang", "--category", "road", "--anonymous",
             "yes", "--confidential", "no"}) == 0);
  const auto shown = bridge().query({"report", "show", code}).at(0);
  CHECK(shown.text("title") == "Jalan Sudirman berlubang");
  CHECK(shown.text("category") == "road");
  CHECK(shown.find("anonymous")->boolean);
  CHECK_FALSE(shown.find("confidential")->boolean);
  CHECK(act({"correct", "--category", ""}) == 0);
  CHECK(bridge().query({"report", "show", code}).at(0).text("category").empty());
  CHECK(act({"correct", "--category", "nothing"}) == 1);
  CHECK(act({"correct", "--anonymous", "perhaps"}) == 2);
  CHECK(act({"note", "--words", "Dicek", "--title", "Lain"}) == 2);
}

TEST_CASE(
    "from a shell too, nobody reads or finds what the officer whom they claim to be may not") {
  const auto secret = std::string("Pungutan liar oleh petugas Wayan");
  REQUIRE(
      bridge()
          .command({"ingest", "--channel", "old", "--reply", "-"}, post_line("s1", secret, "80"))
          .code == 0);
  const auto code = code_of_newest();
  REQUIRE(bridge().command({"report", "act", code, "verify", "--agency", "buleleng"}).code == 0);
  const auto found = [&](const std::string& as) {
    return bridge().query({"report", "list", "--as", as, "--search", "pungutan"}).size();
  };
  const auto shown = [&](const std::string& as) {
    return bridge().command({"report", "show", code, "--as", as, "--json"}).out;
  };
  CHECK(found("pemantau") == 1);
  REQUIRE(bridge().command({"report", "act", code, "correct", "--confidential", "yes"}).code == 0);
  const auto whole = bridge().query({"report", "show", code}).at(0);
  REQUIRE_FALSE(whole.find("replies")->array.empty());
  CHECK_FALSE(whole.find("replies")->array.front().text("text").empty());
  CHECK(found("pemantau") == 0);
  CHECK(found("admin") == 1);
  const auto seen = Json::parse(lines_of(shown("pemantau")).at(0)).value();
  for (const auto& reply : seen.find("replies")->array) {
    CHECK_FALSE(reply.text("state").empty());
    CHECK(reply.text("text").empty());
    CHECK(reply.text("subject").empty());
  }
  const auto plain = bridge().command({"report", "show", code}).out;
  CHECK(plain.find("\nReplies\n") != std::string::npos);
}

TEST_CASE("verify finds the step that somebody with the database's keys has changed") {
  ingest(post_line("v1", "Pohon tumbang di Jalan Udayana", "78"));
  const auto code = code_of_newest();
  REQUIRE(bridge().command({"report", "act", code, "verify", "--agency", "buleleng"}).code == 0);
  CHECK(bridge().command({"report", "verify", code}).code == 0);
  CHECK(bridge().command({"report", "verify"}).code == 0);
  const auto id = ask("SELECT id FROM report WHERE code = '" + code + "'");
  const auto change = [&](const std::string& agency) {
    // Not even the owner may by mistake; only whoever switches the guard off on purpose.
    CHECK(ask("UPDATE entry SET agency = 'x' WHERE report = " + id).find("never changed") !=
          std::string::npos);
    ask("SET session_replication_role = replica; UPDATE entry SET agency = '" + agency +
        "' WHERE report = " + id + " AND step = 2");
  };
  change("kemenkes");
  const auto tampered = bridge().command({"report", "verify", code});
  CHECK(tampered.code == 1);
  CHECK(tampered.err.find("step 2 of report " + code + " was changed") != std::string::npos);
  const auto all = bridge().command({"report", "verify", "--json"});
  CHECK(all.code == 1);
  std::size_t broken = 0;
  for (const auto& line : lines_of(all.out)) {
    const auto said = Json::parse(line).value();
    if (!said.find("whole")->boolean) {
      ++broken;
      CHECK(said.text("code") == code);
    }
  }
  CHECK(broken == 1);
  change("buleleng");
  CHECK(bridge().command({"report", "verify"}).code == 0);
}

TEST_CASE("officers are made, listed and shut out, and their passwords are read and not told") {
  const std::string password = "panjang-dan-rahasia-5821";
  const auto made = bridge().command(
      {"user", "add", "ketut", "--name", "Ketut", "--role", "liaison", "--unit", "dlh"},
      password + "\n");
  INFO(made.err);
  CHECK(made.code == 0);
  CHECK((made.out + made.err).find(password) == std::string::npos);
  const auto find = [&] {
    for (auto& officer : bridge().query({"user", "list"})) {
      if (officer.text("user") == "ketut") return officer;
    }
    FAIL("ketut is not there");
    return Json();
  };
  CHECK(find().text("agency") == "buleleng");
  CHECK(
      ask("SELECT password_hash FROM officer WHERE username = 'ketut'").starts_with("$argon2id$"));
  CHECK(bridge().command({"user", "add", "ketut", "--role", "auditor"}, password).code == 1);
  CHECK(bridge().command({"user", "add", "x", "--role", "reporter"}, password).code == 2);
  CHECK(bridge().command({"user", "add", "x", "--role", "liaison"}, password).code == 2);
  CHECK(bridge().command({"user", "add", "x", "--role", "auditor"}, "123\n").code == 2);
  CHECK(bridge().command({"user", "disable", "nobody"}).code == 1);
  CHECK(bridge().command({"user", "disable", "ketut"}).code == 0);
  CHECK(find().find("disabled")->boolean);
  CHECK(bridge().command({"user", "enable", "ketut"}).code == 0);
  CHECK_FALSE(find().find("disabled")->boolean);
  CHECK(bridge().command({"user", "password", "ketut"}, "lain-dan-panjang-9911\n").code == 0);
  CHECK(ask("SELECT count(*) FROM act WHERE subject = 'ketut'") == "4");
  CHECK(bridge().command({"user", "change", "ketut"}).code == 2);
  CHECK(bridge().command({"user", "change", "ketut", "--unit", "nowhere"}).code == 2);
  CHECK(bridge().command({"user", "change", "ketut", "--agency", "kemenhub"}).code == 2);
  CHECK(bridge().command({"user", "change", "ketut", "--unit", "dishub"}).code == 0);
  CHECK(find().text("unit") == "dishub");
  CHECK(find().text("name") == "Ketut");
  CHECK(bridge()
            .command({"user", "change", "ketut", "--role", "agency_admin", "--name", "Ketut S"})
            .code == 0);
  CHECK(find().text("agency") == "buleleng");
  CHECK(find().text("unit").empty());
  CHECK(find().text("name") == "Ketut S");
  CHECK(ask("SELECT subject FROM act ORDER BY id DESC LIMIT 1") ==
        "ketut: agency_admin of buleleng");
}

TEST_CASE("tokens, and what holds, are told in JSON too") {
  const auto made = bridge().query({"user", "token", "auditor", "--label", "ekspor"}).at(0);
  CHECK(made.text("user") == "auditor");
  CHECK_FALSE(made.text("token").empty());
  CHECK(bridge()
            .query({"user", "revoke", "auditor", "--label", "ekspor"})
            .at(0)
            .find("ended")
            ->integer == 1);
  const auto held = bridge().query({"settings", "show"}).at(0);
  CHECK(held.find("channel")->find("old")->text("kind") == "webform");
  CHECK_FALSE(held.find("http")->text("listen").empty());
}

TEST_CASE("an officer's name is checked, and the last national admin stays") {
  const auto add = [&](const std::string& user) {
    return bridge().command({"user", "add", user, "--role", "auditor"}, "sebuah-kata-sandi-9911\n");
  };
  for (const auto* wrong : {"a@example.org", "Ketut", "x", "ke tut"}) {
    INFO(wrong);
    CHECK(add(wrong).code == 2);
  }
  const auto twice = add("auditor");
  CHECK(twice.code == 1);
  CHECK(twice.err.find("kanal user password auditor") != std::string::npos);
  const auto last = bridge().command({"user", "disable", "admin"});
  CHECK(last.code == 1);
  CHECK(last.err.find("admin is the last national admin") != std::string::npos);
  REQUIRE(bridge()
              .command({"user", "add", "second", "--role", "national_admin"},
                       "sebuah-kata-sandi-9911\n")
              .code == 0);
  CHECK(bridge().command({"user", "disable", "admin"}).code == 0);
  CHECK(bridge().command({"user", "disable", "second"}).code == 1);
  CHECK(bridge().command({"user", "enable", "admin"}).code == 0);
}

TEST_CASE("a second bridge in the same place is refused, and a command beside the first is not") {
  bridge();
  const auto second = bridge().command({"serve", "--listen", "127.0.0.1:0"});
  CHECK(second.code == 1);
  CHECK(second.err.find("another bridge runs") != std::string::npos);
  CHECK(bridge().command({"report", "list"}).code == 0);
}

TEST_CASE("a bridge that is stopped can be asked all the same, and answers for its address") {
  BridgeProcess apart("");
  apart.start();
  CHECK(apart.stop() == 0);
  CHECK(apart.command({"report", "list"}).code == 0);
  CHECK(apart.command({"channel", "list"}).out.find("form") != std::string::npos);
  apart.start();
  const auto said = apart.log();
  CHECK(said.find(apart.url()) != std::string::npos);
  CHECK(said.find(apart.password_of("admin")) != std::string::npos);
  const auto ready = Json::parse(text_of(apart.directory() / "ready.json")).value();
  CHECK(keys_of(ready) ==
        std::vector<std::string>{"pid", "url", "public_url", "listen", "database", "officers"});
  CHECK(keys_of(ready.find("officers")->array.at(0)) ==
        std::vector<std::string>{"user", "role", "password"});
  CHECK(apart.stop() == 0);
}

TEST_CASE("commands where no bridge has begun say so, and begin nothing") {
  BridgeProcess apart("");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"report", "list"},
                                             {"channel", "list"},
                                             {"channel", "pause", "form"},
                                             {"quarantine", "list"},
                                             {"sender", "list"},
                                             {"user", "list"},
                                             {"user", "password", "budi"}}) {
    const auto refused = apart.command(arguments, "a password of nobody's\n");
    INFO(arguments[0] << " " << arguments[1] << ": " << refused.err);
    CHECK(refused.code == 2);
    CHECK(refused.err.find("--data") != std::string::npos);
  }
  const auto traced = apart.command({"trace", "--channel", "form", "--format", "post", "-"},
                                    post_line("t1", "Lampu jalan mati"));
  CHECK(traced.code == 0);
  CHECK(lines_of(traced.out).size() == 1);
  CHECK(traced.err.find("--offline") != std::string::npos);
  CHECK(apart.command({"channel", "test", "form"}).code == 0);
  CHECK_FALSE(std::filesystem::exists(apart.directory() / "data"));
  // The first officer may be made before the first start.
  CHECK(
      apart.command({"user", "add", "budi", "--role", "auditor"}, "lampu jalan mati lagi\n").code ==
      0);
  CHECK(apart.command({"user", "list"}).out.find("budi") != std::string::npos);
}

TEST_CASE("an act from a shell owes nothing to a channel that is off") {
  const auto replies_with = [](const std::string& enabled) {
    BridgeProcess apart(
        "[channel.mail]\nkind = \"email\"\naddress = \"kanal@example.org\"\nenabled = " + enabled +
        "\n[channel.mail.imap]\nhost = \"127.0.0.1\"\nuser = \"k\"\n"
        "password = \"env:KANAL_TEST_NONE\"\n"
        "[channel.mail.smtp]\nhost = \"127.0.0.1\"\n");
    const auto post =
        "{\"id\":\"m1\",\"author\":{\"id\":\"ni@example.org\",\"email\":\"ni@example.org\"},"
        "\"text\":\"Lampu jalan mati\",\"posted_at\":\"2026-01-02T03:04:05+07:00\"}\n";
    REQUIRE(apart.command({"ingest", "--channel", "mail", "-"}, post).code == 0);
    const auto code = apart.query({"report", "list"}).at(0).text("code");
    const auto done = apart.command({"report", "act", code, "archive", "--reason", "Ganda"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    return apart.query({"report", "show", code}).at(0).find("replies")->array.size();
  };
  CHECK(replies_with("true") == 1);
  CHECK(replies_with("false") == 0);
}

TEST_CASE("a command leaves the tables of an older or newer bridge as they are") {
  const auto version = ask("SELECT max(version) FROM schema_version");
  for (const auto& [step, advice] : {std::pair(-100, "restart the bridge"), {100, "newer Kanal"}}) {
    ask("UPDATE schema_version SET version = version + (" + std::to_string(step) + ")");
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"channel", "list"},
             {"ingest", "--channel", "old", "-"},
             {"trace", "--channel", "old", "--format", "post", "-"}}) {
      const auto refused = bridge().command(arguments, post_line("v1", "Lampu"));
      INFO(arguments[0] << ": " << refused.err);
      CHECK(refused.code == 2);
      CHECK(refused.err.find(advice) != std::string::npos);
    }
    ask("UPDATE schema_version SET version = version - (" + std::to_string(step) + ")");
  }
  CHECK(ask("SELECT max(version) FROM schema_version") == version);
  CHECK(bridge().command({"channel", "list"}).code == 0);
}

TEST_CASE("a bridge without the key of its database is refused, and makes none for it") {
  namespace fs = std::filesystem;
  BridgeProcess apart("");
  CHECK(apart.command({"ingest", "--channel", "old", "-"}, post_line("o1", "Lampu")).code == 0);
  const auto key = apart.directory() / "data" / "kanal.key";
  fs::rename(key, apart.directory() / "lost.key");
  const auto refused = apart.command({"report", "list"});
  CHECK(refused.code != 0);
  CHECK(refused.err.find("kanal.key") != std::string::npos);
  CHECK_FALSE(fs::exists(key));
  fs::rename(apart.directory() / "lost.key", key);
  CHECK(apart.command({"report", "list"}).code == 0);
}

TEST_CASE("what a bridge keeps is open to its user alone") {
  namespace fs = std::filesystem;
  BridgeProcess apart("");
  apart.start();
  const auto form = apart.get("/report");
  CHECK(form.status == 200);
  // A running database's files come and go.
  CHECK(apart.stop() == 0);
  const auto data = apart.directory() / "data";
  int looked_at = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(data, fs::directory_options::skip_permission_denied)) {
    INFO(entry.path());
    ++looked_at;
    CHECK((entry.symlink_status().permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
          fs::perms::none);
  }
  CHECK(looked_at > 5);
  // Root's database runs as another user, who has to pass.
  CHECK((fs::status(data).permissions() & (fs::perms::group_read | fs::perms::group_write |
                                           fs::perms::others_read | fs::perms::others_write)) ==
        fs::perms::none);
}

}  // namespace
}  // namespace kanal::test
