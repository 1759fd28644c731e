#include "core/tracking_code.hpp"
#include "router/quarantine.hpp"
#include "web/open311/open311_fixture.hpp"
#include "web/open311/show.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("the discovery says where, in which formats, and whom to ask") {
  const City city;
  const auto discovery = city.json("discovery.json");
  CHECK(discovery.text("contact") == "open311@example.go.id");
  CHECK_FALSE(discovery.text("key_service").empty());
  CHECK(discovery.text("changeset") == "2026-03-02T13:00:00+08:00");
  const auto& endpoint = discovery.find("endpoints")->array.at(0);
  CHECK(endpoint.text("specification") == "http://wiki.open311.org/GeoReport_v2");
  CHECK(endpoint.text("url") == "http://kanal.example/open311/v2");
  CHECK(endpoint.text("type") == "production");
  REQUIRE(endpoint.find("formats")->array.size() == 2);
  CHECK(endpoint.find("formats")->array[0].string == "text/xml");
  const auto xml = city.get("discovery.xml");
  CHECK(xml.header("content-type") == "text/xml; charset=utf-8");
  CHECK(xml.header("access-control-allow-origin") == "*");
  CHECK(xml.body.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<discovery>"));
  CHECK(xml.body.find("<formats><format>text/xml</format><format>application/json</format>"
                      "</formats>") != std::string::npos);
}

TEST_CASE("services are the categories that a complaint can be about") {
  const City city;
  const auto services = city.json("services.json").array;
  const auto light = std::ranges::find_if(
      services, [](const Json& each) { return each.text("service_code") == "street_light"; });
  REQUIRE(light != services.end());
  CHECK(light->text("service_name") == "Penerangan jalan");
  CHECK(light->text("group") == "Perhubungan");
  CHECK(light->text("description") == "Perhubungan: Penerangan jalan");
  CHECK(light->text("type") == "realtime");
  CHECK(light->text("keywords").starts_with("lampu jalan, "));
  CHECK(light->find("metadata")->boolean);
  CHECK(std::ranges::none_of(
      services, [](const Json& each) { return each.text("service_code") == "transport"; }));
  CHECK(city.json("services.json?lang=en").array.size() == services.size());
  CHECK(city.get("services.xml?lang=en").body.find("<service_name>Street lighting") !=
        std::string::npos);
}

TEST_CASE("a jurisdiction is an agency, and offers what it takes") {
  const City city;
  const auto health = city.json("services.json?jurisdiction_id=kemenkes").array;
  std::vector<std::string> codes;
  for (const auto& service : health) codes.push_back(service.text("service_code"));
  CHECK(codes == std::vector<std::string>{"bpjs", "other"});
  CHECK(city.json("services.json?jurisdiction_id=").array.size() > codes.size());
  check_refused(city.get("services.json?jurisdiction_id=atlantis"), 404,
                "jurisdiction_id was not found.");
  check_refused(city.get("services/road.json?jurisdiction_id=kemenkes"), 404,
                "service_code was not found.");
}

TEST_CASE("where a jurisdiction is needed, every call but the discovery says which") {
  const City city("needs_jurisdiction = true\n");
  const std::string missing = "jurisdiction_id was not provided.";
  for (const auto* rest : {"services.json", "services/road.json", "requests.json",
                           "requests/1.json", "tokens/1.json", "servicerequestupdates.json"}) {
    INFO(rest);
    check_refused(city.get(rest), 400, missing);
  }
  CHECK(city.get("discovery.json").status == 200);
  CHECK(city.get("services.json?jurisdiction_id=buleleng").status == 200);
  check_refused(city.post("requests.json", "api_key=" + k_key + "&" + k_light), 400, missing);
  CHECK_FALSE(city.request("Lampu mati", "&jurisdiction_id=buleleng").empty());
}

