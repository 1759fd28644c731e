#include <algorithm>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "router/files.hpp"
#include "router/moves.hpp"
#include "web/console/case.hpp"
#include "web/console/senders.hpp"
#include "web/console/words.hpp"
#include "web/files.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

Result<std::optional<Report>> find_report(Store& store, const std::string& name) {
  if (const auto code = parse_tracking_code(name)) return store.report(*code);
  const auto number = number_in(name);
  return number ? store.report(ReportId(*number)) : std::optional<Report>();
}

/// A report and what of it the officer may see.
struct Sight {
  Report report;
  View view;
};
enum class History { left_out, read };

Result<std::optional<Sight>> look_at(const Visit& visit, const std::string& name,
                                     History wanted = History::left_out) {
  auto& store = visit.desk.parts.store;
  auto report = TRY(find_report(store, name));
  if (!report) return std::optional<Sight>();
  std::vector<Entry> history;
  std::optional<int> support;
  bool unheard = false;
  if (wanted == History::read) {
    history = TRY(store.history(report->id));
    support = TRY(store.supports({&*report, 1})).front();
    unheard = !TRY(store.unheard({&*report, 1})).empty();
  }
  auto seen = view(*report, history, visit.viewer(), Output::page, support);
  if (!seen.visible) return std::optional<Sight>();
  seen.unheard = unheard;
  return std::optional(Sight{std::move(*report), std::move(seen)});
}

std::string address_of(const View& view) {
  return "/console/reports/" + view.code.value();
}

// One that asks for confidence may wait with a report that does not.
bool is_withheld(const Visit& visit, const PostRecord& post) {
  return post.confidential && !may_read_confidential(visit.viewer());
}

void draw_clock(const Visit& visit, Block page, const View& view) {
  if (!view.due_at) return;
  auto due = page.add("DUE");
  const auto now = visit.now();
  const bool reporter = view.state == State::needs_info || view.state == State::answered;
  due.set("DUE_LABEL", view.state == State::needs_info
                           ? visit.say("Menunggu pelapor sampai", "Waits for the reporter until")
                       : view.state == State::answered
                           ? visit.say("Ditutup otomatis pada", "Closes by itself on")
                           : visit.say("Tenggat", "Due"));
  due.set("DUE_DATE", visit.date(*view.due_at));
  due.set("DUE_WORDS", due_words(*view.due_at, now, visit.desk.utc_offset, visit.language));
  if (reporter) return;
  due.show_if("DUE_RED", view.timeliness_colour == "red" || *view.due_at < now);
  due.show_if("DUE_AMBER", view.timeliness_colour != "red" && *view.due_at >= now &&
                               falls_due_soon(*view.due_at, visit.organisation(), now));
}

void draw_fact(Block& page, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  auto fact = page.add("FACT");
  fact.set("FACT_NAME", name);
  fact.set("FACT_VALUE", value);
}

void draw_facts(const Visit& visit, Block page, const Case& shown) {
  const auto& view = shown.view;
  const auto& organisation = visit.organisation();
  draw_fact(page, visit.say("Instansi", "Agency"), agency_name(organisation, view.agency));
  draw_fact(page, visit.say("Unit", "Unit"), unit_name(organisation, view.unit));
  draw_fact(page, visit.say("Kategori", "Category"),
            category_name(organisation, view.category, visit.language));
  draw_fact(page, visit.say("Jenis", "Kind"), kind_name(organisation, view.kind, visit.language));
  draw_fact(page, visit.say("Kanal", "Channel"), visit.channel(view.channel));
  draw_fact(page, visit.say("Diterima", "Received"), visit.date(view.received_at));
  draw_fact(page, visit.say("Terakhir berubah", "Last change"), visit.date(view.updated_at));
  if (shown.report.hops > 0) {
    draw_fact(page, visit.say("Dikembalikan", "Given back"),
              std::to_string(shown.report.hops) +
                  std::string(visit.say(" kali", shown.report.hops == 1 ? " time" : " times")));
  }
  draw_fact(page, visit.say("Didukung", "Passed on by"),
            supporter_words(view.support, visit.language));
  if (view.rating) {
    draw_fact(page, visit.say("Nilai pelapor", "Reporter's rating"),
              std::to_string(*view.rating) + std::string(visit.say(" dari 5", " of 5")));
  }
}

