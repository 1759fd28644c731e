#include <algorithm>

#include "core/tracking_code.hpp"
#include "router/files.hpp"
#include "web/api/api.hpp"
#include "web/api/command.hpp"
#include "web/api/show.hpp"
#include "web/office.hpp"

// Reports and what is done to them.
namespace kanal::api {
namespace {

constexpr std::string_view k_moved_on = "The report has moved on: read it again.";

bool reads_content(const View& seen) {
  return seen.visible && seen.may_see_attachments;
}

ReportFilter filter_of(const Asked& asked) {
  ReportFilter filter;
  for (const auto& state : asked.query.texts("state")) filter.states.push_back(*state_of(state));
  if (asked.query.has("agency")) filter.agency = AgencyId(asked.query.text("agency"));
  if (asked.query.has("unit")) filter.unit = UnitId(asked.query.text("unit"));
  if (asked.query.has("category")) filter.categories = {CategoryId(asked.query.text("category"))};
  if (asked.query.has("channel")) filter.channel = ChannelName(asked.query.text("channel"));
  filter.overdue_only = asked.query.truth("overdue").value_or(false);
  filter.words = asked.query.text("words");
  if (!filter.words.empty() && !parse_tracking_code(filter.words)) {
    filter.without_confidential = !may_read_confidential(asked.viewer());
    // The public does not find a report by a number or address that it may not read in it.
    if (!asked.session) filter.words = redact_personal(filter.words);
  }
  filter.most = static_cast<int>(asked.query.whole("most").value_or(50));
  if (!asked.session) filter.public_only = true;
  keep_to_office(filter, asked.viewer());
  return filter;
}

// Why an event that the table knows is not for this officer, or not now.
Response refused(const Asked& asked, const Report& report, Event event) {
  const auto role = asked.session->officer.role;
  const auto word = "\"" + std::string(name(event)) + "\"";
  const bool ever = std::ranges::any_of(
      lifecycle(), [&](const Move& move) { return move.event == event && move.who.has(role); });
  if (ever && !find_move(report.state, event, role, !report.agency.empty())) {
    return problem(
        asked.request, 409,
        word + " is not possible while the report is \"" + std::string(name(report.state)) + "\".");
  }
  return problem(asked.request, 403, word + " is not for you to do with this report.");
}

}  // namespace

Result<std::optional<Api::Found>> Api::find(const Asked& asked,
                                            std::span<const Entry> history) const {
  const auto code = parse_tracking_code(asked.request.parameters.at("code"));
  if (!code) return std::nullopt;
  auto report = TRY(parts_.store.report(*code));
  if (!report) return std::nullopt;
  auto seen = view(*report, history, asked.viewer(), Output::api);
  if (!seen.visible) return std::nullopt;
  return Found{std::move(*report), std::move(seen)};
}

Result<bool> Api::may_read(const Viewer& viewer, const PostRecord& post) const {
  if (post.confidential && !may_read_confidential(viewer)) return false;
  if (!post.report) return true;
  const auto report = TRY(parts_.store.report(post.report));
  return report && reads_content(view(*report, {}, viewer, Output::api));
}

Result<Response> Api::reports(const Asked& asked) const {
  if (!asked.session && asked.query.has("channel")) {
    const Fault fault{"channel", "is for officers"};
    return problem(asked.request, 422, "The query does not fit; see errors.", {&fault, 1});
  }
  auto filter = filter_of(asked);
  if (!asked.session && !filter.words.empty() &&
      parts_.searches->admit(asked.request.peer, parts_.clock.now()) != Admission::admitted) {
    return problem(asked.request, 429,
                   "Too many searches from your network. Wait a few minutes and try again.", {},
                   k_search_wait);
  }
  const auto viewer = asked.viewer();
  if (asked.query.has("before")) {
    const auto code = parse_tracking_code(asked.query.text("before"));
    const auto last = code ? TRY(parts_.store.report(*code)) : std::nullopt;
    // It may have left an officer's office since the page before, and only says where that ended;
    // of one that is not public nobody else is told that it exists.
    if (!last || (!asked.session && !view(*last, {}, viewer, Output::api).visible)) {
      const Fault fault{"before", "must be the \"next\" of a page before"};
      return problem(asked.request, 422, "The query does not fit; see errors.", {&fault, 1});
    }
    filter.before_id = last->id.value();
  }
  const auto found = TRY(parts_.store.find_reports(filter));
  const auto supports = TRY(parts_.store.supports(found));
  JsonWriter out;
  out.begin_object().key("reports").begin_array();
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto seen = view(found[i], {}, viewer, Output::api, supports[i]);
    if (!seen.visible) continue;
    write_report(out, found[i], seen, viewer, parts_.organisation, parts_.clock.now());
  }
  out.end_array();
  if (!found.empty() && found.size() == static_cast<std::size_t>(filter.most)) {
    out.member("next", found.back().code.value());
  }
  out.end_object();
  return json(200, out);
}

