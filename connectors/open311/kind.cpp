#include "connectors/kind.hpp"

#include <algorithm>

#include "connectors/open311/open311.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_least_key_bytes = 16;

open311::Settings read_open311(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<open311::Settings>(table, problems);
  if (problems.size() == before) {
    for (auto& [key, message] : open311::wrong_settings(settings)) {
      problems.push_back(table.problem(key, std::move(message)));
    }
  }
  return settings;
}

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

class Open311Kind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "open311"; }
  [[nodiscard]] std::string_view about() const override {
    return "Mobile applications and other systems, by the Open311 GeoReport v2 API below "
           "`/open311/v2`.";
  }
  [[nodiscard]] Description settings() const override { return described<open311::Settings>(); }
  [[nodiscard]] Manner manner() const override { return {.answers = false, .sender_ids = true}; }
  void check(const Table& settings, Problems& problems) const override {
    read_open311(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_open311(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    auto applications = applications_of(read_settings, around.keys);
    if (!applications) {
      return fail(applications.error().remedy,
                  "channel " + channel.value() + ": " + applications.error().message);
    }
    return std::make_unique<open311::Open311>(std::move(read_settings), std::move(*applications),
                                              around);
  }
};

}  // namespace

const Kind& open311_kind();
const Kind& open311_kind() {
  static const Open311Kind kind;
  return kind;
}

}  // namespace kanal
