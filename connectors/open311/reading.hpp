#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "config/organisation.hpp"
#include "connectors/georeport.hpp"
#include "core/post.hpp"

namespace kanal::open311 {

/// What an application posted: decoded, valid UTF-8, in the order it came.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The fields of a body (application/x-www-form-urlencoded); the error when there are too many.
tl::expected<Fields, georeport::Fault> parse_fields(std::string_view body);
/// The first of that name without blanks around it; empty is the same as absent (GeoReport v2
/// "Optional Arguments").
std::string_view text_of(const Fields& fields, std::string_view name);

/// Who posts and when, besides what the fields say.
struct Occasion {
  const Organisation& organisation;
  std::string application;
  Time now;
  std::string region;  ///< whose national numbers are meant (ISO 3166)
  bool needs_jurisdiction = false;
};

using Reading = tl::expected<Post, std::vector<georeport::Fault>>;

/// GeoReport v2 "POST Service Request": the post without id and payload, or all that is wrong with
/// it. Who asks is not proven.
Reading read_request(const Fields& fields, const Occasion& occasion);
/// "POST Service Request Update" of mySociety's extension, the same way. It names its report by
/// `Hints::tracking_code`; what the application says of the commenter but the name is left out, so
/// that no word of the report is sent there.
Reading read_update(const Fields& fields, const Occasion& occasion);

/// Who the fields say it comes from; the id is empty when they say nobody.
Author author_of(const Fields& fields, std::string_view application, std::string_view region);

}  // namespace kanal::open311
