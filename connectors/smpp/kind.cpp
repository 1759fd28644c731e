#include "connectors/kind.hpp"

#include "connectors/smpp/smpp.hpp"

namespace kanal {
namespace {

smpp::Settings read_smpp(const Table& table, Problems& problems) {
  return read<smpp::Settings>(table, problems);
}

class SmppKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "smpp"; }
  [[nodiscard]] std::string_view about() const override {
    return "Text messages by an operator's SMSC, over SMPP 3.4.";
  }
  [[nodiscard]] Description settings() const override { return described<smpp::Settings>(); }
  [[nodiscard]] Manner manner() const override {
    return {.length = Length::brief, .hears_itself = true};
  }
  void check(const Table& settings, Problems& problems) const override {
    read_smpp(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_smpp(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return std::make_unique<smpp::Smpp>(channel, std::move(read_settings), around, make_dialer());
  }
};

}  // namespace

const Kind& smpp_kind();
const Kind& smpp_kind() {
  static const SmppKind kind;
  return kind;
}

}  // namespace kanal
