#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "web/api/api_fixture.hpp"
#include "web/api/operation.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("the routes and the document tell of the same addresses") {
  ApiWorld world;
  std::set<std::string> routed;
  for (const auto& route : api_routes(world.parts())) {
    routed.insert(route.method + " " + route.pattern);
  }
  std::set<std::string> described;
  const auto document = world.get("", "/openapi.json");
  for (const auto& [path, methods] : document.find("paths")->object) {
    for (const auto& [method, operation] : methods.object) {
      std::string upper;
      for (const char c : method) upper += static_cast<char>(std::toupper(c));
      described.insert(upper + " " + path);
      CHECK_FALSE(operation.text("summary").empty());
    }
  }
  CHECK(routed == described);
  CHECK(routed.size() == api::operations().size());
}

TEST_CASE("whoever has no valid token is told so, and a cookie is none") {
  ApiWorld world;
  const auto without = world.call("", "GET", "/me");
  CHECK(without.status == 401);
  CHECK(without.header("www-authenticate") == "Bearer realm=\"kanal\"");
  CHECK(without.header("content-type") == "application/problem+json");
  for (const auto* header : {"Bearer x", "Bearer x.y", "Basic YTpi", "Bearer ", "x"}) {
    const auto reply = world.ask("GET", "/api/v1/reports", {}, {{"Authorization", header}});
    CHECK(reply.status == 401);
    CHECK(reply.header("www-authenticate").find("invalid_token") != std::string::npos);
  }
  const auto cookie =
      world.ask("GET", "/api/v1/me", {}, {{"Cookie", "kanal_session=" + world.tokens.at("admin")}});
  CHECK(cookie.status == 401);
}

TEST_CASE("a database that is away is a fault that passes, of which nobody reads more") {
  ApiWorld world;
  world.database.close();
  const auto reply = world.call("", "GET", "/reports");
  CHECK(reply.status == 503);
  CHECK(Json::parse(reply.body).value().text("detail") ==
        "The service is busy: try again in a moment.");
}

TEST_CASE("every address of officers is shut to everybody else") {
  ApiWorld world;
  for (const auto& operation : api::operations()) {
    if (operation.door <= api::Door::reader) continue;
    std::string path(operation.path);
    while (path.find('{') != std::string::npos) {
      const auto at = path.find('{');
      path.replace(at, path.find('}') - at + 1, "1");
    }
    INFO(operation.method << " " << path);
    const auto body = operation.body.empty() ? "" : "{}";
    CHECK(world.call("", std::string(operation.method), path, body).status == 401);
    if (operation.door == api::Door::officer) continue;
    for (const auto& [user, token] : world.tokens) {
      const auto officer = world.store->officer(user).value().value();
      if (may(officer.role, operation.ability)) continue;
      CHECK(world.call(user, std::string(operation.method), path, body).status == 403);
    }
  }
}

TEST_CASE("a token says whom it is for and what the role may") {
  ApiWorld world;
  const auto me = world.get("putr", "/me");
  CHECK(me.find("officer")->text("user") == "putr");
  CHECK(me.find("officer")->text("unit") == "putr");
  REQUIRE(me.find("may")->array.size() == 1);
  CHECK(me.find("may")->array[0].string == "read_reports");
  const auto admin = world.call("admin", "GET", "/me").body;
  for (const auto name : k_ability_names) CHECK(admin.find(name) != std::string::npos);
}

