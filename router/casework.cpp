#include "router/casework.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "core/tracking_code.hpp"
#include "router/files.hpp"
#include "router/leading_note.hpp"
#include "router/moves.hpp"
#include "router/offices.hpp"
#include "router/refusal.hpp"
#include "router/stages.hpp"
#include "router/telling.hpp"

namespace kanal {

namespace {

constexpr int k_most_tries = 8;
constexpr std::size_t k_most_acted = 200;
constexpr int k_due_at_once = 100;
constexpr int k_most_rounds = 1000;
constexpr int k_most_failures = 60;
constexpr int k_look_after_failures = 3;
constexpr int k_most_merges = 8;
constexpr std::chrono::milliseconds k_pause_in_doubt{100};  ///< longer with each look

Event event_of_timer(const Report& report) {
  if (report.state == State::needs_info) return Event::expire_hold;
  if (report.state == State::answered) return Event::expire_answer;
  return Event::escalate;
}

Result<> check_merge(const Report& child, const Report& parent, const Actor& actor) {
  if (parent.state == State::merged || parent.state == State::archived ||
      parent.state == State::rejected) {
    return refuse("The other report is merged, archived or rejected itself.");
  }
  if (child.confidential != parent.confidential) {
    return refuse("A confidential report is only merged with a confidential one.");
  }
  if (actor.role == Role::agency_admin && parent.agency != actor.agency) {
    return refuse("The other report is not with your agency.");
  }
  return {};
}

// Page by page, so that those that cannot be moved now do not stand in the way of those behind
// them; where one after the other fails, fetching tells whether it is the store.
template <class Fetch, class EventOf>
Result<int> act_on_each(Casework& casework, const std::stop_token& stop, Fetch fetch,
                        EventOf event_of) {
  int acted = 0;
  int failures = 0;
  std::optional<Report> last;
  for (int round = 0; round < k_most_rounds; ++round) {
    const auto page = TRY(fetch(last));
    for (const auto& report : page) {
      if (stop.stop_requested() || acted >= Casework::k_most_moved) return acted;
      Command command;
      command.event = event_of(report);
      command.expected_steps = report.steps;
      const auto done = casework.act(report.id, command);
      const bool failed = !done && done.error().remedy != Remedy::drop;
      acted += done ? 1 : 0;
      if (!failed) continue;
      if (++failures >= k_most_failures) return tl::unexpected(done.error());
      if (failures % k_look_after_failures == 0) TRY(fetch(std::optional(report)));
    }
    if (static_cast<int>(page.size()) < k_due_at_once) break;
    last = page.back();
  }
  return acted;
}

}  // namespace

struct Casework::Inside {
  Store& store;
  const Organisation& organisation;
  const Clock& clock;
  std::string public_url;
  std::mutex mutex;
  std::map<ChannelName, ChannelRules> channels;
  std::map<ChannelName, const Previewer*> previewers;

