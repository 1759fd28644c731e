#include "web/site/site.hpp"

#include <future>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "format/picture_fixture.hpp"
#include "web/pages_fixture.hpp"
#include "web/site/site_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("a secret link takes ten replies at once, then keeps the words and asks for patience") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto other = world.file(world.post("m2", "Jalan rusak"));
  for (int i = 0; i < 10; ++i) CHECK(world.act(id, "reply", "tambahan").status == 303);
  const auto before = world.lines(id);
  for (const auto* language : {"id", "en"}) {
    const auto over = world.act(id, "reply", "yang <kesebelas>", language);
    CHECK(over.status == 429);
    CHECK(over.body.find("yang &lt;kesebelas&gt;</textarea>") != std::string::npos);
    CHECK(over.body.find(*language == 'i' ? "tunggu beberapa menit" : "wait a few minutes") !=
          std::string::npos);
  }
  for (const auto* accept : {"text/html", "application/json"}) {
    CHECK(SiteWorld::headers(world.act(id, "reply", "lagi", "id", accept), "Retry-After") ==
          std::vector<std::string>{"180"});
  }
  CHECK(world.lines(id) == before);
  CHECK(world.act(other, "reply", "tambahan").status == 303);
  world.peer = "198.51.100.1";
  CHECK(world.act(id, "reply", "dari tempat lain").status == 429);
  world.clock.advance(std::chrono::minutes(4));
  CHECK(world.act(id, "reply", "kemudian").status == 303);
}

TEST_CASE("one network takes no more than its share of all replies") {
  SiteWorld world;
  int taken = 0;
  for (int report = 0; report < 6; ++report) {
    const auto id = world.file(world.post("m" + std::to_string(report), "Lampu mati"));
    for (int i = 0; i < 9; ++i) taken += world.act(id, "reply", "x").status == 303 ? 1 : 0;
  }
  CHECK(taken == 40);
}

bool says(const std::string& page, std::string_view words) {
  return page.find(words) != std::string::npos;
}

TEST_CASE("what is written on the page of a merged report goes to where it is worked on") {
  SiteWorld world;
  const auto parent = world.file(world.post("m1", "Lampu mati di gang"));
  const auto child = world.file(world.post("m2", "Lampu gang padam", "wayan@example.org"));
  world.merge(child, parent);
  const auto before = world.lines(child);
  CHECK(world.act(child, "reply", "Masih gelap di depan rumah saya").status == 303);
  CHECK(world.lines(child) == before);
  const auto line = world.newest(parent);
  CHECK(line.event == Event::comment);
  CHECK(line.words == "Masih gelap di depan rumah saya");
  CHECK(line.other == child);
  CHECK(world.store->verify(parent));

  CHECK(says(world.page(child), "Masih gelap di depan rumah saya"));
  const auto shown = world.page(parent);
  CHECK_FALSE(says(shown, "Masih gelap di depan rumah saya"));
  CHECK(says(shown, "Pelapor lain menulis"));
  const auto to_all = world.page(child, false) + world.page(parent, false);
  CHECK_FALSE(says(to_all, "Masih gelap"));
}

TEST_CASE("a full report takes no reply, and says so beside what was written") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati di gang"));
  world.database.ask("UPDATE report SET steps = 2000");
  const auto refused = world.act(id, "reply", "Masih gelap");
  CHECK(refused.status == 409);
  CHECK(says(refused.body, "Laporan ini sudah penuh. Untuk hal baru, kirim laporan baru."));
  CHECK(says(refused.body, "Masih gelap"));
}

TEST_CASE("the page of a merged report leads its reporter to where it goes on") {
  SiteWorld world;
  const auto parent = world.file(world.post("m1", "Lampu mati di gang"));
  const auto child = world.file(world.post("m2", "Lampu gang padam", "wayan@example.org"));
  world.merge(child, parent);
  const auto link = "href=\"/r/" + world.report(parent).code.value() + "\"";
  CHECK(says(world.page(child), link));
  CHECK(says(world.page(child), "Dilanjutkan di laporan " + grouped(world.report(parent).code)));
  CHECK_FALSE(says(world.page(child, false), link));
  CHECK_FALSE(says(world.page(parent), "Dilanjutkan"));
}