TEST_CASE("each role sees the reports of its own office") {
  ApiWorld world;
  const auto roads = world.complaint("m1");
  const auto fresh = world.complaint("m2");
  world.dispose(roads);
  for (const auto* user : {"admin", "monitor", "auditor"}) {
    CHECK(codes_in(world.get(user, "/reports")) == Texts{fresh, roads});
  }
  for (const auto* user : {"buleleng", "putr"}) {
    CHECK(codes_in(world.get(user, "/reports")) == Texts{roads});
    CHECK(world.status(user, "/reports/" + fresh) == 404);
  }
  for (const auto* user : {"kemenkes", "dlh"}) {
    CHECK(codes_in(world.get(user, "/reports")).empty());
    // Nor by asking for another's office.
    CHECK(codes_in(world.get(user, "/reports?agency=buleleng&unit=putr")).empty());
    for (const auto* part : {"", "/history", "/posts", "/replies", "/reporter?why=test"}) {
      CHECK(world.status(user, "/reports/" + roads + part) == 404);
    }
  }
  CHECK(world.status("teknis", "/reports") == 403);
  CHECK(world.status("teknis", "/reports/" + roads) == 403);
}

TEST_CASE("anybody reads what is public, without numbers and officers") {
  ApiWorld world;
  const auto code = world.complaint("m1", "Jalan rusak, telepon 0812-3456-7890");
  CHECK(codes_in(world.get("", "/reports")).empty());
  CHECK(world.get("", "/reports/" + code).find("text") == nullptr);
  world.dispose(code);
  CHECK(codes_in(world.get("", "/reports")) == Texts{code});
  const auto seen = world.call("", "GET", "/reports/" + code);
  CHECK(seen.body.find("Jalan rusak") != std::string::npos);
  for (const auto* hidden : {"0812", "steps", "\"may\"", "channel"}) {
    CHECK(seen.body.find(hidden) == std::string::npos);
  }
  const auto history = world.call("", "GET", "/reports/" + code + "/history");
  CHECK(history.body.find("\"verify\"") != std::string::npos);
  CHECK(history.body.find("officer\"") == std::string::npos);
  CHECK(world.status("", "/reports/" + code + "/posts") == 401);
}

TEST_CASE("by which channel a report came is asked by officers alone") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  world.dispose(code);
  for (const auto* channel : {"mail", "other"}) {
    const auto asked = world.call("", "GET", "/reports?channel=" + std::string(channel));
    CHECK(asked.status == 422);
    CHECK(faulty_fields(asked) == Texts{"channel"});
  }
  CHECK(codes_in(world.get("auditor", "/reports?channel=mail")) == Texts{code});
}

TEST_CASE("a confidential report exists for its offices alone") {
  ApiWorld world;
  const auto code = world.complaint("m1", "Pungutan liar di kantor");
  REQUIRE(world.act("admin", code, R"({"event":"correct","confidential":true})").status == 200);
  world.dispose(code);
  CHECK(world.status("", "/reports/" + code) == 404);
  CHECK(codes_in(world.get("", "/reports")).empty());
  CHECK(world.get("putr", "/reports/" + code).text("text") == "Pungutan liar di kantor");
  CHECK(world.get("monitor", "/reports/" + code).find("text") == nullptr);
  const auto posts = world.call("monitor", "GET", "/reports/" + code + "/posts");
  CHECK(posts.status == 200);
  CHECK(posts.body.find("Pungutan") == std::string::npos);
  CHECK(world.status("monitor", "/reports/" + code + "/reporter?why=curious") == 403);
}

TEST_CASE("nobody finds by words what they may not read") {
  ApiWorld world;
  const auto open = world.complaint("m1", "Lampu padam, hubungi 081234567890");
  const auto secret = world.complaint("m2", "Pungutan liar di kantor");
  REQUIRE(world.act("admin", secret, R"({"event":"correct","confidential":true})").status == 200);
  world.dispose(open);
  world.dispose(secret);
  CHECK(codes_in(world.get("admin", "/reports?words=pungutan")) == Texts{secret});
  CHECK(codes_in(world.get("monitor", "/reports?words=pungutan")).empty());
  // Nor by a gap in the pages.
  const auto page = world.get("monitor", "/reports?most=1&words=pungutan+or+lampu");
  CHECK(codes_in(page) == Texts{open});
  CHECK(world.get("monitor", "/reports?most=1&words=pungutan").find("next") == nullptr);
  CHECK(codes_in(world.get("monitor", "/reports?words=" + secret)) == Texts{secret});
  CHECK(world.get("monitor", "/messages?words=pungutan").find("messages")->array.empty());
  CHECK(codes_in(world.get("", "/reports?words=lampu")) == Texts{open});
  CHECK(codes_in(world.get("", "/reports?words=081234567890")).empty());
  CHECK(codes_in(world.get("", "/reports?words=" + open)) == Texts{open});
}

