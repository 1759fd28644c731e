#include "format/encode.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

/// A form has no far side but the browser, which the clauses play themselves.
class Browser final : public contract::FarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "least_fill_s = 3\n[forms.pasar]\ntitle_id = \"Pengaduan pasar\"\n"
           "fields = [\"subject\", \"category\", \"name\", \"email\"]\n";
  }
  void set(contract::Fault /*fault*/) override {}
  [[nodiscard]] bool polls() const override { return false; }
  [[nodiscard]] bool sends_out() const override { return false; }
  [[nodiscard]] std::string raw(const contract::Letter& letter) const override {
    return "_form=pasar&_id=" + letter.id +
           "&_time=2026-03-02T09:15:00%2B07:00&name=" + percent_encode(letter.author) +
           "&text=" + percent_encode(letter.text);
  }
};

}  // namespace

std::unique_ptr<contract::FarSide> webform_far_side();
std::unique_ptr<contract::FarSide> webform_far_side() {
  return std::make_unique<Browser>();
}

}  // namespace kanal
