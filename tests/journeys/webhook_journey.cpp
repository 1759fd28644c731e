// An office's own form, which pushes its complaints signed and is told of them at its own address;
// and an office's system behind another address, which reports are handed over to.

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "tests/journeys/far_systems.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/wire.hpp"

namespace kanal::test {
namespace {

std::string chart() {
  return "name = \"Kabupaten Contoh\"\ntime_zone = \"Asia/Makassar\"\n"
         "[[agency]]\nid = \"buleleng\"\nname = \"Kabupaten Buleleng\"\n"
         "[[unit]]\nid = \"putr\"\nagency = \"buleleng\"\nname = \"Dinas PUTR\"\n"
         "[[unit]]\nid = \"sistem\"\nagency = \"buleleng\"\nname = \"Dinas Sistem\"\n"
         "[unit.handed_over]\nby = \"webhook\"\nchannel = \"sistem\"\n"
         "[[kind]]\nid = \"complaint\"\nname_id = \"Pengaduan\"\n";
}

std::string settings(const std::filesystem::path& directory, const Wire& to_form,
                     const Wire& to_office) {
  const auto file = directory / "organisation.toml";
  std::ofstream(file) << chart();
  return "[organisation]\nfile = \"" + file.string() + "\"\n" +
         WebhookSystem::settings("formulir", to_form.port()) + "replies_per_hour = 1000\n" +
         WebhookSystem::settings("sistem", to_office.port());
}

/// What a form knows of a complaint.
struct Complaint {
  std::string id;  ///< of the request that bears it
  std::string author;
  std::string text;
  [[nodiscard]] std::string body() const {
    return R"({"type":"complaint","timestamp":"2026-03-02T08:00:00+08:00","data":{"text":")" +
           text + R"(","author":{"id":")" + author + R"("}}})";
  }
};

Complaint complaint(const std::string& about) {
  return {"c-" + about, "warga-" + about, "Jembatan gantung retak di " + about};
}

struct House {
  TemporaryDirectory directory;
  WebhookSystem form;
  WebhookSystem office;
  Wire to_form{form.port()};
  Wire to_office{office.port()};
  BridgeProcess bridge{settings(directory.path(), to_form, to_office)};
  Wire from_form{0};
  std::unique_ptr<Http> http = make_http({});

  void start() {
    bridge.start();
    from_form.lead_to(bridge.port());
  }
  /// The bridge's answer; 0 when none came. For many threads.
  int push(const Complaint& of, bool forged = false) {
    HttpCall call;
    call.method = "POST";
    call.url = loopback_url(from_form.port()) + "/in/formulir";
    call.body = of.body();
    call.headers =
        WebhookSystem::headers(of.id, SystemClock().now(), forged ? "x" + call.body : call.body);
    call.allow_private = true;
    const auto reply = http->fetch(call);
    return reply ? reply->status : 0;
  }
  std::vector<Json> reports() { return bridge.query({"report", "list", "--most", "1000"}); }
  std::string code_of(const Complaint& of) {
    auto found = bridge.query({"report", "find", of.id});
    std::erase_if(found, [&](const Json& each) { return each.text("external_id") != of.id; });
    INFO(of.id);
    REQUIRE(found.size() == 1);
    CHECK(found[0].text("fate") == "report");
    return found[0].text("code");
  }
  Json shown(const std::string& code) { return bridge.query({"report", "show", code}).at(0); }
  void act(const std::string& code, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"report", "act", code});
    const auto finished = bridge.command(arguments);
    INFO(finished.err);
    REQUIRE(finished.code == 0);
  }
  /// States of what is owed about the report by a channel.
  std::vector<std::string> owed(const std::string& code, const std::string& channel) {
    const auto report = shown(code);
    std::vector<std::string> states;
    for (const auto& reply : report.find("replies")->array) {
      if (reply.text("channel") == channel) states.push_back(reply.text("state"));
    }
    return states;
  }
  /// Once so many messages about it were owed by the channel, and each has got there.
  bool is_settled(const std::string& code, const std::string& channel, std::size_t messages = 1) {
    return eventually([&] {
      const auto states = owed(code, channel);
      return states.size() >= messages && std::ranges::all_of(states, [](const std::string& state) {
               return state == "delivered";
             });
    });
  }
  /// So many messages about it got there, and each is one by its id.
  void check_told_once(const WebhookSystem& system, const std::string& code,
                       const std::string& channel, std::size_t messages) {
    INFO(code);
    CHECK(is_settled(code, channel, messages));
    CHECK(owed(code, channel).size() == messages);
    CHECK(system.about(code).size() == messages);
  }
};