TEST_CASE("a definition lists what a service asks, typed and in order") {
  const City city;
  const auto definition = city.json("services/road.json");
  CHECK(definition.text("service_code") == "road");
  const auto& attributes = definition.find("attributes")->array;
  REQUIRE(attributes.size() == 2);
  CHECK(attributes[0].text("code") == "damage");
  CHECK(attributes[0].text("datatype") == "singlevaluelist");
  CHECK(attributes[0].find("variable")->boolean);
  CHECK_FALSE(attributes[0].find("required")->boolean);
  CHECK(attributes[0].find("order")->integer == 1);
  CHECK(attributes[0].text("description") == "Apa yang rusak?");
  CHECK(attributes[0].find("values")->array.at(2).text("key") == "bridge");
  CHECK(attributes[0].find("values")->array.at(2).text("name") == "Jembatan");
  CHECK(attributes[1].text("datatype") == "number");
  CHECK(attributes[1].find("values") == nullptr);
  CHECK(city.json("services/waste.json").find("attributes")->array.empty());
  check_refused(city.get("services/dragon.json"), 404, "service_code was not found.");
  check_refused(city.get("services/transport.json"), 404, "service_code was not found.");
}

TEST_CASE("a request becomes a report, whose content is read once it is verified") {
  City city;
  const auto reply = city.post(
      "requests.xml", "api_key=" + k_key + "&" + k_light + "&description=Lampu+%3Cb%3E+%26+mati");
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type") == "text/xml; charset=utf-8");
  const auto id = reply.body.substr(reply.body.find("<service_request_id>") + 20, 12);
  REQUIRE(parse_tracking_code(id));
  CHECK(reply.body.find("<token>") == std::string::npos);
  // The way to the reporter's page goes to the application that speaks for the reporter.
  CHECK(reply.body.find("http://kanal.example/r/" + id + "?k=") != std::string::npos);

  const auto before = city.json("requests/" + id + ".json").array.at(0);
  CHECK(before.text("service_request_id") == id);
  CHECK(before.text("status") == "open");
  CHECK(before.text("service_code") == "street_light");
  CHECK(before.text("service_name") == "Penerangan jalan");
  CHECK(before.find("description")->type == Json::Type::null);
  CHECK(before.find("lat")->type == Json::Type::null);
  CHECK(before.text("requested_datetime") == "2026-03-02T13:00:00+08:00");

  city.verify(id);
  const auto after = city.json("requests/" + id + ".json").array.at(0);
  CHECK(after.text("description") == "Lampu <b> & mati");
  CHECK(after.find("lat")->number == -8.112);
  CHECK(after.find("long")->number == 115.088);
  CHECK(after.text("address") == "Jalan Gajah Mada");
  CHECK(after.text("agency_responsible") == "Pemerintah Kabupaten Buleleng");
  // Nobody who works on it has said anything.
  CHECK(after.text("status_notes").empty());
  CHECK(after.find("extended_attributes") == nullptr);
  const auto xml = city.get("requests/" + id + ".xml").body;
  CHECK(xml.find("<description>Lampu &lt;b&gt; &amp; mati</description>") != std::string::npos);
  CHECK(xml.find("<media_url></media_url>") != std::string::npos);
}

TEST_CASE("the answer, its state and what came before are read back") {
  City city;
  const auto id = city.request("Lampu jalan mati");
  city.answer(id, "Lampu sudah kami ganti, hubungi 081234567890.");
  const auto seen = city.json("requests/" + id + ".json?extensions=true").array.at(0);
  CHECK(seen.text("status") == "open");
  // Numbers of people go to nobody in public.
  CHECK(seen.text("status_notes").starts_with("Lampu sudah kami ganti, hubungi █"));
  CHECK(seen.text("agency_responsible") == "Dinas Perhubungan, Pemerintah Kabupaten Buleleng");
  const auto& more = *seen.find("extended_attributes");
  CHECK(more.text("detailed_status") == "open");
  CHECK(more.text("jurisdiction_id") == "buleleng");
  CHECK(more.text("title") == "Lampu jalan mati");
  const auto& notes = seen.find("notes")->array;
  REQUIRE(notes.size() == 3);
  CHECK(notes[0].text("type") == "investigating");
  CHECK(notes[2].text("description").starts_with("Lampu sudah kami ganti"));
  city.act(id, Event::confirm, Role::reporter);
  CHECK(city.json("requests/" + id + ".json").array.at(0).text("status") == "closed");
}

