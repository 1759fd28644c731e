#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "tests/journeys/far_systems.hpp"
#include "tests/support/wire.hpp"

// Channels whose far side is somebody's HTTP API: an SMS aggregator that signs what it calls and is
// called in turn, and a LAPOR!-like system that a report is handed over to and that says when it is
// asked.
namespace kanal::test {
namespace {

constexpr const char* k_token = "token-akun-twilio-42";
constexpr const char* k_public = "http://lapor.test/in/sms";
constexpr const char* k_wati = "+6281234567890";

/// An aggregator that speaks as Twilio does.
class Aggregator {
 public:
  struct Sent {
    std::string to, text, callback;
  };
  std::vector<Sent> sent() {
    return server_.look([this] { return sent_; });
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  /// The bridge's answer there; 0 when none came.
  int calls(std::uint16_t port, const std::string& path,
            std::vector<std::pair<std::string, std::string>> form, bool forged = false) {
    std::ranges::sort(form);
    std::string signed_text = std::string(k_public) + path;
    for (const auto& [name, value] : form) signed_text += name + value;
    const auto key = forged ? std::string("lain") : std::string(k_token);
    HttpCall call;
    call.method = "POST";
    call.url = loopback_url(port) + "/in/sms" + path;
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                    {"X-Twilio-Signature", to_base64(hmac(Hash::sha1, key, signed_text))}};
    call.body = print_form(form);
    call.allow_private = true;
    const auto reply = http_->fetch(call);
    return reply ? reply->status : 0;
  }

 private:
  Response take(const Request& request) {
    if (request.header("authorization") != "Basic " + to_base64(std::string("AC42:") + k_token)) {
      return Response::text(401, "{}");
    }
    std::map<std::string, std::string> form;
    for (auto& [name, value] : parse_form(request.body).value_or(FormFields())) form[name] = value;
    sent_.push_back({form["To"], form["Body"], form["StatusCallback"]});
    return Response::text(200, R"({"sid":"SM)" + std::to_string(sent_.size()) + "\"}");
  }
  std::unique_ptr<Http> http_ = make_http({});
  std::vector<Sent> sent_;
  FarServer server_{{{"POST", "/2010-04-01/Accounts/{account}/Messages.json",
                      [this](const Request& request) { return take(request); }}}};
};

std::string settings(const Wire& to_aggregator, const Wire& to_lapor,
                     const std::filesystem::path& directory) {
  ::setenv("KANAL_TEST_TWILIO", k_token, 1);
  const auto chart = directory / "organisation.toml";
  std::ofstream(chart)
      << "name = \"Kabupaten Contoh\"\ntime_zone = \"Asia/Makassar\"\n"
         "[[agency]]\nid = \"buleleng\"\nname = \"Kabupaten Buleleng\"\n"
         "[[unit]]\nid = \"pusat\"\nagency = \"buleleng\"\nname = \"Lapor Pusat\"\n"
         "[unit.handed_over]\nby = \"lapor\"\nchannel = \"lapor\"\n"
         "[[kind]]\nid = \"complaint\"\nname_id = \"Pengaduan\"\n";
  return "[organisation]\nfile = \"" + chart.string() +
         "\"\n[channel.sms]\nkind = \"sms_gateway\"\nprovider = \"twilio\"\nsecret = "
         "\"env:KANAL_TEST_TWILIO\"\nuser = \"AC42\"\nsource = \"1708\"\nprivate_network = true\n"
         "public_url = \"" +
         k_public + "\"\nsend_url = \"" + loopback_url(to_aggregator.port()) +
         "\"\n[channel.lapor]\nkind = \"lapor\"\nurl = \"" + loopback_url(to_lapor.port()) +
         "\"\nprivate_network = true\npoll_s = 1\n";
}

/// What a phone sends, as the aggregator knows it.
struct Text {
  std::string id;
  std::string from;
  std::string text;
};

Text numbered(std::size_t number) {
  const auto digits = std::to_string(10 + number);
  return {"SM-in-" + digits, "+62812340000" + digits, "Jembatan retak di gang nomor " + digits};
}

struct House {
  TemporaryDirectory directory;
  Aggregator aggregator;
  Lapor lapor;
  Wire to_aggregator{aggregator.port()};
  Wire to_lapor{lapor.port()};
  BridgeProcess bridge{settings(to_aggregator, to_lapor, directory.path())};
  Wire from_aggregator{0};