TEST_CASE("who a reporter is, is told for a reason that is recorded, and nowhere else") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  world.dispose(code);
  const auto path = "/reports/" + code;
  for (const auto* part : {"", "/history", "/posts", "/replies"}) {
    CHECK(world.call("admin", "GET", path + part).body.find("made@") == std::string::npos);
  }
  const auto unasked = world.call("admin", "GET", path + "/reporter");
  CHECK(unasked.status == 422);
  CHECK(faulty_fields(unasked) == Texts{"why"});
  CHECK(world.status("admin", path + "/reporter?why=%20%20%20") == 422);
  CHECK(world.acts().empty());
  CHECK(world.get("putr", path + "/reporter?why=to+call+back").text("id") == "made@example.org");
  CHECK(world.acts().starts_with("putr identity reporter "));
  CHECK(world.acts().ends_with(" to call back"));
  CHECK(world.call("putr", "POST", path + "/reporter", R"({"why":"  "})").status == 422);
  const auto posted = world.call("putr", "POST", path + "/reporter", R"({"why":"to write back"})");
  CHECK(Json::parse(posted.body).value().text("id") == "made@example.org");
  CHECK(world.acts().ends_with(" to write back"));
  REQUIRE(world.act("admin", code, R"({"event":"correct","anonymous":true})").status == 200);
  CHECK(world.status("putr", path + "/reporter?why=curious") == 403);
  CHECK(world.status("admin", path + "/reporter?why=to+call+back") == 200);
}

TEST_CASE("an event moves the report and answers with it") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  const auto reply =
      world.act("admin", code,
                R"({"event":"verify","agency":"buleleng","reason":"roads","expected_steps":1})");
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  const auto after = Json::parse(reply.body).value();
  CHECK(after.text("state") == "at_agency");
  CHECK(after.text("agency") == "buleleng");
  CHECK(after.find("steps")->integer == 2);
  const auto history = world.get("admin", "/reports/" + code + "/history");
  CHECK(history.find("history")->array.at(1).text("reason") == "roads");
  CHECK(history.find("history")->array.at(1).find("officer") != nullptr);
}

TEST_CASE("an event on a report that has moved on is a conflict and changes nothing") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  world.dispose(code);
  const auto outdated = world.act("putr", code, R"({"event":"accept","expected_steps":2})");
  CHECK(outdated.status == 409);
  CHECK(world.report(code).state == State::at_unit);
  CHECK(world.act("putr", code, R"({"event":"accept","expected_steps":3})").status == 200);
  // The same again is not possible now, though it is the role's.
  CHECK(world.act("putr", code, R"({"event":"accept"})").status == 409);
  CHECK(world.report(code).steps == 4);
}

TEST_CASE("an event that is not the officer's is refused and changes nothing") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  CHECK(world.act("monitor", code, R"({"event":"verify","agency":"buleleng"})").status == 403);
  CHECK(world.act("auditor", code, R"({"event":"note","words":"x"})").status == 403);
  CHECK(world.act("admin", code, R"({"event":"rate","rating":5})").status == 403);
  CHECK(world.act("putr", code, R"({"event":"accept"})").status == 404);
  CHECK(world.act("teknis", code, R"({"event":"note","words":"x"})").status == 403);
  CHECK(world.report(code).steps == 1);
}

TEST_CASE("a report that is given away is no longer shown to who gave it") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  world.dispose(code);
  const auto reply = world.act("putr", code, R"({"event":"give_back","reason":"not our road"})");
  CHECK(reply.status == 204);
  CHECK(reply.body.empty());
  CHECK(world.report(code).state == State::returned);
  CHECK(world.status("putr", "/reports/" + code) == 404);
}