void draw_place(const Visit& visit, Block page, const View& view) {
  if (!view.place) return;
  const auto& place = *view.place;
  auto block = page.add("PLACE_BLOCK");
  block.set("ADDRESS", place.address.empty() ? visit.say("Titik di peta", "A point on the map")
                                             : std::string_view(place.address));
  if (!place.latitude || !place.longitude) return;
  const auto latitude = std::to_string(*place.latitude);
  const auto longitude = std::to_string(*place.longitude);
  auto point = block.add("POINT");
  point.set("LATITUDE", latitude);
  point.set("LONGITUDE", longitude);
}

void draw_files(const Visit& visit, Block page, const Case& shown) {
  if (!shown.view.may_see_attachments) return;
  FileGroups groups(visit.language, page, "PICTURES", "FILES");
  for (const auto& post : shown.posts) {
    for (std::size_t i = 0; i < post.attachments.size(); ++i) {
      groups.add(
          post.attachments[i],
          shown.address() + "/files/" + std::to_string(post.id.value()) + "/" + std::to_string(i));
    }
  }
}

void draw_reporter(const Visit& visit, Block page, const Case& shown, const Attempt& attempt) {
  auto block = page.add("REPORTER");
  block.show_if("REPORTER_ANONYMOUS", shown.view.anonymous);
  if (attempt.identity) {
    const auto& author = *attempt.identity;
    auto person = block.add("PERSON");
    const auto add = [&](std::string_view name, std::string_view value) {
      if (value.empty()) return;
      auto row = person.add("PERSON_FACT");
      row.set("PERSON_NAME", name);
      row.set("PERSON_VALUE", value);
    };
    add(visit.say("Nama", "Name"), author.name);
    add(visit.say("Akun", "Handle"), author.handle);
    add(visit.say("Telepon", "Phone"), author.phone);
    add(visit.say("Surel", "Email"), author.email);
    person.show_if("PERSON_NONE", author.name.empty() && author.handle.empty() &&
                                      author.phone.empty() && author.email.empty());
    const bool said = author.id.value() == author.email || author.id.value() == author.phone;
    if (!said)
      add(visit.say("Dikenal kanal sebagai", "Known to the channel as"), author.id.value());
  } else if (!shown.view.may_see_identity) {
    block.show("REPORTER_HIDDEN");
  } else {
    block.show("REPORTER_ASK");
  }
}

void draw_head(const Visit& visit, Block page, const Case& shown) {
  const auto& view = shown.view;
  page.set("CODE", view.code.value());
  page.set("CODE_WORDS", grouped(view.code));
  page.set("STEPS", shown.report.steps);
  page.set("TITLE", !view.may_see_attachments ? visit.say("Laporan rahasia", "Confidential report")
                    : view.title.empty()      ? visit.say("Tanpa judul", "Without a title")
                                              : std::string_view(view.title));
  page.set("STATE", state_words(view.state, visit.language));
  page.set("STATE_BADGE", badge_of(view.status_colour));
  page.show_if("UNHEARD", view.unheard);
  page.show_if("ANONYMOUS", view.anonymous);
  page.show_if("CONFIDENTIAL", view.confidential);
  if (!view.may_see_attachments) {
    page.show("NO_TEXT");
  } else if (!view.text.empty()) {
    page.add("TEXT_BLOCK").set("TEXT", view.text);
  } else {
    const auto first = std::ranges::min_element(shown.posts, {}, &PostRecord::id);
    page.show_if("TEXT_ERASED", first != shown.posts.end() && first->erased);
  }
}

