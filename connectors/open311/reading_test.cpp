#include "connectors/open311/reading.hpp"

#include <catch2/catch.hpp>

#include "core/rfc3339.hpp"
#include "core/tracking_code.hpp"

namespace kanal::open311 {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                     std::chrono::hours(3)};

// A service that asks for everything that can be asked for.
Organisation asking() {
  auto organisation = Organisation::shipped();
  Category category;
  category.id = CategoryId("pothole");
  category.parent = CategoryId("infrastructure");
  category.name_id = "Lubang";
  category.agency = AgencyId("buleleng");
  const std::vector<Choice> shapes{{"round", "Bulat", "Round"}, {"long", "Panjang", "Long"}};
  category.questions = {{"depth", "number", true, "Dalamnya", "Depth", {}},
                        {"shape", "singlevaluelist", false, "Bentuk", "Shape", shapes},
                        {"shapes", "multivaluelist", false, "Bentuk lain", "Shapes", shapes},
                        {"since", "datetime", false, "Sejak kapan?", "Since?", {}},
                        {"sign", "string", false, "Rambu", "Sign", {}},
                        {"story", "text", false, "Cerita", "Story", {}}};
  organisation.categories.push_back(category);
  return organisation;
}

const Organisation& organisation() {
  static const auto made = asking();
  return made;
}

Reading request(const std::string& body, bool needs_jurisdiction = false) {
  const auto fields = parse_fields(body);
  REQUIRE(fields);
  return read_request(*fields, {organisation(), "jalanku", k_now, "ID", needs_jurisdiction});
}

Reading update(const std::string& body) {
  const auto fields = parse_fields(body);
  REQUIRE(fields);
  return read_update(*fields, {organisation(), "jalanku", k_now, "ID", false});
}

std::string faults(const Reading& reading) {
  REQUIRE_FALSE(reading);
  std::string text;
  for (const auto& fault : reading.error()) {
    text += std::to_string(fault.status) + " " + fault.description + "\n";
  }
  return text;
}

const std::string k_dark_street = "service_code=street_light&lat=-8.112&long=115.088";
const std::string k_handed_over =
    "service_code=street_light&lat=-8.112&long=115.088&description=Lampu+mati%0A"
    "Kanal+418203765921+%5Babcdefghijklmnop%5D";
const std::string k_pothole = "service_code=pothole&address_string=Jalan+Ahmad+Yani";

TEST_CASE("what another bridge hands over is not handed on without a look") {
  auto city = Organisation::shipped();
  const auto suspicion = [&](const std::string& body) {
    const auto post = read_request(*parse_fields(body), {city, "kanal", k_now, "ID", false});
    REQUIRE(post);
    return post->hints.suspicion;
  };
  CHECK(suspicion(k_handed_over).empty());
  const auto* const category = city.category(CategoryId("street_light"));
  REQUIRE(category != nullptr);
  const auto of_unit = [&](const std::string& by) {
    for (auto& unit : city.units) {
      if (unit.id == category->unit) unit.handed_over.by = by;
    }
    for (auto& agency : city.agencies) {
      if (agency.id == category->agency) agency.handed_over.by = by;
    }
  };
  of_unit("open311_client");
  CHECK_FALSE(suspicion(k_handed_over).empty());
  CHECK(suspicion(k_dark_street + "&description=Lampu+mati").empty());
  of_unit("email");
  CHECK(suspicion(k_handed_over).empty());
}

TEST_CASE("a request says what, where and who, and nobody has proven who") {
  const auto post =
      request(k_dark_street +
              "&address_string=Jalan+Gajah+Mada&description=Lampu+mati%0Asejak+Senin"
              "&first_name=Ni&last_name=Luh&email=Ni%40Example.org&phone=0812-3456-7890"
              "&account_id=42&device_id=tt1&address_id=A7"
              "&media_url=https%3A%2F%2Ffoto.example%2F1.jpg");
  REQUIRE(post);
  CHECK(post->text ==
        "Lampu mati\nsejak Senin\n\naddress_id: A7\n\nFoto: https://foto.example/1.jpg");
  CHECK(post->hints.category == "street_light");
  CHECK(post->hints.entrance == "jalanku");
  CHECK(post->hints.agency.empty());
  REQUIRE(post->place);
  CHECK(post->place->latitude == -8.112);
  CHECK(post->place->longitude == 115.088);
  CHECK(post->place->address == "Jalan Gajah Mada");
  CHECK_FALSE(post->author.proven);
  CHECK(post->author.name == "Ni Luh");
  CHECK(post->author.email == "ni@example.org");
  CHECK(post->author.id.value() == "ni@example.org");
  CHECK(post->author.phone == "+6281234567890");
  CHECK(post->author.handle == "42");
  CHECK(post->posted_at == k_now);
}

