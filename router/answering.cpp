#include <algorithm>

#include "core/text.hpp"
#include "router/meeting.hpp"
#include "router/moves.hpp"

// What those who wrote, and everybody else of a report, are told of a batch.
namespace kanal {

namespace {

constexpr int k_flood_reports_per_hour = 3;

}  // namespace

// Whether others write to the report in this batch too; the store takes a reply to nobody for one
// to the first of them.
bool Meeting::shared(const Filed& filed, const Change& change) const {
  return change.expected_steps != 0 &&
         std::ranges::any_of(decided_.batch.filed, [&](const Filed& each) {
           return each.change && &decided_.batch.changes[*each.change] == &change &&
                  each.post.author.id != filed.post.author.id;
         });
}

bool Meeting::floods(const Filed& filed, const Evidence& evidence) const {
  const auto here = reports_of_.find(filed.post.author.id.value());
  return evidence.reports_last_hour + (here == reports_of_.end() ? 0 : here->second) >=
         k_flood_reports_per_hour;
}

bool Meeting::may_reply(const Filed& filed, const Evidence& evidence, const Change& change) {
  const auto refuse = [&](std::string why) {
    note("reply", std::move(why), "none", "no reply is owed");
    return false;
  };
  const auto& channel = around_.channel;
  if (!channel.replies) return refuse("this channel is not answered");
  if (const auto& why = filed.post.hints.unanswered; !why.empty()) {
    return refuse("no machine may answer it: " + std::string(clip_utf8(why, 200)));
  }
  if (!evidence.reporter && shared(filed, change)) return refuse("the author is not known here");
  if (!channel.notify_by.empty() && filed.post.author.email.empty()) {
    return refuse("no address was left");
  }
  return true;
}

// Who moves a report by what they say is told so; twice as often even a mail machine does no harm.
std::string_view Meeting::bound_of(const Filed& filed, const Evidence& evidence,
                                   const Change& change, const Occasion& occasion) {
  auto& owed = replies_to_[filed.post.author.id.value()];
  const bool in_thread = change.expected_steps != 0;
  const int room = in_thread && occasion.before.state != occasion.after.state ? 2 : 1;
  const auto sent = evidence.replies_last_hour + owed;
  if (sent >= room * around_.channel.replies_per_hour) return withheld::k_author_had_theirs;
  // Short messages cost money, and whoever sends many knows by the first answer that they arrive.
  const bool acknowledges = !in_thread || occasion.wording == Wording::joined;
  if (around_.channel.length == Length::brief && acknowledges && sent > 0 &&
      floods(filed, evidence)) {
    return withheld::k_sends_many;
  }
  // As the store counts them: what tells the others, or an office, is no answer to a post.
  const auto in_this_batch =
      static_cast<int>(std::ranges::count(change.replies, true, &Owed::acknowledgement));
  if (in_thread &&
      evidence.thread_replies_last_hour + in_this_batch >= room * k_replies_per_thread_and_hour) {
    return withheld::k_thread_had_its_own;
  }
  ++owed;
  return {};
}

void Meeting::owe(Filed& filed, Change& change, const Evidence& evidence, const Occasion& occasion,
                  std::string_view more) {
  if (occasion.wording == Wording::none || !may_reply(filed, evidence, change)) return;
  const auto bound = bound_of(filed, evidence, change, occasion);
  const auto& post = filed.post;
  const auto language = post.language.empty() ? change.after.language : post.language;
  const bool follows = static_cast<bool>(evidence.followed);
  const bool goes_on = !more.empty() && around_.channel.length == Length::full;
  ChannelRules without_link;
  if (goes_on) without_link = around_.channel;
  without_link.links = false;
  const auto& rules = goes_on ? without_link : around_.channel;
  auto worded = follows || evidence.guest
                    ? tell_follower(occasion, language, rules, around_.organisation)
                    : tell(occasion, language, rules, around_.organisation);
  Owed owed;
  owed.step = change.after.steps;
  if (follows) {
    owed.report = evidence.followed;
    owed.step = step_of_follower(change.after);
  }
  owed.to = evidence.reporter;
  owed.channel = around_.channel.name;
  if (!around_.channel.notify_by.empty()) {
    owed.channel = around_.channel.notify_by;
    owed.address = post.author.email;
  } else {
    owed.in_reply_to = post.id;
  }
  owed.language = language;
  // Words of whoever wrote it must not reach somebody else in our name.
  const bool quotable = post.author.proven && !change.after.confidential &&
                        !post.hints.confidential && owed.in_reply_to.has_value();
  owed.subject = quotable ? answer_to(post.hints.subject) : std::string();
  if (owed.subject.empty()) owed.subject = std::move(worded.subject);
  owed.text = std::move(worded.text);
  if (goes_on) {
    owed.text += "\n\n";
    owed.text += more;
  }
  owed.withheld = bound;
  owed.acknowledgement = bound.empty();
  owed.due_at = around_.now;
  change.replies.push_back(std::move(owed));
  if (!bound.empty()) return note("reply", std::string(bound), "none", "the reply is kept back");
  note("reply", "the channel is answered", std::string(name(occasion.wording)),
       "owed in " + (language.empty() ? std::string("id") : language));
}

void Meeting::tell_others(Change& change, const Report& before, const Command& command,
                          const Evidence& evidence, std::optional<Writer> writer) const {
  if (!evidence.contacts) return;
  const auto people = evidence.contacts->find(change.after.id);
  if (people == evidence.contacts->end()) return;
  const auto here = [this](const ChannelName& name) {
    return name == around_.channel.name ? std::optional(around_.channel) : std::nullopt;
  };
  Telling telling{around_.organisation, around_.rules, people->second, std::move(writer)};
  if (!telling.rules) telling.rules = here;
  tell_all(change, before, command, {}, telling);
}

}  // namespace kanal
