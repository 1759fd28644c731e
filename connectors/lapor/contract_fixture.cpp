#include "format/json.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

/// The API as the connector's HTTP client would show it: no server of it runs here.
class Api final : public contract::HttpFarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "url = \"https://lapor.example/3.0.0\"\n[headers]\nX-Key = " +
           contract::secret_in("KANAL_CONTRACT_LAPOR_KEY") + "\n";
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    JsonWriter out;
    out.begin_object().member("id", letter.id).member("key", "41.3.7.lapor");
    out.member("event", "proceed").member("words", letter.text);
    out.member("at", "2026-03-02T03:00:00Z").end_object();
    return out.take();
  }
  [[nodiscard]] std::string address() const override { return "lapor"; }

 private:
  HttpReply answer(const HttpCall& call) override {
    const auto complaint = Json::parse(call.body);
    if (call.method == "GET") return HttpReply{404, {}, "{}"};
    if (!complaint) return HttpReply{400, {}, ""};
    take(complaint->text("content"));
    return HttpReply{
        200, {}, "{\"results\":{\"complaint_id\":" + std::to_string(texts().size()) + "}}"};
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> lapor_far_side();
std::unique_ptr<contract::FarSide> lapor_far_side() {
  return std::make_unique<Api>();
}

}  // namespace kanal