TEST_CASE("who asks is known by mail, else by number, account or device of the application") {
  const auto author = [](const std::string& more) {
    return request(k_dark_street + more)->author.id.value();
  };
  CHECK(author("&phone=081234567890&account_id=42") == "+6281234567890");
  CHECK(author("&account_id=42&device_id=tt1") == "jalanku/account/42");
  CHECK(author("&device_id=tt1") == "jalanku/device/tt1");
  CHECK(author("").empty());
  CHECK(author("&email=nobody&phone=12&device_id=tt1") == "jalanku/device/tt1");
  CHECK(request(k_dark_street + "&email=nobody")->author.handle == "nobody");
  CHECK(request(k_dark_street + "&phone=12")->author.phone == "12");
}

TEST_CASE("a parameter without a value is one that is not there") {
  CHECK(faults(request("service_code=&lat=1&long=1")) == "400 service_code was not provided.\n");
  CHECK(faults(request("service_code=street_light&lat=&long=+&address_string=")) ==
        "400 A location was not provided: lat and long, address_string or address_id.\n");
  CHECK(request(k_dark_street + "&jurisdiction_id=&email=&attribute[pole]="));
}

TEST_CASE("a request that only names the service says so") {
  CHECK(request(k_dark_street)->text == "Penerangan jalan");
  CHECK(request("service_code=street_light&address_id=A7")->text == "address_id: A7");
  CHECK_FALSE(request("service_code=street_light&address_id=A7")->place);
}

TEST_CASE("a service that is not there is 404, in a jurisdiction too") {
  CHECK(faults(request("service_code=dragon&lat=1&long=1")) == "404 service_code was not found.\n");
  // A heading is no service.
  CHECK(faults(request("service_code=transport&lat=1&long=1")) ==
        "404 service_code was not found.\n");
  CHECK(request(k_dark_street + "&jurisdiction_id=buleleng")->hints.agency == "buleleng");
  CHECK(faults(request(k_dark_street + "&jurisdiction_id=kemenkes")) ==
        "404 service_code was not found.\n");
  CHECK(faults(request(k_dark_street + "&jurisdiction_id=atlantis")) ==
        "404 jurisdiction_id was not found.\n404 service_code was not found.\n");
  CHECK(faults(request(k_dark_street, true)) == "400 jurisdiction_id was not provided.\n");
  CHECK(request("service_code=other&lat=1&long=1&jurisdiction_id=kemenkes"));
}

TEST_CASE("a place must be whole and on this earth") {
  const std::string wrong = "400 lat and long must both be provided, in degrees (WGS84).\n";
  for (const auto* place :
       {"lat=1", "long=1", "lat=91&long=1", "lat=1&long=-180.5", "lat=x&long=1", "lat=1&long=1x",
        "lat=nan&long=1", "lat=inf&long=1", "lat=1e999&long=1"}) {
    INFO(place);
    CHECK(faults(request("service_code=street_light&" + std::string(place))) == wrong);
  }
  CHECK(request("service_code=street_light&lat=-90&long=180"));
}

TEST_CASE("what a service asks stands in the text, in its names") {
  const auto post = request(k_pothole +
                            "&description=Ada+lubang&attribute[depth]=12.5&attribute[shape]=round"
                            "&attribute[shapes][]=round&attribute[shapes][]=long"
                            "&attribute[since]=2026-03-01T08%3A00%3A00%2B08%3A00"
                            "&attribute[sign]=A1&attribute[story]=satu%0Adua&attribute[easting]=7");
  REQUIRE(post);
  CHECK(post->text ==
        "Ada lubang\n\nDalamnya: 12.5\nBentuk: Bulat\nBentuk lain: Bulat, Panjang\n"
        "Sejak kapan? 2026-03-01T08:00:00+08:00\nRambu: A1\nCerita: satu\ndua\neasting: 7");
}

