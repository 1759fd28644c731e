#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "net/http_server.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/lapor.hpp"

// The systems that offices and forms have of their own, as stand-ins on loopback: they take all
// that they are told, and keep it in the order in which it came.
namespace kanal::test {

/// A server of the far side. Its handlers run one at a time.
class FarServer {
 public:
  using Handle = std::function<Response(const Request&)>;
  explicit FarServer(const std::vector<std::tuple<std::string, std::string, Handle>>& addresses) {
    HttpServerOptions options;
    options.port = 0;
    options.spool = directory_.path();
    std::vector<Route> routes;
    for (const auto& [method, pattern, handle] : addresses) {
      Route route;
      route.method = method;
      route.pattern = pattern;
      if (method == "POST") route.body = BodyKind::raw;
      route.most_bytes = 16U << 20U;
      route.handle = [this, own = handle](const Request& request) {
        const std::scoped_lock lock(mutex_);
        return own(request);
      };
      routes.push_back(std::move(route));
    }
    server_ = HttpServer::start(options, std::move(routes)).value();
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  /// With nobody speaking to it meanwhile.
  template <class Look>
  auto look(Look look) const {
    const std::scoped_lock lock(mutex_);
    return look();
  }

 private:
  TemporaryDirectory directory_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpServer> server_;
};

inline std::string loopback_url(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

/// Signed requests both ways, signed here by hand.
class WebhookSystem {
 public:
  struct Posted {
    std::string id;
    Json body;
  };
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<Posted> taken() const {
    return server_.look([this] { return taken_; });
  }
  /// What it was told about a report, a message that was sent again counted once.
  [[nodiscard]] std::vector<Json> about(const std::string& code) const {
    std::set<std::string> ids;
    std::vector<Json> found;
    for (auto& each : taken()) {
      if (each.body.find("data")->text("code") != code || !ids.insert(each.id).second) continue;
      found.push_back(std::move(each.body));
    }
    return found;
  }
  /// What its channel must be set to.
  static std::string settings(const std::string& channel, std::uint16_t port) {
    ::setenv("KANAL_TEST_WEBHOOK_SECRET", k_secret, 1);
    return "[channel." + channel + "]\nkind = \"webhook\"\n" + settings(port);
  }
  static std::string settings(std::uint16_t port) {
    ::setenv("KANAL_TEST_WEBHOOK_SECRET", k_secret, 1);
    return "url = \"" + loopback_url(port) +
           "/kanal\"\nprivate_network = true\nsecret = \"env:KANAL_TEST_WEBHOOK_SECRET\"\n";
  }
  /// The headers of a request of its own at that time.
  static Headers headers(const std::string& id, Time at, const std::string& body) {
    const auto seconds =
        std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    return {{"webhook-id", id},
            {"webhook-timestamp", seconds},
            {"webhook-signature", sign(id, seconds, body)}};
  }
  static std::string answer(const std::string& key, const std::string& event,
                            const std::string& words) {
    return R"({"type":"office.answer","timestamp":"2026-03-02T08:00:00+08:00","data":{"key":")" +
           key + R"(","event":")" + event + R"(","words":")" + words + R"("}})";
  }

 private:
  static constexpr const char* k_secret = "whsec_cnVwYS1ydXBhLXJhaGFzaWEtbHVhci1iaWFzYS00Mg==";

  static std::string sign(const std::string& id, const std::string& at, const std::string& body) {
    const auto key = from_base64(std::string_view(k_secret).substr(6)).value();
    return "v1," + to_base64(hmac(Hash::sha256, key, id + "." + at + "." + body));
  }
  Response take(const Request& request) {
    const auto id = request.header("webhook-id");
    if (request.header("webhook-signature") !=
        sign(id, request.header("webhook-timestamp"), request.body)) {
      return Response::text(401, "");
    }
    taken_.push_back({id, Json::parse(request.body).value()});
    return Response::text(200, "");
  }
  std::vector<Posted> taken_;
  FarServer server_{{{"POST", "/kanal", [this](const Request& request) { return take(request); }}}};
};

/// LAPOR! on a network.
class Lapor {
 public:
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<Json> complaints() const {
    return server_.look([this] {
      std::vector<Json> bodies;
      for (const auto& each : api_.complaints()) bodies.push_back(each.body);
      return bodies;
    });
  }
  [[nodiscard]] std::size_t taken(const std::string& code) const {
    std::size_t count = 0;
    for (const auto& each : complaints()) {
      count += each.text("content").find(code) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  /// Of all complaints that it has.
  void says(const std::string& status, const std::string& words) {
    server_.look([&] {
      for (const auto& each : api_.complaints()) api_.says(each.number, status, words);
    });
  }

 private:
  Response answer(const Request& request) {
    const auto said = api_.answer(request.method, request.path, request.body);
    return Response::text(said.status, said.body);
  }
  LaporApi api_;
  FarServer server_{{{"POST", "/complaints/complaint",
                      [this](const Request& request) { return answer(request); }},
                     {"GET", "/complaints/{id}/complaint",
                      [this](const Request& request) { return answer(request); }},
                     {"GET", "/complaints/{id}/followups",
                      [this](const Request& request) { return answer(request); }}}};
};

/// A city's Open311 endpoint, which lists all that it has whatever is asked for.
class City {
 public:
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::size_t taken(const std::string& text) const {
    return server_.look([&] {
      std::size_t count = 0;
      for (const auto& each : taken_) count += each.find(text) != std::string::npos ? 1 : 0;
      return count;
    });
  }
  /// As it stands in the answer to the next request.
  [[nodiscard]] std::string next_number() const {
    return server_.look([this] { return "N-" + std::to_string(taken_.size() + 1) + "<"; });
  }
  /// Of all requests, from now on.
  void says(const std::string& status, const std::string& words) {
    server_.look([&] {
      status_ = status;
      words_ = words;
    });
  }

 private:
  Response take(const Request& request) {
    for (const auto& [name, value] : parse_form(request.body).value_or(FormFields())) {
      if (name == "description") taken_.push_back(value);
    }
    return Response::text(200, "<service_requests><request><service_request_id>N-" +
                                   std::to_string(taken_.size()) +
                                   "</service_request_id></request></service_requests>");
  }
  Response list() {
    std::string all = "<service_requests>";
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      all += "<request><service_request_id>N-" + std::to_string(i + 1) +
             "</service_request_id><status>" + status_ + "</status><status_notes>" + words_ +
             "</status_notes><description>" + taken_[i] + "</description></request>";
    }
    return Response::text(200, all + "</service_requests>");
  }
  std::vector<std::string> taken_;
  std::string status_ = "open";
  std::string words_;
  FarServer server_{
      {{"POST", "/open311/v2/{resource}", [this](const Request& request) { return take(request); }},
       {"GET", "/open311/v2/{resource}", [this](const Request&) { return list(); }}}};
};

}  // namespace kanal::test