TEST_CASE("a complaint that a form pushes is acknowledged, worked on and answered to its address") {
  House house;
  house.start();
  const auto wati = complaint("Sukasada");
  CHECK(house.push(wati, true) == 403);
  CHECK(house.push(wati) == 202);
  const auto code = house.code_of(wati);
  const auto comes = [&](std::size_t count) {
    return eventually([&] { return house.form.about(code).size() >= count; });
  };
  CHECK(comes(1));
  house.act(code, {"verify", "--as", "admin", "--agency", "buleleng"});
  CHECK(comes(2));
  house.act(code, {"dispose", "--as", "buleleng", "--unit", "sistem"});
  CHECK(eventually([&] { return house.office.about(code).size() == 1; }));
  CHECK(comes(3));
  const auto key = house.office.about(code).at(0).find("data")->text("key");
  const auto words = WebhookSystem::answer(key, "answer", "Sudah kami perbaiki.");
  CHECK(house.bridge
            .post("/in/sistem", "application/json", words,
                  WebhookSystem::headers("a-1", SystemClock().now(), words))
            .status == 202);
  CHECK(comes(4));
  const auto told = house.form.about(code);
  REQUIRE(told.size() == 4);
  for (const auto& each : told) {
    CHECK(each.text("type") == "reply");
    CHECK(each.find("data")->text("to") == wati.author);
  }
  CHECK(told[0].find("data")->text("state") == "received");
  CHECK(told[0].find("data")->text("text").find(grouped(TrackingCode(code))) != std::string::npos);
  CHECK(told[3].find("data")->text("state") == "answered");
  CHECK(told[3].find("data")->text("text").find("Sudah kami perbaiki.") != std::string::npos);

  // The same again, also to another process, is known.
  CHECK(house.push(wati) == 202);
  house.bridge.kill();
  house.start();
  CHECK(house.push(wati) == 202);
  const auto budi = complaint("Banyuning");
  CHECK(house.push(budi) == 202);
  CHECK(eventually([&] { return house.form.about(house.code_of(budi)).size() == 1; }));
  CHECK(house.reports().size() == 2);
  house.check_told_once(house.form, code, "formulir", 4);
  CHECK(house.bridge.command({"report", "verify", code}).code == 0);
  CHECK(house.bridge.stop() == 0);
}

TEST_CASE("complaints that come at once, again and in any order are one report each") {
  House house;
  house.start();
  std::vector<Complaint> all;
  for (int i = 0; i < 12; ++i) all.push_back(complaint("gang-" + std::to_string(i)));
  std::atomic<int> refused{0};
  std::vector<std::thread> senders;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    senders.emplace_back([&, seed, own = all]() mutable {
      std::ranges::shuffle(own, std::mt19937(seed));
      for (const auto& each : own) refused += house.push(each) == 202 ? 0 : 1;
    });
  }
  for (auto& sender : senders) sender.join();
  CHECK(refused == 0);
  CHECK(house.reports().size() == all.size());
  for (const auto& each : all) {
    house.check_told_once(house.form, house.code_of(each), "formulir", 1);
  }
  CHECK(house.form.taken().size() == all.size());
}

TEST_CASE("killed at each step of taking a complaint, it is one report and is acknowledged once") {
  const Wire::Step steps[] = {
      {"on its way", Wire::From::client, "POST /in/formulir", Wire::When::before},
      {"posted", Wire::From::client, "POST /in/formulir", Wire::When::after},
      {"stored, before it is said", Wire::From::server, " 202 ", Wire::When::before},
      {"stored, and said", Wire::From::server, " 202 ", Wire::When::after}};
  House house;
  house.start();
  std::vector<Complaint> all;
  for (const auto& step : steps) {
    INFO(step.name);
    all.push_back(complaint("gang-" + std::to_string(all.size())));
    house.from_form.kills(house.bridge.pid(), step);
    const auto heard = house.push(all.back());
    // Between the last byte of a request and the kill it may be answered.
    const bool may_hear = step.from == Wire::From::client && step.when == Wire::When::after;
    const bool hears = step.from == Wire::From::server && step.when == Wire::When::after;
    if (!may_hear || heard != 0) CHECK(heard == (hears || may_hear ? 202 : 0));
    CHECK(eventually([&] { return house.from_form.happened(); }));
    house.bridge.kill();
    // Who has heard nothing sends it once more.
    house.start();
    if (heard == 0) CHECK(house.push(all.back()) == 202);
    CHECK(house.push(all.back()) == 202);
  }
  CHECK(house.reports().size() == all.size());
  for (const auto& each : all) {
    house.check_told_once(house.form, house.code_of(each), "formulir", 1);
  }
}

constexpr Wire::Step k_posting[] = {
    {"claimed, before anything is sent", Wire::From::client, "POST /kanal", Wire::When::before},
    {"posted", Wire::From::client, "POST /kanal", Wire::When::after},
    {"taken, before it is said", Wire::From::server, " 200 ", Wire::When::before},
    {"taken, before it is settled", Wire::From::server, " 200 ", Wire::When::after}};

TEST_CASE("killed at each step of telling a form or an office, neither is told a thing twice") {
  House house;
  std::vector<Complaint> all;
  for (const auto& step : k_posting) {
    INFO(step.name);
    house.start();
    // Else what the last kill left is caught for this step's.
    for (const auto& each : all) {
      const auto code = house.code_of(each);
      REQUIRE(house.is_settled(code, "formulir", 3));
      REQUIRE(house.is_settled(code, "sistem"));
    }
    all.push_back(complaint("gang-" + std::to_string(all.size())));
    house.to_form.kills(house.bridge.pid(), step);
    // The bridge may die of its acknowledgement before it has answered.
    (void)house.push(all.back());
    CHECK(eventually([&] { return house.to_form.happened(); }));
    house.bridge.kill();

    house.start();
    const auto code = house.code_of(all.back());
    CHECK(house.is_settled(code, "formulir"));
    house.act(code, {"verify", "--as", "admin", "--agency", "buleleng"});
    house.to_office.kills(house.bridge.pid(), step);
    // The command may lose the bridge's database as soon as its work is done.
    (void)house.bridge.command(
        {"report", "act", code, "dispose", "--as", "buleleng", "--unit", "sistem"});
    CHECK(eventually([&] { return house.to_office.happened(); }));
    house.bridge.kill();
  }
  house.start();
  CHECK(house.reports().size() == all.size());
  for (const auto& each : all) {
    const auto code = house.code_of(each);
    house.check_told_once(house.form, code, "formulir", 3);
    house.check_told_once(house.office, code, "sistem", 1);
  }
}

}  // namespace
}  // namespace kanal::test
