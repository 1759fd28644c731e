#include "router/replies.hpp"

#include <utility>

#include "core/deadline.hpp"
#include "core/language.hpp"
#include "core/month.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "core/visibility.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_words_bytes = 20'000;
constexpr std::size_t k_most_words_in_a_post = 140;
constexpr std::size_t k_most_subject_bytes = 200;

std::string shortened(std::string_view words) {
  const auto clipped = clip_utf8(trim(words), k_most_words_in_a_post);
  if (clipped.size() == trim(words).size()) return std::string(clipped);
  const auto blank = clipped.rfind(' ');
  return std::string(clipped.substr(0, blank)) + "…";
}

// The office that acted: after a return it is the one that had the report before.
std::string institution(const Occasion& occasion, const Organisation& organisation, bool brief) {
  const bool left = occasion.wording == Wording::returned;
  const auto& report = left ? occasion.before : occasion.after;
  // An appeal is with nobody yet.
  if (occasion.wording == Wording::reopened && report.agency.empty()) return {};
  const bool by_unit = occasion.wording != Wording::agency && occasion.wording != Wording::overdue;
  if (const auto* unit = organisation.unit(report.unit); unit != nullptr && by_unit) {
    return brief && !unit->short_name.empty() ? unit->short_name : unit->name;
  }
  if (const auto* agency = organisation.agency(report.agency)) {
    return brief && !agency->short_name.empty() ? agency->short_name : agency->name;
  }
  return brief ? organisation.short_name : organisation.name;
}

std::string_view standing_words(State state, std::string_view language) {
  const bool english = is_english(language);
  switch (state) {
    case State::needs_info:
      return english ? "waiting for the reporter" : "menunggu keterangan pelapor";
    case State::returned:
      return english ? "being re-routed" : "dialihkan ke instansi yang tepat";
    default:
      return english ? "merged with another report" : "digabung dengan laporan lain";
  }
}

std::string_view escalated_words(bool superior_told, std::string_view language) {
  if (is_english(language)) {
    return superior_told ? "we have told their superior" : "it is marked so for the supervisors";
  }
  return superior_told ? "atasannya sudah kami beri tahu" : "sudah ditandai bagi para pengawas";
}

// Since when a reporter can do nothing more about it.
Time closed_since(const Report& report) {
  return report.reopenings < k_most_reopenings ? report.state_since + k_reopen_within
                                               : report.state_since;
}

std::string public_link(const TrackingCode& code, const ChannelRules& rules) {
  return rules.public_url.empty() ? std::string() : rules.public_url + "/r/" + code.value();
}

// Who was merged goes on to hear of the other report, which is confidential if theirs is.
std::string link_of(const Occasion& occasion, const ChannelRules& rules) {
  if (occasion.wording != Wording::merged) return tracking_link(occasion.after, rules);
  if (!rules.links || occasion.after.confidential) return {};
  return public_link(TrackingCode(std::string(occasion.other_code)), rules);
}

bool says_words(Wording wording) {
  return wording == Wording::hold || wording == Wording::answered || wording == Wording::interim ||
         wording == Wording::asked || wording == Wording::archived || wording == Wording::rejected;
}

// Where the question itself must not be told.
std::string_view usual_question(std::string_view language, bool in_public) {
  if (is_english(language)) {
    return in_public ? "the place, the time and what happened, without personal data"
                     : "the place, the time and what happened";
  }
  return in_public ? "tempat, waktu dan kejadiannya, tanpa data pribadi"
                   : "tempat, waktu dan kejadiannya";
}

}  // namespace

std::string print_day(Time time, const Organisation& organisation, std::string_view language,
                      bool brief) {
  const std::chrono::year_month_day day{
      std::chrono::floor<std::chrono::days>(time + utc_offset_of(organisation.time_zone))};
  if (!brief) return day_words(day, language);
  return std::to_string(static_cast<unsigned>(day.day())) + ' ' +
         std::string(month_name(day.month(), language).substr(0, 3));
}

Wording standing(State state) {
  switch (state) {
    case State::received:
      return Wording::received;
    case State::at_agency:
      return Wording::agency;
    case State::at_unit:
      return Wording::unit;
    case State::in_progress:
      return Wording::progress;
    case State::answered:
      return Wording::answered;
    case State::closed:
      return Wording::closed;
    case State::reopened:
      return Wording::reopened;
    case State::archived:
      return Wording::archived;
    case State::rejected:
      return Wording::rejected;
    case State::needs_info:
    case State::returned:
    case State::merged:
      return Wording::standing;
  }
  return Wording::none;
}

