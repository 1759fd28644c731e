#include <algorithm>
#include <cstdlib>

#include "format/json.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

using contract::Letter;

constexpr auto k_variable = "KANAL_CONTRACT_LAPOR_KEY";

/// The API as the connector's HTTP client would show it: no server of it runs here.
class Api final : public contract::HttpFarSide {
 public:
  Api() { ::setenv(k_variable, contract::k_secret.data(), 1); }

  [[nodiscard]] std::string settings() const override {
    return std::string("url = \"https://lapor.example/3.0.0\"\n[headers]\nX-Key = \"env:") +
           k_variable + "\"\n";
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    JsonWriter out;
    out.begin_object().member("id", letter.id).member("key", "41.3.7.lapor");
    out.member("event", "proceed").member("words", letter.text);
    out.member("at", "2026-03-02T03:00:00Z").end_object();
    return out.take();
  }
  [[nodiscard]] std::string address() const override { return "lapor"; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    return static_cast<std::size_t>(std::ranges::count_if(
        taken_, [&](const std::string& each) { return each.starts_with(reply.text + '\n'); }));
  }

 private:
  HttpReply answer(const HttpCall& call) override {
    const auto complaint = Json::parse(call.body);
    if (!complaint) return HttpReply{400, {}, ""};
    taken_.push_back(complaint->text("content"));
    return HttpReply{
        200, {}, "{\"results\":{\"complaint_id\":" + std::to_string(taken_.size()) + "}}"};
  }

  std::vector<std::string> taken_;
};

}  // namespace

std::unique_ptr<contract::FarSide> lapor_far_side();
std::unique_ptr<contract::FarSide> lapor_far_side() {
  return std::make_unique<Api>();
}

}  // namespace kanal
