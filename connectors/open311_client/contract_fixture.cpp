#include <algorithm>
#include <cstdlib>

#include "format/encode.hpp"
#include "format/spark.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

constexpr auto k_variable = "KANAL_CONTRACT_OPEN311_CLIENT_KEY";

/// An endpoint as the connector's HTTP client would show it; a real one is in the journeys.
class Endpoint final : public contract::HttpFarSide {
 public:
  Endpoint() { ::setenv(k_variable, contract::k_secret.data(), 1); }

  [[nodiscard]] std::string settings() const override {
    return std::string("url = \"https://putr.example/open311\"\napi_key = \"env:") + k_variable +
           "\"\nservice_code = \"1\"\nlists_all = true\n";
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    JsonWriter out;
    out.begin_object().member("id", letter.id).member("key", "41.3.7.putr");
    out.member("event", "answer").member("words", letter.text);
    out.member("at", "2026-03-02T03:00:00Z").end_object();
    return out.take();
  }
  [[nodiscard]] std::string address() const override { return "putr"; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    return static_cast<std::size_t>(std::ranges::count_if(
        taken_, [&](const std::string& each) { return each.starts_with(reply.text + '\n'); }));
  }

 private:
  HttpReply answer(const HttpCall& call) override {
    if (call.url.find("/services") != std::string::npos) {
      return HttpReply{
          200, {}, "<services><service><service_code>1</service_code></service></services>"};
    }
    const bool posted = call.method == "POST";
    if (posted) {
      for (const auto& [name, value] : parse_form(call.body)) {
        if (name == "description") taken_.push_back(value);
      }
    }
    SparkWriter out(Markup::xml);
    out.begin_list("service_requests", "request");
    for (std::size_t i = posted ? taken_.size() - 1 : 0; i < taken_.size(); ++i) {
      out.begin_record().member("service_request_id", static_cast<int>(i) + 1);
      out.member("description", taken_[i]).end_record();
    }
    return HttpReply{200, {}, out.end_list().take()};
  }

  std::vector<std::string> taken_;
};

}  // namespace

std::unique_ptr<contract::FarSide> open311_client_far_side();
std::unique_ptr<contract::FarSide> open311_client_far_side() {
  return std::make_unique<Endpoint>();
}

}  // namespace kanal
