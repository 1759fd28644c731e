#include <map>

#include "format/encode.hpp"
#include "tests/journeys/command_world.hpp"

namespace kanal::test {
namespace {

// Mails that are no part of this project: KANAL_MAILS names the directory in which they lie.
TEST_CASE("every mail that is given becomes a post with words in it") {
  const char* const given = std::getenv("KANAL_MAILS");
  if (given == nullptr) {
    WARN("KANAL_MAILS names no directory of mails: skipped");
    return;
  }
  BridgeProcess apart(
      "[channel.mail]\nkind = \"email\"\naddress = \"kanal@example.org\"\n"
      "[channel.mail.imap]\nhost = \"127.0.0.1\"\nuser = \"k\"\n"
      "password = \"env:KANAL_TEST_NONE\"\n[channel.mail.smtp]\nhost = \"127.0.0.1\"\n");
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(given)) {
    if (file.path().extension() != ".eml") continue;
    ++count;
    INFO(file.path());
    const auto traced =
        only_line(apart.command({"trace", "--channel", "mail", "--offline", file.path().string()}));
    const auto* post = traced.find("post");
    REQUIRE(post != nullptr);
    CHECK_FALSE(post->text("text").empty());
  }
  CHECK(count > 0);
}

TEST_CASE("posts are taken in with an account of every line, and twice changes nothing") {
  const auto lines = post_line("i1", "Jalan berlubang di depan Pasar Banyuasri") + "\n" +
                     "this is not JSON\n" +
                     post_line("i2", "Lampu jalan mati di Jalan Gajah Mada") +
                     "{\"id\":\"i3\",\"colour\":\"red\"}\n" + post_line("i2", "Lampu jalan mati") +
                     "{\"id\":\"i4\",\"author\":{\"id\":\"1\"},\"text\":\"torn";
  const auto first = bridge().command({"ingest", "--channel", "old", "-"}, lines);
  CHECK(first.code == 0);
  const auto tally = only_line(first);
  CHECK(keys_of(tally) == std::vector<std::string>{"read", "accepted", "repeated", "quarantined",
                                                   "reports", "linked", "suggested_duplicates",
                                                   "seconds"});
  CHECK(tally.find("read")->integer == 6);
  CHECK(tally.find("accepted")->integer == 2);
  CHECK(tally.find("repeated")->integer == 1);
  CHECK(tally.find("quarantined")->integer == 3);
  CHECK(tally.find("reports")->integer == 2);
  CHECK(tally.find("seconds")->number > 0);
  // Lines are counted as an editor counts them.
  for (const auto* line : {"line 3: ", "line 5: ", "line 7: "}) {
    INFO(first.err);
    CHECK(first.err.find(line) != std::string::npos);
  }
  CHECK(first.err.find("colour") != std::string::npos);
  CHECK(ask("SELECT count(*) FROM post WHERE channel = 'old'"
            " AND id NOT IN (SELECT post FROM post_search)") == "0");

  const TemporaryDirectory directory;
  const auto file = write(directory, "posts.ndjson", lines);
  const auto second = only_line(bridge().command({"ingest", "--channel", "old", file}));
  CHECK(second.find("accepted")->integer == 0);
  CHECK(second.find("repeated")->integer == 3);
  CHECK(second.find("reports")->integer == 0);
  // What could not be read is kept once, with its line, and nothing replies to an import.
  const auto kept = bridge().query({"quarantine", "list", "--channel", "old"});
  CHECK(kept.size() == 3);
  CHECK(ask("SELECT count(*) FROM outbox WHERE channel = 'old'") == "0");
}

TEST_CASE(
    "a file that is not there, and a post of a size beyond reason, end or count as they should") {
  CHECK(bridge().command({"ingest", "--channel", "old", "/nothing/here"}).code == 1);
  const auto huge = post_line("big", std::string(5 << 20, 'x')) + post_line("small", "Banjir");
  const auto tally = ingest(huge);
  CHECK(tally.find("read")->integer == 2);
  CHECK(tally.find("accepted")->integer == 1);
  CHECK(tally.find("quarantined")->integer == 1);
}

TEST_CASE("an input that cannot be read to its end is told, with the account of what was read") {
  const TemporaryDirectory directory;
  const auto of_file = bridge().command({"ingest", "--channel", "old", directory.path()});
  INFO(of_file.err);
  CHECK(of_file.code == 1);
  CHECK(of_file.err.find("broke off before line 1") != std::string::npos);
  CHECK(only_line(of_file).find("read")->integer == 0);
  for (const auto& name : {std::string("post"), std::string()}) {
    std::vector<std::string> arguments{"trace", "--offline", "--channel", "form"};
    if (!name.empty()) arguments.insert(arguments.end(), {"--format", name});
    arguments.push_back(directory.path());
    const auto traced = bridge().command(arguments);
    CHECK(traced.code == 1);
    CHECK(traced.out.empty());
    CHECK(traced.err.find("cannot be read") != std::string::npos);
  }
}

TEST_CASE("attachments of an import are read from beside it and left where they are") {
  const TemporaryDirectory directory;
  write(directory, "foto.txt", "a photo");
  const auto line = [](const std::string& id, const std::string& path) {
    return "{\"id\":\"" + id + "\",\"author\":{\"id\":\"7\"},\"text\":\"Lihat foto " + id +
           "\",\"posted_at\":\"2026-01-02T03:04:05Z\",\"attachments\":[{\"name\":\"foto\",\"type\":"
           "\"text/plain\",\"path\":\"" +
           path + "\"}]}\n";
  };
  const auto file =
      write(directory, "posts.ndjson", line("a1", "foto.txt") + line("a2", "nothing.txt"));
  const auto finished = bridge().command({"ingest", "--channel", "old", file});
  const auto tally = only_line(finished);
  CHECK(tally.find("accepted")->integer == 1);
  CHECK(tally.find("quarantined")->integer == 1);
  CHECK(finished.err.find("line 2: ") != std::string::npos);
  CHECK(std::filesystem::exists(directory.path() / "foto.txt"));
  CHECK(ask("SELECT size_bytes FROM attachment WHERE name = 'foto'") == "7");
}

TEST_CASE("an import of which nothing could be taken has failed, and says so") {
  const auto refused =
      bridge().command({"ingest", "--channel", "torn", "-"}, "not a post\n{\"id\":\"x\"}\n");
  CHECK(refused.code == 1);
  CHECK(only_line(refused).find("quarantined")->integer == 2);
  CHECK(refused.err.find("not one of the lines could be taken") != std::string::npos);
  CHECK(refused.err.find("Starting the private database") == std::string::npos);
  CHECK(bridge().command({"ingest", "--channel", "torn", "-"}, "").code == 0);
}

TEST_CASE("the lines that the handbook shows are taken as they stand there") {
  std::ifstream page(std::string(KANAL_SOURCE) + "/docs/OPERATIONS.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  const auto tally = ingest(between(text, "```json\n", "```"), "letters");
  CHECK(tally.find("read")->integer == 2);
  CHECK(tally.find("accepted")->integer == 2);
}

TEST_CASE("a kind that is not set up is traced in its own manner") {
  const auto reply_by = [](const std::string& kind) {
    const auto finished =
        run_kanal({"trace", "--offline", "--channel", kind, "--format", "post", "-"},
                  post_line("k1", "Jalan berlubang di depan Pasar Banyuasri, Singaraja"));
    INFO(finished.err);
    return only_line(finished).find("replies")->array.at(0).text("text");
  };
  CHECK(reply_by("smpp").size() <= 160);
  CHECK(reply_by("email").size() > 160);
}

TEST_CASE("a raw message of every kind is read where nothing is set up") {
  const std::map<std::string, std::string> messages{
      {"webform", "text=Jalan+berlubang+di+Singaraja"},
      {"email", "From: Ni <ni@example.org>\r\nSubject: Jalan\r\n\r\nJalan berlubang\r\n"},
      {"twitter", R"({"data":[{"id":"1790000000000000001","text":"@kanal Jalan berlubang",)"
                  R"("author_id":"42","created_at":"2026-01-02T03:04:05.000Z"}],)"
                  R"("includes":{"users":[{"id":"42","username":"budi","name":"Budi"}]}})"},
      {"smpp",
       "0000004100000005000000000000000900010136323831323334353637383900000031373038000000000000"
       "0000080010004a0061006c0061006e0020d83dde00"},
      {"sms_gateway", "from=%2B6281234567890&to=1708&text=Jalan+berlubang"},
      {"open311", "service_code=road&lat=-8.112&long=115.088&description=Jalan+berlubang"},
      {"webhook", R"({"type":"complaint","timestamp":"2026-03-02T08:00:00+08:00",)"
                  R"("data":{"text":"Jalan berlubang","author":{"id":"7"}}})"},
      {"open311_client", "an answer of that office"},
      {"lapor", "an answer of that office"}};
  for (const auto& [kind, message] : messages) {
    const auto traced = run_kanal({"trace", "--offline", "--channel", kind, "-"}, message);
    INFO(kind << ": " << traced.err << traced.out);
    CHECK(traced.code == 0);
    const auto line = only_line(traced);
    // What offices answer is kept in a form of ours alone.
    const bool of_an_office = kind == "lapor" || kind == "open311_client";
    CHECK((line.find("post")->type == Json::Type::null) == of_an_office);
    if (!of_an_office) CHECK(line.find("post")->text("posted_at") > "2026");
  }
}

TEST_CASE("a post that was traced can be taken in, in its order and with what it is labelled") {
  const auto lines = post_line("o1", "Jalan berlubang di Singaraja") + "not a post\r\n\r\n" +
                     "{\"id\":\"o2\",\"author\":{\"id\":\"7\"},\"text\":\"Lihat lampiran ini\","
                     "\"posted_at\":\"2026-01-02T03:04:05Z\",\"channel\":\"email\",\"attachments\":"
                     "[{\"name\":\"a.pdf\",\"type\":\"application/pdf\",\"path\":null}],"
                     "\"truth\":{\"category\":\"road\"}}\n";
  const auto traced =
      run_kanal({"trace", "--offline", "--channel", "old", "--format", "post", "-"}, lines);
  INFO(traced.err);
  const auto told = lines_of(traced.out);
  REQUIRE(told.size() == 3);
  CHECK(Json::parse(told[1]).value().text("reason").starts_with("line 2: "));
  const auto last = Json::parse(told[2]).value();
  CHECK(last.find("post")->text("id") == "o2");
  CHECK(last.find("post")->find("truth")->text("category") == "road");
  CHECK(traced.err.find("line 4: ") != std::string::npos);
  CHECK(traced.err.find("\"email\"") != std::string::npos);
  const auto post = between(told[2], "{\"post\":", ",\"fate\"");
  CHECK(ingest(post + "\n").find("accepted")->integer == 1);
}

TEST_CASE("an import is for a channel that settings could have, and promises no answers") {
  for (const auto* name : {"", "a b/../c"}) {
    const auto refused = bridge().command({"ingest", "--channel", name, "-"}, post_line("e1", "x"));
    CHECK(refused.code == 2);
  }
  const auto strange = bridge().command({"ingest", "--channel", "strange", "-"}, "");
  CHECK(strange.err.find("there is no channel \"strange\"") != std::string::npos);
  CHECK(strange.err.find("answers wait") == std::string::npos);
}

TEST_CASE("trace tells the way of a post, a form and a mail, and writes nothing") {
  const TemporaryDirectory directory;
  const auto posts = write(directory, "posts.ndjson",
                           post_line("t1", "Jalan berlubang di Singaraja") + "not a post\n" +
                               post_line("t2", "Terima kasih"));
  const auto form = write(directory, "form.txt",
                          "text=Lampu+jalan+mati+sejak+seminggu&name=Ni&email=ni%40example.org");
  const auto mail =
      write(directory, "mail.eml",
            "From: Ni <ni@example.org>\r\nTo: kanal@example.org\r\nSubject: Sampah\r\n"
            "Message-ID: <t@example.org>\r\nDate: Fri, 02 Jan 2026 03:04:05 +0700\r\n"
            "\r\nSampah menumpuk di TPS Banyuning.\r\n");
  const auto offline = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--offline", "--data", (directory.path() / "none").string()});
    const auto finished = run_kanal(arguments);
    INFO(finished.err);
    CHECK(finished.code == 0);
    CHECK(finished.err.empty());
    std::vector<Json> traces;
    for (const auto& line : lines_of(finished.out)) traces.push_back(Json::parse(line).value());
    for (const auto& trace : traces) {
      for (const auto* key : {"post", "stages", "report", "replies"}) {
        CHECK(trace.find(key) != nullptr);
      }
      for (const auto& stage : trace.find("stages")->array) {
        CHECK(keys_of(stage) ==
              std::vector<std::string>{"stage", "evidence", "decision", "reason"});
      }
    }
    return traces;
  };
  const auto of_posts = offline({"trace", "--channel", "old", "--format", "post", posts});
  REQUIRE(of_posts.size() == 3);
  CHECK(of_posts[0].find("post")->text("id") == "t1");
  CHECK(of_posts[0].find("report")->text("state") == "received");
  CHECK_FALSE(of_posts[0].find("replies")->array.empty());
  CHECK(of_posts[1].find("post")->type == Json::Type::null);
  CHECK(of_posts[1].text("reason").starts_with("line 2: "));

  const auto of_form = offline({"trace", "--channel", "webform", form});
  REQUIRE(of_form.size() == 1);
  CHECK(of_form[0].find("post")->text("text") == "Lampu jalan mati sejak seminggu");
  const auto of_mail = offline({"trace", "--channel", "email", mail, mail});
  REQUIRE(of_mail.size() == 2);
  CHECK(of_mail[0].find("post")->find("hints")->text("subject") == "Sampah");
  CHECK(of_mail[0].find("replies")->array.at(0).text("language") == "id");

  CHECK_FALSE(std::filesystem::exists(directory.path() / "none"));
  CHECK(run_kanal({"trace", "--offline", "--channel", "nothing", posts}).code == 2);
  CHECK(run_kanal({"trace", "--offline", "--channel", "email", "/nothing/here"}).code == 1);
  // With a database, what is stored already is known; and still nothing is written.
  ingest(post_line("t1", "Jalan berlubang di Singaraja"));
  const auto before = ask("SELECT count(*) FROM post");
  const auto known = bridge().command({"trace", "--channel", "old", "--format", "post", posts});
  CHECK(Json::parse(lines_of(known.out).at(0)).value().text("fate") == "repeated");
  CHECK(ask("SELECT count(*) FROM post") == before);
}

TEST_CASE("what could not be digested is shown as it came, and tried again") {
  ingest("{\"id\":\"q1\",\"truth\n" + post_line("q2", "Banjir di Jalan Pramuka"));
  const auto kept = bridge().query({"quarantine", "list"});
  REQUIRE_FALSE(kept.empty());
  const auto id = std::to_string(kept.front().find("id")->integer);
  const auto shown = bridge().query({"quarantine", "show", id}).at(0);
  CHECK(from_base64(shown.text("payload_base64")).value() == "{\"id\":\"q1\",\"truth");
  CHECK(shown.text("reason").starts_with("line 1: "));
  CHECK(bridge().command({"quarantine", "show", id}).out.find("\"q1\"") != std::string::npos);
  CHECK(bridge().command({"quarantine", "show", "4711"}).code == 1);
  CHECK(bridge().command({"quarantine", "replay", "4711"}).code == 1);
  CHECK(bridge().command({"quarantine", "replay", id}).code == 1);
  CHECK(bridge().query({"quarantine", "list"}).size() == kept.size());
  CHECK(bridge().command({"quarantine", "discard", "4711", "--reason", "torn"}).code == 1);
  CHECK(bridge().command({"quarantine", "discard", id, "--reason", "half a line"}).code == 0);
  CHECK(bridge().command({"quarantine", "discard", id, "--reason", "again"}).code == 1);
  const auto aside = bridge().query({"quarantine", "list"}).front();
  CHECK(aside.text("fate") == "screened");
  CHECK(aside.text("discarded_why") == "half a line");
}

}  // namespace
}  // namespace kanal::test
