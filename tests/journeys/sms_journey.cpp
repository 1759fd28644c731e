#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/kannel.hpp"
#include "tests/support/sandbox_process.hpp"
#include "tests/support/wire.hpp"

// Complaints by text message: over SMPP to the sandbox's SMSC, and through a real Kannel between it
// and the bridge.
namespace kanal::test {
namespace {

using namespace std::string_literals;

constexpr int k_patience_s = 180;
constexpr const char* k_wati = "+6281234567890";
constexpr const char* k_made = "+628991112223";

std::uint16_t port_of(const SandboxProcess& smsc) {
  return static_cast<std::uint16_t>(std::stoi(smsc.ready("port")));
}

std::string smpp_settings(const SandboxProcess& smsc, std::uint16_t port) {
  ::setenv("KANAL_TEST_SMSC_PASSWORD", smsc.ready("password").c_str(), 1);
  return "[channel.sms]\nkind = \"smpp\"\nhost = \"127.0.0.1\"\nport = " + std::to_string(port) +
         "\nsecurity = \"plain\"\nsystem_id = \"" + smsc.ready("system_id") +
         "\"\npassword = \"env:KANAL_TEST_SMSC_PASSWORD\"\nsource = \"1708\"\ntimeout_s = 10\n"
         "replies_per_hour = 1000\n";
}

struct Sms {
  std::string from = k_wati;
  std::string text{};
  std::string more{};  ///< further members of the order, in JSON
};

void phone_sends(SandboxProcess& smsc, const Sms& sms) {
  JsonWriter body;
  body.begin_object().member("as", sms.from);
  body.member("text", sms.text);
  auto order = body.end_object().take();
  if (!sms.more.empty()) order.insert(order.size() - 1, "," + sms.more);
  smsc.order("POST", "/texts", order);
}

/// What a phone has been shown, oldest first.
std::vector<Json> shown_to(SandboxProcess& smsc, const std::string& phone = k_wati) {
  std::vector<Json> shown;
  const auto texts = smsc.order("GET", "/texts");
  for (const auto& each : texts.find("shown")->array) {
    if (each.text("to") == phone) shown.push_back(each);
  }
  return shown;
}

std::int64_t unanswered(SandboxProcess& smsc) {
  return smsc.order("GET", "/texts").find("unanswered")->integer;
}

std::vector<Json> reports(const BridgeProcess& bridge) {
  return bridge.query({"report", "list", "--most", "1000"});
}

Json report(const BridgeProcess& bridge, const std::string& code) {
  return bridge.query({"report", "show", code}).at(0);
}

void officer_acts(const BridgeProcess& bridge, const std::string& code,
                  std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = bridge.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

bool all_replies_are(const BridgeProcess& bridge, const std::string& code,
                     const std::string& state) {
  const auto shown = report(bridge, code);
  const auto* replies = shown.find("replies");
  return replies != nullptr && !replies->array.empty() &&
         std::ranges::all_of(replies->array,
                             [&](const Json& reply) { return reply.text("state") == state; });
}

bool is_one_plain_message(const Json& shown) {
  return shown.find("segments")->integer == 1 && shown.find("data_coding")->integer == 0;
}

/// From the first message to "BELUM", whatever lies between the phone and the bridge.
void walk_the_whole_way(SandboxProcess& smsc, BridgeProcess& bridge) {
  phone_sends(smsc, {.text = "Jalan berlubang di depan Pasar Banyuasri, sudah 2 minggu"});
  REQUIRE(eventually([&] { return shown_to(smsc).size() == 1; }, k_patience_s));
  REQUIRE(reports(bridge).size() == 1);
  const auto code = reports(bridge).at(0).text("code");
  const auto acknowledgement = shown_to(smsc).at(0);
  CHECK(acknowledgement.text("from") == "1708");
  CHECK(acknowledgement.text("text").find(code) != std::string::npos);
  CHECK(is_one_plain_message(acknowledgement));
  CHECK(eventually([&] { return all_replies_are(bridge, code, "delivered"); }, k_patience_s));

  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  officer_acts(bridge, code, {"accept", "--as", "putr"});
  officer_acts(bridge, code,
               {"answer", "--as", "putr", "--words", "Lubang sudah ditambal hari ini."});
  const auto last_says = [&](std::string_view word) {
    const auto all = shown_to(smsc);
    return !all.empty() && all.back().text("text").find(word) != std::string::npos;
  };
  REQUIRE(eventually([&] { return last_says("ditanggapi"); }, k_patience_s));
  CHECK(last_says("Lubang sudah ditambal hari ini."));
  CHECK(shown_to(smsc).back().find("data_coding")->integer == 0);

  phone_sends(smsc, {.text = "BELUM"});
  CHECK(eventually([&] { return report(bridge, code).text("state") != "answered"; }, k_patience_s));
  CHECK(reports(bridge).size() == 1);
  CHECK(eventually([&] { return unanswered(smsc) == 0; }, k_patience_s));
}

TEST_CASE("a text message becomes a report, is acknowledged, answered, and BELUM opens it again") {
  SandboxProcess smsc("smsc");
  BridgeProcess bridge(smpp_settings(smsc, port_of(smsc)));
  bridge.start();
  walk_the_whole_way(smsc, bridge);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("parts come in any order, ids in two forms, receipts late, and the link breaks between") {
  SandboxProcess smsc("smsc");
  smsc.order("POST", "/settings", R"({"hex_ids":true,"hold_receipts":true,"window":1})");
  BridgeProcess bridge(smpp_settings(smsc, port_of(smsc)) +
                       "submit_ids = \"hex\"\nreceipt_ids = \"decimal\"\n");
  bridge.start();
  const auto text = "Sampah menumpuk di belakang pasar, "s + std::string(300, 'a') + " sekian";
  phone_sends(smsc, {.text = text, .more = R"("order":[3,1],"lost":[2])"});
  REQUIRE(eventually([&] { return unanswered(smsc) == 0; }, k_patience_s));
  CHECK(reports(bridge).empty());
  smsc.order("POST", "/faults", R"({"fault":"throttled","times":2})");
  const auto whole = "Lampu jalan mati di simpang lima dan gelap sekali ❤ "s +
                     "mohon segera diperbaiki karena sudah banyak yang jatuh di sana";
  phone_sends(smsc,
              {.from = "08998887776", .text = whole, .more = R"("order":[2,1],"parts":"udh16")"});
  REQUIRE(eventually([&] { return shown_to(smsc, "+628998887776").size() == 1; }, k_patience_s));
  REQUIRE(reports(bridge).size() == 1);
  CHECK(reports(bridge).at(0).text("text") == whole);
  const auto code = reports(bridge).at(0).text("code");
  CHECK(eventually([&] { return all_replies_are(bridge, code, "sent"); }, k_patience_s));
  smsc.order("POST", "/faults", R"({"fault":"hang_up"})");
  smsc.order("POST", "/receipts", R"({"newest_first":true})");
  CHECK(eventually([&] { return all_replies_are(bridge, code, "delivered"); }, k_patience_s));
  CHECK(shown_to(smsc, "+628998887776").size() == 1);
}

TEST_CASE("names and short codes become no report and get no answer") {
  SandboxProcess smsc("smsc");
  BridgeProcess bridge(smpp_settings(smsc, port_of(smsc)));
  bridge.start();
  phone_sends(smsc, {.from = "TELKOMSEL", .text = "Kuota Anda hampir habis, beli di *363#"});
  phone_sends(smsc, {.from = "3636", .text = "Promo pulsa murah hari ini"});
  phone_sends(smsc, {.text = "Pohon tumbang menutup jalan di Desa Panji"});
  REQUIRE(eventually([&] { return shown_to(smsc).size() == 1; }, k_patience_s));
  CHECK(reports(bridge).size() == 1);
  const auto texts = smsc.order("GET", "/texts");
  CHECK(texts.find("shown")->array.size() == 1);
}

TEST_CASE("a text that begins with an office's name is suggested to it, and waits for a person") {
  // By a rule of the organisation, and by what the office is called.
  const std::map<std::string, std::string> why_by_text = {
      {"Buleleng jalan rusak di depan Pasar Banyuasri", "Awalan nama kabupaten"},
      {"Singaraja lampu jalan mati sejak kemarin", "prefix"}};
  SandboxProcess smsc("smsc");
  BridgeProcess bridge(smpp_settings(smsc, port_of(smsc)));
  bridge.start();
  phone_sends(smsc, {.text = why_by_text.begin()->first});
  phone_sends(smsc, {.from = k_made, .text = why_by_text.rbegin()->first});
  REQUIRE(eventually([&] { return reports(bridge).size() == why_by_text.size(); }, k_patience_s));
  for (const auto& each : reports(bridge)) {
    INFO(each.text("text"));
    const auto shown = report(bridge, each.text("code"));
    CHECK(shown.text("state") == "received");
    CHECK(shown.text("agency").empty());
    CHECK(shown.text("unit").empty());
    const auto& history = shown.find("history")->array;
    REQUIRE(history.size() == 1);
    CHECK(history[0].text("event") == "receive");
    CHECK(history[0].text("reason") ==
          "suggested: buleleng (" + why_by_text.at(shown.text("text")) + ")");
  }
}

bool is_settled(const BridgeProcess& bridge, const std::string& code) {
  const auto shown = report(bridge, code);
  const auto& replies = shown.find("replies")->array;
  return !replies.empty() && std::ranges::none_of(replies, [](const Json& reply) {
    return reply.text("state") == "owed" || reply.text("state") == "sending";
  });
}

/// Of texts by their phones: each has become one report, and was answered at most once; where no
/// answer comes, it is listed as uncertain. `earlier`: so many reports were there before.
void check_each_is_reported_and_answered(SandboxProcess& smsc, const BridgeProcess& bridge,
                                         const std::map<std::string, std::string>& sent,
                                         std::size_t earlier = 0) {
  CHECK(eventually(
      [&] {
        const auto all = reports(bridge);
        return all.size() == earlier + sent.size() &&
               std::ranges::all_of(
                   all, [&](const Json& each) { return is_settled(bridge, each.text("code")); });
      },
      k_patience_s));
  CHECK(eventually([&] { return unanswered(smsc) == 0; }, k_patience_s));
  const auto all = reports(bridge);
  CHECK(all.size() == earlier + sent.size());
  std::size_t answered = 0;
  std::size_t uncertain = 0;
  for (const auto& [phone, text] : sent) {
    INFO(text);
    const auto is_it = [&own = text](const Json& each) { return each.text("text") == own; };
    REQUIRE(std::ranges::count_if(all, is_it) == 1);
    const auto code = std::ranges::find_if(all, is_it)->text("code");
    const bool in_doubt = all_replies_are(bridge, code, "uncertain");
    const auto comes = [&, &to = phone] { return !shown_to(smsc, to).empty(); };
    // A gateway may hold for a while what it has taken.
    CHECK((in_doubt || eventually(comes, k_patience_s)));
    const auto count = shown_to(smsc, phone).size();
    CHECK(count <= 1);
    answered += count;
    uncertain += in_doubt ? 1 : 0;
  }
  CHECK(answered + uncertain >= sent.size());
  WARN(sent.size() << " texts, " << answered << " answers, " << uncertain << " uncertain");
}

// A unit's command and status, as they stand on the wire.
std::string unit(char answer, char command) {
  return std::string{answer, '\0', '\0', command, '\0', '\0', '\0', '\0'};
}

struct Step {
  const char* name;
  Wire::From from;
  std::string word;
  Wire::When when;
};

TEST_CASE("killed at each step, every text becomes one report and is answered at most once") {
  const std::string message = unit('\0', '\x05');
  const std::string stored = unit('\x80', '\x05');
  const std::string reply = unit('\0', '\x04');
  const std::string taken = unit('\x80', '\x04');
  const Step steps[] = {
      {"while the text comes", Wire::From::server, message, Wire::When::before},
      {"when the text has come", Wire::From::server, message, Wire::When::after},
      {"stored, before the SMSC is told", Wire::From::client, stored, Wire::When::before},
      {"when the SMSC has been told", Wire::From::client, stored, Wire::When::after},
      {"before the reply leaves", Wire::From::client, reply, Wire::When::before},
      {"when the reply has left", Wire::From::client, reply, Wire::When::after},
      {"the reply taken, before that is said", Wire::From::server, taken, Wire::When::before},
      {"the reply taken, before it is settled", Wire::From::server, taken, Wire::When::after},
  };
  SandboxProcess smsc("smsc");
  Wire wire(port_of(smsc));
  BridgeProcess bridge(smpp_settings(smsc, wire.port()));
  std::map<std::string, std::string> sent;
  for (const auto& step : steps) {
    INFO(step.name);
    bridge.start();
    const pid_t victim = bridge.pid();
    wire.at(step.from, step.word, step.when, [victim] { ::kill(victim, SIGKILL); });
    const auto phone = "+62812340000" + std::to_string(10 + sent.size());
    sent[phone] = "Sampah menumpuk di gang nomor " + std::to_string(sent.size());
    phone_sends(smsc, {.from = phone, .text = sent[phone]});
    CHECK(eventually([&] { return wire.happened(); }, k_patience_s));
    bridge.kill();
  }
  bridge.start();
  check_each_is_reported_and_answered(smsc, bridge, sent);
}

/// A bridge behind a real Kannel. The address that Kannel posts to stays while bridges come and go.
struct Gateway {
  SandboxProcess smsc{"smsc"};
  Wire wire{0};
  Kannel kannel{
      {port_of(smsc), smsc.ready("system_id"), smsc.ready("password"),
       address() + "/" + k_secret + "?from=%p&to=%P&id=%I&smsc=%i&ts=%T&coding=%c&charset=%C"}};
  BridgeProcess bridge{settings()};

  static constexpr const char* k_secret = "alamat-rahasia-42";
  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + std::to_string(wire.port()) + "/in/sms";
  }
  [[nodiscard]] std::string settings() const {
    ::setenv("KANAL_TEST_KANNEL_SECRET", k_secret, 1);
    ::setenv("KANAL_TEST_KANNEL_PASSWORD", Kannel::k_password, 1);
    return "[channel.sms]\nkind = \"sms_gateway\"\nprovider = \"kannel\"\nsecret = "
           "\"env:KANAL_TEST_KANNEL_SECRET\"\nsend_url = \"" +
           kannel.send_url() + "\"\npublic_url = \"" + address() + "\"\nuser = \"" +
           Kannel::k_user +
           "\"\npassword = \"env:KANAL_TEST_KANNEL_PASSWORD\"\nsource = \"1708\"\n"
           "private_network = true\n"
           "replies_per_hour = 1000\n";
  }
  void start() {
    bridge.start();
    const auto& url = bridge.url();
    wire.lead_to(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  }
};

TEST_CASE("the whole way through a real Kannel, with its reports of delivery") {
  REQUIRE(Kannel::is_installed());
  Gateway gateway;
  gateway.start();
  walk_the_whole_way(gateway.smsc, gateway.bridge);
  CHECK(gateway.bridge.stop() == 0);
}

TEST_CASE(
    "through Kannel, Unicode and long texts come whole, and none is lost or doubled by kills") {
  REQUIRE(Kannel::is_installed());
  Gateway gateway;
  gateway.start();
  const auto wide = "Terima kasih ❤ tapi lampu jalan di Gang Mawar mati"s;
  phone_sends(gateway.smsc, {.text = wide});
  const auto lengthy = "Saluran air tersumbat di Jalan Ahmad Yani, "s + std::string(250, 'b');
  phone_sends(gateway.smsc, {.from = k_made, .text = lengthy, .more = R"("order":[2,1])"});
  CHECK(eventually([&] { return shown_to(gateway.smsc, k_made).size() == 1; }, k_patience_s));
  CHECK(eventually([&] { return shown_to(gateway.smsc).size() == 1; }, k_patience_s));
  std::vector<std::string> texts;
  for (const auto& each : reports(gateway.bridge)) texts.push_back(each.text("text"));
  CHECK(std::ranges::count(texts, wide) == 1);
  CHECK(std::ranges::count(texts, lengthy) == 1);
  for (const auto& each : reports(gateway.bridge)) {
    if (each.text("text") != wide) continue;
    officer_acts(gateway.bridge, each.text("code"),
                 {"hold", "--as", "admin", "--words", "Di sebelah mana ❤?"});
  }
  const auto asked = [&] {
    const auto all = shown_to(gateway.smsc);
    return all.back().text("text").find("Di sebelah mana ❤?") != std::string::npos;
  };
  CHECK(eventually(asked, k_patience_s));

  gateway.bridge.kill();
  std::map<std::string, std::string> sent;
  for (int i = 0; i < 6; ++i) {
    const auto phone = "+62812340000" + std::to_string(10 + i);
    sent[phone] = "Pohon tumbang nomor " + std::to_string(i) + " di jalan desa";
    phone_sends(gateway.smsc, {.from = phone, .text = sent[phone]});
    if (i % 2 == 1) gateway.start();
    if (i % 2 == 1 && i < 5) {
      // Somewhere between taking and answering.
      CHECK(
          eventually([&] { return reports(gateway.bridge).size() > texts.size(); }, k_patience_s));
      gateway.bridge.kill();
    }
  }
  check_each_is_reported_and_answered(gateway.smsc, gateway.bridge, sent, 2);
}

}  // namespace
}  // namespace kanal::test
