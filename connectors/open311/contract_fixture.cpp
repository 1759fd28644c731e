#include "format/encode.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

/// An application pushes; what becomes of its requests it looks up with us.
class CityApplication final : public contract::FarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "contact = \"open311@example.go.id\"\n"
           "[applications.jalanku]\nkey = " +
           contract::secret_in("KANAL_CONTRACT_OPEN311") + "\n";
  }
  void set(contract::Fault /*fault*/) override {}
  [[nodiscard]] bool polls() const override { return false; }
  [[nodiscard]] bool sends_out() const override { return false; }
  [[nodiscard]] Delivery delivery(const contract::Letter& letter) const override {
    return {"POST",
            "requests.json",
            "",
            {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
            "api_key=" + std::string(secret()) + "&" + raw(letter),
            "192.0.2.7"};
  }
  [[nodiscard]] std::string raw(const contract::Letter& letter) const override {
    return "service_code=street_light&lat=-8.112&long=115.088&account_id=" +
           percent_encode(letter.author) + "&description=" + percent_encode(letter.text);
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> open311_far_side();
std::unique_ptr<contract::FarSide> open311_far_side() {
  return std::make_unique<CityApplication>();
}

}  // namespace kanal
