#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/georeport.hpp"
#include "connectors/kind.hpp"
#include "connectors/open311/settings.hpp"
#include "connectors/unpolled.hpp"
#include "net/throttle.hpp"

namespace kanal::open311 {

/// An application that may post, with the secret that it shows.
struct Application {
  std::string name;
  std::string key;
  std::int64_t posts_per_minute = 600;
};

/// Applications of the Open311 GeoReport v2 API as a channel: their requests are pushed, and a
/// reply is delivered by standing where they look it up. `around` outlives it.
class Open311 final : public Standing, public GeoReportHost, public Translator {
 public:
  Open311(Settings settings, std::vector<Application> applications, const Surroundings& around);

  [[nodiscard]] Result<Received> receive(const Delivery& delivery) const override {
    return receive_with(delivery, {});
  }
  [[nodiscard]] Result<Received> receive_with(
      const Delivery& delivery, std::span<const FormPart* const> files) const override;
  [[nodiscard]] GeoReportAbout about() const override;
  [[nodiscard]] ExternalId author_of(const Delivery& delivery) const override;
  [[nodiscard]] bool is_of_application(const Delivery& delivery) const override;
  [[nodiscard]] bool is_same_application(const ExternalId& one,
                                         const ExternalId& other) const override;

  /// The fields of a request or an update, as Post::payload keeps them; no key is asked for.
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;

 private:
  [[nodiscard]] const Application* application_of(std::string_view key) const;
  [[nodiscard]] std::string mac_of(std::string_view what) const;
  [[nodiscard]] std::optional<georeport::Fault> wrong_files(
      std::string_view resource, std::span<const FormPart* const> files) const;

  Settings settings_;
  std::vector<Application> applications_;
  std::map<std::string, std::unique_ptr<Throttle>> throttles_;  ///< by application
  const Surroundings& around_;
};

WrongSettings wrong_settings(const Settings& settings);

}  // namespace kanal::open311
