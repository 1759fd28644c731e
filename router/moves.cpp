#include "router/moves.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "router/files.hpp"
#include "router/refusal.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_words_bytes = 64U << 10U;
constexpr std::size_t k_most_reason_bytes = 500;
constexpr std::size_t k_most_title_bytes = 300;

std::int64_t usual_days(Timer timer) {
  switch (timer) {
    case Timer::verification:
      return 3;
    case Timer::rerouting:
      return 1;
    case Timer::disposition:
    case Timer::follow_up:
      return 5;
    case Timer::resolution:
      return 14;
    default:
      return 10;
  }
}

const DeadlineRules* rules_at(const Organisation& organisation, Time received) {
  const auto local = received + utc_offset_of(organisation.time_zone);
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(local)};
  const DeadlineRules* found = nullptr;
  for (const auto& rules : organisation.deadlines) {
    if (rules.from <= day) found = &rules;
  }
  return found;
}

Result<> check_remit(const Report& report, const Command& command) {
  const auto& actor = command.actor;
  switch (actor.role) {
    case Role::agency_admin:
      if (actor.agency.empty() || actor.agency != report.agency) {
        return refuse("This report is not with your agency.");
      }
      return {};
    case Role::liaison:
      if (actor.unit.empty() || actor.unit != report.unit) {
        return refuse("This report is not with your unit.");
      }
      return {};
    case Role::monitor:
      if (report.confidential) return refuse("This report is confidential.");
      return {};
    default:
      return {};
  }
}

Result<> check_needs(const Report& report, const Move& move, const Command& command,
                     const Organisation& organisation) {
  if (move.needs.reason && trim(command.reason).empty() && trim(command.words).empty()) {
    return refuse("Say why.");
  }
  if (move.needs.text && trim(command.words).empty()) return refuse("Write a text.");
  if (command.words.size() > k_most_words_bytes) return refuse("The text is too long.");
  TRY(check_files(command.event, command.files));
  if (move.needs.agency && organisation.agency(command.agency) == nullptr) {
    return refuse("Name an agency.");
  }
  if (move.from == State::at_agency && command.event == Event::verify &&
      command.agency == report.agency) {
    return refuse("The report is with that agency already.");
  }
  if (move.needs.unit) {
    const auto* unit = organisation.unit(command.unit);
    if (unit == nullptr || unit->agency != report.agency) {
      return refuse("Name a unit of the agency that has the report.");
    }
    const bool is_there = move.from == State::at_unit || move.from == State::in_progress;
    if (is_there && command.unit == report.unit) {
      return refuse("The report is with that unit already.");
    }
  }
  if (move.needs.report && (!command.other || command.other == report.id)) {
    return refuse("Name the other report.");
  }
  if (move.needs.rating && (!command.rating || *command.rating < 1 || *command.rating > 5)) {
    return refuse("Give a mark from 1 to 5.");
  }
  return {};
}

Audience audience_of(const Command& command) {
  switch (command.event) {
    case Event::answer:
      return Audience::everyone;
    case Event::interim:
      return command.asks ? Audience::reporter : Audience::everyone;
    case Event::hold:
    case Event::archive:
    case Event::reject:
    case Event::advise:
      return Audience::reporter;
    default:
      return command.actor.role == Role::reporter ? Audience::reporter : Audience::officers;
  }
}

Result<std::string> correct(Report& report, const Command& command,
                            const Organisation& organisation) {
  // What the settings have no more may stay where it is.
  const bool other_category = command.category.value_or(report.category) != report.category;
  if (other_category && !command.category->empty() &&
      organisation.category(*command.category) == nullptr) {
    return refuse("There is no such category.");
  }
  const bool other_kind = command.kind.value_or(report.kind) != report.kind;
  if (other_kind && !command.kind->empty() && organisation.kind(*command.kind) == nullptr) {
    return refuse("There is no such kind of report.");
  }
  // The reported agency may hide more than the reporter asked for, and never less.
  const bool reveals = (report.anonymous && command.anonymous == false) ||
                       (report.confidential && command.confidential == false);
  if (reveals && command.actor.role != Role::national_admin) {
    return refuse(
        "Only the national admin may lift what keeps a reporter or a report from others: leave "
        "anonymous and confidential as they are.");
  }
  std::string changed;
  const auto note = [&](std::string_view what) {
    if (!changed.empty()) changed += ", ";
    changed += what;
  };
  if (command.title && *command.title != report.title) {
    report.title = std::string(clip_utf8(trim(*command.title), k_most_title_bytes));
    note("title");
  }
  if (command.category && *command.category != report.category) {
    report.category = *command.category;
    note("category");
  }
  if (command.kind && *command.kind != report.kind) {
    report.kind = *command.kind;
    note("kind");
  }
  if (command.anonymous && *command.anonymous != report.anonymous) {
    report.anonymous = *command.anonymous;
    note("anonymous");
  }
  if (command.confidential && *command.confidential != report.confidential) {
    report.confidential = *command.confidential;
    note("confidential");
  }
  if (changed.empty()) return refuse("Nothing would change.");
  return changed;
}

