#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/office.hpp"
#include "connectors/open311_client/settings.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"
#include "format/spark_reader.hpp"
#include "net/http_client.hpp"

// What is written to another GeoReport v2 endpoint, and what its answers say. Pure.
namespace kanal::open311_client {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What the other system calls a report: the id of its request, or the token that stands for one.
struct Name {
  std::string id;
  std::string token;
};
/// Whether another system may call a request so: printable, and short enough for an address.
bool is_name(std::string_view text);
ExternalId print_name(const Name& name);
std::optional<Name> parse_name(const ExternalId& id);

/// GeoReport v2 "POST Service Request", without the key. Nobody's name stands in it. `earlier`: of
/// a request about the same report.
Fields request_fields(const Reply& reply, const std::optional<Name>& earlier,
                      const Settings& settings, std::chrono::minutes utc_offset);
/// "POST Service Request Update" of mySociety's extension, without the key.
Fields update_fields(const Reply& reply, const OfficeNotice& notice, std::string_view request_id,
                     const Settings& settings, Time now);

/// What the answer to a posted request says: its name there. `uncertain`: it may have been made.
Result<Name> read_created(const HttpReply& answer);
/// The faults that an answer tells, in one line.
std::string faults_of(const HttpReply& answer);

/// What a request's status is to its report here, and the words that go with it; without any of the
/// office's own, ours in the language.
struct Standing {
  std::string event;  ///< as OfficeWord::event
  std::string words;
  /// It says only that the request is listed, which moves a report that was done, and no other.
  bool listed_only = false;
};
Standing read_standing(const SparkRecord& request, std::string_view language);

}  // namespace kanal::open311_client
