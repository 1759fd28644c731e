#include <algorithm>
#include <mutex>

#include <catch2/catch.hpp>

#include "format/encode.hpp"
#include "net/http_server.hpp"
#include "tests/support/sandbox_process.hpp"

// What the stand-ins do when they are told to, over their own addresses.
namespace kanal::test {
namespace {

using Catch::Contains;
using Headers = std::vector<std::pair<std::string, std::string>>;

HttpReply fetch(const std::string& method, const std::string& url, const std::string& body = {},
                Headers headers = {}) {
  static const auto http = make_http({});
  HttpCall call;
  call.method = method;
  call.url = url;
  call.body = body;
  call.headers = std::move(headers);
  call.allow_private = true;
  return http->fetch(call).value();
}

/// What the bridge would be sent.
class Bridge {
 public:
  struct Taken {
    std::string method, path, query, body, type;
  };
  Bridge() {
    HttpServerOptions options;
    options.port = 0;
    options.spool = directory_.path();
    std::vector<Route> routes;
    for (const auto* method : {"GET", "POST"}) {
      for (const auto* pattern :
           {"/in/{channel}", "/in/{channel}/{secret}", "/in/x/{secret}/dlr"}) {
        Route route;
        route.method = method;
        route.pattern = pattern;
        if (route.method == "POST") route.body = BodyKind::raw;
        route.handle = [this](const Request& request) { return take(request); };
        routes.push_back(std::move(route));
      }
    }
    server_ = HttpServer::start(options, std::move(routes)).value();
  }
  [[nodiscard]] std::string channel() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/in/x";
  }
  [[nodiscard]] std::vector<Taken> taken() const {
    const std::scoped_lock lock(mutex_);
    return taken_;
  }
  /// So many are to come again.
  void refuse_next(int times) {
    const std::scoped_lock lock(mutex_);
    refusals_ = times;
  }