// Back to the agency when a unit returns it; to the national admin when the agency does, or when it
// has been passed around too often.
void give_back(Report& report, const Command& command) {
  ++report.hops;
  report.unit = {};
  if (command.actor.role != Role::liaison || report.hops >= k_most_hops) report.agency = {};
}

// What a reporter asks to be kept from others is, whatever else their message does.
void hide(Report& report, const Command& command, Entry& entry) {
  const auto raise = [&](bool& flag, const std::optional<bool>& asked, std::string_view what) {
    if (asked != true || flag) return;
    flag = true;
    entry.reason += (entry.reason.empty() ? "" : ", ") + std::string(what);
  };
  raise(report.anonymous, command.anonymous, "anonymous");
  raise(report.confidential, command.confidential, "confidential");
}

void apply(Report& report, const Command& command, Entry& entry) {
  switch (command.event) {
    case Event::verify:
      report.agency = command.agency;
      report.unit = {};
      break;
    case Event::dispose:
      report.unit = command.unit;
      break;
    case Event::give_back:
      give_back(report, command);
      break;
    case Event::rate:
      report.rating = command.rating;
      entry.reason = "rating=" + std::to_string(*command.rating);
      break;
    case Event::reopen:
      if (command.actor.role == Role::reporter) ++report.reopenings;
      break;
    case Event::merge:
      report.merged_into = command.other;
      entry.other = command.other;
      break;
    case Event::unmerge:
      entry.other = report.merged_into;
      report.merged_into = {};
      report.unit = {};
      break;
    default:
      break;
  }
}

}  // namespace

WorkCalendar calendar_of(const Organisation& organisation) {
  return {utc_offset_of(organisation.time_zone), organisation.holidays};
}

std::optional<Time> due_of(Timer timer, const Report& report, const Organisation& organisation,
                           Time now) {
  if (timer == Timer::none) return std::nullopt;
  auto days = usual_days(timer);
  std::string limit(name(timer));
  const auto* kind = organisation.kind(report.kind);
  if (timer == Timer::resolution && kind != nullptr) {
    days = kind->resolution_days;
    limit += "." + kind->id.value();
  }
  if (const auto* rules = rules_at(organisation, report.received_at)) {
    const auto found = rules->days.find(limit);
    if (found != rules->days.end()) days = found->second;
  }
  constexpr std::int64_t k_most_days = 1000;
  return calendar_of(organisation)
      .deadline(now, static_cast<int>(std::clamp<std::int64_t>(days, 1, k_most_days)));
}

bool falls_due_soon(Time due, const Organisation& organisation, Time now) {
  constexpr int k_soon_days = 2;
  return calendar_of(organisation).days_between(now, due) <= k_soon_days;
}

Result<Entry> move_report(Report& report, const Command& command, const Organisation& organisation,
                          Time now) {
  const auto move =
      find_move(report.state, command.event, command.actor.role, !report.agency.empty());
  if (!move) {
    return refuse("\"" + std::string(name(command.event)) +
                  "\" is not possible while the report is \"" + std::string(name(report.state)) +
                  "\", or not for your role.");
  }
  TRY(check_remit(report, command));
  TRY(check_needs(report, *move, command, organisation));
  if (command.event == Event::reopen && !may_reopen(report, command.actor.role, now)) {
    return refuse("A report can be reopened once, within 30 days.");
  }
  Entry entry;
  entry.at = now;
  entry.actor = command.actor;
  entry.event = command.event;
  entry.from = move->from;
  entry.to = move->to;
  entry.reason = std::string(clip_utf8(trim(command.reason), k_most_reason_bytes));
  entry.words = command.words;
  entry.audience = audience_of(command);

  auto after = report;
  if (command.event == Event::correct) {
    entry.reason = TRY(correct(after, command, organisation));
  }
  apply(after, command, entry);
  if (command.actor.role == Role::reporter) {
    hide(after, command, entry);
    entry.other = command.other;
  }
  entry.agency = after.agency;
  entry.unit = after.unit;
  // Who takes up what another unit had under way has what is left of its time.
  const bool goes_on = command.event == Event::accept && report.timer == Timer::resolution;
  if (command.event == Event::escalate) {
    after.overdue = true;
  } else if (after.kind != report.kind && after.timer == Timer::resolution) {
    after.due_at = due_of(after.timer, after, organisation, after.state_since);
    after.overdue = after.overdue && *after.due_at <= now;
  } else if (!move->keeps_timer && !goes_on) {
    after.timer = move->timer;
    after.due_at = due_of(move->timer, after, organisation, now);
    after.overdue = false;
  }
  if (after.state != move->to || after.steps == 0) after.state_since = now;
  after.state = move->to;
  after.updated_at = now;
  entry.step = ++after.steps;
  report = std::move(after);
  return entry;
}

}  // namespace kanal