TEST_CASE("what does not fit in a body is named") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  const auto [body, status, fields] = GENERATE(table<std::string, int, Texts>({
      {"{", 400, {}},
      {"[]", 422, {""}},
      {"{}", 422, {"event"}},
      {R"({"event":"nonsense"})", 422, {"event"}},
      {R"({"event":"verify","agency":7,"x":1})", 422, {"agency", "x"}},
      {R"({"event":"verify"})", 422, {"agency"}},
      {R"({"event":"verify","agency":"nowhere"})", 422, {"agency"}},
      {R"({"event":"verify","agency":"buleleng","rating":3})", 422, {"rating"}},
      {R"({"event":"verify","event":"hold"})", 422, {"event"}},
      {R"({"event":"archive"})", 422, {"reason"}},
      {R"({"event":"hold"})", 422, {"words"}},
      {R"({"event":"merge","other":"123"})", 422, {"other"}},
      {R"({"event":"merge","other":"000000000000"})", 422, {"other"}},
      {R"({"event":"correct","category":"nothing"})", 422, {"category"}},
  }));
  const auto reply = world.act("admin", code, body);
  INFO(body << " " << reply.body);
  CHECK(reply.status == status);
  CHECK(faulty_fields(reply) == fields);
  CHECK(world.report(code).steps == 1);
}

TEST_CASE("a body is of JSON and of bounded size") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  const auto path = "/api/v1/reports/" + code + "/events";
  const auto bearer = "Bearer " + world.tokens.at("admin");
  const auto form =
      world.ask("POST", path, "event=verify",
                {{"Authorization", bearer}, {"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(form.status == 415);
  const auto large = R"({"event":"note","words":")" + std::string(600'000, 'x') + "\"}";
  CHECK(world.act("admin", code, large).status == 413);
  const auto long_words = R"({"event":"note","words":")" + std::string(66'000, 'x') + "\"}";
  CHECK(faulty_fields(world.act("admin", code, long_words)) == Texts{"words"});
}

TEST_CASE("what does not fit in a query is named") {
  ApiWorld world;
  const auto [query, fields] = GENERATE(table<std::string, Texts>({
      {"most=201", {"most"}},
      {"most=0", {"most"}},
      {"most=x", {"most"}},
      {"most=1&most=2", {"most"}},
      {"state=nowhere", {"state"}},
      {"overdue=1", {"overdue"}},
      {"before=1", {"before"}},
      {"before=000000000000", {"before"}},
      {"colour=red", {"colour"}},
  }));
  const auto reply = world.call("admin", "GET", "/reports?" + query);
  INFO(query << " " << reply.body);
  CHECK(reply.status == 422);
  CHECK(faulty_fields(reply) == fields);
}

TEST_CASE("who keeps channels running sees where a message is, not what it says") {
  ApiWorld world;
  world.complaint("m1", "Jalan berlubang");
  world.database.ask(
      R"(UPDATE post SET stages = '[{"stage":"screen","evidence":"berlubang","decision":"pass",)"
      R"("reason":"a complaint"}]')");
  const auto list = world.get("teknis", "/messages?external_id=m1");
  REQUIRE(list.find("messages")->array.size() == 1);
  const auto id = std::to_string(list.find("messages")->array[0].find("id")->integer);
  const auto seen = world.call("teknis", "GET", "/messages/" + id);
  CHECK(seen.status == 200);
  CHECK(seen.body.find("\"fate\":\"report\"") != std::string::npos);
  CHECK(seen.body.find("berlubang") == std::string::npos);
  CHECK(seen.body.find("\"report\":\"") == std::string::npos);
  // What a stage saw may quote the message; what it decided, and why, is how the channel runs.
  CHECK(seen.body.find("\"decision\"") != std::string::npos);
  CHECK(seen.body.find("\"evidence\"") == std::string::npos);
  const auto whole = world.call("admin", "GET", "/messages/" + id);
  CHECK(whole.body.find("\"evidence\"") != std::string::npos);
  CHECK(world.status("teknis", "/messages?sender=made@example.org") == 403);
  CHECK(world.status("teknis", "/messages?words=jalan") == 403);
  CHECK(world.get("admin", "/messages/" + id).text("text") == "Jalan berlubang");
  CHECK(world.status("admin", "/messages/999") == 404);
  CHECK(world.status("admin", "/messages/x") == 404);
}