TEST_CASE("pictures may come with a request, cleaned as the form's are") {
  City city;
  const auto send = [&](const std::string& file, const std::string& description) {
    std::string body;
    const auto fields = parse_form("api_key=" + k_key + "&" + k_light +
                                   "&description=" + percent_encode(description));
    for (const auto& [name, value] : fields.value()) {
      body += "--edge\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
              "\r\n";
    }
    body +=
        "--edge\r\nContent-Disposition: form-data; name=\"media\"; filename=\"lampu.jpg\"\r\n"
        "Content-Type: image/jpeg\r\n\r\n" +
        file + "\r\n--edge--\r\n";
    return city.ask("POST", "/open311/v2/requests.json", body,
                    {{"Content-Type", "multipart/form-data; boundary=edge"}});
  };
  const auto id = [](const HttpReply& reply) {
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body).value().array.at(0).text("service_request_id");
  };
  const auto picture = telling_jpeg(city.spool);
  const auto code = id(send(picture, "Lampu mati"));
  const auto posts = city.store->posts_of(city.report(code).id).value();
  REQUIRE(posts.at(0).attachments.size() == 1);
  const auto& kept = posts[0].attachments[0];
  CHECK(kept.type == "image/jpeg");
  CHECK(kept.name == "lampiran-1.jpg");
  CHECK(content_of(city.store->attachment_file(kept)).find("Rahasia") == std::string::npos);
  // An answer that got lost can be asked for again.
  CHECK(id(send(picture, "Lampu mati")) == code);
  CHECK(city.store->find_reports({}).value().size() == 1);
  check_refused(send("MZ", "Lampu mati juga"), 400,
                "A file cannot be taken: send an undamaged JPEG, PNG or WebP picture, a PDF "
                "document or an MP4 film.");
}

TEST_CASE("what is refused is said in the format that was accepted") {
  const City city;
  const auto reply =
      city.ask("POST", "/open311/v2/requests", "api_key=x",
               {{"Content-Type", std::string(k_form)}, {"Accept", "application/json"}});
  check_refused(reply, 403, "api_key is not known.");
}

TEST_CASE("the same request sent again is answered with the same number, and no secret") {
  const City city;
  const auto body = "api_key=" + k_key + "&" + k_light + "&description=Lampu+mati";
  const auto first = city.post("requests.json", body).body;
  const auto again = city.post("requests.json", body).body;
  const auto id = [](const std::string& text) {
    return Json::parse(text).value().array.at(0).text("service_request_id");
  };
  CHECK(id(first) == id(again));
  CHECK(first.find("?k=") != std::string::npos);
  CHECK(again.find("?k=") == std::string::npos);
  CHECK(city.store->find_reports({}).value().size() == 1);
}

TEST_CASE("requests are selected by number, service, status, date and agency") {
  City city;
  const auto light = city.request("Lampu mati");
  city.clock.advance(std::chrono::hours(24));
  const auto road = Json::parse(city.post("requests.json", "api_key=" + k_key +
                                                               "&service_code=road&lat=-8&long=115"
                                                               "&description=Jalan+rusak")
                                    .body)
                        .value()
                        .array.at(0)
                        .text("service_request_id");
  const auto unseen = city.request("Belum diperiksa");
  using Codes = std::vector<std::string>;
  CHECK(city.listed("").empty());
  city.verify(light);
  city.verify(road);
  CHECK(city.listed("") == Codes{road, light});
  CHECK(city.listed("service_code=road,tree") == Codes{road});
  CHECK(city.listed("service_code=dragon").empty());
  CHECK(city.listed("start_date=2026-03-03T00:00:00Z") == Codes{road});
  CHECK(city.listed("end_date=2026-03-02T12:00:00%2B07:00") == Codes{light});
  CHECK(city.listed("start_date=2026-03-02T05:00:00Z&end_date=2026-03-02T05:00:00Z") ==
        Codes{light});
  CHECK(city.listed("jurisdiction_id=buleleng").size() == 2);
  CHECK(city.listed("jurisdiction_id=kemenkes").empty());
  CHECK(city.listed("page_size=1") == Codes{road});
  CHECK(city.listed("page_size=1&page=2") == Codes{light});
  CHECK(city.listed("page_size=1&page=3").empty());
  // A number that is known is shown at any stage, and overrides what stands beside it.
  CHECK(city.listed("service_request_id=" + unseen + "," + light + ",123&status=x").size() == 2);
  CHECK(city.listed("service_request_id=123").empty());
  city.act(light, Event::dispose, Role::agency_admin);
  city.act(light, Event::answer, Role::liaison, "Sudah.");
  city.act(light, Event::confirm, Role::reporter);
  CHECK(city.listed("status=closed") == Codes{light});
  CHECK(city.listed("status=open") == Codes{road});
  CHECK(city.listed("status=open,closed").size() == 2);
}

