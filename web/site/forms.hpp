#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "web/site/pages.hpp"
#include "web/site/site.hpp"

namespace kanal::site {

struct StandingForm {
  const SiteParts::Entrance* entrance = nullptr;
  FormSummary summary;
};

/// The forms that the site shows, one of each name, with titles in this language; the one that
/// stands at /report comes first.
std::vector<StandingForm> standing_forms(std::span<const SiteParts::Entrance> entrances,
                                         std::string_view language);

/// What the front page offers of them.
Doors doors_to(std::span<const StandingForm> forms);

}  // namespace kanal::site
