#include "router/outbox.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "web/console/console_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

/// A reply's fate as its channel would tell it.
void settle(ConsoleWorld& world, Settlement how) {
  const auto claimed = world.store->claim(world.mail, "n", 1, std::chrono::minutes(1)).value();
  REQUIRE(claimed.size() == 1);
  how.id = claimed[0].id;
  REQUIRE(world.store->settle(std::vector{how}));
}

Response in_english(ConsoleWorld& world, const std::string& path, const std::string& cookie) {
  return world.ask("GET", path, cookie, {}, {{"accept-language", "en"}});
}

TEST_CASE("what text messages took and cost stands at the reply, the report and the channel") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  CHECK_FALSE(says(world.get("/console/channels", cookie), "SMS ·"));
  const auto report = world.file(world.post("m1", "Lampu mati"));
  settle(world, {.id = {}, .external_id = {}, .detail = {}, .retry_at = {}, .segments = 2});
  world.file(world.post("m2", "Jalan rusak"));
  settle(world, {.id = {}, .external_id = {}, .detail = {}, .retry_at = {}, .segments = 1});
  CHECK(says(world.get("/console/outbox", cookie), "2 SMS · 700 IDR"));
  CHECK(says(world.get(world.page_of(report), cookie), "2 SMS · 700 IDR"));
  CHECK(says(world.get("/console/channels", cookie), "3 SMS · 1050 IDR"));
  world.clock.advance(std::chrono::hours(24) * 31);
  CHECK_FALSE(says(world.get("/console/channels", world.sign_in("admin")), "SMS ·"));
}

TEST_CASE("a reply is called by the step that it tells of, whatever its mail's subject") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto cookie = world.sign_in("admin");
  CHECK(says(world.get(world.page_of(id), cookie), "<summary>Laporan diterima</summary>"));
  CHECK(
      says(world.get("/console/outbox", cookie), "<span class=\"quiet\">Laporan diterima</span>"));
}

TEST_CASE("why a reply was not sent, or not yet, is told in the officer's language") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto report = world.file(world.post("m1", "Lampu mati"));
  settle(world, {.id = {},
                 .state = ReplyState::withheld,
                 .external_id = {},
                 .detail = std::string(k_asked_for_silence),
                 .retry_at = {},
                 .counts = false});
  for (const auto& path : {std::string("/console/outbox?state=withheld"), world.page_of(report)}) {
    INFO(path);
    CHECK(says(world.get(path, cookie), "Tidak dikirim"));
    CHECK(says(world.get(path, cookie), "penerimanya minta tidak dikirimi pesan"));
    CHECK(says(in_english(world, path, cookie), k_asked_for_silence));
  }
  world.file(world.post("m2", "Jalan rusak"));
  settle(world, {.id = {},
                 .state = ReplyState::owed,
                 .external_id = {},
                 .detail = std::string(k_waits_for_morning),
                 .retry_at = world.clock.now() + std::chrono::hours(9),
                 .counts = false});
  CHECK(says(world.get("/console/outbox?state=owed", cookie), "menunggu jam tenang berakhir"));
}

TEST_CASE("a reply about no report says so") {
  ConsoleWorld world;
  world.hire("teknis", Role::connector_admin);
  auto batch = world.batch({world.post("m1", "HELP")});
  batch.changes.clear();
  batch.filed[0].change.reset();
  batch.filed[0].fate = Fate::errand;
  Owed answer;
  answer.channel = world.mail;
  answer.subject = "Cara melapor";
  answer.text = "Tulis keluhan Anda";
  answer.due_at = world.clock.now();
  batch.filed[0].errand = Errand{false, false, answer};
  REQUIRE_FALSE(world.store->commit(batch).value().refusal);
  const auto page = world.get("/console/outbox", world.sign_in("teknis"));
  CHECK(says(page, "Tanpa laporan"));
  CHECK(says(page, "Cara melapor"));
  CHECK_FALSE(says(page, "/console/reports/"));
}

TEST_CASE("what an office was not told can be given up, once, and a citizen's answer cannot") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  const auto cookie = world.sign_in("technician");
  auto batch = world.batch({world.post("m1", "Jalan rusak")});
  auto& replies = batch.changes[0].replies;
  auto to_office = replies[0];
  to_office.office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  to_office.address = "putr@contoh.go.id";
  replies.push_back(to_office);
  REQUIRE(world.store->commit(batch));
  const auto claimed = world.store->claim(world.mail, "n", 10, std::chrono::minutes(1)).value();
  std::vector<Settlement> failures;
  for (const auto& reply : claimed) {
    failures.push_back({reply.id, ReplyState::failed, {}, "the mailbox is full", {}});
  }
  REQUIRE(failures.size() == 2);
  REQUIRE(world.store->settle(failures));
  const auto page = world.get("/console/outbox?state=failed", cookie);
  CHECK(says(page, "value=\"again\""));
  // The office's, which is the newest, alone.
  const auto offer = page.body.find("value=\"failed\">Jangan kirim");
  REQUIRE(offer != std::string::npos);
  CHECK(page.body.find("value=\"failed\">Jangan kirim", offer + 1) == std::string::npos);
  const auto failed = world.store->outbox(world.mail, ReplyState::failed, 9).value();
  const auto about =
      std::ranges::find_if(failed, [](const auto& each) { return each.reply.office.has_value(); });
  REQUIRE(about != failed.end());
  const Fields given_up = {
      {"how", "failed"}, {"from", "failed"}, {"replies", std::to_string(about->reply.id.value())}};
  CHECK(world.send("/console/outbox", cookie, given_up).status == 303);
  CHECK_FALSE(says(world.get("/console/outbox?state=failed", cookie), "Jangan kirim"));
  CHECK(world.send("/console/outbox", cookie, given_up).status == 409);
}

TEST_CASE("of a doubtful message it is not said that the office did not take it") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  auto batch = world.batch({world.post("m1", "Jalan rusak")});
  batch.changes[0].replies[0].office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  REQUIRE(world.store->commit(batch));
  const auto reply = world.store->claim(world.mail, "n", 10, std::chrono::minutes(1)).value().at(0);
  Settlement settlement{reply.id, ReplyState::uncertain, {}, "the other system answered 500", {}};
  REQUIRE(world.store->settle({&settlement, 1}));
  const auto page = world.get("/console/outbox", world.sign_in("technician"));
  CHECK(says(page, "Instansi mungkin sudah menerimanya."));
  CHECK(says(page, "the other system answered 500"));
  CHECK_FALSE(says(page, "tidak menerimanya"));
}

TEST_CASE("whoever keeps channels running is told the number of no report") {
  ConsoleWorld world;
  world.hire("teknis", Role::connector_admin);
  world.hire("admin", Role::national_admin);
  const auto code = world.read(world.file(world.post("m1", "Pungutan liar"))).code;
  REQUIRE(world.hold(world.post("m2", "Menang undian")));
  world.database.ask("UPDATE post SET code = '" + code.value() + "' WHERE id = 2");
  const auto teknis = world.sign_in("teknis");
  const auto admin = world.sign_in("admin");
  for (const auto& target : {std::string("/console/outbox"), std::string("/console/messages/1"),
                             std::string("/console/messages/2")}) {
    INFO(target);
    CHECK_FALSE(says(world.get(target, teknis), grouped(code)));
    CHECK_FALSE(says(world.get(target, teknis), code.value()));
    CHECK(says(world.get(target, admin), grouped(code)));
  }
  CHECK(says(world.get("/console/outbox", teknis), "Tentang laporan"));
}

}  // namespace
}  // namespace kanal
