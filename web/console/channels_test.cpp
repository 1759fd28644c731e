#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("what a channel has used is shown with what to do when it is nearly all") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  const auto technician = world.sign_in("technician");
  Usage usage;
  usage.usual = std::chrono::seconds(30);
  usage.pace = std::chrono::minutes(5);
  usage.shared_with = "x2";
  Meter reads;
  reads.what = "caps.reads_per_day";
  reads.used = 4'500;
  reads.most = 5'000;
  reads.starts_anew = world.clock.now() + std::chrono::hours(9);
  Meter today;
  today.what = "caps.cost_per_day_usd";
  today.used = 4.5;
  today.most = 5;
  today.is_money = true;
  Meter money;
  money.what = "caps.cost_per_month_usd";
  money.used = 12.5;
  money.is_money = true;
  Meter window;
  window.what = "mentions";
  window.used = 10;
  window.most = 300;
  window.starts_anew = world.clock.now() + std::chrono::minutes(9);
  usage.meters = {reads, today, money, window};
  REQUIRE(world.store->save_health(world.mail, Health::waiting, {}));
  REQUIRE(world.store->save_usage(world.mail, usage));
  const auto page = world.get("/console/channels", technician);
  CHECK(says(page, "4.500 dari 5.000, sisa 500"));
  CHECK(says(page, "Biaya hari ini (hari UTC)"));
  CHECK(says(page, "US$ 4,50 dari US$ 5,00, sisa US$ 0,50"));
  CHECK(says(page, "Naikkan caps.cost_per_day_usd [channel.mail]"));
  CHECK(says(page, "US$ 12,50 (tanpa batas)"));
  CHECK(says(page, "Naikkan caps.reads_per_day [channel.mail]"));
  CHECK(says(page, "kiriman yang menyebut kita 10 dari 300"));
  CHECK(says(page, "diperlambat"));
  CHECK(says(page, "x2"));
  CHECK_FALSE(says(page, "Naikkan caps.cost_per_month_usd"));
}

TEST_CASE("what ails a channel is told in the inbox as long as it runs here") {
  ConsoleWorld world;
  world.hire("national", Role::national_admin);
  const auto national = world.sign_in("national");
  REQUIRE(world.store->save_health(world.mail, Health::failing, {}));
  REQUIRE(world.store->save_health(ChannelName("twitter"), Health::credentials_refused, {}));
  const auto page = world.get("/console", national);
  const auto attention = ConsoleWorld::between(page.body, "id=\"attention\"", "</div>");
  CHECK(attention.find("href=\"/console/channels\"") != std::string::npos);
  CHECK(attention.find("X (Twitter)") == std::string::npos);
  CHECK(attention.find("twitter") == std::string::npos);
}

TEST_CASE("what ends soon is told with its channel, and the bridge's own certificate above them") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  const auto technician = world.sign_in("technician");
  auto parts = world.parts();
  parts.alarms.credential_ends[world.mail] = std::chrono::year(2026) / 3 / 9;
  parts.alarms.certificate_end = [now = world.clock.now()] { return Result<Time>(now); };
  world.router = Router::make(console_routes(parts)).value();
  const auto page = world.get("/console/channels", technician);
  CHECK(says(page, "kontrak kanal ini berlaku sampai 9 Maret 2026"));
  CHECK(says(page, "Sertifikat server web berlaku sampai 2 Maret 2026"));
  const auto english =
      world.ask("GET", "/console/channels", technician, {}, {{"accept-language", "en"}});
  CHECK(says(english, "contract ends on 9 March 2026"));
  CHECK(says(english, "certificate ends on 2 March 2026"));
}

TEST_CASE("a channel that is read again says from when, how far, and whether that has broken off") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  const auto now = world.clock.now();
  REQUIRE(world.store->save_backfill(
      world.mail, BackfillRecord{now - std::chrono::hours(48), {"3"}, 400, now}));
  const auto technician = world.sign_in("technician");
  const auto page = world.get("/console/channels", technician);
  CHECK(says(page, "Dibaca ulang"));
  CHECK(says(page, ": 400 pesan sampai "));
  CHECK_FALSE(says(page, "Terputus"));
  world.clock.advance(std::chrono::minutes(11));
  CHECK(says(world.get("/console/channels", technician), "Terputus"));
}

TEST_CASE("a reply that is kept back says why, in the reader's language") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto admin = world.sign_in("admin");
  world.file(world.post("m1", "Jalan rusak"));
  const auto claimed = world.store->claim(world.mail, "a", 9, std::chrono::seconds(9)).value();
  REQUIRE(claimed.size() == 1);
  const Settlement kept{
      claimed[0].id, ReplyState::withheld, {}, std::string(withheld::k_enough), {}};
  REQUIRE(world.store->settle({&kept, 1}));
  const auto page = world.get("/console/outbox?state=withheld", admin);
  CHECK(says(page, "Tidak dikirim"));
  CHECK(says(page, "Jatah balasan umum untuk laporan ini sudah terpakai"));
  CHECK_FALSE(says(page, "Kirim lagi"));
}

TEST_CASE("officers see that the author deleted a post, and nothing of what it said") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto admin = world.sign_in("admin");
  const auto id = world.file(world.post("m1", "Jembatan rusak"));
  auto batch = world.batch({});
  Signal gone;
  gone.kind = Signal::Kind::deletion;
  gone.subject = ExternalId("m1");
  batch.signals.push_back(gone);
  REQUIRE(world.store->commit(batch));
  const auto code = world.store->report(id).value().value().code.value();
  const auto page = world.get("/console/reports/" + code, admin);
  CHECK(page.status == 200);
  CHECK(says(page, "Penulisnya menghapus kirimannya"));
  CHECK_FALSE(says(page, "Jembatan"));
  CHECK(says(page, "<h2>Isi laporan</h2>\n<p class=\"quiet\">Isinya telah dihapus."));
  CHECK_FALSE(says(page, "<summary></summary>"));
}

TEST_CASE("two channels that people call by one name are told apart, of whatever kinds") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  auto parts = world.parts();
  const auto add = [&](const char* name, const char* kind) {
    parts.channels.push_back({ChannelName(name), kind, nullptr, nullptr, true, {}, "SMS", "SMS"});
  };
  add("sms", "smpp");
  add("kantor", "sms_gateway");
  world.router = Router::make(console_routes(parts)).value();
  const auto page = world.get("/console/messages", world.sign_in("admin"));
  CHECK(says(page, "SMS (sms)"));
  CHECK(says(page, "SMS (kantor)"));
  CHECK_FALSE(says(page, "Surel ("));
}

TEST_CASE("the connection can be tested where there is one") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  auto parts = world.parts();
  parts.probe = [](const ChannelName&) { return std::vector<ProbeStep>(); };
  const auto offers = [&](bool can_be_tested) {
    parts.channels[0].can_be_tested = can_be_tested;
    world.router = Router::make(console_routes(parts)).value();
    return says(world.get("/console/channels", world.sign_in("technician")), "Uji sambungan");
  };
  CHECK(offers(true));
  CHECK_FALSE(offers(false));
}
