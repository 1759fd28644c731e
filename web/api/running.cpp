#include <algorithm>
#include <charconv>
#include <mutex>

#include "core/deadline.hpp"
#include "core/text.hpp"
#include "web/api/api.hpp"
#include "web/api/show.hpp"
#include "web/officer_form.hpp"

// Messages, channels, the outbox and officers: what runs the bridge.
namespace kanal::api {
namespace {

template <class Enum>
std::optional<Enum> chosen(const Asked& asked, std::string_view parameter, std::string_view list) {
  if (!asked.query.has(parameter)) return std::nullopt;
  const auto words = words_of(list);
  const auto found = std::ranges::find(words, asked.query.text(parameter));
  return static_cast<Enum>(found - words.begin());
}

// What a stage saw may quote the message.
void write_stages(JsonWriter& out, const PostRecord& post, bool content) {
  if (!post.stages.starts_with('[')) return;
  const auto notes = Json::parse(post.stages);
  if (!notes) return;
  out.key("stages").begin_array();
  for (const auto& note : notes->array) {
    out.begin_object();
    for (const auto& [key, said] : note.object) {
      if (key != "evidence") {
        out.member(key, said.string);
      } else if (content) {
        out.member(key, without_own_keys(said.string));
      }
    }
    out.end_object();
  }
  out.end_array();
}

std::vector<Fault> place_officer(Officer& officer, const Organisation& organisation) {
  std::vector<Fault> faults;
  const auto* unit = organisation.unit(officer.unit);
  switch (officer.role) {
    case Role::system:
    case Role::reporter:
      faults.push_back({"role", "must be an officer's"});
      break;
    case Role::liaison:
      if (unit == nullptr) {
        faults.push_back({"unit", "must be one of the organisation's"});
      } else if (!officer.agency.empty() && officer.agency != unit->agency) {
        faults.push_back({"agency", "must be the unit's own"});
      } else {
        officer.agency = unit->agency;
      }
      break;
    case Role::agency_admin:
      if (organisation.agency(officer.agency) == nullptr) {
        faults.push_back({"agency", "must be one of the organisation's"});
      }
      if (!officer.unit.empty()) faults.push_back({"unit", "is of no use to this role"});
      break;
    default:
      if (!officer.agency.empty()) faults.push_back({"agency", "is of no use to this role"});
      if (!officer.unit.empty()) faults.push_back({"unit", "is of no use to this role"});
  }
  return faults;
}

}  // namespace

Result<Response> Api::messages(const Asked& asked) const {
  PostFilter filter;
  filter.channel = chosen_channel(asked);
  filter.fate = chosen<Fate>(asked, "fate", "Fate");
  filter.sender = asked.query.text("sender");
  filter.external_id = asked.query.text("external_id");
  filter.words = asked.query.text("words");
  filter.before_id = asked.query.whole("before").value_or(0);
  filter.most = most_of(asked);
  if (!filter.sender.empty() || !filter.words.empty()) {
    filter.without_confidential = !may_read_confidential(asked.viewer());
    if (!asked.may(Ability::search_senders)) {
      return problem(asked.request, 403, "Your role does not search by sender or by words.");
    }
    // Whom somebody looked for is told by no log; that they did, is.
    if (!filter.sender.empty()) {
      TRY(parts_.store.record(asked.session->actor(), "search sender",
                              asked.query.text("channel")));
    }
  }
  const auto found = TRY(parts_.store.find_posts(filter));
  JsonWriter out;
  out.begin_object().key("messages").begin_array();
  for (const auto& post : found) {
    out.begin_object();
    write_post(out, post, false);
    write_some(out, "external_id", post.external_id.value());
    out.end_object();
  }
  out.end_array();
  if (!found.empty() && found.size() == static_cast<std::size_t>(filter.most)) {
    out.member("next", found.back().id.value());
  }
  out.end_object();
  return json(200, out);
}

Result<Response> Api::message(const Asked& asked) const {
  const auto post = TRY(parts_.store.post(PostId(number_of(asked))));
  if (!post) return missing(asked);
  const auto viewer = asked.viewer();
  // Those who keep channels running see where a message is, not what it says.
  const bool content = asked.may(Ability::search_senders) && TRY(may_read(viewer, *post));
  JsonWriter out;
  out.begin_object();
  if (const auto report = TRY(parts_.store.report(post->report))) {
    const auto seen = view(*report, {}, viewer, Output::api);
    if (seen.visible) out.member("report", seen.code.value());
  }
  write_post(out, *post, content);
  write_some(out, "external_id", post->external_id.value());
  write_stages(out, *post, content);
  out.end_object();
  return json(200, out);
}

Result<Response> Api::promote(const Asked& asked) const {
  return make_report(asked, parts_.promote);
}

Result<Response> Api::part(const Asked& asked) const {
  return make_report(asked, parts_.part);
}

Result<Response> Api::make_report(
    const Asked& asked, const std::function<Result<ReportId>(PostId, const Actor&)>& make) const {
  const PostId id(number_of(asked));
  const auto post = TRY(parts_.store.post(id));
  if (!make || !post) return missing(asked);
  if (!TRY(may_read(asked.viewer(), *post))) return missing(asked);
  const auto made = TRY(make(id, asked.session->actor()));
  const auto report = TRY(parts_.store.report(made));
  if (!report) return missing(asked);
  return shown(asked, *report);
}

Result<Response> Api::discard(const Asked& asked) const {
  const PostId id(number_of(asked));
  const auto post = TRY(parts_.store.post(id));
  if (!post) return missing(asked);
  if (!TRY(may_read(asked.viewer(), *post))) return missing(asked);
  TRY(parts_.store.discard(id, asked.session->actor(), asked.body.text("reason")));
  return nothing_to_say();
}

const WebParts::Channel* Api::channel(const Asked& asked) const {
  const auto& wanted = asked.request.parameters.at("name");
  const auto found = std::ranges::find_if(
      parts_.channels, [&](const auto& each) { return each.name.value() == wanted; });
  return found == parts_.channels.end() ? nullptr : &*found;
}

Result<std::map<ChannelName, SentSegments>> Api::sent_this_month() const {
  const auto offset = utc_offset_of(parts_.organisation.time_zone);
  return parts_.store.sent_segments(start_of_month(parts_.clock.now(), offset));
}

Result<> Api::write_channel(JsonWriter& out, const WebParts::Channel& of,
                            const SentSegments& sent) const {
  const auto record = TRY(parts_.store.channel(of.name));
  api::write_channel(out, record, of, sent, alarms({record}, parts_.clock.now(), parts_.alarms));
  return {};
}

Result<Response> Api::channels(const Asked& /*asked*/) const {
  auto sent = TRY(sent_this_month());
  JsonWriter out;
  out.begin_object().key("channels").begin_array();
  for (const auto& each : parts_.channels) {
    TRY(write_channel(out, each, sent[each.name]));
  }
  out.end_array().key("alarms").begin_array();
  for (const auto& alarm : own_alarms(parts_.clock.now(), parts_.alarms)) {
    api::write_alarm(out, alarm);
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::set_paused(const Asked& asked, bool paused) const {
  const auto* found = channel(asked);
  if (found == nullptr) return missing(asked);
  TRY(parts_.store.record(asked.session->actor(), paused ? "pause" : "resume",
                          "channel " + found->name.value()));
  TRY(parts_.store.set_paused(found->name, paused));
  JsonWriter out;
  auto sent = TRY(sent_this_month());
  TRY(write_channel(out, *found, sent[found->name]));
  return json(200, out);
}

Result<Response> Api::probe(const Asked& asked) const {
  const auto* found = channel(asked);
  if (found == nullptr || !parts_.probe) return missing(asked);
  const std::unique_lock turn(*parts_.probing, std::try_to_lock);
  if (!turn) return problem(asked.request, 409, "Another test is running: wait a moment.");
  const auto steps = TRY(parts_.probe(found->name));
  JsonWriter out;
  out.begin_object();
  out.member("passed", std::ranges::all_of(steps, &ProbeStep::passed));
  out.key("steps").begin_array();
  for (const auto& step : steps) {
    out.begin_object().member("what", step.what).member("passed", step.passed);
    write_some(out, "detail", step.detail);
    out.end_object();
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::outbox(const Asked& asked) const {
  const int most = most_of(asked);
  const auto records = TRY(
      parts_.store.outbox(chosen_channel(asked), chosen<ReplyState>(asked, "state", "ReplyState"),
                          most, OutboxId(asked.query.whole("before").value_or(0))));
  JsonWriter out;
  out.begin_object().key("replies").begin_array();
  for (const auto& record : records) {
    out.begin_object();
    write_reply(out, record, false);
    if (asked.may(Ability::read_reports)) write_some(out, "report", record.reply.code.value());
    out.end_object();
  }
  out.end_array();
  if (!records.empty() && records.size() == static_cast<std::size_t>(most)) {
    out.member("next", records.back().reply.id.value());
  }
  out.end_object();
  return json(200, out);
}

Result<Response> Api::decide(const Asked& asked) const {
  const auto words = words_of("Verdict");
  const auto chosen = std::ranges::find(words, asked.body.text("verdict"));
  const OutboxId id(number_of(asked));
  const int decided = TRY(parts_.store.decide(
      {&id, 1}, static_cast<Verdict>(chosen - words.begin()), asked.session->actor()));
  if (decided == 0) return problem(asked.request, 409, "The reply waits for no such decision.");
  return nothing_to_say();
}

Result<Response> Api::officers(const Asked& /*asked*/) const {
  JsonWriter out;
  out.begin_object().key("officers").begin_array();
  for (const auto& officer : TRY(parts_.store.officers())) write_officer(out, officer);
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::add_officer(const Asked& asked) const {
  Officer officer;
  officer.user = asked.body.text("user");
  officer.name = asked.body.has("name") ? asked.body.text("name") : officer.user;
  officer.role = *role_of(asked.body.text("role"));
  officer.agency = AgencyId(asked.body.text("agency"));
  officer.unit = UnitId(asked.body.text("unit"));
  auto faults = place_officer(officer, parts_.organisation);
  if (!is_user_name(officer.user)) {
    faults.push_back(
        {"user", "must be two characters or more, of a-z, 0-9, dot, dash and underscore"});
  }
  const auto password = asked.body.text("password");
  if (auto weak = weakness(password, officer.user, "en"); !weak.empty()) {
    faults.push_back({"password", std::move(weak)});
  }
  if (!faults.empty()) return unfit(asked, std::move(faults));
  if (TRY(parts_.store.officer(officer.user))) {
    return problem(asked.request, 409, "There is an officer of this user name already.");
  }
  officer.password_hash = TRY(hash_password(password));
  TRY(parts_.store.save_officer(officer,
                                Store::Act{asked.session->actor(), "add officer", officer.user}));
  JsonWriter out;
  write_officer(out, officer);
  return json(201, out);
}

Result<Response> Api::set_remit(const Asked& asked) const {
  auto officer = TRY(parts_.store.officer(asked.request.parameters.at("user")));
  if (!officer) return missing(asked);
  if (officer->id == asked.session->officer.id) {
    return problem(asked.request, 409, "You cannot change your own remit.");
  }
  if (asked.body.has("name")) officer->name = asked.body.text("name");
  officer->role = *role_of(asked.body.text("role"));
  officer->agency = AgencyId(asked.body.text("agency"));
  officer->unit = UnitId(asked.body.text("unit"));
  if (auto faults = place_officer(*officer, parts_.organisation); !faults.empty()) {
    return unfit(asked, std::move(faults));
  }
  const auto subject = "officer " + officer->user + ": " + remit_of(*officer);
  TRY(parts_.store.set_remit(*officer, {asked.session->actor(), "officer change", subject}));
  JsonWriter out;
  write_officer(out, *officer);
  return json(200, out);
}

Result<Response> Api::set_password(const Asked& asked) const {
  const auto officer = TRY(parts_.store.officer(asked.request.parameters.at("user")));
  if (!officer) return missing(asked);
  if (officer->id == asked.session->officer.id) {
    return problem(asked.request, 409, "Your own password is changed in the console.");
  }
  const auto password = asked.body.text("password");
  if (auto weak = weakness(password, officer->user, "en"); !weak.empty()) {
    return unfit(asked, {{"password", std::move(weak)}});
  }
  const auto hash = TRY(hash_password(password));
  const auto subject = "officer " + officer->user;
  TRY(parts_.store.set_password(officer->id, hash,
                                {asked.session->actor(), "officer password", subject}));
  return nothing_to_say();
}

Result<Response> Api::set_disabled(const Asked& asked, bool disabled) const {
  auto officer = TRY(parts_.store.officer(asked.request.parameters.at("user")));
  if (!officer) return missing(asked);
  if (officer->id == asked.session->officer.id) {
    return problem(asked.request, 409, "You cannot shut yourself out.");
  }
  TRY(parts_.store.set_disabled(
      officer->id, disabled,
      {asked.session->actor(), disabled ? "disable officer" : "enable officer", officer->user}));
  officer->disabled = disabled;
  JsonWriter out;
  write_officer(out, *officer);
  return json(200, out);
}

}  // namespace kanal::api