TEST_CASE("the page of a report whose post was deleted says that its text is gone") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati di gang"));
  CHECK_FALSE(says(world.page(id), "Isinya telah dihapus."));
  auto batch = world.batch({});
  Signal gone;
  gone.kind = Signal::Kind::deletion;
  gone.subject = ExternalId("m1");
  batch.signals.push_back(gone);
  REQUIRE(world.store->commit(batch));
  for (const bool own : {true, false}) CHECK(says(world.page(id, own), "Isinya telah dihapus."));
}

TEST_CASE("times say their zone") {
  SiteWorld world;
  world.organisation.time_zone = "Asia/Jakarta";
  const auto id = world.file(world.post("m1", "Lampu mati di gang"));
  CHECK(says(world.page(id), " WIB</time>"));
  world.organisation.time_zone = "+05:30";
  CHECK(says(world.page(id), " +05:30</time>"));
}

TEST_CASE("whoever follows may say that it is not solved, and not for all that it is") {
  SiteWorld world;
  const auto parent = world.answered("m1");
  const auto child = world.file(world.post("m2", "Lampu gang padam", "wayan@example.org"));
  world.merge(child, parent);
  for (const auto* words : {"SELESAI", "5"}) {
    CHECK(world.act(child, "reply", words).status == 303);
    CHECK(world.newest(parent).event == Event::comment);
    CHECK(world.report(parent).state == State::answered);
  }
  CHECK(world.act(child, "reply", "BELUM, masih padam").status == 303);
  CHECK(world.report(parent).state == State::in_progress);
  CHECK(world.act(child, "rate", "5").status == 409);
  CHECK_FALSE(world.report(parent).rating);
}

TEST_CASE("what a reporter reads on the page are their own words, and nobody else's") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati di gang"));
  const auto add = [&](const std::string& post, const std::string& words, const char* author) {
    auto filed = world.post(post, words, author);
    filed.in_reply_to = ExternalId("m1");
    Filed joined;
    joined.post = filed;
    joined.fate = Fate::joined;
    joined.change = 0;
    joined.stages = "[]";
    auto change = world.World::act(world.report(id), Event::comment, State::received);
    change.entries[0].actor = {Role::reporter, {}, {}, {}};
    change.entries[0].words = words;
    change.entries[0].audience = Audience::reporter;
    IntakeBatch batch;
    batch.channel = world.mail;
    batch.filed.push_back(joined);
    batch.changes.push_back(change);
    REQUIRE_FALSE(world.store->commit(batch).value().refusal);
  };
  add("m2", "Di sebelah warung", "made@example.org");
  add("m3", "Rumah saya nomor lima", "wayan@example.org");
  CHECK(says(world.page(id), "Di sebelah warung"));
  CHECK_FALSE(says(world.page(id), "Rumah saya nomor lima"));
}

TEST_CASE("a reply on the page does what the same words do by mail") {
  SiteWorld world;
  const auto disputed = world.answered("m1");
  CHECK(world.act(disputed, "reply", "BELUM, lampunya berkedip").status == 303);
  CHECK(world.report(disputed).state == State::in_progress);
  CHECK(world.newest(disputed).words == "BELUM, lampunya berkedip");
  const auto rated = world.answered("m2");
  CHECK(world.act(rated, "reply", "4").status == 303);
  CHECK(world.report(rated).rating == 4);
  const auto asked = world.answered("m3");
  const auto before = world.lines(asked);
  const auto told = world.act(asked, "reply", "cek laporan saya");
  CHECK(told.status == 303);
  CHECK(location_of(told).ends_with("&done=status"));
  CHECK(world.lines(asked) == before);
  CHECK(world.act(asked, "reply", "Terima kasih, akan saya lihat nanti malam").status == 303);
  CHECK(world.newest(asked).event == Event::comment);
}

TEST_CASE(
    "what is written on the page of a rejected report is an appeal, of an archived one opens it") {
  SiteWorld world;
  const auto refused = [&](const std::string& post, Event event) {
    const auto id = world.file(world.post(post, "Lampu mati"));
    Command command;
    command.event = event;
    command.actor.role = Role::national_admin;
    command.reason = "Tidak jelas tempatnya";
    world.does(id, command);
    return id;
  };
  const auto rejected = refused("m1", Event::reject);
  CHECK(says(world.page(rejected), "Ajukan keberatan"));
  CHECK(world.act(rejected, "reply", "Saya keberatan: tempatnya di foto").status == 303);
  CHECK(world.report(rejected).state == State::received);
  CHECK(world.report(rejected).timer == Timer::verification);
  CHECK(world.newest(rejected).event == Event::appeal);
  const auto archived = refused("m2", Event::archive);
  CHECK(says(world.page(archived), "Lengkapi laporan"));
  CHECK(world.act(archived, "reply", "Terima kasih").status == 303);
  CHECK(world.report(archived).state == State::archived);
  CHECK(world.act(archived, "reply", "Di Jalan Udayana 5").status == 303);
  CHECK(world.report(archived).state == State::received);
  CHECK(world.newest(archived).words == "Di Jalan Udayana 5");
}