  std::optional<ChannelRules> rules(const ChannelName& name) {
    std::scoped_lock lock(mutex);
    const auto found = channels.find(name);
    if (found == channels.end()) return std::nullopt;
    return found->second;
  }
  std::vector<Appearance> ways_of(const Reply& reply) {
    const Previewer* previewer = nullptr;
    {
      std::scoped_lock lock(mutex);
      const auto found = previewers.find(reply.channel);
      if (found != previewers.end()) previewer = found->second;
    }
    if (previewer != nullptr) return previewer->preview(reply);
    return {{.text = reply.text}};
  }
  Result<std::optional<Report>> attempt(ReportId id, Command& command);
  Result<bool> is_written(const Change& change);
  Result<> keep_files(Change& change, Command& command);
  Result<> owe(Change& change, const Report& before, const Command& command, const Report* other);
};

Casework::Casework(Store& store, const Organisation& organisation, const Clock& clock,
                   std::string public_url)
    : inside_(new Inside{store, organisation, clock, std::move(public_url), {}, {}, {}}) {}

void Casework::know(ChannelRules rules) {
  if (rules.public_url.empty()) rules.public_url = inside_->public_url;
  std::scoped_lock lock(inside_->mutex);
  inside_->channels.insert_or_assign(rules.name, std::move(rules));
}

void Casework::know(const ChannelName& channel, const Previewer& previewer) {
  std::scoped_lock lock(inside_->mutex);
  inside_->previewers.insert_or_assign(channel, &previewer);
}

Result<Change> decide_act(const Report& report, const Command& command,
                          const Organisation& organisation, Time now) {
  if (command.expected_steps != 0 && command.expected_steps != report.steps) {
    return refuse("This report has changed meanwhile: look at it again.");
  }
  Change change;
  change.after = report;
  change.expected_steps = report.steps;
  change.entries.push_back(TRY(move_report(change.after, command, organisation, now)));
  return change;
}

Result<> Casework::Inside::owe(Change& change, const Report& before, const Command& command,
                               const Report* other) {
  tell_office(change, before, organisation);
  if (!is_told(before, command)) return {};
  const auto contacts = TRY(store.contacts(before.id));
  const Telling telling{organisation, [this](const ChannelName& name) { return rules(name); },
                        contacts};
  tell_all(change, before, command, other != nullptr ? other->code : TrackingCode(), telling);
  return {};
}

// Once what they go with may be done; another attempt finds them kept.
Result<> Casework::Inside::keep_files(Change& change, Command& command) {
  if (command.files.empty()) return {};
  if (command.files.front().sha256.empty()) {
    TRY(clean_files(command.files));
    TRY(store.keep(command.files));
  }
  change.entries.front().files = command.files;
  return {};
}

Result<std::optional<Report>> Casework::Inside::attempt(ReportId id, Command& command) {
  const auto report = TRY(store.report(id));
  if (!report) return refuse("There is no such report.");
  const auto now = clock.now();
  std::vector<Change> changes;
  changes.push_back(TRY(decide_act(*report, command, organisation, now)));
  std::optional<Report> other;
  if (command.event == Event::merge) {
    other = TRY(store.report(command.other));
    if (!other) return refuse("There is no such other report.");
    TRY(check_merge(*report, *other, command.actor));
    // It also keeps two people from merging in a circle.
    changes.push_back(
        TRY(leading_note(*other, *report, "merged here", command.actor, organisation, now)));
  }
  TRY(keep_files(changes.front(), command));
  TRY(owe(changes.front(), *report, command, other ? &*other : nullptr));
  const auto outcome = store.write(changes);
  if (!outcome && outcome.error().remedy == Remedy::uncertain) {
    if (!TRY(is_written(changes.front()))) return std::optional<Report>();
  } else if (TRY(outcome).refusal) {
    return std::optional<Report>();
  }
  return std::optional(std::move(changes.front().after));
}

// After a broken COMMIT the change's line stands in the history, or nothing of it does: who is told
// that it failed does the same once more.
Result<bool> Casework::Inside::is_written(const Change& change) {
  const auto& ours = change.entries.front();
  auto history = store.history(change.after.id);
  for (int looks = 1; !history && looks < k_most_tries; ++looks) {
    std::this_thread::sleep_for(k_pause_in_doubt * looks);
    history = store.history(change.after.id);
  }
  if (!history) {
    return fail(Remedy::uncertain,
                "The database went away: look at the report again before you repeat that.");
  }
  const auto line = std::ranges::find(*history, ours.step, &Entry::step);
  return line != history->end() && line->at == ours.at && line->event == ours.event &&
         line->actor.role == ours.actor.role && line->actor.officer == ours.actor.officer &&
         line->other == ours.other;
}

Result<Report> Casework::act(ReportId report, const Command& command) {
  auto tried = command;
  for (int tries = 0; tries < k_most_tries; ++tries) {
    auto done = TRY(inside_->attempt(report, tried));
    if (done) return std::move(*done);
  }
  return fail(Remedy::retry, "The report is being changed by others: try again.");
}

Result<Rehearsal> Casework::rehearse(ReportId id, const Command& command) {
  const auto report = TRY(inside_->store.report(id));
  if (!report) return refuse("There is no such report.");
  auto change = TRY(decide_act(*report, command, inside_->organisation, inside_->clock.now()));
  TRY(inside_->owe(change, *report, command, nullptr));
  Rehearsal rehearsal;
  for (const auto& reply : TRY(inside_->store.rehearse(change))) {
    if (reply.office) continue;
    auto ways = inside_->ways_of(reply);
    if (reply.silent) ways = {{.unless = std::string(k_asked_for_silence)}};
    rehearsal.arrivals.push_back({reply.channel, reply.subject, std::move(ways)});
  }
  rehearsal.others =
      static_cast<std::size_t>(std::ranges::count_if(change.replies, [&](const Owed& owed) {
        return !owed.office && owed.report && owed.report != id;
      }));
  return rehearsal;
}

Result<Report> root_of(Store& store, Report report) {
  for (int merges = 0; report.merged_into && merges < k_most_merges; ++merges) {
    auto into = TRY(store.report(report.merged_into));
    if (!into) break;
    report = std::move(*into);
  }
  return report;
}

Result<Report> Casework::worked_on(Report report) {
  return root_of(inside_->store, std::move(report));
}

Result<Casework::Heard> Casework::reply(ReportId id, std::string_view words) {
  auto own = TRY(inside_->store.report(id));
  if (!own) return refuse("There is no such report.");
  auto report = TRY(worked_on(std::move(*own)));
  Post said;
  said.text = words;
  if (asks_for_status(words, report.code)) return Heard::asked_only;
  const bool theirs = report.id == id;
  const auto now = inside_->clock.now();
  if (!has_room(report, said, theirs, now)) {
    return refuse("The report has as many messages as it can take.");
  }
  const auto asked = reply_event(report, said, theirs, now);
  Command command;
  command.event = asked.event;
  command.rating = asked.rating;
  command.reason = asked.reason;
  command.actor.role = Role::reporter;
  command.words = words;
  if (!theirs) command.other = id;
  TRY(act(report.id, command));
  return asked.too_late ? Heard::too_late : Heard::said;
}

Result<std::vector<Report>> Casework::act_on_all(std::span<const Sighting> sightings,
                                                 const Command& command) {
  std::map<TrackingCode, int> seen;
  for (const auto& each : sightings.first(std::min(sightings.size(), k_most_acted))) {
    seen.emplace(each.code, each.steps);
  }
  ReportFilter filter;
  filter.most = static_cast<int>(seen.size());
  for (const auto& [code, steps] : seen) filter.codes.push_back(code);
  if (filter.codes.empty()) return std::vector<Report>();
  if (!command.files.empty()) return refuse("Files go with what is said of one report.");
  for (int tries = 0; tries < k_most_tries; ++tries) {
    std::vector<Change> changes;
    for (const auto& report : TRY(inside_->store.find_reports(filter))) {
      auto each = command;
      each.expected_steps = seen.at(report.code);
      auto change = decide_act(report, each, inside_->organisation, inside_->clock.now());
      if (!change) continue;
      tell_office(*change, report, inside_->organisation);
      changes.push_back(std::move(*change));
    }
    if (changes.empty()) return std::vector<Report>();
    const auto outcome = TRY(inside_->store.write(changes));
    if (outcome.refusal) continue;
    std::vector<Report> moved;
    for (auto& change : changes) moved.push_back(std::move(change.after));
    return moved;
  }
  return fail(Remedy::retry, "The reports are being changed by others: try again.");
}

Result<int> Casework::run_timers(const std::stop_token& stop) {
  return act_on_each(
      *this, stop,
      [this](const std::optional<Report>& after) {
        return inside_->store.due(inside_->clock.now(), k_due_at_once, after ? &*after : nullptr);
      },
      event_of_timer);
}

Result<int> Casework::advise_unsolved(const std::stop_token& stop) {
  const auto days = inside_->organisation.ombudsman_after_days;
  if (days == 0) return 0;
  const auto before = inside_->clock.now() - std::chrono::days(days);
  return act_on_each(
      *this, stop,
      [&](const std::optional<Report>& after) {
        return inside_->store.unsolved(before, k_due_at_once, after ? after->id : ReportId());
      },
      [](const Report&) { return Event::advise; });
}

}  // namespace kanal
