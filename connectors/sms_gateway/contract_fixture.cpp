#include <algorithm>

#include "format/encode.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

/// Kannel's sendsms as the connector's HTTP client would show it; the real one is in the journeys.
class Kannel final : public contract::HttpFarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "provider = \"kannel\"\nsecret = " +
           contract::secret_in("KANAL_CONTRACT_GATEWAY_SECRET") +
           "\nuser = \"bridge\"\npassword = " +
           contract::secret_in("KANAL_CONTRACT_GATEWAY_PASSWORD") +
           "\nsource = \"1708\"\nsend_url = \"http://127.0.0.1:13013/cgi-bin/sendsms\"\n"
           "private_network = true\n"
           "public_url = \"https://lapor.test/in/sms\"\n";
  }
  [[nodiscard]] Delivery delivery(const Letter& letter) const override {
    Delivery delivery;
    delivery.method = "POST";
    delivery.path = contract::k_secret;
    delivery.query = query_of(letter);
    delivery.headers = {{"content-type", "text/plain; charset=\"UTF-8\""}};
    delivery.body = letter.text;
    return delivery;
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    return "POST " + query_of(letter) +
           "\nContent-Type: text/plain; charset=UTF-8\nAt: 2026-03-02T03:00:00Z\n\n" + letter.text;
  }
  [[nodiscard]] std::string address() const override { return "+628123456789"; }

 private:
  static std::string query_of(const Letter& letter) {
    return "from=" + percent_encode('+' + contract::number_of(letter.author)) +
           "&to=1708&id=" + percent_encode(letter.id) + "&ts=1772420400&coding=0&charset=UTF-8";
  }
  [[nodiscard]] HttpReply refusal() const override {
    return {403, {}, "Authorization failed for sendsms"};
  }
  [[nodiscard]] HttpReply patience() const override {
    return {503, {}, "Temporal failure, try again later."};
  }
  HttpReply answer(const HttpCall& call) override {
    const bool has_receiver = std::ranges::count(call.headers, std::string("X-Kannel-To"),
                                                 &std::pair<std::string, std::string>::first) > 0;
    if (!has_receiver) return HttpReply{400, {}, "Empty receiver number not allowed"};
    take(call.body);
    return HttpReply{202, {}, "0: Accepted for delivery"};
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> sms_gateway_far_side();
std::unique_ptr<contract::FarSide> sms_gateway_far_side() {
  return std::make_unique<Kannel>();
}

}  // namespace kanal