TEST_CASE("that somebody searched for a sender is recorded, for whom is not") {
  ApiWorld world;
  world.complaint("m1");
  const auto found = world.get("monitor", "/messages?sender=made@example.org");
  CHECK(found.find("messages")->array.size() == 1);
  CHECK(world.get("monitor", "/messages?sender=else@example.org").find("messages")->array.empty());
  CHECK(world.acts() == "monitor search sender\nmonitor search sender");
}

TEST_CASE("who may not read a message cannot promote it") {
  ApiWorld world;
  const auto code = world.complaint("m1", "Pungutan liar");
  REQUIRE(world.act("admin", code, R"({"event":"correct","confidential":true})").status == 200);
  CHECK(world.call("monitor", "POST", "/messages/1/promote").status == 404);
  CHECK(world.call("admin", "POST", "/messages/1/promote").status == 422);
}

TEST_CASE("a message that cannot be promoted says why") {
  ApiWorld world;
  world.complaint("m1");
  const auto list = world.get("admin", "/messages");
  const auto id = std::to_string(list.find("messages")->array[0].find("id")->integer);
  CHECK(world.call("monitor", "POST", "/messages/" + id + "/promote").status == 422);
  CHECK(world.call("monitor", "POST", "/messages/999/promote").status == 404);
  for (const auto* other : {"teknis", "auditor"}) {
    CHECK(world.call(other, "POST", "/messages/" + id + "/promote").status == 403);
  }
}

TEST_CASE("what is no complaint is set aside by those who may promote, with a reason, and kept") {
  ApiWorld world;
  auto batch = world.batch({world.post("h1", "Menang hadiah"), world.post("h2", "Lampu mati")});
  batch.changes.clear();
  for (auto& filed : batch.filed) {
    filed.fate = Fate::held;
    filed.change.reset();
  }
  batch.unreadable.push_back({ExternalId("q1"), "raw", "torn"});
  REQUIRE(world.store->commit(batch));
  const std::string body = R"({"reason":"an advertisement"})";
  for (const std::string what : {"/messages/1", "/quarantine/1"}) {
    for (const auto* other : {"teknis", "auditor"}) {
      CHECK(world.call(other, "POST", what + "/discard", body).status == 403);
    }
    CHECK(world.call("monitor", "POST", what + "/discard", R"({"reason":""})").status == 422);
    CHECK(world.call("monitor", "POST", what + "/discard", body).status == 204);
    CHECK(world.call("monitor", "POST", what + "/discard", body).status == 422);
  }
  CHECK(world.call("monitor", "POST", "/messages/999/discard", body).status == 404);
  CHECK(world.call("monitor", "POST", "/quarantine/999/discard", body).status == 404);
  const auto message = world.get("monitor", "/messages/1");
  CHECK(message.text("fate") == "screened");
  CHECK(message.text("reason").ends_with(": an advertisement"));
  const auto list = world.get("monitor", "/quarantine");
  const auto& kept = list.find("quarantine")->array.at(0);
  CHECK(kept.text("fate") == "screened");
  CHECK(kept.text("discarded_why") == "an advertisement");
  CHECK_FALSE(kept.text("discarded_by").empty());
}

TEST_CASE("one connection test runs at a time") {
  ApiWorld world;
  int second = 0;
  const auto test = [&] { return world.call("teknis", "POST", "/channels/mail/test").status; };
  world.during_probe = [&] { second = test(); };
  CHECK(test() == 200);
  CHECK(second == 409);
  CHECK(world.probed == Texts{"mail"});
  CHECK(test() == 200);
}

