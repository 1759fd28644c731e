#include "connectors/email/email.hpp"

#include "connectors/email/tokens.hpp"
#include "connectors/email/translate.hpp"
#include "core/text.hpp"

namespace kanal::email {

struct Email::Inside {
  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  Translation translation;
};

Email::Email(ChannelName channel, Settings settings, const Surroundings& around)
    : inside_(
          new Inside{std::move(channel), settings, around, Translation(settings, around.keys)}) {}

Email::~Email() = default;

Result<Batch> Email::poll(const Cursor& since, Budget /*budget*/) {
  Batch batch;
  batch.next = since;
  return batch;
}

Result<> Email::committed(const Batch& /*batch*/) {
  return {};
}

std::vector<Result<Receipt>> Email::send(std::span<const Reply> replies) {
  std::vector<Result<Receipt>> results;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    results.emplace_back(fail(Remedy::retry, "mail cannot be sent yet"));
  }
  return results;
}

Result<Batch> Email::translate(std::string_view raw) const {
  Batch batch;
  inside_->translation.add(std::string(raw), std::nullopt, batch);
  if (!batch.unreadable.empty()) return fail(Remedy::drop, batch.unreadable.front().reason);
  return batch;
}

std::vector<ProbeStep> Email::probe(std::string_view /*send_to*/) {
  return {};
}

std::vector<std::pair<std::string, std::string>> wrong_settings(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> wrong;
  if (!is_plain_address(settings.address)) {
    wrong.emplace_back("address", "must be a mail address (\"lapor@contoh.go.id\")");
  }
  return wrong;
}

}  // namespace kanal::email
