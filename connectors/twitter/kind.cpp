#include "connectors/kind.hpp"

#include "connectors/twitter/twitter.hpp"

namespace kanal {
namespace {

twitter::Settings read_twitter(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<twitter::Settings>(table, problems);
  if (problems.size() == before) {
    for (auto& [key, message] : twitter::wrong_settings(settings)) {
      problems.push_back(table.problem(key, std::move(message)));
    }
  }
  return settings;
}

class TwitterKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "twitter"; }
  [[nodiscard]] std::string_view about() const override {
    return "An X (Twitter) account: posts that call it, and its direct messages.";
  }
  [[nodiscard]] Description settings() const override { return described<twitter::Settings>(); }
  [[nodiscard]] Manner manner() const override {
    return {.length = Length::medium, .links = false, .in_public = true};
  }
  void check(const Table& settings, Problems& problems) const override {
    read_twitter(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_twitter(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return TRY(twitter::Twitter::create(channel, std::move(read_settings), around));
  }
};

}  // namespace

const Kind& twitter_kind();
const Kind& twitter_kind() {
  static const TwitterKind kind;
  return kind;
}

}  // namespace kanal
