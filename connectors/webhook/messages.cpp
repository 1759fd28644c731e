#include "connectors/webhook/messages.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "connectors/office.hpp"
#include "connectors/standard_webhook.hpp"
#include "connectors/webhook/reading.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::webhook {
namespace {

constexpr std::size_t k_most_text = 60'000;
constexpr std::uint64_t k_most_file_bytes = 12U << 20U;
constexpr std::size_t k_most_fields = 200;
constexpr std::int64_t k_most_seconds = 4'102'444'800;  // 2100

tl::unexpected<Error> refuse(std::string why) {
  return fail(Remedy::drop, std::move(why));
}

/// The body as JSON; a form's fields as an object of texts.
Result<Json> parse_body(std::string_view body, bool may_be_form) {
  body = trim(body);
  const bool looks_json = body.starts_with('{') || body.starts_with('[');
  if (looks_json || !may_be_form) return Json::parse(body);
  auto fields = TRY(parse_form(body));
  Json form;
  form.type = Json::Type::object;
  for (auto& [name, value] : fields) {
    if (form.object.size() >= k_most_fields) break;
    Json text;
    text.type = Json::Type::string;
    text.string = std::move(value);
    form.object.emplace_back(scrub_utf8(name), std::move(text));
  }
  if (form.object.empty()) return refuse("the body is neither JSON nor a form");
  return form;
}

bool is_plain(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && is_utf8(text) &&
         std::ranges::none_of(
             text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

Result<> write_files(JsonWriter& out, const std::vector<Attachment>& attachments) {
  std::uint64_t bytes = 0;
  out.key("files").begin_array();
  for (const auto& attachment : attachments) {
    out.begin_object().member("name", attachment.name);
    out.member("type", attachment.type);
    out.member("bytes", attachment.size_bytes);
    out.member("sha256", attachment.sha256);
    bytes += attachment.size_bytes;
    if (bytes <= k_most_file_bytes) {
      std::ifstream file(attachment.file, std::ios::binary);
      std::string content(static_cast<std::size_t>(attachment.size_bytes), '\0');
      if (!file.read(content.data(), static_cast<std::streamsize>(content.size()))) {
        return fail(Remedy::retry, "a file of the report cannot be read: " + attachment.sha256);
      }
      out.member("content", to_base64(content));
    }
    out.end_object();
  }
  out.end_array();
  return {};
}

std::optional<Time> time_of(const Json& body, const Message& message, const FieldPaths& paths) {
  const Reading reading(body, paths);
  const auto said = reading.line(paths.sent_at);
  if (const auto at = parse_rfc3339(said)) return at;
  if (paths == FieldPaths()) return std::nullopt;
  const auto seconds = whole_number(message.at).value_or(0);
  return Time{} + std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, k_most_seconds));
}

/// A request as its payload keeps it: "id TAB seconds NEWLINE body". Older ones have no time; a
/// file that holds a body alone is one of its own.
Message read_kept(std::string_view payload) {
  constexpr std::string_view k_of_a_file = "file";
  const auto end = payload.find('\n');
  if (end == std::string_view::npos) return {k_of_a_file, {}, payload};
  const auto first = payload.substr(0, end);
  const auto body = payload.substr(end + 1);
  if (const auto tab = first.find('\t'); tab != std::string_view::npos) {
    const Message kept{first.substr(0, tab), first.substr(tab + 1), body};
    if (!kept.id.empty() && whole_number(kept.at)) return kept;
  }
  const bool alone = first.empty() || first.find_first_of("{[=&") != std::string_view::npos;
  return alone ? Message{k_of_a_file, {}, payload} : Message{first, {}, body};
}

std::string print_kept(const Message& message) {
  auto kept = std::string(message.id);
  if (!message.at.empty()) kept += '\t' + std::string(message.at);
  return kept + '\n' + std::string(message.body);
}

Result<Post> read_complaint(const Json& body, const Message& message, const FieldPaths& paths) {
  const Reading reading(body, paths);
  if (const auto missing = reading.missing(); !missing.empty()) return refuse(missing);
  Post post;
  post.author.name = reading.line(paths.author_name);
  post.author.phone = reading.line(paths.author_phone);
  post.author.email = reading.line(paths.author_email);
  post.author.id = ExternalId(reading.author(message.id));
  // Who names an address in a form of others has not shown that it is theirs.
  post.author.proven = paths == FieldPaths();
  post.text = reading.text(paths.text, k_most_text);
  post.hints.subject = reading.line(paths.subject);
  post.hints.category = reading.line(paths.category);
  post.hints.agency = reading.line(paths.agency);
  post.hints.anonymous = reading.truth(paths.anonymous);
  post.hints.confidential = reading.truth(paths.confidential);
  const Place place{reading.degrees(paths.latitude, 90), reading.degrees(paths.longitude, 180),
                    reading.line(paths.address)};
  if (!place.address.empty() || (place.latitude && place.longitude)) post.place = place;
  post.language = guess_language(post.text);
  return post;
}

Result<Post> read_answer(const Json& data, const ChannelName& channel) {
  const auto key = data.text("key");
  if (!is_plain(key, k_most_id_bytes)) return refuse("data.key is missing");
  const auto event = data.text("event");
  auto post =
      event == "unclear" ? refuse({}) : post_of({{}, key, event, data.text("words"), {}}, channel);
  if (!post) return refuse("data.event must be answer, proceed, ask or not_ours");
  post->hints.from_office = true;
  return post;
}

std::vector<FieldNote> explain_answer(const Json& body) {
  const auto* data = body.find("data");
  const auto note = [](const Json* in, std::string_view key, std::string_view name,
                       std::string_view becomes) {
    auto value = in == nullptr ? std::string() : in->text(key);
    const bool missing = value.empty();
    return FieldNote{std::string(name), std::string(becomes),
                     std::string(clip_utf8(scrub_utf8(value), k_most_line_bytes)),
                     missing ? "missing" : ""};
  };
  return {note(data, "key", "data.key", "the message that it answers"),
          note(data, "event", "data.event", "what the office wants"),
          note(data, "words", "data.words", "text"),
          note(&body, "timestamp", "timestamp", "posted_at")};
}

}  // namespace