void draw_suggestion(const Visit& visit, Block page, const Case& shown) {
  const auto& organisation = visit.organisation();
  const auto suggest = [&](std::string_view what, std::string_view rule) {
    auto block = page.add("SUGGESTED");
    block.set("SUGGESTED_PLACE", what);
    block.set("SUGGESTED_RULE",
              reason_words("rule: " + std::string(rule), organisation, visit.language));
  };
  // What no form of theirs takes is nothing for them to do.
  const auto first_asks = [&](bool Needs::*what) {
    return std::ranges::any_of(
        shown.forms, [&](const ActForm& form) { return form.needs.*what && !form.redirects; });
  };
  const auto suggested = suggestion_of(shown.view);
  if (shown.view.state == State::received && suggested && first_asks(&Needs::agency)) {
    suggest(agency_name(organisation, suggested->agency), suggested->rule);
  }
  const auto usual = usual_unit(organisation, shown.view);
  if (shown.view.state == State::at_agency && !usual.unit.empty() && first_asks(&Needs::unit)) {
    suggest(unit_name(organisation, usual.unit), usual.rule);
  }
}

bool may_block(const Visit& visit, const Case& shown) {
  return visit.may(Ability::block_senders) && shown.view.may_see_identity &&
         shown.view.may_see_attachments && shown.report.reporter;
}

Response show(Visit& visit) {
  const auto& name = visit.request.parameters.at("report");
  const auto found = find_case(visit, name);
  if (!found) return failure(visit, found.error());
  if (!*found) return missing(visit);
  if (name != (*found)->view.code.value()) {
    const auto done_key = visit.request.field("done");
    return done_key.empty() ? Response::redirect((*found)->address())
                            : done((*found)->address(), percent_encode(done_key));
  }
  return outcome(visit, draw_case(visit, **found, 200));
}

Result<Response> file(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  const auto& parameters = visit.request.parameters;
  const auto report = TRY(look_at(visit, parameters.at("report")));
  if (!report || !report->view.may_see_attachments) return missing(visit);
  const auto number = number_in(parameters.at("post"));
  const auto post = number ? TRY(store.post(PostId(*number))) : std::optional<PostRecord>();
  if (!post || post->report != report->report.id || is_withheld(visit, *post)) {
    return missing(visit);
  }
  for (std::size_t i = 0; i < post->attachments.size(); ++i) {
    if (std::to_string(i) != parameters.at("number")) continue;
    return file_answer(store, post->attachments[i]);
  }
  return missing(visit);
}

// A file that an officer put to what they wrote.
Result<Response> line_file(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  const auto& parameters = visit.request.parameters;
  const auto report = TRY(look_at(visit, parameters.at("report"), History::read));
  if (!report) return missing(visit);
  const auto* file = find_file(report->view, parameters.at("step"), parameters.at("number"));
  return file == nullptr ? missing(visit) : file_answer(store, *file);
}

bool is_as_typed(const Report& report, const Typed& typed) {
  return (typed.title.empty() || report.title == typed.title) &&
         report.category.value() == typed.category && report.kind.value() == typed.kind &&
         report.anonymous == typed.anonymous && report.confidential == typed.confidential;
}

// A second press of the same button finds its work done; with other values it is another act.
Result<bool> is_repeated(const Visit& visit, const Case& found, const Typed& typed) {
  if (found.report.steps != typed.expected_steps + 1 || found.view.history.empty()) return false;
  const auto& last = found.view.history.back();
  if (last.event != typed.event || last.actor.officer != visit.session.officer.id) return false;
  if (typed.event == Event::correct) return is_as_typed(found.report, typed);
  if (last.words != typed.words || last.reason != typed.reason) return false;
  if (!typed.agency.empty() && last.agency.value() != typed.agency) return false;
  if (!typed.unit.empty() && last.unit.value() != typed.unit) return false;
  if (typed.other.empty()) return true;
  const auto other = TRY(find_report(visit.desk.parts.store, typed.other));
  return other && other->id == last.other;
}

// Not every answer is owed to somebody.
Response done_of(const Case& found, Event event) {
  const bool said = event == Event::answer || event == Event::interim;
  const bool told = std::ranges::any_of(found.replies, [&](const auto& record) {
    return record.reply.step == found.report.steps && !record.reply.office &&
           record.state != ReplyState::withheld;
  });
  return done(found.address(), std::string(kanal::name(event)) + (said && !told ? "_kept" : ""));
}

