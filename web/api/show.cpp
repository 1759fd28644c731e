#include "web/api/show.hpp"

#include "core/rfc3339.hpp"
#include "format/usage.hpp"
#include "router/moves.hpp"
#include "web/api/shape.hpp"
#include "web/shown_words.hpp"
#include "web/words.hpp"

namespace kanal::api {
namespace {

void write_place(JsonWriter& out, const Place& place) {
  out.key("place").begin_object();
  if (place.latitude && place.longitude) {
    out.member("lat", *place.latitude).member("long", *place.longitude);
  }
  write_some(out, "address", place.address);
  out.end_object();
}

void write_moves(JsonWriter& out, const Report& report, const Viewer& viewer, Time now) {
  out.key("may").begin_array();
  for (const auto& move : permitted(report, viewer, now)) {
    out.begin_object().member("event", name(move.event)).member("to", name(move.to));
    out.key("needs").begin_array();
    const std::pair<bool, std::string_view> needs[] = {
        {move.needs.reason, "reason"}, {move.needs.text, "words"},   {move.needs.agency, "agency"},
        {move.needs.unit, "unit"},     {move.needs.report, "other"}, {move.needs.rating, "rating"}};
    for (const auto& [needed, member] : needs) {
      if (needed) out.value(member);
    }
    out.end_array().end_object();
  }
  out.end_array();
}

// `at`: the address below which each has its bytes, by its place; empty: they have none.
void write_files(JsonWriter& out, std::string_view name, const std::vector<Attachment>& files,
                 std::string_view at) {
  out.key(name).begin_array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& file = files[i];
    out.begin_object().member("name", file.name);
    out.member("type", file.type);
    out.member("size_bytes", file.size_bytes);
    out.member("sha256", file.sha256);
    if (!at.empty()) out.member("href", std::string(at) + "/files/" + std::to_string(i));
    out.end_object();
  }
  out.end_array();
}

std::string timeliness_of(const View& seen, const Organisation& organisation, Time now) {
  // No office is late with what waits for the reporter.
  const bool waits = seen.state == State::needs_info || seen.state == State::answered;
  if (!seen.due_at || waits || seen.timeliness_colour != "green") return seen.timeliness_colour;
  if (*seen.due_at < now) return "red";
  return falls_due_soon(*seen.due_at, organisation, now) ? "amber" : "green";
}

}  // namespace

std::string address_of(const TrackingCode& code) {
  return "/api/v1/reports/" + code.value();
}

void write_some(JsonWriter& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.member(name, text);
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<Time>& time) {
  if (time) out.member(name, print_rfc3339(*time));
}

void write_report(JsonWriter& out, const Report& report, const View& seen, const Viewer& viewer,
                  const Organisation& organisation, Time now) {
  out.begin_object().member("code", seen.code.value());
  out.member("state", name(seen.state));
  out.member("status_colour", seen.status_colour);
  write_some(out, "timeliness_colour", timeliness_of(seen, organisation, now));
  write_time(out, "due_at", seen.due_at);
  out.member("overdue", seen.overdue);
  write_some(out, "title", seen.title);
  write_some(out, "text", seen.text);
  if (seen.place) write_place(out, *seen.place);
  write_some(out, "category", seen.category.value());
  write_some(out, "kind", seen.kind.value());
  write_some(out, "agency", seen.agency.value());
  write_some(out, "unit", seen.unit.value());
  write_some(out, "channel", seen.channel.value());
  out.member("anonymous", seen.anonymous).member("confidential", seen.confidential);
  if (seen.rating) out.member("rating", *seen.rating);
  if (seen.support) out.member("support", *seen.support);
  write_time(out, "received_at", seen.received_at);
  write_time(out, "updated_at", seen.updated_at);
  if (seen.may_see_officers) {
    out.member("steps", seen.steps);
    write_moves(out, report, viewer, now);
  }
  out.end_object();
}

void write_entry(JsonWriter& out, const Entry& entry, const View& seen) {
  out.begin_object().member("step", entry.step);
  write_time(out, "at", entry.at);
  out.member("event", name(entry.event));
  out.member("from", name(entry.from)).member("to", name(entry.to));
  out.member("who", name(entry.actor.role));
  if (entry.actor.officer) out.member("officer", entry.actor.officer.value());
  write_some(out, "agency", entry.agency.value());
  write_some(out, "unit", entry.unit.value());
  if (entry.post && seen.may_see_officers) out.member("post", entry.post.value());
  write_some(out, "reason", entry.reason);
  write_some(out, "words", entry.words);
  if (!entry.files.empty()) {
    write_files(out, "files", entry.files,
                address_of(seen.code) + "/history/" + std::to_string(entry.step));
  }
  out.end_object();
}

void write_post(JsonWriter& out, const PostRecord& post, bool content, std::string_view files_at) {
  out.member("id", post.id.value());
  out.member("channel", post.channel.value());
  out.member("fate", name(post.fate));
  write_some(out, "reason", post.reason);
  write_time(out, "posted_at", post.posted_at);
  write_time(out, "received_at", post.received_at);
  out.member("erased", post.erased);
  if (!content) return;
  const auto words = shown_words(post);
  write_some(out, "subject", words.subject);
  write_some(out, "text", words.text);
  write_files(out, "attachments", post.attachments, files_at);
}

