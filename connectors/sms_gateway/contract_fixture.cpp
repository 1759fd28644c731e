#include <algorithm>
#include <cstdlib>

#include "format/encode.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

constexpr auto k_secret_variable = "KANAL_CONTRACT_GATEWAY_SECRET";
constexpr auto k_password_variable = "KANAL_CONTRACT_GATEWAY_PASSWORD";

std::string number_of(const std::string& author) {
  unsigned sum = 0;
  for (const char c : author) sum = sum * 31U + static_cast<unsigned char>(c);
  return "+62812" + std::to_string(1'000'000U + sum % 9'000'000U);
}

/// Kannel's sendsms as the connector's HTTP client would show it; the real one is in the journeys.
class Kannel final : public contract::HttpFarSide {
 public:
  Kannel() {
    ::setenv(k_secret_variable, contract::k_secret.data(), 1);
    ::setenv(k_password_variable, contract::k_secret.data(), 1);
  }

  [[nodiscard]] std::string settings() const override {
    return std::string("provider = \"kannel\"\nsecret = \"env:") + k_secret_variable +
           "\"\nuser = \"bridge\"\npassword = \"env:" + k_password_variable +
           "\"\nsource = \"1708\"\nsend_url = \"http://127.0.0.1:13013/cgi-bin/sendsms\"\n"
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
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    return static_cast<std::size_t>(std::ranges::count(taken_, reply.text));
  }

 private:
  static std::string query_of(const Letter& letter) {
    return "from=" + percent_encode(number_of(letter.author)) +
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
    taken_.push_back(call.body);
    return HttpReply{202, {}, "0: Accepted for delivery"};
  }

  std::vector<std::string> taken_;
};

}  // namespace

std::unique_ptr<contract::FarSide> sms_gateway_far_side();
std::unique_ptr<contract::FarSide> sms_gateway_far_side() {
  return std::make_unique<Kannel>();
}

}  // namespace kanal
