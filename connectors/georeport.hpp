#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/connector.hpp"
#include "format/spark.hpp"
#include "net/http_server.hpp"

// What the two sides of an Open311 GeoReport v2 endpoint share: the connector that reads what
// applications post, and the addresses below /open311/v2 that show them what became of it.
namespace kanal {

namespace georeport {

/// What can be posted to, and how much at once.
inline constexpr std::string_view k_requests = "requests";
inline constexpr std::string_view k_updates = "servicerequestupdates";
inline constexpr std::size_t k_most_body_bytes = 64U << 10U;

/// One error of an answer (GeoReport v2 "Errors"): 403 for keys, 404 for what is not there, else
/// 400. The description is meant for the application's user.
struct Fault {
  int status = 400;
  std::string description;
};

/// A resource as it stands below the endpoint: "requests/123.json" is {requests, 123, json}.
struct Target {
  std::string resource;
  std::string id;
  Markup markup = Markup::xml;
  bool is_whole = true;  ///< false: its ending is neither xml nor json, or its id is empty
};
Target parse_target(std::string_view path);

std::string_view content_type(Markup markup);
/// The faults as a document; the status is the first one's.
Answer refuse(Markup markup, std::span<const Fault> faults);

/// What is wrong with a jurisdiction, which is an agency's id; nothing when it may be so.
std::optional<Fault> check_jurisdiction(const Organisation& organisation, std::string_view id,
                                        bool needed);
/// Whether a complaint of this category can be made there; an empty jurisdiction is everywhere.
bool offers(const Organisation& organisation, const Category& category,
            std::string_view jurisdiction);

}  // namespace georeport

/// What applications are told about an endpoint (Open311 "Service Discovery").
struct GeoReportAbout {
  std::string contact;
  std::string key_service;
  bool is_test = false;
  bool needs_jurisdiction = false;
};

/// Ability: reads what applications post to an Open311 GeoReport v2 endpoint. `Delivery::path` is
/// "requests.FORMAT" or "servicerequestupdates.FORMAT"; what is refused is answered as the standard
/// has it, without posts. An update names its report by `Hints::tracking_code`; that it may join
/// it is the caller's to find out. Safe from any thread.
class GeoReportHost : public Receiver {
 public:
  /// The same for what files came with (multipart/form-data): they are moved away once it is taken.
  [[nodiscard]] virtual Result<Received> receive_with(
      const Delivery& delivery, std::span<const FormPart* const> files) const = 0;
  [[nodiscard]] virtual GeoReportAbout about() const = 0;
  /// Whom an update says that it comes from, as requests of theirs are stored; empty: nobody.
  [[nodiscard]] virtual ExternalId author_of(const Delivery& delivery) const = 0;
  /// Whether it comes with the key of an application.
  [[nodiscard]] virtual bool is_of_application(const Delivery& delivery) const = 0;
  /// Whether two posts of the channel came by the same application.
  [[nodiscard]] virtual bool is_same_application(const ExternalId& one,
                                                 const ExternalId& other) const = 0;
};

}  // namespace kanal
