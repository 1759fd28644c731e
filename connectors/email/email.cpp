#include "connectors/email/email.hpp"

#include "connectors/email/reader.hpp"
#include "connectors/email/sender.hpp"
#include "connectors/email/translate.hpp"
#include "connectors/probe_steps.hpp"

namespace kanal::email {

struct Email::Inside {
  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  Translation translation;
  Reader reader;
  Sender sender;

  Inside(ChannelName name, Settings given, const Surroundings& surroundings)
      : channel(std::move(name)),
        settings(std::move(given)),
        around(surroundings),
        translation(settings, around.keys),
        reader(channel, settings, around, translation),
        sender(settings, around) {}
};

Email::Email(ChannelName channel, Settings settings, const Surroundings& around)
    : inside_(new Inside(std::move(channel), std::move(settings), around)) {}

Email::~Email() {
  rest();
}

void Email::rest() {
  inside_->reader.close();
  inside_->sender.close();
}

Result<Batch> Email::poll(const Cursor& since, Budget budget) {
  return inside_->reader.poll(since, budget);
}

Result<> Email::committed(const Batch& batch) {
  return inside_->reader.committed(batch);
}

Result<Batch> Email::backfill(const Stretch& stretch, const Cursor& since, Budget budget) {
  return inside_->reader.backfill(stretch, since, budget);
}

std::vector<Result<Receipt>> Email::send(std::span<const Reply> replies) {
  return inside_->sender.send(replies);
}

Result<Batch> Email::translate(std::string_view raw) const {
  if (raw.size() > static_cast<std::size_t>(inside_->settings.most_mail_bytes)) {
    return fail(Remedy::drop, "the mail is larger than most_mail_bytes allows");
  }
  Batch batch;
  inside_->translation.add(std::string(raw), std::nullopt, batch);
  if (!batch.unreadable.empty()) return fail(Remedy::drop, batch.unreadable.front().reason);
  // Neither the mail says when nor a server.
  for (auto& post : batch.posts) {
    if (post.posted_at == Time{}) post.posted_at = inside_->around.clock.now();
  }
  return batch;
}

std::vector<ProbeStep> Email::probe(std::string_view send_to) {
  auto& inside = *inside_;
  const auto& settings = inside.settings;
  std::vector<ProbeStep> steps;
  rest();
  if (note_step(steps,
                "log in to " + settings.imap.host + " and open the folder " + settings.folder,
                inside.reader.connect())) {
    note_step(steps, "read the list of mails", inside.reader.try_listing());
  }
  const bool is_ready =
      note_step(steps, "log in to " + settings.smtp.host + " for sending", inside.sender.connect());
  if (!is_ready || send_to.empty()) return steps;
  Reply reply;
  reply.key = "0.0.probe-" + std::to_string(inside.around.clock.now().time_since_epoch().count());
  reply.address = std::string(send_to);
  reply.subject = "Kanal: percobaan / test";
  reply.text = "Surat ini dikirim untuk mencoba saluran \"" + inside.channel.value() +
               "\".\nThis mail was sent to test that channel.\n";
  note_step(steps, "send a mail", inside.sender.hand_over(reply));
  return steps;
}

}  // namespace kanal::email