TEST_CASE("all that is wrong with the answers is told at once") {
  CHECK(faults(request(k_pothole)) == "400 attribute[depth] was not provided.\n");
  CHECK(faults(request(k_pothole +
                       "&attribute[depth]=deep&attribute[shape]=star&attribute[shapes][]=long"
                       "&attribute[shapes][]=star&attribute[since]=yesterday"
                       "&attribute[sign]=a%0Ab")) ==
        "400 attribute[depth] must be a number.\n"
        "400 attribute[shape] is none of its values.\n"
        "400 attribute[shapes] is none of its values.\n"
        "400 attribute[since] must be a date and time with its zone "
        "(2026-01-02T03:04:05+07:00).\n"
        "400 attribute[sign] must be one line.\n");
  CHECK(faults(request(k_pothole + "&attribute[depth]=1&attribute[depth]=2")) ==
        "400 attribute[depth] takes one value.\n");
  CHECK(request(k_pothole + "&attribute[depth]=1&attribute[since]=2026-03-01"));
  // No attribute, so nothing is asked.
  CHECK(request(k_pothole + "&attribute[depth]=1&attribute[]=2&attribute[=3&attribute=4"));
}

TEST_CASE("what is too long or too much is refused by name") {
  CHECK(request(k_dark_street + "&description=" + std::string(4000, 'x')));
  CHECK(faults(request(k_dark_street + "&description=" + std::string(4001, 'x'))) ==
        "400 description has more than 4000 characters.\n");
  std::string media;
  for (int i = 0; i < 11; ++i) media += "&media_url=https://a.example/" + std::to_string(i);
  const std::string wrong =
      "400 media_url must be an address of http or https, and at most 10 of them.\n";
  CHECK(faults(request(k_dark_street + media)) == wrong);
  CHECK(faults(request(k_dark_street + "&media_url=javascript:alert(1)")) == wrong);
  std::string attributes;
  for (int i = 0; i < 51; ++i) attributes += "&attribute[a" + std::to_string(i) + "]=1";
  CHECK(faults(request(k_dark_street + attributes)) == "400 There are more than 50 attributes.\n");
  std::string many;
  for (int i = 0; i < 201; ++i) many += "a=b&";
  CHECK_FALSE(parse_fields(many));
  CHECK_FALSE(parse_fields(std::string(georeport::k_most_body_bytes + 1, 'x')));
}

TEST_CASE("who wants to be anonymous is") {
  CHECK(request(k_dark_street + "&public_anonymity_required=TRUE")->hints.anonymous);
  CHECK_FALSE(request(k_dark_street + "&public_anonymity_required=FALSE")->hints.anonymous);
}

const auto k_code = make_tracking_code(7).value();
const std::string k_update = "service_request_id=" + k_code +
                             "&update_id=9&updated_datetime=2026-03-02T10:00:00%2B08:00"
                             "&status=OPEN&description=Masih+gelap";

TEST_CASE("an update names its report, and its commenter hears nothing of it by mail") {
  const auto post = update(k_update +
                           "&first_name=Budi&last_name=-&email=budi%40example.org"
                           "&phone=081234567890&media_url=https://foto.example/2.jpg");
  REQUIRE(post);
  CHECK(post->hints.tracking_code == k_code);
  CHECK(post->text == "Masih gelap\n\nFoto: https://foto.example/2.jpg");
  CHECK(post->author.name == "Budi");
  CHECK(post->author.email.empty());
  CHECK(post->author.phone.empty());
  CHECK_FALSE(post->author.proven);
  CHECK(post->posted_at == *parse_rfc3339("2026-03-02T10:00:00+08:00"));
}

TEST_CASE("an update of the future was made now") {
  auto body = k_update;
  body.replace(body.find("2026"), 4, "2036");
  CHECK(update(body)->posted_at == k_now);
}

TEST_CASE("the statuses that settle or dispute an answer become the words for it") {
  const auto with = [](const std::string& status, const std::string& description) {
    auto body = k_update.substr(0, k_update.find("&status"));
    return update(body + "&status=" + status + "&description=" + description)->text;
  };
  CHECK(with("FIXED", "") == "SELESAI");
  CHECK(with("closed", "") == "SELESAI");
  CHECK(with("FIXED", "Terima+kasih") == "Terima kasih");
  CHECK(with("REOPEN", "") == "BELUM");
  CHECK(with("REOPEN", "masih+gelap") == "BELUM: masih gelap");
  CHECK(with("IN_PROGRESS", "dikerjakan") == "dikerjakan");
}

TEST_CASE("all that an update lacks is told at once, and what is not there first") {
  CHECK(faults(update("")) ==
        "400 service_request_id was not provided.\n400 update_id was not provided.\n"
        "400 updated_datetime was not provided.\n400 status was not provided.\n"
        "400 description was not provided.\n");
  CHECK(faults(update("service_request_id=12345&update_id=1&updated_datetime=2026-03-02&status=NEW"
                      "&description=x")) ==
        "404 service_request_id was not found.\n400 status is none of those that are known.\n"
        "400 updated_datetime must have its zone (2026-01-02T03:04:05+07:00).\n");
}

}  // namespace
}  // namespace kanal::open311