  House() { start(); }
  void start() {
    bridge.start();
    from_aggregator.lead_to(bridge.port());
  }
  int phone_sends(const Text& sent, bool forged = false) {
    return aggregator.calls(
        from_aggregator.port(), "",
        {{"MessageSid", sent.id}, {"From", sent.from}, {"To", "1708"}, {"Body", sent.text}},
        forged);
  }
  int phone_sends(const std::string& id, const std::string& text, bool forged = false) {
    return phone_sends({id, k_wati, text}, forged);
  }
  std::vector<Json> reports() { return bridge.query({"report", "list"}); }
  Json report(const std::string& code) { return bridge.query({"report", "show", code}).at(0); }
  void act(const std::string& code, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"report", "act", code});
    const auto finished = bridge.command(arguments);
    INFO(finished.err);
    REQUIRE(finished.code == 0);
  }
  std::string code_of(const Text& sent) {
    auto found = reports();
    std::erase_if(found, [&](const Json& each) { return each.text("text") != sent.text; });
    INFO(sent.text);
    REQUIRE(found.size() == 1);
    return found[0].text("code");
  }
  /// Once the one reply about it is neither owed nor being sent.
  std::string end_of_reply(const std::string& code) {
    std::string state;
    CHECK(eventually([&] {
      const auto shown = report(code);
      const auto& replies = shown.find("replies")->array;
      if (replies.size() != 1) return false;
      state = replies[0].text("state");
      return state != "owed" && state != "sending";
    }));
    return state;
  }
  /// Each is one report; its reply is at the aggregator once, or at most once and listed.
  void check_each_is_reported_and_answered(const std::vector<Text>& texts) {
    CHECK(reports().size() == texts.size());
    for (const auto& text : texts) {
      INFO(text.text);
      const auto code = code_of(text);
      const auto state = end_of_reply(code);
      const auto sent = aggregator.sent();
      const auto answers = std::ranges::count(sent, text.from, &Aggregator::Sent::to);
      CHECK(answers <= 1);
      CHECK((state == "uncertain" || (state == "sent" && answers == 1)));
      CHECK(bridge.command({"report", "verify", code}).code == 0);
    }
  }
  bool was_told(const std::string& words) {
    return std::ranges::any_of(aggregator.sent(), [&](const Aggregator::Sent& sent) {
      return sent.text.find(words) != std::string::npos;
    });
  }
};

TEST_CASE("a text that an aggregator posts is reported, answered by its API, and its end is told") {
  House house;
  auto& aggregator = house.aggregator;
  CHECK(house.phone_sends("SM-in-0", "Palsu", true) == 403);
  CHECK(house.phone_sends("SM-in-1", "Jalan berlubang di depan Pasar Banyuasri") == 200);
  CHECK(house.phone_sends("SM-in-1", "Jalan berlubang di depan Pasar Banyuasri") == 200);
  REQUIRE(eventually([&] { return aggregator.sent().size() == 1; }));
  REQUIRE(house.reports().size() == 1);
  const auto code = house.reports().at(0).text("code");
  const auto answer = aggregator.sent().at(0);
  CHECK(answer.to == k_wati);
  CHECK(answer.text.find(code) != std::string::npos);
  CHECK(answer.callback == std::string(k_public) + "/dlr");
  CHECK(aggregator.calls(house.bridge.port(), "/dlr",
                         {{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}, {"To", k_wati}}) ==
        200);
  CHECK(eventually([&] {
    const auto shown = house.report(code);
    return shown.find("replies")->array.at(0).text("state") == "delivered";
  }));
  CHECK(house.bridge.stop() == 0);
  CHECK(aggregator.sent().size() == 1);
}

