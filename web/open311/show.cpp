#include "web/open311/show.hpp"

#include <algorithm>

#include "core/deadline.hpp"
#include "core/language.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "web/files.hpp"
#include "web/site/words.hpp"

namespace kanal::open311 {
namespace {

// The standard's 4000 characters, and what application and bridge put to them.
constexpr std::size_t k_most_description_bytes = 20'000;
constexpr std::string_view k_specification = "http://wiki.open311.org/GeoReport_v2";

std::string print_time(Time time, const Organisation& organisation) {
  return print_rfc3339(std::chrono::floor<std::chrono::seconds>(time),
                       utc_offset_of(organisation.time_zone));
}

std::string_view name_of(const Category& category, std::string_view language) {
  return pick(language, category.name_id, category.name_en);
}

std::string institution(const Organisation& organisation, const AgencyId& agency_id,
                        const UnitId& unit_id) {
  const auto* agency = organisation.agency(agency_id);
  const auto* unit = organisation.unit(unit_id);
  if (unit != nullptr && agency != nullptr) return unit->name + ", " + agency->name;
  if (unit != nullptr) return unit->name;
  return agency != nullptr ? agency->name : std::string();
}

std::string state_text(const Frame& frame, State state, const AgencyId& agency,
                       const UnitId& unit) {
  auto text = std::string(site::state_words(state, site::Reader::anyone, frame.language));
  if (const auto who = institution(frame.organisation, agency, unit); !who.empty()) {
    text += ": " + who;
  }
  return text;
}

/// What was said of the report by those who work on it, since it was opened.
std::string newest_words(const View& view) {
  for (auto line = view.history.rbegin(); line != view.history.rend(); ++line) {
    const auto event = line->event;
    if (event == Event::dispute || event == Event::reopen || event == Event::appeal) break;
    if (line->actor.role != Role::reporter && !line->words.empty()) return line->words;
  }
  return {};
}

bool is_looked_at(State state) {
  switch (state) {
    case State::received:
    case State::at_agency:
    case State::at_unit:
    case State::returned:
    case State::reopened:
      return false;
    default:
      return true;
  }
}

/// None as long as nobody has looked: whoever follows a request takes a note for a sign of work.
std::string status_notes(const Frame& frame, const View& view) {
  auto words = newest_words(view);
  if (!words.empty() || !is_looked_at(view.state)) return words;
  return state_text(frame, view.state, view.agency, view.unit);
}

std::string keywords_of(const Category& category) {
  std::string keywords;
  for (const auto& keyword : category.keywords) {
    keywords += (keywords.empty() ? "" : ", ") + keyword;
  }
  return keywords;
}

void write_service(SparkWriter& out, const Frame& frame, const Category& category) {
  const auto* heading = frame.organisation.category(category.parent);
  const auto name = std::string(name_of(category, frame.language));
  const auto group =
      heading == nullptr ? std::string() : std::string(name_of(*heading, frame.language));
  out.begin_record();
  out.member("service_code", category.id.value());
  out.member("service_name", name);
  out.member("description", group.empty() ? name : group + ": " + name);
  out.member("metadata", !category.questions.empty());
  out.member("type", "realtime");
  out.member("keywords", keywords_of(category));
  out.member("group", group);
  out.end_record();
}

std::string_view hint_of(const std::string& type, std::string_view language) {
  if (type == "number") return pick(language, "Angka", "A number");
  if (type == "datetime") {
    return pick(language, "Tanggal dan waktu dengan zona (2026-01-02T03:04:05+07:00)",
                "A date and time with its zone (2026-01-02T03:04:05+07:00)");
  }
  if (type == "singlevaluelist") return pick(language, "Pilih satu", "Choose one");
  if (type == "multivaluelist") return pick(language, "Pilih satu atau lebih", "Choose any");
  return {};
}

void write_notes(SparkWriter& out, const Frame& frame, const View& view) {
  out.begin_list("notes", "note");
  for (const auto& update : updates_of(std::span(&view, 1), Time::min(), Time::max())) {
    out.begin_record();
    out.member("datetime", print_time(update.at, frame.organisation));
    out.member("description", update.words.empty()
                                  ? state_text(frame, update.state, update.agency, update.unit)
                                  : update.words);
    out.member("type", detailed_status_of(update.state));
    out.end_record();
  }
  out.end_list();
}

void write_extensions(SparkWriter& out, const Frame& frame, const View& view) {
  out.begin_record("extended_attributes");
  out.member("title", view.title);
  out.member("detailed_status", detailed_status_of(view.state));
  out.member("jurisdiction_id", view.agency.value());
  out.member("overdue", view.overdue);
  if (view.rating) out.member("rating", *view.rating);
  out.end_record();
  write_notes(out, frame, view);
}

void write_request(SparkWriter& out, const Frame& frame, const View& view) {
  const auto& organisation = frame.organisation;
  const auto* category = organisation.category(view.category);
  const auto place = view.place.value_or(Place{});
  out.begin_record();
  out.member("service_request_id", view.code.value());
  out.member("status", status_of(view.state));
  out.member("status_notes", status_notes(frame, view));
  out.member("service_name",
             category == nullptr ? std::string_view() : name_of(*category, frame.language));
  out.member("service_code", view.category.value());
  out.member("description", clip_utf8(view.text, k_most_description_bytes));
  out.member("agency_responsible", institution(organisation, view.agency, view.unit));
  out.member("service_notice", "");
  out.member("requested_datetime", print_time(view.received_at, organisation));
  out.member("updated_datetime", print_time(view.updated_at, organisation));
  // What falls due before the work has begun is no promise of its end.
  if (view.state == State::in_progress && view.due_at) {
    out.member("expected_datetime", print_time(*view.due_at, organisation));
  }
  out.member("address", place.address);
  out.member("address_id", "").member("zipcode", "");
  if (place.latitude && place.longitude) {
    out.member("lat", *place.latitude).member("long", *place.longitude);
  } else {
    out.member("lat", "").member("long", "");
  }
  out.member("media_url", "");
  if (frame.extensions) write_extensions(out, frame, view);
  out.end_record();
}

std::string picture_of(const View& view, const Entry& line) {
  const auto found = std::ranges::find_if(line.files, is_picture);
  if (found == line.files.end()) return {};
  return "/r/" + view.code.value() + "/files/" + std::to_string(line.step) + "/" +
         std::to_string(found - line.files.begin());
}

bool says_something(const Entry& line) {
  return line.event != Event::receive && (line.from != line.to || !line.words.empty());
}

}  // namespace

std::string_view status_of(State state) {
  switch (state) {
    case State::closed:
    case State::merged:
    case State::archived:
    case State::rejected:
      return "closed";
    default:
      return "open";
  }
}

std::vector<State> states_of(bool open) {
  std::vector<State> states;
  for (int number = 0; number <= static_cast<int>(State::rejected); ++number) {
    const auto state = static_cast<State>(number);
    if ((status_of(state) == "open") == open) states.push_back(state);
  }
  return states;
}

std::string_view detailed_status_of(State state) {
  switch (state) {
    case State::received:
      return "for_triage";
    case State::at_agency:
      return "investigating";
    case State::returned:
      return "internal_referral";
    case State::in_progress:
      return "in_progress";
    case State::closed:
    case State::rejected:
      return "closed";
    case State::reopened:
      return "reopen";
    case State::merged:
      return "duplicate";
    case State::archived:
      return "no_further_action";
    default:
      return "open";
  }
}

std::string discovery_document(const Frame& frame, const GeoReportAbout& about,
                               std::string_view public_url, Time changed_at) {
  const auto& organisation = frame.organisation;
  const auto changeset = print_time(changed_at, organisation);
  SparkWriter out(frame.markup);
  out.begin_record("discovery");
  out.member("changeset", changeset);
  out.member("contact", about.contact.empty() ? organisation.name : about.contact);
  out.member("key_service", about.key_service.empty() ? organisation.name : about.key_service);
  out.begin_list("endpoints", "endpoint").begin_record();
  out.member("specification", k_specification);
  out.member("url", std::string(public_url) + "/open311/v2");
  out.member("changeset", changeset);
  out.member("type", about.is_test ? "test" : "production");
  out.begin_list("formats", "format").item("text/xml").item("application/json").end_list();
  out.end_record().end_list().end_record();
  return out.take();
}

std::string services_document(const Frame& frame, std::string_view jurisdiction) {
  SparkWriter out(frame.markup);
  out.begin_list("services", "service");
  for (const auto& category : frame.organisation.categories) {
    if (georeport::offers(frame.organisation, category, jurisdiction)) {
      write_service(out, frame, category);
    }
  }
  out.end_list();
  return out.take();
}

std::string definition_document(const Frame& frame, const Category& category) {
  SparkWriter out(frame.markup);
  out.begin_record("service_definition");
  out.member("service_code", category.id.value());
  out.begin_list("attributes", "attribute");
  int order = 0;
  for (const auto& question : category.questions) {
    out.begin_record();
    out.member("variable", true).member("code", question.code);
    out.member("datatype", question.type).member("required", question.required);
    out.member("datatype_description", hint_of(question.type, frame.language));
    out.member("order", ++order);
    out.member("description", pick(frame.language, question.text_id, question.text_en));
    if (!question.choices.empty()) {
      out.begin_list("values", "value");
      for (const auto& choice : question.choices) {
        out.begin_record().member("key", choice.key);
        out.member("name", pick(frame.language, choice.name_id, choice.name_en)).end_record();
      }
      out.end_list();
    }
    out.end_record();
  }
  out.end_list().end_record();
  return out.take();
}

std::string outcome_document(Markup markup, const Outcome& outcome) {
  SparkWriter out(markup);
  out.begin_list("service_requests", "request").begin_record();
  if (!outcome.id.empty()) out.member("service_request_id", outcome.id);
  if (!outcome.token.empty()) out.member("token", outcome.token);
  if (!outcome.notice.empty()) out.member("service_notice", outcome.notice);
  out.end_record().end_list();
  return out.take();
}

std::string posted_update_document(Markup markup, std::string_view update_id) {
  SparkWriter out(markup);
  out.begin_list("service_request_updates", "request_update").begin_record();
  out.member("update_id", update_id).end_record().end_list();
  return out.take();
}

std::string requests_document(const Frame& frame, std::span<const View> views) {
  SparkWriter out(frame.markup);
  out.begin_list("service_requests", "request");
  for (const auto& view : views) write_request(out, frame, view);
  out.end_list();
  return out.take();
}

std::vector<Update> updates_of(std::span<const View> views, Time from, Time before) {
  std::vector<Update> updates;
  for (const auto& view : views) {
    for (const auto& line : view.history) {
      if (line.at < from || line.at >= before || !says_something(line)) continue;
      updates.push_back({view.code.value() + "-" + std::to_string(line.step), view.code, line.at,
                         line.to, line.agency, line.unit, line.words, picture_of(view, line)});
    }
  }
  std::ranges::stable_sort(updates, {}, &Update::at);
  return updates;
}

std::string updates_document(const Frame& frame, std::span<const Update> updates) {
  SparkWriter out(frame.markup);
  out.begin_list("service_request_updates", "request_update");
  for (const auto& update : updates) {
    out.begin_record();
    out.member("update_id", update.id).member("service_request_id", update.code.value());
    out.member("status", detailed_status_of(update.state));
    out.member("updated_datetime", print_time(update.at, frame.organisation));
    out.member("description", update.words.empty()
                                  ? state_text(frame, update.state, update.agency, update.unit)
                                  : update.words);
    out.member("media_url", update.picture.empty() || frame.public_url.empty()
                                ? std::string()
                                : std::string(frame.public_url) + update.picture);
    out.end_record();
  }
  out.end_list();
  return out.take();
}

}  // namespace kanal::open311
