#include "connectors/kind.hpp"

#include <system_error>

#include "connectors/webform/webform.hpp"

namespace kanal {
namespace {

class WebformKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "webform"; }
  [[nodiscard]] std::string_view about() const override {
    return "Forms on the public site, which work without JavaScript.";
  }
  [[nodiscard]] Description settings() const override { return described<webform::Settings>(); }
  [[nodiscard]] Manner manner() const override { return {.answers = false}; }
  void check(const Table& settings, Problems& problems) const override {
    read<webform::Settings>(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read<webform::Settings>(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    std::error_code error;
    std::filesystem::create_directories(around.spool, error);
    if (error) {
      return fail(Remedy::reconfigure, "channel " + channel.value() + ": the directory " +
                                           around.spool.string() +
                                           " cannot be made: " + error.message());
    }
    return std::make_unique<webform::Webform>(std::move(read_settings), around);
  }
};

}  // namespace

const Kind& webform_kind();
const Kind& webform_kind() {
  static const WebformKind kind;
  return kind;
}

}  // namespace kanal
