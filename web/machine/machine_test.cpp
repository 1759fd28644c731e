#include <atomic>

#include <catch2/catch.hpp>

#include "format/json.hpp"
#include "web/web_fixture.hpp"

namespace kanal::testing {
namespace {

/// Takes one post a request; a body that names a remedy is refused by it.
class Gateway final : public Receiver {
 public:
  explicit Gateway(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] int asked() const { return asked_; }
  Result<Received> receive(const Delivery& delivery) const override {
    ++asked_;
    if (delivery.body == "drop") return fail(Remedy::drop, "This is not a message.");
    if (delivery.body == "reconfigure") return fail(Remedy::reconfigure, "The signature is wrong.");
    if (delivery.body == "throttled") {
      return fail(Remedy::throttled, "Too fast.", std::chrono::milliseconds(2'500));
    }
    if (delivery.body == "retry") return fail(Remedy::retry, "Not now.");
    Received received;
    received.answer = {202, "application/xml", "<ok/>"};
    if (delivery.method == "GET") {
      received.answer = {200, "text/plain", delivery.path + "?" + delivery.query};
      return received;
    }
    if (delivery.body == "unreadable") {
      received.unreadable.push_back({ExternalId("u1"), delivery.body, "no text in it"});
      return received;
    }
    Post post;
    post.id = ExternalId(delivery.body);
    post.author.id = ExternalId("+6281200000000");
    post.text = "Lampu jalan mati di Jalan Gajah Mada, pesan " + delivery.body;
    post.posted_at = clock_.now();
    received.posts.push_back(std::move(post));
    return received;
  }

 private:
  const Clock& clock_;
  mutable std::atomic<int> asked_{0};
};

/// Takes whatever comes, of any length, and makes nothing of it.
class Forms final : public Receiver {
 public:
  Result<Received> receive(const Delivery& /*delivery*/) const override {
    Received received;
    received.answer.status = 202;
    return received;
  }
  [[nodiscard]] std::uint64_t most_body_bytes() const override { return 64U << 20U; }
};

struct Machines : WebWorld {
  Gateway gateway{clock};
  Forms forms;
  Machines() {
    ChannelRules rules;
    rules.name = ChannelName("sms");
    intake->know(rules);
    auto with = parts();
    with.channels.push_back({ChannelName("sms"), "sms", &gateway, nullptr, true});
    with.channels.push_back({ChannelName("forms"), "webhook", &forms, nullptr, true});
    with.channels.push_back({ChannelName("mail"), "email", nullptr, nullptr, true});
    with.ready = [this]() -> Result<> {
      auto channels = store->channels();
      if (!channels) return tl::unexpected(channels.error());
      return {};
    };
    serve(machine_routes(std::move(with)));
  }
  ~Machines() { close(); }
};

std::int64_t status_in(const HttpReply& reply) {
  CHECK(reply.header("content-type") == "application/problem+json");
  const auto json = Json::parse(reply.body);
  REQUIRE(json);
  CHECK_FALSE(json->text("reference").empty());
  CHECK_FALSE(json->text("detail").empty());
  const auto* status = json->find("status");
  return status == nullptr ? 0 : status->integer;
}

TEST_CASE("a delivery is answered as its channel wants once it is stored") {
  Machines machines;
  const auto reply = machines.ask("POST", "/in/sms", "m1");
  CHECK(reply.status == 202);
  CHECK(reply.body == "<ok/>");
  CHECK(reply.header("content-type") == "application/xml");
  PostFilter filter;
  filter.external_id = "m1";
  const auto posts = machines.store->find_posts(filter).value();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].fate == Fate::report);
}

TEST_CASE("a delivery that cannot be stored is not said to be taken") {
  Machines machines;
  machines.database.close();
  const auto reply = machines.ask("POST", "/in/sms", "m1");
  CHECK(reply.status == 503);
  CHECK(status_in(reply) == 503);
  CHECK_FALSE(reply.header("retry-after").empty());
}

TEST_CASE("a delivery that comes twice is taken twice and stored once") {
  Machines machines;
  CHECK(machines.ask("POST", "/in/sms", "m1").status == 202);
  CHECK(machines.ask("POST", "/in/sms", "m1").status == 202);
  CHECK(machines.store->find_posts({}).value().size() == 1);
}

TEST_CASE("a delivery longer than its channel takes is refused for good before it is read") {
  Machines machines;
  for (const auto* const address : {"/in/sms", "/in/sms/status"}) {
    CHECK(machines.ask("POST", address, std::string((256U << 10U) + 1, 'x')).status == 413);
  }
  CHECK(machines.gateway.asked() == 0);
  CHECK(machines.ask("POST", "/in/forms", std::string((256U << 10U) + 1, 'x')).status == 202);
  // However much its receiver would take, it must fit into what one address may hold.
  CHECK(machines.ask("POST", "/in/forms", std::string((15U << 20U) + 1, 'x')).status == 413);
  CHECK(machines.ask("POST", "/in/sms", "m1").status == 202);
}

TEST_CASE("a delivery that its channel cannot read is kept in quarantine and answered") {
  Machines machines;
  CHECK(machines.ask("POST", "/in/sms", "unreadable").status == 202);
  const auto kept = machines.store->quarantine({std::nullopt, 10}).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].reason == "no text in it");
}

TEST_CASE("a channel's refusal becomes the status that its caller understands") {
  Machines machines;
  const auto [said, status] =
      GENERATE(table<std::string, int>({{"drop", 400}, {"reconfigure", 403}, {"retry", 503}}));
  const auto reply = machines.ask("POST", "/in/sms", said);
  CHECK(reply.status == status);
  CHECK(status_in(reply) == status);
}

TEST_CASE("a caller that is too fast is told how long to wait") {
  Machines machines;
  const auto reply = machines.ask("POST", "/in/sms", "throttled");
  CHECK(reply.status == 429);
  CHECK(reply.header("retry-after") == "3");
}

TEST_CASE("a challenge is answered with what stands behind the channel's name") {
  Machines machines;
  const auto reply = machines.ask("GET", "/in/sms/verify/me?token=1");
  CHECK(reply.status == 200);
  CHECK(reply.body == "verify/me?token=1");
}

TEST_CASE("a channel that takes no webhooks has no address here") {
  Machines machines;
  CHECK(machines.ask("POST", "/in/mail", "m1").status == 404);
  CHECK(machines.ask("POST", "/in/other", "m1").status == 404);
  CHECK(status_in(machines.ask("POST", "/in/other", "m1")) == 404);
}

TEST_CASE("the process is alive without its database, and ready only with it") {
  Machines machines;
  CHECK(machines.ask("GET", "/healthz").status == 200);
  CHECK(machines.ask("GET", "/readyz").status == 200);
  machines.database.close();
  CHECK(machines.ask("GET", "/healthz").status == 200);
  const auto reply = machines.ask("GET", "/readyz");
  CHECK(reply.status == 503);
  CHECK(status_in(reply) == 503);
  const auto told = Json::parse(reply.body).value().text("detail");
  CHECK(told == "The service is busy: try again in a moment.");
  const auto delivery = machines.ask("POST", "/in/sms", "m1");
  CHECK(delivery.status == 503);
  CHECK(Json::parse(delivery.body).value().text("detail") == told);
}

}  // namespace
}  // namespace kanal::testing
