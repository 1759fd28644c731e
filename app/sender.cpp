#include <cstdio>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/json.hpp"
#include "web/ability.hpp"

namespace kanal::app {

namespace {

constexpr int k_most_listed = 1000;

void print_sender(const BlockedSender& sender, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("newest_message", sender.newest_post.value());
    out.member("channel", sender.channel.value());
    out.member("since", print_rfc3339(sender.since));
    out.member("reason", sender.reason).end_object();
    std::printf("%s\n", out.text().c_str());
    return;
  }
  std::printf("%8lld  %-12s  %s  %s\n", static_cast<long long>(sender.newest_post.value()),
              sender.channel.value().c_str(), print_rfc3339(sender.since).c_str(),
              printable_line(sender.reason).c_str());
}

Outcome<int> list_blocked(Store& store, bool json) {
  const auto senders = TRY(or_stop(store.blocked_senders(k_most_listed)));
  for (const auto& each : senders) print_sender(each, json);
  if (senders.empty() && !json) std::puts("Nobody is blocked.");
  return 0;
}

}  // namespace

Outcome<int> sender(const Common& common, const SenderOptions& options) {
  auto home = TRY(Home::open(common, Access::use));
  auto& store = *home->store;
  if (options.act == "list") return list_blocked(store, common.json);
  const auto actor = TRY(actor_of(store, options.as));
  if (!may(actor.role, Ability::block_senders)) return stop(1, "that officer may not block");
  if (trim(options.reason).empty()) return stop(2, "--reason: say why");
  const auto post = TRY(or_stop(store.post(PostId(options.post))));
  if (!post || !post->author) return stop(1, "there is no message of that number");
  TRY(or_stop(
      store.block(post->author, options.act == "block", actor, clip_utf8(options.reason, 500))));
  return 0;
}

}  // namespace kanal::app