TEST_CASE("the address of something that was done leads to the report when it is asked for anew") {
  SiteWorld world;
  const auto id = world.answered("m1");
  const auto code = world.report(id).code.value();
  for (const auto* name : {"reply", "confirm", "dispute", "rate", "reopen"}) {
    const auto reply = world.get("/r/" + code + "/" + name);
    CHECK(reply.status == 303);
    CHECK(location_of(reply) == "/r/" + code);
  }
  CHECK(world.get("/r/" + code + "/nothing").status == 404);
  CHECK(world.get("/r/123/reply").status == 404);
}

TEST_CASE("what the server refuses is told on a page as well guarded as the others") {
  SiteWorld world;
  const auto guarded = [&](const std::string& path) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.target = path;
    const auto page = failure_page(world.organisation, request, 413, "too large");
    CHECK(page.status == 413);
    CHECK(SiteWorld::headers(page, "X-Content-Type-Options") ==
          std::vector<std::string>{"nosniff"});
    return std::pair(SiteWorld::headers(page, "Content-Security-Policy").at(0),
                     SiteWorld::headers(page, "Referrer-Policy").at(0));
  };
  CHECK(guarded("/nope").first.ends_with("frame-ancestors 'none'"));
  CHECK(guarded("/nope").second == "same-origin");
  CHECK(guarded("/r/123456789012/reply").second == "no-referrer");
  // Whoever sent too much from a frame reads it there.
  CHECK(guarded("/embed/desa").first.ends_with("frame-ancestors *"));
}

TEST_CASE("who is refused a photo for want of room is told to send the report without it") {
  SiteWorld world;
  Request request;
  request.method = "POST";
  request.path = request.target = "/report/report";
  const auto page = failure_page(world.organisation, request, 507, "no room");
  CHECK(page.status == 507);
  CHECK(page.body.find("laporan tanpa foto tetap kami terima") != std::string::npos);
}

TEST_CASE("an officer whose file is refused for want of room is told of what they wrote") {
  SiteWorld world;
  Request request;
  request.method = "POST";
  request.path = request.target = "/console/reports/123456789012/act/answer";
  const auto page = failure_page(world.organisation, request, 507, "no room").body;
  CHECK(page.find("kirim lagi tanpa berkas") != std::string::npos);
  CHECK(page.find("laporan tanpa foto") == std::string::npos);
}

TEST_CASE("the other language shows the same page, with all that was asked of it") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto link = world.link(id);
  const auto other = "href=\"" + link + "&amp;lang=en\"";
  CHECK(says(world.get(link).body, other));
  CHECK(says(world.get(link + "&lang=id").body, other));
  CHECK(says(world.get("/reports?q=lampu+mati").body,
             "href=\"/reports?q=lampu%20mati&amp;lang=en\""));
  CHECK(says(world.get("/").body, "href=\"/?lang=en\""));
  // What was sent cannot be asked for again by its address; the report can.
  CHECK(says(world.act(id, "dispute", "").body, other));
}

TEST_CASE("a report is found by its number, however it is written") {
  SiteWorld world;
  const auto id = world.answered("m1");
  const auto code = world.report(id).code;
  for (const auto& typed : {code.value(), grouped(code)}) {
    CHECK(says(world.get("/reports?q=" + percent_encode(typed)).body,
               "href=\"/r/" + code.value() + "\""));
  }
}

TEST_CASE("the page of a report says how many people passed it on, once the public may read it") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  CHECK_FALSE(says(world.page(id), "Didukung"));
  world.pass_on("m1", 12);
  CHECK(says(world.page(id), "Didukung 12 orang"));
  CHECK_FALSE(says(world.page(id, false), "Didukung"));
  Command verify;
  verify.event = Event::verify;
  verify.actor.role = Role::national_admin;
  verify.agency = AgencyId("buleleng");
  REQUIRE(world.casework.act(id, verify));
  CHECK(says(world.page(id, false), "Didukung 12 orang"));
}

