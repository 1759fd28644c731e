#include "web/api/schemas.hpp"

#include <string_view>

#include "format/json.hpp"

namespace kanal::api {
namespace {

/// One member in short: "name: type", with ? after the name when it may be absent. A type is text,
/// time, whole, number, truth, code, any, the name of a schema, or one of these and [].
using Lines = std::initializer_list<std::string_view>;

void write_type(JsonWriter& out, std::string_view type) {
  out.begin_object();
  if (type.ends_with("[]")) {
    out.member("type", "array").key("items");
    write_type(out, type.substr(0, type.size() - 2));
  } else if (type == "text") {
    out.member("type", "string");
  } else if (type == "time") {
    out.member("type", "string").member("format", "date-time");
  } else if (type == "whole") {
    out.member("type", "integer");
  } else if (type == "number") {
    out.member("type", "number");
  } else if (type == "truth") {
    out.member("type", "boolean");
  } else if (type == "code") {
    out.member("type", "string").member("pattern", "^[0-9]{12}$");
  } else {
    out.member("$ref", "#/components/schemas/" + std::string(type));
  }
  out.end_object();
}

std::string closed(Lines lines) {
  JsonWriter out;
  out.begin_object().member("type", "object").member("additionalProperties", false);
  out.key("required").begin_array();
  for (const auto line : lines) {
    const auto name = line.substr(0, line.find(':'));
    if (!name.ends_with('?')) out.value(name);
  }
  out.end_array().key("properties").begin_object();
  for (const auto line : lines) {
    const auto colon = line.find(": ");
    auto name = line.substr(0, colon);
    if (name.ends_with('?')) name.remove_suffix(1);
    out.key(name);
    write_type(out, line.substr(colon + 2));
  }
  out.end_object().end_object();
  return out.take();
}

}  // namespace

const std::map<std::string, std::string>& schemas() {
  static const std::map<std::string, std::string> k_schemas = {
      {"Document", R"({"type":"object","required":["openapi","info","paths"],"properties":)"
                   R"({"openapi":{"type":"string"},"info":{"type":"object"},)"
                   R"("paths":{"type":"object"}}})"},
      {"Problem", closed({"type: text", "title: text", "status: whole", "detail: text",
                          "reference: text", "errors?: Fault[]"})},
      {"Fault", closed({"field: text", "message: text"})},
      {"Place", closed({"lat?: number", "long?: number", "address?: text"})},
      {"May", closed({"event: Event", "to: State", "needs: text[]"})},
      {"Report",
       closed(
           {"code: code",     "state: State",    "status_colour: text", "timeliness_colour?: text",
            "due_at?: time",  "overdue: truth",  "title?: text",        "text?: text",
            "place?: Place",  "category?: text", "kind?: text",         "agency?: text",
            "unit?: text",    "channel?: text",  "anonymous: truth",    "confidential: truth",
            "rating?: whole", "support?: whole", "received_at: time",   "updated_at: time",
            "steps?: whole",  "may?: May[]"})},
      {"Reports", closed({"reports: Report[]", "next?: code"})},
      {"Entry", closed({"step: whole", "at: time", "event: Event", "from: State", "to: State",
                        "who: Role", "officer?: whole", "agency?: text", "unit?: text",
                        "post?: whole", "reason?: text", "words?: text", "files?: Attachment[]"})},
      {"History", closed({"history: Entry[]"})},
      {"Attachment",
       closed({"name: text", "type: text", "size_bytes: whole", "sha256: text", "href?: text"})},
      {"Post", closed({"id: whole", "channel: text", "fate: Fate", "reason?: text",
                       "posted_at: time", "received_at: time", "erased: truth", "subject?: text",
                       "text?: text", "attachments?: Attachment[]"})},
      {"Posts", closed({"posts: Post[]"})},
      {"Stage", closed({"stage: text", "evidence?: text", "decision: text", "reason: text"})},
      {"Message",
       closed({"id: whole", "channel: text", "external_id?: text", "fate: Fate", "reason?: text",
               "posted_at: time", "received_at: time", "erased: truth", "subject?: text",
               "text?: text", "attachments?: Attachment[]", "report?: code", "stages?: Stage[]"})},
      {"Messages", closed({"messages: Message[]", "next?: whole"})},
      {"Reply", closed({"id: whole", "step: whole", "channel: text", "state: ReplyState",
                        "attempts: whole", "acknowledgement: truth", "segments?: whole",
                        "due_at: time", "settled_at?: time", "detail?: text", "language?: text",
                        "subject?: text", "text?: text", "report?: code"})},
      {"Replies", closed({"replies: Reply[]"})},
      {"Outbox", closed({"replies: Reply[]", "next?: whole"})},
      {"Reporter",
       closed({"id: text", "handle?: text", "name?: text", "phone?: text", "email?: text"})},
      {"Blocked", closed({"id: whole", "channel: text", "since: time", "officer?: whole",
                          "reason?: text", "newest_message?: whole"})},
      {"BlockedSenders", closed({"blocked: Blocked[]", "next?: whole"})},
      {"Quarantined",
       closed({"id: whole", "channel: text", "external_id?: text", "reason: text",
               "size_bytes: whole", "at: time", "replayed_at?: time", "fate: Fate",
               "discarded_at?: time", "discarded_by?: text", "discarded_why?: text"})},
      {"Quarantine", closed({"quarantine: Quarantined[]", "next?: whole"})},
      {"Filing", closed({"fate: Fate", "reason?: text", "report?: code"})},
      {"Filings", closed({"filings: Filing[]"})},
      {"Channel",
       closed({"name: text", "kind: text", "health: Health", "health_since: time", "said?: text",
               "advice?: text", "paused: truth", "last_success?: time", "last_post?: time",
               "posts_today: whole", "posts_usual: whole", "canary_sent?: time",
               "canary_seen?: time", "segments_this_month?: whole", "cost_this_month?: text",
               "alarms: Alarm[]", "usage?: Usage", "backfill?: Backfill"})},
      {"Backfill", closed({"from: time", "posts: whole", "at: time"})},
      {"Alarm", closed({"alarm: AlarmKind", "message: text"})},
      {"Usage",
       closed({"pace_ms: whole", "usual_ms: whole", "shared_with: text", "meters: Meter[]"})},
      {"Meter", closed({"what: text", "used: number", "most: number", "left: number",
                        "starts_anew?: time", "is_money: truth"})},
      {"Channels", closed({"channels: Channel[]", "alarms: Alarm[]"})},
      {"Step", closed({"what: text", "passed: truth", "detail?: text"})},
      {"Test", closed({"passed: truth", "steps: Step[]"})},
      {"Officer", closed({"user: text", "name: text", "role: Role", "agency?: text", "unit?: text",
                          "disabled: truth", "locked_until?: time"})},
      {"Officers", closed({"officers: Officer[]"})},
      {"Me", closed({"officer: Officer", "may: text[]"})},
      {"Token", closed({"token: text", "label: text", "expires_at: time"})},
      {"Agency", closed({"id: text", "name: text", "short_name?: text", "level?: text"})},
      {"Unit", closed({"id: text", "agency: text", "name: text", "short_name?: text"})},
      {"Category", closed({"id: text", "parent?: text", "name_id: text", "name_en?: text"})},
      {"ReportKind",
       closed({"id: text", "name_id: text", "name_en?: text", "resolution_days: whole"})},
      {"Organisation", closed({"name: text", "time_zone: text", "agencies: Agency[]",
                               "units: Unit[]", "categories: Category[]", "kinds: ReportKind[]"})},
  };
  return k_schemas;
}

}  // namespace kanal::api