TEST_CASE("a channel is paused, resumed and tested by those who run it") {
  ApiWorld world;
  CHECK(world.call("teknis", "POST", "/channels/mail/pause").status == 200);
  CHECK(world.store->channel(world.mail).value().paused);
  CHECK(world.call("admin", "POST", "/channels/mail/resume").status == 200);
  CHECK_FALSE(world.store->channel(world.mail).value().paused);
  CHECK(world.call("monitor", "POST", "/channels/mail/pause").status == 403);
  CHECK(world.call("teknis", "POST", "/channels/other/pause").status == 404);
  const auto test = world.call("teknis", "POST", "/channels/mail/test");
  CHECK(test.body.find("\"passed\":false") != std::string::npos);
  CHECK(world.probed == Texts{"mail"});
  CHECK(world.acts() == "teknis pause channel mail\nadmin resume channel mail");
  Usage usage;
  Meter reads;
  reads.what = "caps.reads_per_day";
  reads.used = 10;
  reads.most = 40;
  usage.meters.push_back(reads);
  REQUIRE(world.store->save_usage(world.mail, usage));
  const auto now = world.clock.now();
  REQUIRE(world.store->save_backfill(world.mail, BackfillRecord{now, {}, 400, now}));
  const auto listed = world.get("auditor", "/channels").find("channels")->array.at(0);
  CHECK(listed.find("usage")->find("meters")->array.at(0).find("left")->integer == 30);
  CHECK(listed.find("backfill")->find("posts")->integer == 400);
  CHECK(world.get("auditor", "/channels").find("channels")->array.size() == 1);
}

TEST_CASE("what ends soon is told with its channel, and the bridge's own certificate beside them") {
  AlarmLimits limits;
  limits.credential_ends[ChannelName("mail")] = std::chrono::year(2020) / 1 / 31;
  limits.certificate_end = [] { return Result<Time>(Time{}); };
  ApiWorld world(limits);
  const auto answer = world.get("auditor", "/channels");
  const auto& channel = answer.find("channels")->array.at(0);
  CHECK(channel.find("alarms")->array.at(0).text("alarm") == "credential_ends");
  const auto& own = answer.find("alarms")->array.at(0);
  CHECK(own.text("alarm") == "credential_ends");
  CHECK(own.text("message").starts_with("the certificate of the web server ended on"));
}

TEST_CASE("the outbox tells how far replies are, and neither to whom nor what") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  const auto seen = world.call("teknis", "GET", "/outbox?state=owed");
  CHECK(seen.body.find("\"state\":\"owed\"") != std::string::npos);
  for (const auto* hidden : {"made@", "Laporan Anda", code.c_str()}) {
    CHECK(seen.body.find(hidden) == std::string::npos);
  }
  CHECK(world.call("admin", "GET", "/outbox").body.find(code) != std::string::npos);
  const auto replies = world.call("admin", "GET", "/reports/" + code + "/replies");
  CHECK(replies.body.find("Laporan Anda") != std::string::npos);
}

TEST_CASE("the API tells what text messages a reply took, and a channel this month") {
  ApiWorld world;
  world.complaint("m1");
  const auto claimed = world.store->claim(world.mail, "n", 10, std::chrono::minutes(1)).value();
  REQUIRE(claimed.size() == 1);
  CHECK(world.get("admin", "/channels").find("channels")->array[0].find("segments_this_month") ==
        nullptr);
  Settlement sent;
  sent.id = claimed[0].id;
  sent.segments = 2;
  REQUIRE(world.store->settle(std::vector{sent}));
  CHECK(world.get("teknis", "/outbox").find("replies")->array[0].find("segments")->integer == 2);
  const auto channels = world.get("admin", "/channels");
  const auto& channel = channels.find("channels")->array[0];
  CHECK(channel.find("segments_this_month")->integer == 2);
  CHECK(channel.text("cost_this_month") == "700 IDR");
}