std::string tracking_link(const Report& report, const ChannelRules& rules) {
  if (!rules.links || report.code.empty()) return {};
  if (report.confidential) return rules.own_link ? rules.own_link(report.code) : std::string();
  return public_link(report.code, rules);
}

std::string answer_to(std::string_view subject) {
  subject = trim(subject);
  if (subject.size() >= 3 && equals_ignoring_case(subject.substr(0, 3), "re:")) {
    subject = trim(subject.substr(3));
  }
  if (subject.empty()) return {};
  return "Re: " + std::string(clip_utf8(subject, k_most_subject_bytes));
}

Worded tell(const Occasion& occasion, std::string_view language, const ChannelRules& rules,
            const Organisation& organisation) {
  const auto& report = occasion.after;
  const bool brief = rules.length != Length::full;
  const auto day = [&](Time time) { return print_day(time, organisation, language, brief); };
  // As it is read out and shown on every page; a short message has no room for it, and neither has
  // a post.
  const auto number = [&](const TrackingCode& code) {
    return brief ? code.value() : grouped(code);
  };
  WordingValues values;
  values["code"] = number(report.code);
  values["url"] = link_of(occasion, rules);
  values["institution"] = institution(occasion, organisation, brief);
  // A unit that was named anew has what is left of another's time, if any is.
  const bool is_theirs = occasion.wording != Wording::unit || report.timer == Timer::follow_up;
  const bool is_ahead = occasion.wording != Wording::unit || report.due_at > report.updated_at;
  if (report.due_at && is_theirs && is_ahead) {
    const bool to_check = occasion.wording == Wording::reopened && report.agency.empty();
    values[to_check ? "check_by" : "deadline"] = day(*report.due_at);
  }
  if (report.state == State::closed && may_reopen(report, Role::reporter, report.updated_at)) {
    values["reopen"] = number(report.code);
    values["reopen_by"] = day(report.state_since + k_reopen_within);
  }
  values["other"] = number(TrackingCode(std::string(occasion.other_code)));
  values["state"] = standing_words(report.state, language);
  values["escalated"] = escalated_words(occasion.superior_told, language);
  if (occasion.wording == Wording::too_late) values["closed_since"] = day(closed_since(report));
  values["days"] = std::to_string(organisation.ombudsman_after_days);
  if (!report.confidential) {
    values["words"] = rules.length == Length::medium
                          ? shortened(occasion.words)
                          : clip_utf8(occasion.words, k_most_words_bytes);
    values["answer"] = values["words"];
    values["reason"] = occasion.reason;
  } else if (says_words(occasion.wording) &&
             (!occasion.words.empty() || !occasion.reason.empty())) {
    std::swap(values["read"], values["url"]);
  }
  if (values["words"].empty() && values["read"].empty()) values["stop"] = ".";
  const bool asks_nothing =
      values["words"].empty() && values["reason"].empty() && values["read"].empty();
  const bool is_question = occasion.wording == Wording::hold || occasion.wording == Wording::asked;
  if (is_question && asks_nothing) {
    values["words"] = usual_question(language, rules.in_public);
  }
  return word(occasion.wording, language, rules.length, values, organisation.wordings,
              rules.name.value());
}

Worded tell_follower(const Occasion& occasion, std::string_view language, const ChannelRules& rules,
                     const Organisation& organisation) {
  if (occasion.wording == Wording::hold) return {};
  auto public_rules = rules;
  public_rules.own_link = {};
  const bool for_all =
      occasion.wording == Wording::answered || occasion.wording == Wording::interim;
  const Occasion told{occasion.wording,
                      occasion.before,
                      occasion.after,
                      for_all ? occasion.words : std::string_view(),
                      {},
                      occasion.other_code,
                      occasion.superior_told};
  return tell(told, language, public_rules, organisation);
}

int step_of_follower(const Report& root) {
  // A report may come to follow another root; as many are kept apart as an int allows.
  return k_steps_apart * static_cast<int>(1 + root.id.value() % k_roots_apart) + root.steps;
}

}  // namespace kanal