TEST_CASE("killed at each step of taking a text, it is one report and is answered at most once") {
  const Wire::Step steps[] = {
      {"on its way", Wire::From::client, "POST /in/sms", Wire::When::before},
      {"posted", Wire::From::client, "POST /in/sms", Wire::When::after},
      {"stored, before it is said", Wire::From::server, " 200 ", Wire::When::before},
      {"stored, and said", Wire::From::server, " 200 ", Wire::When::after}};
  House house;
  std::vector<Text> texts;
  for (const auto& step : steps) {
    INFO(step.name);
    texts.push_back(numbered(texts.size()));
    house.from_aggregator.kills(house.bridge.pid(), step);
    const auto heard = house.phone_sends(texts.back());
    // Between the last byte of a request and the kill it may be answered.
    const bool may_hear = step.from == Wire::From::client && step.when == Wire::When::after;
    const bool hears = step.from == Wire::From::server && step.when == Wire::When::after;
    if (!may_hear || heard != 0) CHECK(heard == (hears || may_hear ? 200 : 0));
    CHECK(eventually([&] { return house.from_aggregator.happened(); }));
    house.bridge.kill();
    // An aggregator that has heard nothing posts it once more.
    house.start();
    if (heard == 0) CHECK(house.phone_sends(texts.back()) == 200);
    CHECK(house.phone_sends(texts.back()) == 200);
  }
  house.check_each_is_reported_and_answered(texts);
}

TEST_CASE("killed at each step of answering a text, it is answered at most once, or listed") {
  const Wire::Step steps[] = {
      {"claimed, before anything is sent", Wire::From::client, "POST /2010", Wire::When::before},
      {"posted", Wire::From::client, "POST /2010", Wire::When::after},
      {"taken, before it is said", Wire::From::server, " 200 ", Wire::When::before},
      {"taken, before it is settled", Wire::From::server, " 200 ", Wire::When::after}};
  House house;
  std::vector<Text> texts;
  for (const auto& step : steps) {
    INFO(step.name);
    texts.push_back(numbered(texts.size()));
    house.to_aggregator.kills(house.bridge.pid(), step);
    // The bridge may die of its answer before it has said that it took the text.
    (void)house.phone_sends(texts.back());
    CHECK(eventually([&] { return house.to_aggregator.happened(); }));
    house.bridge.kill();
    house.start();
    if (step.when == Wire::When::before) {
      CHECK(house.end_of_reply(house.code_of(texts.back())) == "uncertain");
    }
  }
  house.check_each_is_reported_and_answered(texts);
  CHECK(house.aggregator.sent().size() < texts.size());
}

TEST_CASE("a report that is handed to LAPOR! is followed there, and its answer reaches the phone") {
  House house;
  REQUIRE(house.phone_sends("SM-in-1", "Jembatan gantung rusak parah di Sukasada") == 200);
  REQUIRE(eventually([&] { return house.reports().size() == 1; }));
  const auto code = house.reports().at(0).text("code");
  house.act(code, {"verify", "--as", "admin", "--agency", "buleleng"});
  house.act(code, {"dispose", "--as", "buleleng", "--unit", "pusat"});
  REQUIRE(eventually([&] { return house.lapor.complaints().size() == 1; }));
  const auto complaint = house.lapor.complaints().at(0);
  CHECK(complaint.text("content").find("Jembatan gantung rusak parah") != std::string::npos);
  CHECK(complaint.text("content").find("Wati") == std::string::npos);

  house.lapor.says("Dalam Proses", "");
  CHECK(eventually([&] { return house.report(code).text("state") == "in_progress"; }));
  house.lapor.says("Selesai", "Jembatan sudah diperbaiki.");
  CHECK(eventually([&] { return house.report(code).text("state") == "answered"; }));
  CHECK(eventually([&] { return house.was_told("Jembatan sudah diperbaiki."); }));
  CHECK(house.lapor.complaints().size() == 1);
  CHECK(house.bridge.stop() == 0);
}