TEST_CASE("a reply that failed is sent again by who may settle replies") {
  ApiWorld world;
  world.complaint("m1");
  const auto claimed = world.store->claim(world.mail, "n", 10, std::chrono::minutes(1)).value();
  REQUIRE(claimed.size() == 1);
  const Settlement failure{claimed[0].id, ReplyState::failed, {}, "the mailbox is full", {}};
  REQUIRE(world.store->settle(std::vector{failure}));
  const auto decide = [&](const std::string& user, const std::string& verdict) {
    return world
        .call(user, "POST", "/outbox/" + std::to_string(claimed[0].id.value()) + "/verdict",
              R"({"verdict":")" + verdict + "\"}")
        .status;
  };
  CHECK(decide("teknis", "went_out") == 409);
  CHECK(decide("teknis", "send_again") == 204);
  CHECK(decide("teknis", "send_again") == 409);
  CHECK(world.store->outbox({}, ReplyState::owed, 9).value().size() == 1);
}

TEST_CASE("an officer is added, and shut out with all their tokens") {
  ApiWorld world;
  const auto reply = world.call("admin", "POST", "/officers",
                                R"({"user":"baru","role":"liaison","unit":"dinkes",)"
                                R"("password":"cukup panjang sekali"})");
  INFO(reply.body);
  REQUIRE(reply.status == 201);
  CHECK(reply.body.find("password") == std::string::npos);
  const auto made = world.store->officer("baru").value().value();
  CHECK(made.agency.value() == "buleleng");
  CHECK(verify_password("cukup panjang sekali", made.password_hash));
  CHECK(world.call("admin", "POST", "/officers/putr/disable").status == 200);
  CHECK(world.status("putr", "/me") == 401);
  CHECK(world.call("admin", "POST", "/officers/admin/disable").status == 409);
  CHECK(world.call("admin", "POST", "/officers/nobody/disable").status == 404);
  CHECK(world.call("admin", "POST", "/officers/putr/enable").status == 200);
  CHECK(world.status("putr", "/me") == 401);
  CHECK(world.get("auditor", "/officers").find("officers")->array.size() == 9);
}

TEST_CASE("an officer is given another office and another password") {
  ApiWorld world;
  const auto remit = [&](const std::string& user, const std::string& body) {
    return world.call("admin", "POST", "/officers/" + user + "/remit", body);
  };
  CHECK(remit("putr", R"({"role":"liaison","unit":"dinkes"})").status == 200);
  CHECK(world.store->officer("putr").value()->unit.value() == "dinkes");
  CHECK(faulty_fields(remit("putr", R"({"role":"liaison"})")) == Texts{"unit"});
  CHECK(remit("admin", R"({"role":"monitor"})").status == 409);
  CHECK(remit("nobody", R"({"role":"monitor"})").status == 404);
  const auto renew = [&](const std::string& by, const std::string& user,
                         const std::string& password) {
    return world
        .call(by, "POST", "/officers/" + user + "/password", R"({"password":")" + password + "\"}")
        .status;
  };
  CHECK(renew("admin", "putr", "lain dan cukup panjang") == 204);
  CHECK(verify_password("lain dan cukup panjang",
                        world.store->officer("putr").value()->password_hash));
  CHECK(renew("admin", "putr", "pendek") == 422);
  CHECK(renew("admin", "admin", "lain dan cukup panjang") == 409);
  CHECK(renew("auditor", "putr", "lain dan cukup panjang") == 403);
}

