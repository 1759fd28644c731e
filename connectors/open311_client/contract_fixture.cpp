#include "format/encode.hpp"
#include "format/spark.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

/// An endpoint as the connector's HTTP client would show it; a real one is in the journeys.
class Endpoint final : public contract::HttpFarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "url = \"https://putr.example/open311\"\napi_key = " +
           contract::secret_in("KANAL_CONTRACT_OPEN311_CLIENT_KEY") +
           "\nservice_code = \"1\"\nlists_all = true\n";
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    JsonWriter out;
    out.begin_object().member("id", letter.id).member("key", "41.3.7.putr");
    out.member("event", "answer").member("words", letter.text);
    out.member("at", "2026-03-02T03:00:00Z").end_object();
    return out.take();
  }
  [[nodiscard]] std::string address() const override { return "putr"; }

 private:
  HttpReply answer(const HttpCall& call) override {
    if (call.url.find("/services") != std::string::npos) {
      return HttpReply{
          200, {}, "<services><service><service_code>1</service_code></service></services>"};
    }
    const bool posted = call.method == "POST";
    if (posted) {
      for (const auto& [name, value] : parse_form(call.body).value_or(FormFields())) {
        if (name == "description") take(value);
      }
    }
    SparkWriter out(Markup::xml);
    out.begin_list("service_requests", "request");
    for (std::size_t i = posted ? texts().size() - 1 : 0; i < texts().size(); ++i) {
      out.begin_record().member("service_request_id", static_cast<int>(i) + 1);
      out.member("description", texts()[i]).end_record();
    }
    return HttpReply{200, {}, out.end_list().take()};
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> open311_client_far_side();
std::unique_ptr<contract::FarSide> open311_client_far_side() {
  return std::make_unique<Endpoint>();
}

}  // namespace kanal