TEST_CASE("a parameter that cannot be is refused, in the format that was asked for") {
  const City city;
  check_refused(city.get("requests.json?start_date=2026-01-01"), 400,
                "start_date must have its zone (2026-01-02T03:04:05+07:00).");
  check_refused(city.get("servicerequestupdates.json?start_date=2026-03-01T00:00:00Z"
                         "&end_date=2025-03-01T00:00:00Z"),
                400, "start_date is after end_date.");
  const auto xml = city.get("requests.xml?status=pending");
  CHECK(xml.status == 400);
  CHECK(xml.header("content-type") == "text/xml; charset=utf-8");
  CHECK(xml.body.find("<errors><error><code>400</code><description>status is open or closed."
                      "</description></error></errors>") != std::string::npos);
}

TEST_CASE("what is not there is 404") {
  const City city;
  const std::string missing = "There is no such resource.";
  for (const auto* rest : {"dragons.json", "services/a/b.json", "discovery/1.json", "tokens.json",
                           "servicerequestupdates/1.json", "requests/.json"}) {
    INFO(rest);
    CHECK(city.get(rest).status == 404);
  }
  check_refused(city.get("dragons.json"), 404, missing);
  CHECK(city.get("services.yaml").status == 404);
  check_refused(city.get("requests/123456789016.json"), 404, "service_request_id was not found.");
  check_refused(city.get("requests/abc.json"), 404, "service_request_id was not found.");
  check_refused(city.get("tokens/jalanku-r-00.json"), 404, "token was not found.");
  check_refused(city.post("services.json", "api_key=" + k_key), 404,
                "There is no such resource to post to.");
  check_refused(city.post("requests/1.json", "api_key=" + k_key), 404,
                "There is no such resource to post to.");
}

TEST_CASE("without an ending the answer is XML, or JSON for who wants it") {
  const City city;
  CHECK(city.get("services").body.starts_with("<?xml"));
  CHECK(city.get("services", "application/json").body.starts_with("[{"));
  CHECK(city.get("services.xml", "application/json").body.starts_with("<?xml"));
}

TEST_CASE("a failure outside of the endpoint has the standard's form too") {
  Request request;
  request.path = "/open311/v2/requests.json";
  const auto json = open311_failure(request, 413, "It is too long.");
  CHECK(json.status == 413);
  CHECK(json.body == R"([{"code":413,"description":"It is too long."}])");
  request.path = "/open311/v1";
  CHECK(open311_failure(request, 404, "Nothing.").body.find("<errors>") != std::string::npos);
}

TEST_CASE("nobody learns of a confidential report, nor who anybody is") {
  City city;
  const auto hidden = city.request("Ada pungli di kantor");
  const auto shown = city.request("Lampu mati", "&public_anonymity_required=TRUE");
  Command secret;
  secret.event = Event::correct;
  secret.actor = {Role::national_admin, OfficerId(1), {}, {}};
  secret.confidential = true;
  REQUIRE(city.casework.act(city.report(hidden).id, secret));
  city.answer(hidden, "Kami periksa.");
  city.answer(shown, "Sudah diganti.");
  CHECK(city.get("requests/" + hidden + ".json").status == 404);
  CHECK(city.listed("service_request_id=" + hidden).empty());
  CHECK(city.listed("") == std::vector{shown});
  for (const auto* rest : {"requests.xml?extensions=true", "servicerequestupdates.xml"}) {
    const auto body = city.get(rest).body;
    INFO(body);
    CHECK(body.find(hidden) == std::string::npos);
    CHECK(body.find("pungli") == std::string::npos);
    CHECK(body.find("Kami periksa") == std::string::npos);
    CHECK(body.find("Wayan") == std::string::npos);
    CHECK(body.find("example.org") == std::string::npos);
    CHECK(body.find(shown) != std::string::npos);
  }
  CHECK(city.get("servicerequestupdates.json?service_request_id=" + hidden).body == "[]");
  // Its own application may go on writing to it; others do not learn that it is there.
  CHECK(city.post("servicerequestupdates.json", city.update(hidden, "1", "Lagi")).status == 200);
  check_refused(
      city.post("servicerequestupdates.json", city.update(hidden, "1", "Lagi", k_other_key)), 404,
      "service_request_id was not found.");
}