// What was written stays on the page, as long as that can be drawn.
Response show_refused(const Visit& visit, const std::string& name, Attempt attempt,
                      const Error& why) {
  const bool passes = why.remedy != Remedy::drop;
  const auto now = find_case(visit, name);
  if (!now) return failure(visit, now.error());
  if (!*now) return passes ? failure(visit, why) : missing(visit);
  // Where nobody can know whether it was written, looking tells.
  const auto repeated = is_repeated(visit, **now, *attempt.typed);
  if (repeated && *repeated) return done_of(**now, attempt.typed->event);
  attempt.outdated = (*now)->report.steps != attempt.typed->expected_steps;
  if (!attempt.outdated) {
    attempt.problem = passes ? std::string(busy_words(visit.language))
                             : refusal_words(why.message, visit.language);
  }
  return outcome(visit, draw_case(visit, **now, passes ? 503 : 409, attempt));
}

Response act_on_report(Visit& visit) {
  auto& parts = visit.desk.parts;
  const auto& name = visit.request.parameters.at("report");
  const auto found = find_case(visit, name);
  if (!found) return failure(visit, found.error());
  const auto typed = read_typed(visit.request, visit.request.parameters.at("event"));
  if (!*found || !typed || typed->expected_steps <= 0) return missing(visit);
  const auto& before = **found;
  const auto actor = visit.session.actor();
  const auto repeated = is_repeated(visit, before, *typed);
  if (!repeated) return failure(visit, repeated.error());
  if (*repeated) return done_of(before, typed->event);
  auto files = files_of(visit.request);
  Attempt attempt{typed, {}, before.report.steps != typed->expected_steps, !files.empty(), {}};
  if (attempt.outdated) return outcome(visit, draw_case(visit, before, 409, attempt));
  const auto form = std::ranges::find(before.forms, typed->event, &ActForm::event);
  if (form == before.forms.end()) {
    attempt.problem = visit.say("Itu tidak bisa dilakukan pada laporan ini sekarang.",
                                "That cannot be done to this report now.");
    return outcome(visit, draw_case(visit, before, 409, attempt));
  }
  attempt.problem = missing_words(*form, *typed, visit.language);
  auto command = command_of(*typed, *form, actor);
  command.files = std::move(files);
  if (attempt.problem.empty() && form->needs.report) {
    const auto other = find_case(visit, typed->other);
    if (!other) return failure(visit, other.error());
    if (*other) command.other = (*other)->report.id;
    if (!*other) {
      attempt.problem = visit.say("Tidak ada laporan dengan nomor itu, atau tidak untuk Anda.",
                                  "There is no report of that number, or it is not for you.");
    }
  }
  if (!attempt.problem.empty()) return outcome(visit, draw_case(visit, before, 422, attempt));
  if (const auto acted = parts.casework.act(before.report.id, command); !acted) {
    return show_refused(visit, name, std::move(attempt), acted.error());
  }
  // An act may have taken the report out of the officer's sight.
  const auto after = find_case(visit, name);
  if (after && !*after) return done("/console", "passed_on");
  return after ? done_of(**after, typed->event) : done(before.address(), kanal::name(typed->event));
}

Response identity(Visit& visit) {
  const auto found = find_case(visit, visit.request.parameters.at("report"));
  if (!found) return failure(visit, found.error());
  if (!*found || !(*found)->view.may_see_identity) return missing(visit);
  const auto& report = (*found)->report;
  const auto why = reason_given(visit, "why");
  if (why.empty()) return ask_reason(visit, (*found)->address());
  auto author = visit.desk.parts.store.identity(report.reporter, visit.session.actor(),
                                                "report " + report.code.value() + ": " + why);
  if (!author) return failure(visit, author.error());
  Attempt attempt;
  attempt.identity = std::move(*author);
  return outcome(visit, draw_case(visit, **found, 200, attempt));
}

Response block_reporter(Visit& visit) {
  const auto found = find_case(visit, visit.request.parameters.at("report"));
  if (!found) return failure(visit, found.error());
  if (!*found || !may_block(visit, **found)) return missing(visit);
  return outcome(visit, block_sender(visit, (*found)->report.reporter, (*found)->address()));
}

