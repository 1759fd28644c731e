#include "connectors/kind.hpp"

#include "connectors/far_system.hpp"
#include "connectors/lapor/lapor.hpp"

namespace kanal {
namespace {

lapor::Settings read_lapor(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<lapor::Settings>(table, problems);
  if (problems.size() == before) {
    check_far_url(table, settings, problems);
  }
  return settings;
}

class LaporKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "lapor"; }
  [[nodiscard]] std::string_view about() const override {
    return "A system with the API of SP4N-LAPOR! v3, which reports are handed over to.";
  }
  [[nodiscard]] Description settings() const override { return described<lapor::Settings>(); }
  void check(const Table& settings, Problems& problems) const override {
    read_lapor(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_lapor(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return TRY(lapor::Lapor::create(channel, std::move(read_settings), around));
  }
};

}  // namespace

const Kind& lapor_kind();
const Kind& lapor_kind() {
  static const LaporKind kind;
  return kind;
}

}  // namespace kanal
