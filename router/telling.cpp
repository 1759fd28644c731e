#include "router/telling.hpp"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "router/offices.hpp"
#include "router/replies.hpp"

namespace kanal {

namespace {

/// Somebody to be told, under the name that is nearest to them.
struct Recipient {
  const Contact* contact = nullptr;
  ChannelRules by;
  bool own = false;  ///< the report's own reporter, under whichever name
};

std::optional<Owed> owed_to(const Recipient& recipient, const Change& change,
                            const Occasion& occasion, const Organisation& organisation) {
  const auto& contact = *recipient.contact;
  const auto& by = recipient.by;
  const auto& report = change.after;
  auto worded = recipient.own ? tell(occasion, report.language, by, organisation)
                              : tell_follower(occasion, report.language, by, organisation);
  if (worded.text.empty()) return std::nullopt;
  Owed owed;
  owed.report = contact.report;
  owed.step = contact.follows ? step_of_follower(report) : report.steps;
  owed.channel = by.name;
  owed.to = contact.reporter;
  if (by.name == contact.channel) owed.in_reply_to = contact.newest_post;
  owed.language = report.language;
  const bool quotable = !report.confidential && recipient.own;
  // Programs of mail part a conversation where its subject changes.
  if (quotable) owed.subject = answer_to(contact.subject.empty() ? report.title : contact.subject);
  if (owed.subject.empty()) owed.subject = std::move(worded.subject);
  owed.text = std::move(worded.text);
  // What is said to the reporter alone is kept from those who read along.
  const bool is_private =
      !change.entries.empty() && change.entries.back().audience == Audience::reporter;
  if (by.in_public && recipient.own && is_private) {
    auto for_all = by;
    for_all.own_link = {};
    const Occasion shown{occasion.wording,   occasion.before, occasion.after, {}, {},
                         occasion.other_code};
    owed.public_text = tell(shown, report.language, for_all, organisation).text;
    if (owed.public_text == owed.text) owed.public_text.clear();
  }
  owed.due_at = report.updated_at;
  return owed;
}

bool is_writer(const Contact& contact, const Telling& telling) {
  const auto& writer = telling.writer;
  if (!writer) return false;
  return (writer->reporter && contact.reporter == writer->reporter) ||
         (contact.channel == writer->channel && contact.who == writer->who);
}

// Who left an address on a form and writes from it is known twice, and told once.
std::vector<Recipient> recipients(const Telling& telling, ReporterId reporter, bool by_clock) {
  const auto& contacts = telling.contacts;
  std::map<std::pair<ChannelName, ReporterId>, std::string> addresses;
  for (const auto& contact : contacts) {
    if (!contact.who.empty()) addresses[{contact.channel, contact.reporter}] = contact.who;
  }
  struct Person {
    Recipient recipient;
    bool suspended = false;
    bool knows = false;
  };
  std::map<std::pair<ChannelName, std::string>, Person> people;
  const auto distance = [](const Recipient& each) {
    return std::tuple{each.contact->follows, each.contact->channel != each.by.name,
                      !each.contact->newest_post.has_value()};
  };
  for (const auto& contact : contacts) {
    const auto rules_there = telling.rules(contact.channel);
    if (!rules_there || !rules_there->replies || (contact.quiet && by_clock)) continue;
    const auto by =
        rules_there->notify_by.empty() ? rules_there : telling.rules(rules_there->notify_by);
    if (!by) continue;
    const auto known = addresses.find({by->name, contact.reporter});
    const bool unreachable = by->name != contact.channel && known == addresses.end();
    if (unreachable) continue;
    const auto who =
        known != addresses.end() ? known->second : std::to_string(contact.reporter.value());
    auto& person = people[{by->name, who}];
    const bool own = contact.reporter == reporter && !contact.follows;
    const Recipient recipient{&contact, *by, person.recipient.own || own};
    person.suspended = person.suspended || contact.suspended;
    person.knows = person.knows || is_writer(contact, telling);
    if (person.recipient.contact == nullptr || distance(recipient) < distance(person.recipient)) {
      person.recipient = recipient;
    }
    person.recipient.own = recipient.own;
  }
  std::vector<Recipient> told;
  for (auto& [place, person] : people) {
    if (!person.suspended && !person.knows) told.push_back(std::move(person.recipient));
  }
  return told;
}

}  // namespace

bool is_told(const Report& before, const Command& command) {
  const auto move =
      find_move(before.state, command.event, command.actor.role, !before.agency.empty());
  return move && move->wording != Wording::none;
}

void tell_all(Change& change, const Report& before, const Command& command,
              const TrackingCode& other, const Telling& telling) {
  if (!is_told(before, command)) return;
  const auto move =
      find_move(before.state, command.event, command.actor.role, !before.agency.empty());
  const bool theirs = command.actor.role == Role::reporter;
  const bool asks = command.asks && move->wording == Wording::interim;
  const Occasion occasion{asks ? Wording::asked : move->wording,
                          before,
                          change.after,
                          theirs ? std::string_view() : std::string_view(command.words),
                          theirs ? std::string_view() : std::string_view(command.reason),
                          other.value(),
                          is_superior_told(change)};
  for (const auto& recipient :
       recipients(telling, before.reporter, command.actor.role == Role::system)) {
    if (command.asks && !recipient.own) continue;
    auto owed = owed_to(recipient, change, occasion, telling.organisation);
    if (owed) change.replies.push_back(std::move(*owed));
  }
}

}  // namespace kanal