TEST_CASE("an officer that cannot be is not added") {
  ApiWorld world;
  // One character is too few on the console and in the shell as well.
  CHECK(world
            .call("admin", "POST", "/officers",
                  R"({"user":"a","role":"monitor","password":"quite long enough"})")
            .status == 422);
  const auto [body, status, fields] = GENERATE(table<std::string, int, Texts>({
      {R"({"user":"A b","role":"monitor","password":"cukup panjang sekali"})", 422, {"user"}},
      {R"({"user":"baru2","role":"system","password":"cukup panjang sekali"})", 422, {"role"}},
      {R"({"user":"baru2","role":"liaison","password":"cukup panjang sekali"})", 422, {"unit"}},
      {R"({"user":"baru2","role":"agency_admin","agency":"x","password":"cukup panjang sekali"})",
       422,
       {"agency"}},
      {R"({"user":"baru2","role":"monitor","unit":"putr","password":"cukup panjang sekali"})",
       422,
       {"unit"}},
      {R"({"user":"baru2","role":"monitor","password":"short"})", 422, {"password"}},
      {R"({"user":"putr","role":"monitor","password":"cukup panjang sekali"})", 409, {}},
  }));
  const auto reply = world.call("admin", "POST", "/officers", body);
  INFO(body << " " << reply.body);
  CHECK(reply.status == status);
  CHECK(faulty_fields(reply) == fields);
}

TEST_CASE("a token is issued once, holds for its time, and can be ended") {
  ApiWorld world;
  const auto reply = world.call("putr", "POST", "/tokens", R"({"label":"dashboard","days":1})");
  REQUIRE(reply.status == 201);
  world.tokens["second"] = Json::parse(reply.body)->text("token");
  CHECK(world.get("second", "/me").find("officer")->text("user") == "putr");
  CHECK(world.call("second", "DELETE", "/tokens/current").status == 204);
  CHECK(world.status("second", "/me") == 401);
  CHECK(world.status("putr", "/me") == 200);
  world.clock.advance(std::chrono::hours(25));
  CHECK(world.status("putr", "/me") == 401);
  CHECK(world.call("admin", "POST", "/tokens", R"({"label":"console"})").status == 401);
}

TEST_CASE("a token that a token gave out lasts no longer than it, and ends with it") {
  ApiWorld world;
  const auto give = [&](const std::string& by, const std::string& name, int days) {
    const auto reply =
        world.call(by, "POST", "/tokens", R"({"label":"x","days":)" + std::to_string(days) + "}");
    REQUIRE(reply.status == 201);
    const auto json = Json::parse(reply.body).value();
    world.tokens[name] = json.text("token");
    return json.text("expires_at");
  };
  // The officers' own tokens are of 24 hours.
  const auto end = give("putr", "child", 300);
  CHECK(end == "2026-03-03T05:00:00Z");
  CHECK(give("child", "grandchild", 30) == end);
  CHECK(world.status("grandchild", "/me") == 200);
  CHECK(world.call("child", "DELETE", "/tokens/current").status == 204);
  CHECK(world.status("grandchild", "/me") == 401);
  CHECK(world.status("putr", "/me") == 200);
  give("putr", "other", 30);
  const auto officer = world.store->officer("putr").value().value();
  CHECK(world.store->end_sessions(officer.id, "test").value() == 1);
  CHECK(world.status("other", "/me") == 401);
  give("admin", "late", 300);
  world.clock.advance(std::chrono::hours(25));
  CHECK(world.status("late", "/me") == 401);
}

TEST_CASE("an officer and the line that says who made them are kept together or not at all") {
  ApiWorld world;
  world.database.ask("ALTER TABLE act RENAME TO gone");
  const auto body = R"({"user":"baru","role":"monitor","password":"cukup panjang sekali"})";
  CHECK(world.call("admin", "POST", "/officers", body).status >= 400);
  CHECK_FALSE(world.store->officer("baru").value());
  CHECK(world.call("admin", "POST", "/officers/putr/disable").status >= 400);
  CHECK(world.status("putr", "/me") == 200);
}

TEST_CASE("while the database is away the API says so, and when to come back") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  world.database.close();
  for (const auto* user : {"", "admin"}) {
    const auto reply = world.call(user, "GET", "/reports/" + code);
    CHECK(reply.status == 503);
    CHECK_FALSE(reply.header("retry-after").empty());
    CHECK(reply.header("content-type") == "application/problem+json");
  }
  CHECK(world.status("", "/openapi.json") == 200);
  CHECK(world.call("", "GET", "/me").status == 401);
}

}  // namespace
}  // namespace kanal::testing