TEST_CASE("who is told to wait gets a token, which becomes the number once a person agrees") {
  City city;
  const auto id = city.request("Lampu mati");
  REQUIRE(city.store->block(city.report(id).reporter, true, {Role::monitor, OfficerId(1), {}, {}},
                            "flood"));
  const auto reply = city.post("requests.json",
                               "api_key=" + k_key + "&" + k_light + "&description=Lampu+mati+lagi");
  REQUIRE(reply.status == 200);
  const auto given = Json::parse(reply.body).value().array.at(0);
  CHECK(given.find("service_request_id") == nullptr);
  const auto token = given.text("token");
  REQUIRE_FALSE(token.empty());
  const auto waiting = city.json("tokens/" + token + ".json").array.at(0);
  CHECK(waiting.text("token") == token);
  CHECK(waiting.find("service_request_id") == nullptr);

  PostFilter filter;
  filter.external_id = token;
  const auto post = city.store->find_posts(filter).value().at(0).id;
  const auto report = promote(*city.store, city.organisation, city.rules, city.clock,
                              dynamic_cast<const Translator*>(city.connector.get()), post,
                              {Role::monitor, OfficerId(1), {}, {}});
  INFO((report ? "" : report.error().message));
  REQUIRE(report);
  const auto settled = city.json("tokens/" + token + ".json").array.at(0);
  CHECK(settled.text("service_request_id") == report->code.value());
  CHECK(city.get("tokens/" + token + ".xml").body.find("<token>" + token + "</token>") !=
        std::string::npos);
}

TEST_CASE("a database that is away is a fault that passes") {
  City city;
  const auto id = city.request("Lampu mati");
  city.database.close();
  const auto reply = city.get("requests/" + id + ".json");
  check_refused(reply, 503, "The service is busy: try again in a moment.");
  CHECK(reply.header("retry-after") == "5");
  CHECK(city.get("services.json").status == 200);
  check_refused(city.post("requests.json", "api_key=" + k_key + "&" + k_light), 503,
                "The service is busy: try again in a moment.");
}

TEST_CASE("every state is open or closed, and has a finer name") {
  for (int number = 0; number <= static_cast<int>(State::rejected); ++number) {
    const auto state = static_cast<State>(number);
    const auto status = open311::status_of(state);
    CHECK((status == "open" || status == "closed"));
    CHECK_FALSE(open311::detailed_status_of(state).empty());
  }
  CHECK(open311::states_of(false) ==
        std::vector{State::closed, State::merged, State::archived, State::rejected});
}

TEST_CASE("an application that posts too much is asked for patience, and no other is") {
  City city;
  const auto body = [](const std::string& key, int number) {
    return "api_key=" + key + "&" + k_light + "&description=Lampu+" + std::to_string(number);
  };
  int taken = 0;
  HttpReply last;
  for (int i = 0; i < 700; ++i) {
    last = city.post("requests.json", body(k_key, i));
    if (last.status != 200) break;
    ++taken;
  }
  CHECK(taken == 600);
  CHECK(last.status == 429);
  CHECK(last.header("retry-after") == "5");
  CHECK(Json::parse(last.body).value().array.at(0).find("code")->integer == 429);
  CHECK(city.post("requests.json", body(k_other_key, 1)).status == 200);
  city.clock.advance(std::chrono::seconds(1));
  CHECK(city.post("requests.json", body(k_key, 1000)).status == 200);
}

TEST_CASE("who reads without a key is asked for patience at some point, and no application is") {
  City city;
  const auto code = city.request("Lampu mati");
  const std::string one = "requests/" + code + ".json";
  for (int i = 0; i < 119; ++i) REQUIRE(city.get(one).status == 200);
  CHECK(city.get("requests.xml").status == 200);
  const std::vector<std::string> lists{one, "requests.json", "servicerequestupdates.json",
                                       "requests.json?api_key=" + k_key + "x"};
  for (const auto& list : lists) {
    const auto over = city.get(list);
    INFO(list);
    CHECK(over.status == 429);
    CHECK(over.header("retry-after") == "30");
    CHECK(Json::parse(over.body).value().array.at(0).find("code")->integer == 429);
  }
  CHECK(city.get(one + "?api_key=" + k_key).status == 200);
  CHECK(city.get("services.json").status == 200);
  CHECK(city.get("discovery.json").status == 200);
  city.clock.advance(std::chrono::seconds(1));
  CHECK(city.get(one).status == 200);
}

}  // namespace
}  // namespace kanal::testing