void write_reply(JsonWriter& out, const OutboxRecord& record, bool content) {
  const auto& reply = record.reply;
  out.member("id", reply.id.value()).member("step", reply.step);
  out.member("channel", reply.channel.value());
  out.member("state", name(record.state));
  out.member("attempts", record.attempts);
  out.member("acknowledgement", reply.acknowledgement);
  if (record.segments) out.member("segments", *record.segments);
  write_time(out, "due_at", record.due_at);
  write_time(out, "settled_at", record.settled_at);
  // Far sides repeat the address in what they say.
  write_some(out, "detail", redact_detail(record.detail));
  if (!content) return;
  write_some(out, "language", reply.language);
  const auto words = shown_words(reply);
  write_some(out, "subject", words.subject);
  write_some(out, "text", words.text);
}

void write_organisation(JsonWriter& out, const Organisation& organisation) {
  out.begin_object().member("name", organisation.name);
  out.member("time_zone", organisation.time_zone);
  out.key("agencies").begin_array();
  for (const auto& agency : organisation.agencies) {
    out.begin_object().member("id", agency.id.value());
    out.member("name", agency.name);
    write_some(out, "short_name", agency.short_name);
    write_some(out, "level", agency.level);
    out.end_object();
  }
  out.end_array().key("units").begin_array();
  for (const auto& unit : organisation.units) {
    out.begin_object().member("id", unit.id.value());
    out.member("agency", unit.agency.value());
    out.member("name", unit.name);
    write_some(out, "short_name", unit.short_name);
    out.end_object();
  }
  out.end_array().key("categories").begin_array();
  for (const auto& category : organisation.categories) {
    out.begin_object().member("id", category.id.value());
    write_some(out, "parent", category.parent.value());
    out.member("name_id", category.name_id);
    write_some(out, "name_en", category.name_en);
    out.end_object();
  }
  out.end_array().key("kinds").begin_array();
  for (const auto& kind : organisation.kinds) {
    out.begin_object().member("id", kind.id.value());
    out.member("name_id", kind.name_id);
    write_some(out, "name_en", kind.name_en);
    out.member("resolution_days", kind.resolution_days).end_object();
  }
  out.end_array().end_object();
}

void write_blocked(JsonWriter& out, const BlockedSender& blocked, bool with_message) {
  out.begin_object().member("id", blocked.reporter.value());
  out.member("channel", blocked.channel.value());
  write_time(out, "since", blocked.since);
  if (blocked.by) out.member("officer", blocked.by.value());
  write_some(out, "reason", blocked.reason);
  if (with_message) out.member("newest_message", blocked.newest_post.value());
  out.end_object();
}

void write_quarantined(JsonWriter& out, const QuarantineRecord& record) {
  out.begin_object().member("id", record.id.value());
  out.member("channel", record.channel.value());
  write_some(out, "external_id", record.external_id.value());
  out.member("reason", redact_personal(record.reason));
  out.member("size_bytes", record.size_bytes);
  write_time(out, "at", record.at);
  write_time(out, "replayed_at", record.replayed_at);
  out.member("fate", name(record.discarded_at ? Fate::screened : Fate::quarantined));
  write_time(out, "discarded_at", record.discarded_at);
  write_some(out, "discarded_by", record.discarded_by);
  write_some(out, "discarded_why", record.discarded_why);
  out.end_object();
}

void write_alarm(JsonWriter& out, const Alarm& alarm) {
  out.begin_object().member("alarm", name(alarm.kind));
  out.member("message", alarm.message).end_object();
}

void write_channel(JsonWriter& out, const ChannelRecord& record, const WebParts::Channel& channel,
                   const SentSegments& sent, const std::vector<Alarm>& raised) {
  out.begin_object().member("name", record.name.value());
  out.member("kind", channel.kind).member("health", name(record.health));
  write_time(out, "health_since", record.health_since);
  write_some(out, "said", record.said);
  write_some(out, "advice", health_advice(record.health, record.said, "en"));
  out.member("paused", record.paused);
  write_time(out, "last_success", record.last_success);
  write_time(out, "last_post", record.last_post);
  out.member("posts_today", record.posts_today).member("posts_usual", record.posts_usual);
  if (!record.usage.empty()) write_usage(out.key("usage"), record.usage);
  if (record.backfill) {
    out.key("backfill").begin_object();
    write_time(out, "from", record.backfill->from);
    out.member("posts", record.backfill->posts);
    write_time(out, "at", record.backfill->at);
    out.end_object();
  }
  write_time(out, "canary_sent", record.canary_sent);
  write_time(out, "canary_seen", record.canary_seen);
  if (sent.segments > 0) out.member("segments_this_month", sent.segments);
  if (sent.segments > 0 && channel.segment_price) {
    out.member("cost_this_month", print_cost(*channel.segment_price, sent.segments));
  }
  out.key("alarms").begin_array();
  for (const auto& alarm : raised) write_alarm(out, alarm);
  out.end_array().end_object();
}

void write_officer(JsonWriter& out, const Officer& officer) {
  out.begin_object().member("user", officer.user);
  out.member("name", officer.name).member("role", name(officer.role));
  write_some(out, "agency", officer.agency.value());
  write_some(out, "unit", officer.unit.value());
  out.member("disabled", officer.disabled);
  write_time(out, "locked_until", officer.locked_until);
  out.end_object();
}

}  // namespace kanal::api
