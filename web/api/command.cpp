#include "web/api/command.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "core/tracking_code.hpp"

namespace kanal::api {
namespace {

constexpr std::int64_t k_most_words_bytes = 64L << 10U;

constexpr auto k_event = std::to_array<Member>({
    {"event", Kind::text, "What is to happen (docs/lifecycle.md).", true, 1, 20, "Event"},
    {"expected_steps", Kind::whole,
     "The report's steps as you saw them; an answer of 409 says that it has moved on.", false, 1,
     1'000'000'000},
    {"reason", Kind::text, "Why; officers read it.", false, 0, 500},
    {"words", Kind::text, "Words for the reporter, or of a note.", false, 0, k_most_words_bytes},
    {"agency", Kind::text, "Where verify sends it.", false, 1, 100},
    {"unit", Kind::text, "Where dispose sends it.", false, 1, 100},
    {"other", Kind::text, "The tracking code of the report that it is merged into.", false, 1, 40},
    {"rating", Kind::whole, "The reporter's mark.", false, 1, 5},
    {"title", Kind::text, "With correct: the new title.", false, 0, 300},
    {"category", Kind::text, "With correct: the new category; empty takes it away.", false, 0, 100},
    {"kind", Kind::text, "With correct: the new kind; empty takes it away.", false, 0, 100},
    {"anonymous", Kind::truth, "With correct: whether the reported party learns who it was."},
    {"confidential", Kind::truth, "With correct: whether the public learns of it."},
});

Needs needs_of(Event event) {
  Needs all;
  for (const auto& move : lifecycle()) {
    if (move.event != event) continue;
    all.agency |= move.needs.agency;
    all.unit |= move.needs.unit;
    all.report |= move.needs.report;
    all.rating |= move.needs.rating;
  }
  return all;
}

std::vector<Fault> useless(const Given& given, Event event) {
  const auto needs = needs_of(event);
  const bool corrects = event == Event::correct;
  const std::pair<std::string_view, bool> uses[] = {
      {"agency", needs.agency}, {"unit", needs.unit},    {"other", needs.report},
      {"rating", needs.rating}, {"title", corrects},     {"category", corrects},
      {"kind", corrects},       {"anonymous", corrects}, {"confidential", corrects},
  };
  std::vector<Fault> faults;
  for (const auto& [member, used] : uses) {
    if (given.has(member) && !used) {
      faults.push_back(
          {std::string(member), "is of no use to \"" + std::string(name(event)) + "\""});
    }
  }
  return faults;
}

}  // namespace

Shape event_shape() {
  return k_event;
}

tl::expected<AskedEvent, Unfit> read_event(std::string_view body) {
  const auto given = read_body(body, k_event);
  if (!given) return tl::unexpected(given.error());
  return to_event(*given);
}

tl::expected<AskedEvent, Unfit> to_event(const Given& given) {
  AskedEvent asked;
  auto& command = asked.command;
  command.event = *event_of(given.text("event"));
  auto faults = useless(given, command.event);
  command.reason = given.text("reason");
  command.words = given.text("words");
  command.agency = AgencyId(given.text("agency"));
  command.unit = UnitId(given.text("unit"));
  if (given.has("other")) {
    asked.other = parse_tracking_code(given.text("other"));
    if (!asked.other) faults.push_back({"other", "must be a tracking code"});
  }
  if (const auto rating = given.whole("rating")) command.rating = static_cast<int>(*rating);
  if (given.has("title")) command.title = given.text("title");
  if (given.has("category")) command.category = CategoryId(given.text("category"));
  if (given.has("kind")) command.kind = KindId(given.text("kind"));
  command.anonymous = given.truth("anonymous");
  command.confidential = given.truth("confidential");
  command.expected_steps = static_cast<int>(given.whole("expected_steps").value_or(0));
  if (!faults.empty()) {
    return tl::unexpected(Unfit{422, "The body does not fit; see errors.", std::move(faults)});
  }
  return asked;
}

std::vector<Fault> missing_needs(const Move& move, const AskedEvent& asked, const Report& report,
                                 const Organisation& organisation) {
  const auto& command = asked.command;
  std::vector<Fault> faults;
  if (move.needs.text && trim(command.words).empty()) faults.push_back({"words", "are needed"});
  if (move.needs.reason && trim(command.reason).empty() && trim(command.words).empty()) {
    faults.push_back({"reason", "is needed"});
  }
  if (move.needs.agency && organisation.agency(command.agency) == nullptr) {
    faults.push_back({"agency", "must be one of the organisation's"});
  }
  const auto* unit = organisation.unit(command.unit);
  if (move.needs.unit && (unit == nullptr || unit->agency != report.agency)) {
    faults.push_back({"unit", "must be one of the agency that has the report"});
  }
  if (move.needs.report && (!asked.other || *asked.other == report.code)) {
    faults.push_back({"other", "must be another report"});
  }
  if (move.needs.rating && !command.rating) faults.push_back({"rating", "is needed"});
  if (command.category && !command.category->empty() &&
      organisation.category(*command.category) == nullptr) {
    faults.push_back({"category", "must be one of the organisation's"});
  }
  if (command.kind && !command.kind->empty() && organisation.kind(*command.kind) == nullptr) {
    faults.push_back({"kind", "must be one of the organisation's"});
  }
  return faults;
}

}  // namespace kanal::api
