#include <algorithm>

#include "connectors/kind_of.hpp"
#include "connectors/open311/open311.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_least_key_bytes = 16;

Result<std::vector<open311::Application>> applications_of(const open311::Settings& settings,
                                                          const Keys& keys) {
  std::vector<open311::Application> applications;
  for (const auto& [name, application] : settings.applications) {
    auto key = TRY(application.key.reveal(&keys));
    if (key.size() < k_least_key_bytes) {
      return fail(Remedy::reconfigure,
                  "applications." + name + ".key: an api_key has at least 16 characters");
    }
    if (std::ranges::find(applications, key, &open311::Application::key) != applications.end()) {
      return fail(Remedy::reconfigure,
                  "applications." + name + ".key: two applications have one api_key");
    }
    applications.push_back({name, std::move(key), application.posts_per_minute});
  }
  return applications;
}

Result<std::unique_ptr<Connector>> make(const ChannelName& channel, open311::Settings settings,
                                        const Surroundings& around) {
  auto applications = applications_of(settings, around.keys);
  if (!applications) {
    return fail(applications.error().remedy,
                "channel " + channel.value() + ": " + applications.error().message);
  }
  return std::make_unique<open311::Open311>(std::move(settings), std::move(*applications), around);
}

}  // namespace

const Kind& open311_kind() {
  static const KindOf<open311::Settings> kind({
      .name = "open311",
      .about = "Mobile applications and other systems, by the Open311 GeoReport v2 API below "
               "`/open311/v2`.",
      .title_id = "Open311",
      .manner = {.answers = false, .sender_ids = true},
      .wrong = open311::wrong_settings,
      .make = make,
  });
  return kind;
}

}  // namespace kanal
