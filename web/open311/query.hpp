#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "connectors/georeport.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"

namespace kanal::open311 {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Which requests, or updates of requests, are asked for (GeoReport v2 "GET Service Requests").
struct Selection {
  /// Overrides all else; given and empty: none of those named can exist.
  std::optional<std::vector<TrackingCode>> codes;
  std::vector<CategoryId> categories;
  Time from;
  Time before;               ///< the first moment beyond
  std::optional<bool> open;  ///< nothing: both statuses
  AgencyId agency;
  int page = 1;
  int page_size = 1000;
  bool extensions = false;

  [[nodiscard]] int skip() const { return (page - 1) * page_size; }
};

/// Reads the parameters of either list, or says all that is wrong with them. Without dates they are
/// the newest 90 days; with one of them 90 days from there.
tl::expected<Selection, std::vector<georeport::Fault>> read_selection(
    const Parameters& parameters, const Organisation& organisation, bool needs_jurisdiction,
    Time now);

/// The first of that name, without blanks around it.
std::string parameter(const Parameters& parameters, std::string_view name);

}  // namespace kanal::open311