 private:
  Response take(const Request& request) {
    const std::scoped_lock lock(mutex_);
    if (refusals_-- > 0) return Response::text(503, "");
    taken_.push_back({request.method, request.path, request.query, request.body,
                      std::string(request.header("content-type"))});
    return Response::text(200, "");
  }
  TemporaryDirectory directory_;
  mutable std::mutex mutex_;
  std::vector<Taken> taken_;
  int refusals_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_CASE("no stand-in takes an order for a fault that it does not know") {
  for (const auto* kind : {"twitter", "smsc", "email", "gateway", "office"}) {
    INFO(kind);
    SandboxProcess far_side(kind);
    CHECK_THROWS_WITH(far_side.order("POST", "/faults", R"({"fault":"nonsense"})"),
                      Contains("there is no fault \"nonsense\"; there are: ") && Contains("slow"));
  }
  SandboxProcess x("twitter");
  CHECK_THROWS_WITH(x.order("POST", "/faults", R"({"on":"POST /2/posts","fault":"429"})"),
                    Contains("there is no endpoint") && Contains("POST /2/tweets"));
  SandboxProcess office("office");
  CHECK_THROWS_WITH(office.order("POST", "/faults", R"({"on":"mail","fault":"slow"})"),
                    Contains("there is no place") && Contains("open311"));
}

TEST_CASE("X answers that a post is a duplicate, whether it stands or not") {
  SandboxProcess x("twitter");
  const auto token =
      Json::parse(fetch("POST", x.ready("url") + "/2/oauth2/token",
                        "grant_type=refresh_token&client_id=" + x.ready("client_id") +
                            "&refresh_token=" + x.ready("refresh_token"),
                        {{"Content-Type", "application/x-www-form-urlencoded"}})
                      .body)
          .value()
          .text("access_token");
  const auto post = [&](const std::string& text) {
    return fetch("POST", x.ready("url") + "/2/tweets", "{\"text\":\"" + text + "\"}",
                 {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token}});
  };
  const auto standing = [&] {
    std::vector<std::string> texts;
    for (const auto& each : x.order("GET", "/timeline").find("posts")->array) {
      texts.push_back(each.text("text"));
    }
    return texts;
  };
  x.order("POST", "/faults", R"({"on":"POST /2/tweets","fault":"duplicate"})");
  const auto refused = post("Satu");
  CHECK(refused.status == 403);
  CHECK(refused.body.find("duplicate content") != std::string::npos);
  CHECK(standing().empty());
  x.order("POST", "/faults", R"({"on":"POST /2/tweets","fault":"duplicate_posted"})");
  CHECK(post("Dua").status == 403);
  CHECK(standing() == std::vector<std::string>{"Dua"});
  CHECK(post("Dua").body == refused.body);
  CHECK(post("Tiga").status == 201);
}

TEST_CASE("a page of X holds a post twice when that is ordered, and once afterwards") {
  SandboxProcess x("twitter");
  const auto id = x.order("POST", "/posts", R"({"as":"budi","text":"@kanal_sandbox halo"})");
  x.order("POST", "/posts", R"({"as":"wati","text":"@kanal_sandbox juga"})");
  const auto ids = [&] {
    std::vector<std::string> found;
    const auto page =
        fetch("GET", x.ready("url") + "/2/tweets/search/recent?query=halo%20OR%20juga", {},
              {{"Authorization", "Bearer " + x.ready("bearer")}});
    const auto json = Json::parse(page.body).value();
    if (const auto* data = json.find("data")) {
      for (const auto& each : data->array) found.push_back(each.text("id"));
    }
    return found;
  };
  const auto usual = ids();
  REQUIRE(usual.size() == 2);
  x.order("POST", "/faults", R"({"fault":"repeated"})");
  const auto twice = ids();
  REQUIRE(twice.size() == 3);
  CHECK(twice.front() == twice.back());
  CHECK(ids() == usual);
}

TEST_CASE("a gateway posts what phones send until it is taken, and tells what became of answers") {
  SandboxProcess gateway("gateway");
  Bridge bridge;
  const auto text = [&](const std::string& words) {
    gateway.order("POST", "/texts",
                  R"({"as":"+6281200000001","text":")" + words + R"(","bridge":")" +
                      bridge.channel() + "\"}");
  };
  bridge.refuse_next(1);
  text("Lampu mati");
  REQUIRE(eventually([&] { return bridge.taken().size() == 1; }));
  text("Gelap \u6f06\u9ed1");
  REQUIRE(eventually([&] { return bridge.taken().size() == 2; }));
  const auto taken = bridge.taken();
  CHECK(taken[0].path == "/in/x/" + gateway.ready("secret"));
  CHECK(taken[0].body == "Lampu mati");
  CHECK(taken[0].query.find("from=%2B6281200000001&to=1709&id=") == 0);
  CHECK(taken[1].type == "text/plain; charset=UTF-16BE");
  CHECK(taken[1].query.find("coding=2") != std::string::npos);
  gateway.order("POST", "/faults", R"({"fault":"twice"})");
  text("Dua kali");
  REQUIRE(eventually([&] { return bridge.taken().size() == 4; }));
  CHECK(bridge.taken()[2].query == bridge.taken()[3].query);

  const auto send = [&](const std::string& password) {
    return fetch("POST", gateway.ready("send_url"), "Diterima",
                 {{"Content-Type", "text/plain"},
                  {"X-Kannel-Username", gateway.ready("user")},
                  {"X-Kannel-Password", password},
                  {"X-Kannel-From", "1709"},
                  {"X-Kannel-To", "+6281200000001"},
                  {"X-Kannel-DLR-Mask", "19"},
                  {"X-Kannel-DLR-Url", bridge.channel() + "/s/dlr?status=%d&key=1.2.sms"}})
        .status;
  };
  CHECK(send("lain") == 403);
  CHECK(send(gateway.ready("password")) == 202);
  gateway.order("POST", "/faults", R"({"fault":"undeliverable"})");
  CHECK(send(gateway.ready("password")) == 202);
  REQUIRE(eventually([&] { return bridge.taken().size() == 6; }));
  CHECK(bridge.taken()[4].query == "status=1&key=1.2.sms");
  CHECK(bridge.taken()[5].query == "status=2&key=1.2.sms");
  CHECK(eventually([&] {
    const auto shown = gateway.order("GET", "/texts").find("shown")->array;
    return shown.size() == 2 && shown[0].text("text") == "Diterima" &&
           shown[1].find("told")->integer == 200;
  }));
  gateway.order("POST", "/faults", R"({"fault":"full"})");
  CHECK(send(gateway.ready("password")) == 503);
}

