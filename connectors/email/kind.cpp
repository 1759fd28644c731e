#include "connectors/kind.hpp"

#include "connectors/email/email.hpp"

namespace kanal {
namespace {

email::Settings read_email(const Table& table, Problems& problems) {
  const auto before = problems.size();
  auto settings = read<email::Settings>(table, problems);
  if (problems.size() == before) {
    for (auto& [key, message] : email::wrong_settings(settings)) {
      problems.push_back(table.problem(key, std::move(message)));
    }
  }
  return settings;
}

class EmailKind final : public Kind {
 public:
  [[nodiscard]] std::string_view name() const override { return "email"; }
  [[nodiscard]] std::string_view about() const override {
    return "A mailbox, read by IMAP and answered by SMTP.";
  }
  [[nodiscard]] Manner manner() const override {
    return {.sender_ids = true, .hears_itself = true};
  }
  [[nodiscard]] Description settings() const override { return described<email::Settings>(); }
  void check(const Table& settings, Problems& problems) const override {
    read_email(settings, problems);
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& settings,
                                            const Surroundings& around) const override {
    Problems problems;
    auto read_settings = read_email(settings, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return std::make_unique<email::Email>(channel, std::move(read_settings), around);
  }
};

}  // namespace

const Kind& email_kind();
const Kind& email_kind() {
  static const EmailKind kind;
  return kind;
}

}  // namespace kanal