std::size_t count(const Json& report, const std::string& event) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.find("history")->array,
                            [&](const Json& step) { return step.text("event") == event; }));
}

TEST_CASE("killed at each step of telling LAPOR!, it has a report once, and is heard once") {
  const Wire::Step steps[] = {
      {"claimed, before anything is sent", Wire::From::client, "POST /complaints",
       Wire::When::before},
      {"posted", Wire::From::client, "POST /complaints", Wire::When::after},
      {"taken, before it is said", Wire::From::server, "complaint_id", Wire::When::before},
      {"taken, before it is settled", Wire::From::server, "complaint_id", Wire::When::after}};
  House house;
  std::vector<std::string> codes;
  const auto state_of_message = [&](const std::string& code) {
    const auto report = house.report(code);
    for (const auto& reply : report.find("replies")->array) {
      if (reply.text("channel") == "lapor") return reply.text("state");
    }
    return std::string();
  };
  const auto is_settled = [&](const std::string& code) {
    const auto state = state_of_message(code);
    return state == "sent" || state == "uncertain";
  };
  for (const auto& step : steps) {
    INFO(step.name);
    if (!house.bridge.runs()) house.start();
    const auto number = std::to_string(codes.size());
    REQUIRE(house.phone_sends("SM-in-" + number, "Jembatan retak di jalan nomor " + number) == 200);
    codes.push_back(house.reports().at(0).text("code"));
    house.act(codes.back(), {"verify", "--as", "admin", "--agency", "buleleng"});
    house.to_lapor.kills(house.bridge.pid(), step);
    // The command may lose the bridge's database as soon as its work is done.
    (void)house.bridge.command(
        {"report", "act", codes.back(), "dispose", "--as", "buleleng", "--unit", "pusat"});
    CHECK(eventually([&] { return house.to_lapor.happened(); }));
    house.bridge.kill();
    house.start();
    CHECK(eventually([&] { return is_settled(codes.back()); }));
  }
  // One that gets there, to be heard of: again and again what is heard is lost on the way to the
  // database.
  REQUIRE(house.phone_sends("SM-in-last", "Jembatan putus di Sukasada") == 200);
  codes.push_back(house.reports().at(0).text("code"));
  const auto& followed = codes.back();
  house.act(followed, {"verify", "--as", "admin", "--agency", "buleleng"});
  house.act(followed, {"dispose", "--as", "buleleng", "--unit", "pusat"});
  CHECK(eventually([&] { return state_of_message(followed) == "sent"; }));
  const auto says = [&](const std::string& status, const std::string& words, const Wire::Step& step,
                        const std::string& state) {
    INFO(step.name);
    house.to_lapor.kills(house.bridge.pid(), step);
    house.lapor.says(status, words);
    CHECK(eventually([&] { return house.to_lapor.happened(); }));
    house.bridge.kill();
    house.start();
    CHECK(eventually([&] { return house.report(followed).text("state") == state; }));
  };
  says("Dalam Proses", "",
       {"said, before it is heard", Wire::From::server, "Dalam Proses", Wire::When::before},
       "in_progress");
  says("Selesai", "Jembatan sudah diperbaiki.",
       {"said, before it is stored", Wire::From::server, "sudah diperbaiki", Wire::When::after},
       "answered");
  CHECK(count(house.report(followed), "accept") == 1);
  for (const auto& code : codes) {
    INFO(code);
    CHECK(house.lapor.taken(code) <= 1);
    // What is neither there nor in doubt would be lost.
    const auto state = state_of_message(code);
    CHECK((state == "uncertain" || house.lapor.taken(code) == 1));
    if (state == "sent") {
      CHECK(eventually([&] { return house.report(code).text("state") == "answered"; }));
    }
    CHECK(count(house.report(code), "answer") == (state == "sent" ? 1 : 0));
  }
}

}  // namespace
}  // namespace kanal::test
