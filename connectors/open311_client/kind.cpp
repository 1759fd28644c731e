#include "connectors/kind.hpp"

#include "connectors/far_system.hpp"
#include "connectors/open311_client/open311_client.hpp"

namespace kanal {
namespace {

open311_client::Settings read_open311_client(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<open311_client::Settings>(table, problems);
  if (problems.size() == before) {
    check_far_url(table, settings, problems);
  }
  return settings;
}

class Open311ClientKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "open311_client"; }
  [[nodiscard]] std::string_view about() const override {
    return "An office's own Open311 system, which reports are handed over to.";
  }
  [[nodiscard]] Description settings() const override {
    return described<open311_client::Settings>();
  }
  void check(const Table& settings, Problems& problems) const override {
    read_open311_client(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_open311_client(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return TRY(open311_client::Open311Client::create(channel, std::move(read_settings), around));
  }
};

}  // namespace

const Kind& open311_client_kind();
const Kind& open311_client_kind() {
  static const Open311ClientKind kind;
  return kind;
}

}  // namespace kanal
