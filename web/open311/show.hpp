#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/georeport.hpp"
#include "core/visibility.hpp"
#include "format/spark.hpp"

// The documents of GeoReport v2. Reports come as what anybody may see of them.
namespace kanal::open311 {

/// In what markup and words, and at which offset from UTC times are shown.
struct Frame {
  const Organisation& organisation;
  Markup markup = Markup::xml;
  std::string language;
  bool extensions = false;
  std::string_view public_url = {};  ///< where files can be had
};

/// `changed_at`: since when services are as they are, so that what is kept of them can be fetched
/// anew.
std::string discovery_document(const Frame& frame, const GeoReportAbout& about,
                               std::string_view public_url, Time changed_at);
std::string services_document(const Frame& frame, std::string_view jurisdiction);
std::string definition_document(const Frame& frame, const Category& category);

/// What a posted request became: `id` its service_request_id, else `token`.
struct Outcome {
  std::string id;
  std::string token;
  std::string notice;
};
std::string outcome_document(Markup markup, const Outcome& outcome);
std::string posted_update_document(Markup markup, std::string_view update_id);

std::string requests_document(const Frame& frame, std::span<const View> views);

/// One line of a report's history that says something to everybody.
struct Update {
  std::string id;  ///< the report's number and the step
  TrackingCode code;
  Time at;
  State state = State::received;
  AgencyId agency;
  UnitId unit;
  std::string words;    ///< empty: the state speaks for itself
  std::string picture;  ///< the first that an office put to it, below the public address
};
/// Oldest first, of those within the times.
std::vector<Update> updates_of(std::span<const View> views, Time from, Time before);
std::string updates_document(const Frame& frame, std::span<const Update> updates);

/// "open" or "closed", all that the standard knows.
std::string_view status_of(State state);
/// The same in mySociety's finer statuses.
std::string_view detailed_status_of(State state);
/// The states that the standard calls open, or closed.
std::vector<State> states_of(bool open);

}  // namespace kanal::open311