Result<Response> Api::report(const Asked& asked) const {
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  return shown(asked, found->report);
}

Result<Response> Api::shown(const Asked& asked, const Report& report) const {
  const auto viewer = asked.viewer();
  const auto support = TRY(parts_.store.supports({&report, 1})).front();
  JsonWriter out;
  write_report(out, report, view(report, {}, viewer, Output::api, support), viewer,
               parts_.organisation, parts_.clock.now());
  return json(200, out);
}

Result<Response> Api::history(const Asked& asked) const {
  auto found = TRY(find(asked));
  if (!found) return missing(asked);
  const auto lines = TRY(parts_.store.history(found->report.id));
  found->seen = view(found->report, lines, asked.viewer(), Output::api);
  JsonWriter out;
  out.begin_object().key("history").begin_array();
  for (const auto& entry : found->seen.history) write_entry(out, entry, found->seen);
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::posts(const Asked& asked) const {
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  const bool content = reads_content(found->seen);
  const bool confidence = may_read_confidential(asked.viewer());
  JsonWriter out;
  out.begin_object().key("posts").begin_array();
  for (const auto& post : TRY(parts_.store.posts_of(found->report.id))) {
    out.begin_object();
    write_post(out, post, content && (confidence || !post.confidential),
               address_of(found->seen.code) + "/posts/" + std::to_string(post.id.value()));
    out.end_object();
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::replies(const Asked& asked) const {
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  const bool content = reads_content(found->seen);
  JsonWriter out;
  out.begin_object().key("replies").begin_array();
  for (const auto& reply : TRY(parts_.store.replies_of(found->report.id))) {
    out.begin_object();
    write_reply(out, reply, content);
    out.end_object();
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::reporter(const Asked& asked) const {
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  // Asked for by itself, with a reason, and recorded: as on a page, while no other answer of the
  // API ever has it.
  const auto seen = view(found->report, {}, asked.viewer(), Output::page);
  if (!seen.may_see_identity) {
    return problem(asked.request, 403, "Who the reporter is, is not for you to know.");
  }
  if (!found->report.reporter) return missing(asked);
  const auto& given = asked.body.has("why") ? asked.body : asked.query;
  const auto author =
      TRY(parts_.store.identity(found->report.reporter, asked.session->actor(), given.text("why")));
  JsonWriter out;
  out.begin_object().member("id", author.id.value());
  write_some(out, "handle", author.handle);
  write_some(out, "name", author.name);
  write_some(out, "phone", author.phone);
  write_some(out, "email", author.email);
  out.end_object();
  return json(200, out);
}

Result<Response> Api::act(const Asked& asked) const {
  auto event = to_event(asked.body);
  if (!event) return unfit(asked, event.error().faults);
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  const auto& report = found->report;
  const auto viewer = asked.viewer();
  auto& command = event->command;
  command.actor = asked.session->actor();
  if (command.expected_steps != 0 && command.expected_steps != report.steps) {
    return problem(asked.request, 409, k_moved_on);
  }
  const auto moves = permitted(report, viewer, parts_.clock.now());
  const auto move = std::ranges::find(moves, command.event, &Move::event);
  if (move == moves.end()) return refused(asked, report, command.event);
  auto faults = missing_needs(*move, *event, report, parts_.organisation);
  if (faults.empty() && event->other) {
    const auto other = TRY(parts_.store.report(*event->other));
    if (other && view(*other, {}, viewer, Output::api).visible) {
      command.other = other->id;
    } else {
      faults.push_back({"other", "must be a report that you may see"});
    }
  }
  command.files = asked.files;
  if (const auto fits = check_files(command.event, command.files); !fits) {
    faults.push_back({"files", fits.error().message});
  }
  if (!faults.empty()) return unfit(asked, std::move(faults));
  auto done = parts_.casework.act(report.id, command);
  if (!done && done.error().remedy == Remedy::drop) {
    const auto now = TRY(parts_.store.report(report.id));
    const bool outdated = now && command.expected_steps != 0 && now->steps != report.steps;
    return outdated ? problem(asked.request, 409, k_moved_on)
                    : problem(asked.request, 422, done.error().message);
  }
  const auto after = TRY(std::move(done));
  if (!view(after, {}, viewer, Output::api).visible) {
    Response gone;
    gone.status = 204;
    return gone;
  }
  return shown(asked, after);
}

}  // namespace kanal::api