Result<std::string> print_message(const Reply& reply, Time now) {
  if (!is_plain(reply.address, k_most_line_bytes)) return refuse("the address is none");
  JsonWriter out;
  out.begin_object().member("type", reply.office ? "report.handed_over" : "reply");
  out.member("timestamp", print_rfc3339(now));
  out.key("data").begin_object();
  out.member("key", reply.key).member("code", reply.code.value());
  out.member("subject", reply.subject);
  const auto notice = reply.office ? Json::parse(reply.text) : Result<Json>(refuse("for a person"));
  if (notice && notice->type == Json::Type::object) {
    out.key("report").raw(reply.text);
    TRY(write_files(out, reply.attachments));
  } else {
    out.member("to", reply.address);
    out.member("text", reply.text).member("state", name(reply.reached));
  }
  out.end_object().end_object();
  return out.take();
}

Result<Post> read_message(const Message& message, const ChannelName& channel,
                          const FieldPaths& fields) {
  if (!is_plain(message.id, k_most_id_bytes)) return refuse("there is no webhook-id");
  const bool own = fields == FieldPaths();
  const auto body = parse_body(message.body, !own);
  if (!body) return refuse("the body is not JSON");
  const auto type = body->text("type");
  const bool answers = type == "office.answer";
  const auto at = time_of(*body, message, answers ? FieldPaths() : fields);
  if (!at) return refuse((own || answers ? "timestamp" : fields.sent_at) + " is missing");
  const auto* data = body->find("data");
  if (data == nullptr && (own || answers)) return refuse("data is missing");
  if (own && type != "complaint" && !answers) {
    return refuse("type must be complaint or office.answer");
  }
  auto post = TRY(answers ? read_answer(*data, channel) : read_complaint(*body, message, fields));
  post.id = ExternalId(std::string(message.id));
  post.posted_at = *at;
  post.payload = print_kept(message);
  return post;
}

Result<Post> read_payload(std::string_view payload, const ChannelName& channel,
                          const FieldPaths& fields) {
  return read_message(read_kept(payload), channel, fields);
}

std::vector<FieldNote> explain_payload(std::string_view payload, const FieldPaths& fields) {
  const auto message = read_kept(payload);
  const auto body = parse_body(message.body, !(fields == FieldPaths()));
  if (!body) return {{"", "", "", "the body is not JSON"}};
  if (body->text("type") == "office.answer") return explain_answer(*body);
  return Reading(*body, fields).explain();
}

}  // namespace kanal::webhook
