#include "web/site/forms.hpp"

#include <catch2/catch.hpp>

namespace kanal::site {
namespace {

class Host final : public FormHost {
 public:
  explicit Host(std::vector<FormSummary> forms) : forms_(std::move(forms)) {}
  [[nodiscard]] std::vector<FormSummary> forms(std::string_view /*language*/) const override {
    return forms_;
  }
  [[nodiscard]] std::optional<FormView> blank(std::string_view /*form*/,
                                              std::string_view /*language*/,
                                              Time /*now*/) const override {
    return {};
  }
  FormOutcome submit(const FormSubmission& /*submission*/) override { return FormView{}; }
  [[nodiscard]] FormView again(const FormSubmission& /*submission*/) const override { return {}; }

 private:
  std::vector<FormSummary> forms_;
};

const FormSummary k_general{"umum", "Pengaduan umum", true};
const FormSummary k_water{"air", "Air minum", true};
const FormSummary k_road{"jalan", "Jalan rusak", false};
const FormSummary k_light{"lampu", "Lampu jalan", false};
const FormSummary k_usual{"report", "Pengaduan", true};

std::string names_of(const std::vector<FormSummary>& forms) {
  std::string names;
  for (const auto& form : forms) names += form.name + " ";
  return names;
}

/// The form at /report, whether the front page's button leads there, and those named below it.
std::string laid_out(std::vector<FormSummary> first, std::vector<FormSummary> second = {}) {
  Host one(std::move(first));
  Host two(std::move(second));
  const std::vector<SiteParts::Entrance> entrances{{ChannelName("form"), &one},
                                                   {ChannelName("desa"), &two}};
  const auto forms = standing_forms(entrances, "id");
  const auto doors = doors_to(forms);
  return (forms.empty() ? "none" : forms.front().summary.name) +
         (doors.leads_on ? " button: " : ": ") + names_of(doors.named);
}

TEST_CASE("at /report stands the form of that name, else one for everything, else the first") {
  CHECK(laid_out({k_road, k_usual, k_general}) == "report button: jalan umum ");
  CHECK(laid_out({k_road, k_water}, {k_general}) == "air button: jalan umum ");
  CHECK(laid_out({k_road}, {k_usual}) == "report button: jalan ");
  CHECK(laid_out({k_road}) == "jalan button: ");
  CHECK(laid_out({}) == "none: ");
}

TEST_CASE("where no form is for everything, the front page leads to none of its own accord") {
  CHECK(laid_out({k_road, k_light}) == "jalan: jalan lampu ");
}

TEST_CASE("of two forms of one name the first is shown alone") {
  auto other = k_usual;
  other.title = "Lain";
  CHECK(laid_out({k_usual}, {other}) == "report button: ");
}

}  // namespace
}  // namespace kanal::site
