#include "connectors/standard_webhook.hpp"
#include "format/json.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

constexpr auto k_at = "1772420400";

/// An office's system as the connector's HTTP client would show it; a real one is in the journeys.
class System final : public contract::HttpFarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "url = \"https://putr.example/kanal\"\nsecret = " +
           contract::secret_in("KANAL_CONTRACT_WEBHOOK_SECRET") + "\n";
  }
  [[nodiscard]] Delivery delivery(const Letter& letter) const override {
    Delivery delivery;
    delivery.method = "POST";
    delivery.body = body_of(letter);
    delivery.headers = {{"webhook-id", letter.id},
                        {"webhook-timestamp", k_at},
                        {"webhook-signature", standard_signature(std::string(contract::k_secret),
                                                                 letter.id, k_at, delivery.body)}};
    return delivery;
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    return letter.id + '\n' + body_of(letter);
  }
  [[nodiscard]] bool knows_again() const override { return true; }
  [[nodiscard]] std::string address() const override { return "warga-17"; }

 private:
  static std::string body_of(const Letter& letter) {
    JsonWriter out;
    out.begin_object().member("type", "complaint").member("timestamp", "2026-03-02T03:00:00Z");
    out.key("data").begin_object().member("text", letter.text);
    out.key("author").begin_object().member("id", letter.author).end_object();
    out.end_object().end_object();
    return out.take();
  }
  HttpReply answer(const HttpCall& call) override {
    const auto message = Json::parse(call.body);
    if (!message) return HttpReply{400, {}, ""};
    if (const auto* data = message->find("data")) take(data->text("text"));
    return HttpReply{204, {}, ""};
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> webhook_far_side();
std::unique_ptr<contract::FarSide> webhook_far_side() {
  return std::make_unique<System>();
}

}  // namespace kanal
