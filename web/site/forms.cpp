#include "web/site/forms.hpp"

#include <algorithm>
#include <set>

namespace kanal::site {

std::vector<StandingForm> standing_forms(std::span<const SiteParts::Entrance> entrances,
                                         std::string_view language) {
  std::vector<StandingForm> forms;
  std::set<std::string> seen;
  for (const auto& entrance : entrances) {
    for (auto& summary : entrance.host->forms(language)) {
      if (seen.insert(summary.name).second) forms.push_back({&entrance, std::move(summary)});
    }
  }
  const auto first = [&](auto fits) {
    return std::ranges::find_if(forms,
                                [&](const StandingForm& form) { return fits(form.summary); });
  };
  auto usual =
      first([](const FormSummary& form) { return form.is_general && form.name == k_usual_form; });
  if (usual == forms.end()) usual = first([](const auto& form) { return form.is_general; });
  if (usual == forms.end())
    usual = first([](const auto& form) { return form.name == k_usual_form; });
  if (usual != forms.end()) std::rotate(forms.begin(), usual, usual + 1);
  return forms;
}

Doors doors_to(std::span<const StandingForm> forms) {
  Doors doors;
  if (forms.empty()) return doors;
  doors.leads_on = forms.size() == 1 || forms.front().summary.is_general;
  // Whom the button leads to a form for everything, the others are named below it.
  for (const auto& form : forms.subspan(doors.leads_on ? 1 : 0)) {
    doors.named.push_back(form.summary);
  }
  return doors;
}

}  // namespace kanal::site