TEST_CASE("an office's systems let in who may, and do what the office does") {
  SandboxProcess office("office");
  const auto unsigned_body = R"({"type":"report.handed_over","data":{}})";
  CHECK(fetch("POST", office.ready("webhook_url"), unsigned_body).status == 401);
  const auto request = [&](const std::string& key) {
    return fetch("POST", office.ready("open311_url") + "/requests.json",
                 "api_key=" + key + "&service_code=umum&address_string=x&description=Lampu",
                 {{"Content-Type", "application/x-www-form-urlencoded"}});
  };
  CHECK(request("lain").status == 403);
  CHECK(request(office.ready("open311_key")).status == 200);
  const auto complain = [&](const std::string& token) {
    return fetch("POST", office.ready("lapor_url") + "/complaints/complaint",
                 R"({"title":"Jalan","content":"Rusak"})", {{"Authorization", token}});
  };
  CHECK(complain("lain").status == 401);
  CHECK(complain(office.ready("lapor_token")).status == 200);

  const auto reports = office.order("GET", "/reports").find("reports")->array;
  REQUIRE(reports.size() == 2);
  const auto act = [&](std::size_t which, const std::string& event, const std::string& words) {
    office.order("POST", "/reports/" + reports[which].text("id"),
                 R"({"event":")" + event + R"(","words":")" + words + "\"}");
  };
  CHECK_THROWS_WITH(act(0, "ask", "?"), Contains("there are: proceed answer not_ours"));
  CHECK_THROWS_WITH(office.order("POST", "/reports/lapor-1", R"({"event":"answer"})"),
                    Contains("there is no report"));
  act(0, "answer", "Sudah menyala");
  act(1, "proceed", "Dicek");
  const auto listed = fetch("GET", office.ready("open311_url") + "/requests.xml").body;
  CHECK(listed.find("<status>closed</status>") != std::string::npos);
  CHECK(listed.find("<status_notes>Sudah menyala</status_notes>") != std::string::npos);
  const auto number = reports[1].text("id").substr(std::string("lapor-").size());
  const auto complaint = office.ready("lapor_url") + "/complaints/" + number;
  const Headers token{{"Authorization", office.ready("lapor_token")}};
  CHECK(fetch("GET", complaint + "/complaint", {}, token).body.find("Dalam Proses") !=
        std::string::npos);
  CHECK(fetch("GET", complaint + "/followups", {}, token).body.find("Dicek") != std::string::npos);
  office.order("POST", "/faults", R"({"on":"lapor","fault":"503"})");
  CHECK(fetch("GET", office.ready("open311_url") + "/requests.json").status == 200);
  CHECK(fetch("GET", complaint + "/complaint", {}, token).status == 503);
  CHECK(fetch("GET", complaint + "/complaint", {}, token).status == 200);
}

TEST_CASE("an office's form passes complaints on signed, as one message however often") {
  SandboxProcess office("office");
  Bridge bridge;
  bridge.refuse_next(1);
  office.order("POST", "/forms",
               R"({"as":"warga-1","text":"Air mati","bridge":")" + bridge.channel() + "\"}");
  REQUIRE(eventually([&] { return bridge.taken().size() == 1; }));
  const auto body = Json::parse(bridge.taken()[0].body).value();
  CHECK(body.text("type") == "complaint");
  CHECK(body.find("data")->text("text") == "Air mati");
  CHECK(body.find("data")->find("author")->text("id") == "warga-1");
  const auto lines = office.order("GET", "/forms").find("lines")->array;
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text("person") == "warga-1");
}

}  // namespace
}  // namespace kanal::test