TEST_CASE("an empty reply and a rating without a mark are asked for, not lost") {
  SiteWorld world;
  const auto id = world.answered("m1");
  const auto before = world.lines(id);
  const auto empty = world.act(id, "reply", "  \n ");
  CHECK(empty.status == 422);
  CHECK(says(empty.body, "Tulis sesuatu dulu."));
  CHECK(says(empty.body, "/reply\""));
  const auto unmarked = world.act(id, "rate", "");
  CHECK(unmarked.status == 422);
  CHECK(says(unmarked.body, "Pilih nilainya dulu"));
  CHECK(world.lines(id) == before);
}

TEST_CASE("a reply that is too long is refused with all of it still there") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto before = world.lines(id);
  const auto over = world.act(id, "reply", std::string(40'000, 'x') + " akhir cerita");
  CHECK(over.status == 422);
  CHECK(says(over.body, "akhir cerita</textarea>"));
  CHECK(world.lines(id) == before);
}

TEST_CASE("whoever may not answer here is told how the reporter can") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  Command hold;
  hold.event = Event::hold;
  hold.actor.role = Role::national_admin;
  hold.words = "Di mana tepatnya?";
  world.does(id, hold);
  CHECK(says(world.page(id), "Balas di bawah ini."));
  const auto shown = world.page(id, false);
  CHECK_FALSE(says(shown, "di bawah"));
  CHECK(says(shown, "tautan pribadi"));
  CHECK_FALSE(says(world.page(world.answered("m2"), false), "Beri tahu kami"));
}

TEST_CASE("a reporter sees the photos that came with an answer, and so does who may read it") {
  SiteWorld world;
  Scratch spool;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto says = [&](Event event, const std::string& name) {
    Command command;
    command.event = event;
    command.actor = {Role::agency_admin, OfficerId(2), AgencyId("buleleng"), {}};
    command.words = "Kata";
    Attachment file;
    file.name = name;
    file.file = spool.file(bare_png());
    file.size_bytes = bare_png().size();
    command.files = {file};
    return world.does(id, command).steps;
  };
  Command verify;
  verify.event = Event::verify;
  verify.actor.role = Role::national_admin;
  verify.agency = AgencyId("buleleng");
  world.does(id, verify);
  const auto asked = "/files/" + std::to_string(says(Event::hold, "contoh.png")) + "/0";
  CHECK(world.get(id, asked, true).status == 200);
  CHECK(world.get(id, asked, false).status == 404);
  Command complete;
  complete.event = Event::complete;
  complete.actor.role = Role::reporter;
  complete.words = "Di sebelah timur";
  world.does(id, complete);
  const auto shown = "/files/" + std::to_string(says(Event::answer, "sesudah.png")) + "/0";
  const auto page = world.page(id);
  CHECK(page.find(asked + "?k=") != std::string::npos);
  CHECK(page.find(shown + "?k=") != std::string::npos);
  CHECK(page.find("alt=\"sesudah.png\"") != std::string::npos);
  CHECK(world.page(id, false).find(asked) == std::string::npos);
  CHECK(world.page(id, false).find(shown + "\"") != std::string::npos);
  const auto picture = world.get(id, shown, false);
  CHECK(picture.status == 200);
  CHECK(content_of(picture.file) == bare_png());
  Command hide;
  hide.event = Event::correct;
  hide.actor.role = Role::national_admin;
  hide.confidential = true;
  world.does(id, hide);
  CHECK(world.get(id, shown, false).status == 404);
  CHECK(world.get(id, shown, true).status == 200);
}

TEST_CASE("what could not be taken stands in the box that it was written into") {
  SiteWorld world;
  const auto id = world.answered("m1");
  for (int i = 0; i < 10; ++i) CHECK(world.act(id, "reply", "Satu lagi").status == 303);
  const auto refused = world.act(id, "dispute", "Masih bocor").body;
  CHECK(says(refused, "rows=\"2\">Masih bocor</textarea>"));
  CHECK_FALSE(says(refused, "required>Masih bocor"));
  CHECK(says(world.act(id, "reply", "Masih bocor").body, "required>Masih bocor"));
  // What has no box any more stands where something can still be written.
  Command close;
  close.event = Event::confirm;
  close.actor.role = Role::reporter;
  world.does(id, close);
  CHECK(says(world.act(id, "dispute", "Masih bocor").body, "required>Masih bocor"));
}

