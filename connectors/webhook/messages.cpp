#include "connectors/webhook/messages.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::webhook {
namespace {

constexpr std::size_t k_most_text = 60'000;
constexpr std::size_t k_most_line = 300;
constexpr std::size_t k_most_id = 200;
constexpr std::uint64_t k_most_file_bytes = 12U << 20U;

// What an office wants, as the first line that says so in a mail.
struct Wish {
  std::string_view event;
  std::string_view line;
};
constexpr auto k_wishes = std::to_array<Wish>(
    {{"answer", "SELESAI"}, {"proceed", "PROSES"}, {"ask", "TANYA"}, {"not_ours", "BUKAN KAMI"}});

tl::unexpected<Error> refuse(std::string why) {
  return fail(Remedy::drop, std::move(why));
}

bool is_plain(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && is_utf8(text) &&
         std::ranges::none_of(
             text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

std::string text_of(const Json& data, std::string_view key, std::size_t most) {
  return std::string(clip_utf8(scrub_utf8(trim(data.text(key))), most));
}

bool truth_of(const Json& data, std::string_view key) {
  const auto* found = data.find(key);
  return found != nullptr && found->type == Json::Type::boolean && found->boolean;
}

Result<> write_files(JsonWriter& out, const std::vector<Attachment>& attachments) {
  std::uint64_t bytes = 0;
  out.key("files").begin_array();
  for (const auto& attachment : attachments) {
    out.begin_object().member("name", std::string_view(attachment.name));
    out.member("type", std::string_view(attachment.type));
    out.member("bytes", static_cast<std::int64_t>(attachment.size_bytes));
    out.member("sha256", std::string_view(attachment.sha256));
    bytes += attachment.size_bytes;
    if (bytes <= k_most_file_bytes) {
      std::ifstream file(attachment.file, std::ios::binary);
      std::string content(static_cast<std::size_t>(attachment.size_bytes), '\0');
      if (!file.read(content.data(), static_cast<std::streamsize>(content.size()))) {
        return fail(Remedy::retry, "a file of the report cannot be read: " + attachment.sha256);
      }
      out.member("content", std::string_view(to_base64(content)));
    }
    out.end_object();
  }
  out.end_array();
  return {};
}

Result<Post> read_complaint(const Json& data) {
  Post post;
  const auto* author = data.find("author");
  if (author == nullptr || !is_plain(author->text("id"), k_most_id)) {
    return refuse("data.author.id is missing");
  }
  post.author.id = ExternalId(author->text("id"));
  post.author.name = text_of(*author, "name", k_most_line);
  post.author.phone = text_of(*author, "phone", k_most_line);
  post.author.email = text_of(*author, "email", k_most_line);
  post.text = text_of(data, "text", k_most_text);
  if (post.text.empty()) return refuse("data.text is missing");
  post.hints.subject = text_of(data, "subject", k_most_line);
  post.hints.category = text_of(data, "category", k_most_line);
  post.hints.agency = text_of(data, "agency", k_most_line);
  post.hints.anonymous = truth_of(data, "anonymous");
  post.hints.confidential = truth_of(data, "confidential");
  const auto address = text_of(data, "address", k_most_line);
  if (!address.empty()) post.place = Place{std::nullopt, std::nullopt, address};
  post.language = guess_language(post.text);
  return post;
}

Result<Post> read_answer(const Json& data, const ChannelName& channel) {
  Post post;
  post.author.id = ExternalId(channel.value());
  post.hints.thread_token = data.text("key");
  if (!is_plain(post.hints.thread_token, k_most_id)) return refuse("data.key is missing");
  const auto event = data.text("event");
  const auto wish = std::ranges::find(k_wishes, event, &Wish::event);
  if (wish == k_wishes.end()) {
    return refuse("data.event must be answer, proceed, ask or not_ours");
  }
  post.text = std::string(wish->line) + '\n' + text_of(data, "words", k_most_text);
  return post;
}

}  // namespace

Result<std::string> print_message(const Reply& reply, Time now) {
  if (!is_plain(reply.address, k_most_line)) return refuse("the address is none");
  JsonWriter out;
  out.begin_object().member("type", reply.office ? "report.handed_over" : "reply");
  out.member("timestamp", std::string_view(print_rfc3339(now)));
  out.key("data").begin_object();
  out.member("key", std::string_view(reply.key))
      .member("code", std::string_view(reply.code.value()));
  out.member("subject", std::string_view(reply.subject));
  const auto notice = reply.office ? Json::parse(reply.text) : Result<Json>(refuse("for a person"));
  if (notice && notice->type == Json::Type::object) {
    out.key("report").raw(reply.text);
    TRY(write_files(out, reply.attachments));
  } else {
    out.member("to", std::string_view(reply.address));
    out.member("text", std::string_view(reply.text)).member("state", name(reply.reached));
  }
  out.end_object().end_object();
  return out.take();
}

Result<Post> read_message(std::string_view id, std::string_view body, const ChannelName& channel) {
  if (!is_plain(id, k_most_id)) return refuse("there is no webhook-id");
  const auto message = Json::parse(body);
  if (!message) return refuse("the body is not JSON");
  const auto at = parse_rfc3339(message->text("timestamp"));
  if (!at) return refuse("timestamp is missing");
  const auto* data = message->find("data");
  if (data == nullptr) return refuse("data is missing");
  const auto type = message->text("type");
  if (type != "complaint" && type != "office.answer") {
    return refuse("type must be complaint or office.answer");
  }
  auto post = TRY(type == "complaint" ? read_complaint(*data) : read_answer(*data, channel));
  post.id = ExternalId(std::string(id));
  post.posted_at = *at;
  post.payload = std::string(id) + '\n' + std::string(body);
  return post;
}

Result<Post> read_payload(std::string_view payload, const ChannelName& channel) {
  const auto end = payload.find('\n');
  if (end == std::string_view::npos) return refuse("not a request as payloads are kept");
  return read_message(payload.substr(0, end), payload.substr(end + 1), channel);
}

}  // namespace kanal::webhook