// The whole page for who has no JavaScript; a file that was chosen does not come back with it.
Result<Response> preview(const Visit& visit) {
  const auto& parameters = visit.request.parameters;
  const auto found = TRY(find_case(visit, parameters.at("report")));
  const auto typed = read_typed(visit.request, parameters.at("event"));
  if (!found || !typed) return missing(visit);
  const auto form = std::ranges::find(found->forms, typed->event, &ActForm::event);
  if (form == found->forms.end() || !can_preview(*form)) return missing(visit);
  const bool outdated = found->report.steps != typed->expected_steps;
  Attempt attempt{typed, {}, outdated, !files_of(visit.request).empty(), {}};
  attempt.preview = TRY(draw_preview(visit, *found, *form, *typed));
  if (is_refresh(visit.request)) return answer(visit.request, 200, attempt.preview);
  return draw_case(visit, *found, 200, attempt);
}

// A piece of the page: whether the report has moved on since it was drawn.
Result<Response> news(const Visit& visit) {
  const auto report = TRY(look_at(visit, visit.request.parameters.at("report")));
  if (!report) return missing(visit);
  const auto since = std::strtol(visit.request.field("since").c_str(), nullptr, 10);
  auto page = visit.page("news.html");
  if (report->report.steps > since) {
    page.top().add("CHANGED").set("CHANGED_HREF", address_of(report->view));
  }
  return answer(visit.request, 200, page.draw());
}

}  // namespace

std::string Case::address() const {
  return address_of(view);
}

Result<std::optional<Case>> find_case(const Visit& visit, const std::string& name) {
  auto& store = visit.desk.parts.store;
  auto seen = TRY(look_at(visit, name, History::read));
  if (!seen) return std::optional<Case>();
  Case found;
  found.view = std::move(seen->view);
  found.report = std::move(seen->report);
  found.forms = act_forms(found.report, visit.viewer(), visit.now());
  found.posts = TRY(store.posts_of(found.report.id));
  for (auto& post : found.posts) {
    if (!is_withheld(visit, post)) continue;
    post.text.clear();
    post.attachments.clear();
  }
  found.replies = TRY(store.replies_of(found.report.id));
  return std::optional<Case>(std::move(found));
}

Result<Response> draw_case(const Visit& visit, const Case& shown, int status,
                           const Attempt& attempt) {
  auto page = visit.page("report.html");
  auto top = page.top();
  draw_news(visit, top);
  draw_head(visit, top, shown);
  draw_clock(visit, top, shown.view);
  draw_suggestion(visit, top, shown);
  draw_facts(visit, top, shown);
  draw_place(visit, top, shown.view);
  draw_files(visit, top, shown);
  draw_reporter(visit, top, shown, attempt);
  if (may_block(visit, shown)) {
    top.set("SENDER", TRY(draw_sender(visit, shown.report.reporter, shown.address())));
  }
  draw_acts(visit, top, shown, attempt);
  TRY(draw_history(visit, top, shown));
  draw_posts(visit, top, shown);
  draw_replies(visit, top, shown);
  return answer(visit, status, grouped(shown.view.code), page, shown.address());
}

void add_report(std::vector<Route>& routes, const SharedDesk& desk) {
  const auto ability = Ability::read_reports;
  routes.push_back(page_route(desk, "/console/reports/{report}", ability, show));
  routes.push_back(
      page_route(desk, "/console/reports/{report}/files/{post}/{number}", ability, guarded(file)));
  routes.push_back(page_route(desk, "/console/reports/{report}/history/{step}/{number}", ability,
                              guarded(line_file)));
  routes.push_back(upload_route(desk, "/console/reports/{report}/act/{event}", ability,
                                k_most_line_files * k_most_line_file_bytes, act_on_report));
  routes.push_back(upload_route(desk, "/console/reports/{report}/preview/{event}", ability,
                                k_most_line_files * k_most_line_file_bytes, guarded(preview)));
  routes.push_back(form_route(desk, "/console/reports/{report}/identity", ability, identity));
  routes.push_back(page_route(desk, "/console/reports/{report}/news", ability, guarded(news)));
  routes.push_back(
      form_route(desk, "/console/reports/{report}/block", Ability::block_senders, block_reporter));
}

}  // namespace kanal::console