TEST_CASE("who has rated sees their mark, may change it, and says why they reopen") {
  SiteWorld world;
  const auto id = world.answered("m1");
  CHECK_FALSE(says(world.page(id), "Nilai Anda"));
  CHECK(world.act(id, "rate", "4").status == 303);
  const auto shown = world.page(id);
  CHECK(says(shown, "Nilai Anda: 4 dari 5"));
  CHECK(says(shown, "value=\"4\" required checked"));
  CHECK_FALSE(says(shown, "Bagaimana penanganannya?"));
  CHECK(says(shown, "Masalahnya muncul lagi?"));
  CHECK_FALSE(says(world.page(id, false), "Nilai Anda"));
  CHECK(world.act(id, "reopen", "Padam lagi semalam").status == 303);
  CHECK(world.newest(id).event == Event::reopen);
  CHECK(world.newest(id).words == "Padam lagi semalam");
  CHECK(says(world.page(id), "Instansi menunjuk unit yang akan menanganinya"));
  CHECK_FALSE(says(world.page(id), "meneruskannya ke instansi"));
  CHECK(says(world.page(id), "Padam lagi semalam"));
  CHECK_FALSE(says(world.page(id, false), "Padam lagi semalam"));
}

TEST_CASE("thanks and the number to keep are for the moment that it was sent in") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto sent = world.link(id) + "&new=1";
  CHECK(says(world.get(sent).body, "Terima kasih, laporan Anda sudah kami terima."));
  world.clock.advance(std::chrono::hours(1));
  CHECK(says(world.get(sent).body, "Terima kasih, laporan Anda sudah kami terima."));
  Command verify;
  verify.event = Event::verify;
  verify.actor.role = Role::national_admin;
  verify.agency = AgencyId("buleleng");
  world.does(id, verify);
  CHECK_FALSE(says(world.get(sent).body, "Terima kasih"));
}

TEST_CASE("the list of public reports goes on to the oldest, and so does a search") {
  SiteWorld world;
  std::vector<std::string> hrefs;
  for (int i = 0; i < 52; ++i) {
    const auto id = world.answered("m" + std::to_string(i));
    hrefs.push_back("href=\"/r/" + world.report(id).code.value() + "\"");
  }
  for (const std::string query : {"", "q=lampu&"}) {
    const auto first = world.get("/reports?" + query).body;
    CHECK(says(first, hrefs[2]));
    CHECK_FALSE(says(first, hrefs[1]));
    const auto code = world.report(ReportId(3)).code.value();
    const auto older = "/reports?" + query + "before=" + code;
    INFO(older);
    const auto href = query.empty() ? older : "/reports?q=lampu&amp;before=" + code;
    REQUIRE(says(first, "href=\"" + href + "\""));
    const auto last = world.get(older).body;
    CHECK(says(last, hrefs[1]));
    CHECK(says(last, hrefs[0]));
    CHECK_FALSE(says(last, hrefs[2]));
    CHECK_FALSE(says(last, "rel=\"next\""));
  }
}

TEST_CASE("figures are counted at most once a minute, however many ask") {
  SiteWorld world;
  world.answered("m1");
  CHECK(says(world.get("/statistics").body, "<dd>1</dd>"));
  world.answered("m2");
  const auto before = world.store->statements();
  CHECK_FALSE(says(world.get("/statistics").body, "<dd>2</dd>"));
  CHECK(world.store->statements() == before);
  world.clock.advance(std::chrono::minutes(1));
  CHECK(says(world.get("/statistics").body, "<dd>2</dd>"));
}

TEST_CASE("a count that failed is not tried by all, and older figures stand in for it") {
  SiteWorld world;
  world.answered("m1");
  world.database.ask("ALTER TABLE report RENAME TO gone");
  CHECK(world.get("/statistics").status == 503);
  world.database.ask("ALTER TABLE gone RENAME TO report");
  CHECK(world.get("/statistics").status == 503);
  world.clock.advance(std::chrono::seconds(10));
  CHECK(says(world.get("/statistics").body, "<dd>1</dd>"));
  world.database.ask("ALTER TABLE report RENAME TO gone");
  world.clock.advance(std::chrono::minutes(1));
  CHECK(says(world.get("/statistics").body, "<dd>1</dd>"));
}

TEST_CASE("nobody waits for a count that somebody else has begun") {
  SiteWorld world;
  world.answered("m1");
  CHECK(says(world.get("/statistics").body, "<dd>1</dd>"));
  world.answered("m2");
  world.clock.advance(std::chrono::minutes(1));
  world.database.ask("CREATE TABLE enough (told boolean)");
  const auto until = [&](const std::string& locks) {
    while (world.database.ask("SELECT count(*) FROM pg_locks WHERE relation = 'report'::regclass"
                              " AND " +
                              locks) == "0") {
    }
  };
  const auto lock = std::async(std::launch::async, [&] {
    world.database.ask(
        "DO $$ BEGIN LOCK TABLE report; WHILE NOT EXISTS (SELECT FROM enough) LOOP"
        " PERFORM pg_sleep(0.01); END LOOP; END $$");
  });
  until("mode = 'AccessExclusiveLock' AND granted");
  auto counting = std::async(std::launch::async, [&] { return world.get("/statistics"); });
  until("NOT granted");
  CHECK(says(world.get("/statistics").body, "<dd>1</dd>"));
  world.database.ask("INSERT INTO enough VALUES (true)");
  CHECK(says(counting.get().body, "<dd>2</dd>"));
}

TEST_CASE("a list whose last report is public no longer begins again, as of one that never was") {
  SiteWorld world;
  const auto shown = world.answered("m1");
  const auto hidden = world.answered("m2");
  Command hide;
  hide.event = Event::correct;
  hide.actor.role = Role::national_admin;
  hide.confidential = true;
  const auto code = world.does(hidden, hide).code.value();
  for (const auto& before : {code, make_tracking_code(77).value(), std::string("x")}) {
    const auto reply = world.get("/reports?q=lampu&before=" + before);
    INFO(before);
    CHECK(reply.status == 303);
    CHECK(SiteWorld::headers(reply, "Location") == std::vector<std::string>{"/reports?q=lampu"});
  }
  CHECK(world.get("/reports?before=" + world.report(shown).code.value()).status == 200);
}

TEST_CASE("one network searches no more than its share, and reads on without searching") {
  SiteWorld world;
  for (int i = 0; i < 59; ++i) CHECK(world.get("/reports?q=lampu").status == 200);
  // By the API.
  CHECK(world.searches->admit(world.peer, world.clock.now()) == Admission::admitted);
  const auto refused = world.get("/reports?q=lampu");
  CHECK(refused.status == 429);
  const std::vector<std::string> wait{"180"};
  CHECK(SiteWorld::headers(refused, "Retry-After") == wait);
  const auto program = world.get("/reports?q=lampu", "id", "application/json");
  CHECK(SiteWorld::headers(program, "Retry-After") == wait);
  CHECK(says(refused.body, "Terlalu banyak pencarian"));
  CHECK(world.get("/reports").status == 200);
  world.peer = "192.0.2.2";
  CHECK(world.get("/reports?q=lampu").status == 200);
}

TEST_CASE("where no form stands none is offered, and nobody is told to check a number") {
  SiteWorld world;
  for (const auto* language : {"id", "en"}) {
    CHECK(world.get("/", language).body.find("/report\"") == std::string::npos);
    for (const auto* path : {"/report", "/report/desa", "/embed/desa"}) {
      const auto answer = world.get(path, language);
      CHECK(answer.status == 404);
      CHECK(answer.body.find(language == std::string_view("en")
                                 ? "no form here"
                                 : "Tidak ada formulir") != std::string::npos);
      CHECK(answer.body.find("12 ") == std::string::npos);
    }
  }
  CHECK(world.get("/report", "en", "application/json").body.find("no form") != std::string::npos);
}

TEST_CASE("a program that the site refuses reads why as JSON") {
  SiteWorld world;
  for (const auto* path : {"/r/123", "/report", "/embed/nope", "/r?code=1"}) {
    const auto reply = world.get(path, "id", "application/json");
    INFO(path);
    CHECK(reply.status == 404);
    CHECK(says(reply.body, "\"reference\""));
    CHECK(says(reply.body, "\"status\":404"));
    CHECK(says(world.get(path).body, "<h1>"));
  }
}

}  // namespace
}  // namespace kanal::testing
