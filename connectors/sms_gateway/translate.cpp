#include "connectors/sms_gateway/translate.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>

#include "connectors/delivery_words.hpp"
#include "connectors/sms_gateway/verify.hpp"
#include "core/file_link.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "format/sms_address.hpp"
#include "format/unicode.hpp"

namespace kanal::sms_gateway {
namespace {

constexpr std::size_t k_most_id_bytes = 200;
constexpr std::size_t k_most_messages = 500;
constexpr int k_most_depth = 6;
constexpr std::string_view k_id_header = "webhook-id";
constexpr std::string_view k_kept_id = "Webhook-Id: ";

std::string first_of(const Fields& fields, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto value = field(fields, name);
    if (!value.empty()) return std::string(value);
  }
  return {};
}

/// "payload.sender.contact.identifierValue" and so on, so that one look-up serves all shapes.
void flatten(const Json& json, const std::string& path, int depth, Fields& into) {
  if (depth > k_most_depth) return;
  for (const auto& [name, value] : json.object) {
    const auto here = path.empty() ? name : path + '.' + name;
    switch (value.type) {
      case Json::Type::string:
        into.emplace_back(here, value.string);
        break;
      case Json::Type::integer:
        into.emplace_back(here, std::to_string(value.integer));
        break;
      case Json::Type::object:
        flatten(value, here, depth + 1, into);
        break;
      default:
        break;
    }
  }
}

struct Messages {
  std::vector<Fields> taken;
  std::vector<std::string> others;  ///< bodies of requests that hold the rest
};

std::vector<const Json*> each_in(const Json& parsed) {
  const auto* const results = parsed.find("results");
  const auto* list = parsed.type == Json::Type::array ? &parsed : results;
  if (list == nullptr || list->type != Json::Type::array) return {&parsed};
  std::vector<const Json*> each;
  for (const auto& one : list->array) each.push_back(&one);
  return each;
}

/// Flat, which is read as what it was.
std::string body_of(std::span<const Json* const> messages) {
  JsonWriter body;
  body.begin_array();
  for (const auto* const one : messages) {
    Fields fields;
    flatten(*one, {}, 0, fields);
    body.begin_object();
    for (const auto& [name, value] : fields) body.member(name, value);
    body.end_object();
  }
  return body.end_array().take();
}

/// One set of fields a message, of what was signed alone.
Messages messages_of(Delivery delivery, Origin::Signed covered) {
  if (covered == Origin::Signed::body) delivery.query.clear();
  const bool json = header(delivery, "content-type").starts_with("application/json");
  if (!json || covered == Origin::Signed::parameters) {
    auto fields = parameters(delivery);
    if (!fields) return {};
    return {{std::move(*fields)}, {}};
  }
  const auto parsed = Json::parse(delivery.body);
  if (!parsed) return {};
  const auto query = parse_form(delivery.query).value_or(Fields());
  const auto each = each_in(*parsed);
  Messages messages;
  for (auto rest = std::span(each); !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), k_most_messages));
    rest = rest.subspan(some.size());
    if (!messages.taken.empty()) {
      messages.others.push_back(body_of(some));
      continue;
    }
    for (const auto* const one : some) {
      auto& fields = messages.taken.emplace_back(query);
      flatten(*one, {}, 0, fields);
    }
  }
  return messages;
}

/// The body of Kannel's post-url: the text itself, in the charset that the header names.
std::string kannel_text(const Delivery& delivery, const Fields& fields) {
  auto charset = to_lower_ascii(header(delivery, "content-type"));
  const auto at = charset.find("charset=");
  charset =
      at == std::string::npos ? to_lower_ascii(field(fields, "charset")) : charset.substr(at + 8);
  std::erase_if(charset, [](char c) { return c == '"' || c == '\''; });
  charset = charset.substr(0, charset.find(';'));
  const bool wide = field(fields, "coding") == "2";
  if (charset.starts_with("utf-16") || charset.starts_with("ucs-2") || (charset.empty() && wide)) {
    return from_utf16be(delivery.body);
  }
  if (charset.starts_with("iso-8859") || charset.starts_with("windows-1252") ||
      charset.starts_with("latin")) {
    return from_latin1(delivery.body);
  }
  return is_utf8(delivery.body) ? scrub_utf8(delivery.body) : from_latin1(delivery.body);
}

bool said(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return equals_ignoring_case(value, word); });
}

std::optional<Signal::Kind> kind_of(std::string_view status) {
  // Kannel's %d (1 delivered, 2 failed, 16 rejected), and the words of the others.
  if (said(status, {"1", "delivered", "DELIVRD", "DELIVERED_TO_HANDSET", "read"})) {
    return Signal::Kind::delivered;
  }
  if (said(status, {"2", "16", "failed", "undelivered", "rejected", "expired", "delivery_failed",
                    "UNDELIV", "UNDELIVERABLE", "canceled"})) {
    return Signal::Kind::failed;
  }
  if (said(status, {"delayed", "unknown"})) return Signal::Kind::delayed;
  return std::nullopt;
}

/// It is on its way.
bool says_nothing(std::string_view status) {
  // Kannel's %d (4 buffered, 8 taken by the SMSC), and the words of the others.
  return said(status, {"4", "8", "accepted", "queued", "sending", "sent", "submitted", "buffered",
                       "scheduled", "pending", "processing", "ACCEPTD", "ENROUTE"});
}

std::string status_of(const Fields& fields) {
  return first_of(fields, {"MessageStatus", "status", "stat", "data.status", "payload.status",
                           "status.groupName"});
}

std::string key_of(const Fields& fields) {
  return first_of(
      fields, {"key", "client-ref", "client_ref", "reference", "data.key", "payload.reference"});
}

/// As the outbox writes them: "12.3.sms".
bool is_key(std::string_view text) {
  const auto parts = split(text, '.');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  return parts.size() >= 3 && is_number(parts[0]) && is_number(parts[1]);
}

std::string sender_of(const Fields& fields) {
  return first_of(fields, {"from", "From", "msisdn", "originator", "data.from", "from.number",
                           "payload.sender.contact.identifierValue", "sender"});
}

std::string text_of(const Fields& fields) {
  return first_of(fields, {"text", "Body", "message", "body", "cleanText", "data.text",
                           "payload.body.text.text", "message.content.text", "payload"});
}

/// Where the provider keeps the files of a message, a line each.
std::string file_lines(const Fields& fields) {
  constexpr std::int64_t k_most_files = 10;
  constexpr std::size_t k_most_address_bytes = 2000;
  const auto count = std::min(whole_number(field(fields, "NumMedia")).value_or(0), k_most_files);
  std::string lines;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto address = field(fields, "MediaUrl" + std::to_string(i));
    if (!address.starts_with("https://") || address.size() > k_most_address_bytes) continue;
    lines += (lines.empty() ? "" : "\n") + file_link(address);
  }
  return scrub_utf8(lines);
}

std::string id_of(const Fields& fields) {
  return first_of(fields, {"messageId", "MessageSid", "SmsSid", "message_uuid", "message-id",
                           "payload.id", "data.id", "message_id", "id"});
}

std::optional<Time> seconds_of(std::string_view text) {
  constexpr std::int64_t k_year_2100 = 4'102'444'800;
  const auto number = whole_number(text).value_or(0);
  if (number <= 0 || number > k_year_2100) return std::nullopt;
  return Time(std::chrono::seconds(number));
}

/// "2026-03-01 23:59:58", as Vonage writes the UTC.
std::optional<Time> bare_utc_of(std::string_view text) {
  constexpr std::size_t k_size = 19;
  if (text.size() != k_size || text[10] != ' ') return std::nullopt;
  return parse_rfc3339(std::string(text.substr(0, 10)) + 'T' + std::string(text.substr(11)) + 'Z');
}

class Translation {
 public:
  Translation(const Delivery& delivery, const Origin& origin, const Keys& keys, Time now)
      : delivery_(delivery), origin_(origin), keys_(keys), now_(now) {}

  Received all() {
    const auto messages = messages_of(delivery_, origin_.covered);
    for (const auto& fields : messages.taken) {
      const auto status = status_of(fields);
      const bool about_ours = is_callback(delivery_) || is_key(key_of(fields));
      const bool message = !sender_of(fields).empty() && !text_of(fields).empty();
      if (about_ours || (!status.empty() && !message)) {
        add_signal(fields, status.empty() ? "unknown" : status, about_ours);
      } else {
        add_post(fields);
      }
    }
    if (messages.taken.empty())
      add_unreadable("neither valid JSON nor a form of at most 1,000 fields");
    for (const auto& body : messages.others) put_aside(body);
    if (origin_.provider == Provider::twilio) {
      received_.answer.type = "text/xml; charset=utf-8";
      received_.answer.body = "<Response/>";
    }
    return std::move(received_);
  }

 private:
  [[nodiscard]] std::string payload() const { return print_payload(delivery_, now_); }
  /// What tells one request from another when the provider gives no id. What was not signed does
  /// not: whoever sends a request again could change it.
  [[nodiscard]] std::string essence() const {
    auto covered = delivery_;
    if (origin_.covered == Origin::Signed::body) covered.query.clear();
    return print_payload(covered, Time());
  }
  /// Of a message that its gateway gave none. People say the same twice: an hour makes another
  /// message of it.
  [[nodiscard]] std::string made_id(Time posted_at) const {
    const auto count = count_ == 0 ? std::string() : "-" + std::to_string(count_);
    const auto given = header(delivery_, k_id_header);
    if (origin_.provider == Provider::standard && !given.empty()) {
      return scrub_utf8(clip_utf8(given, k_most_id_bytes)) + count;
    }
    return of_content(essence() + count + '\n' + std::to_string(hour_of(posted_at)));
  }
  [[nodiscard]] static std::int64_t hour_of(Time at) {
    return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count();
  }
  [[nodiscard]] std::string of_content(std::string_view content) const {
    return to_hex(keys_.tag(Purpose::lookup, content, 16));
  }
  void add_unreadable(std::string reason) {
    received_.unreadable.push_back(
        {ExternalId(of_content(essence())), payload(), std::move(reason)});
  }

  /// Each post keeps its request, so that one request makes so many posts and no more; the others
  /// can be read as requests of their own.
  void put_aside(const std::string& body) {
    auto other = delivery_;
    other.body = body;
    const auto number = "-more" + std::to_string(received_.unreadable.size());
    for (auto& [name, value] : other.headers) {
      if (equals_ignoring_case(name, k_id_header)) value += number;
    }
    received_.unreadable.push_back({ExternalId(of_content(body)), print_payload(other, now_),
                                    "beyond the " + std::to_string(k_most_messages) +
                                        " messages that one request may bring: read these again"});
  }

  void add_signal(const Fields& fields, const std::string& status, bool about_ours) {
    const auto kind = kind_of(status);
    if (!kind && !about_ours && !says_nothing(status)) {
      return add_unreadable("neither a message nor a status that is known");
    }
    if (!kind) return;
    Signal signal;
    signal.kind = *kind;
    signal.reply_key = clip_utf8(key_of(fields), k_most_id_bytes);
    signal.subject = ExternalId(scrub_utf8(clip_utf8(id_of(fields), k_most_id_bytes)));
    const auto code = first_of(fields, {"ErrorCode", "err-code", "error.code", "statusErrorCode"});
    const auto state = scrub_utf8(clip_utf8(status, 40));
    const bool has_code = !code.empty() && code != "0";
    signal.detail =
        told_of_delivery(*kind, has_code ? state + " " + scrub_utf8(clip_utf8(code, 40)) : state);
    received_.signals.push_back(std::move(signal));
  }

  /// Vonage, MessageBird and Infobip, whose messages alone have a cleanText, write international
  /// numbers without their sign; "852…" of Hong Kong would be one of Indonesia by itself.
  [[nodiscard]] std::string signed_number(std::string number, const Fields& fields) const {
    const bool signless = origin_.provider == Provider::vonage ||
                          origin_.provider == Provider::messagebird ||
                          std::ranges::count(fields, "cleanText", &Fields::value_type::first) > 0;
    const bool bare = !number.starts_with('+') && !number.starts_with('0');
    return signless && bare && is_answerable_number(number) ? '+' + number : number;
  }

  void add_post(const Fields& fields) {
    const auto from = signed_number(sender_of(fields), fields);
    auto text = text_of(fields);
    const bool kannel = origin_.provider == Provider::kannel && delivery_.method == "POST";
    if (kannel) text = kannel_text(delivery_, fields);
    if (from.empty()) return add_unreadable("it does not say who sent it");
    Post post;
    post.text = scrub_utf8(text);
    // Commands are nothing but their words.
    const auto files = file_lines(fields);
    if (!files.empty() && !post.text.empty()) post.full_text = post.text + '\n' + files;
    if (post.text.empty()) post.text = files;
    const auto sender = sms_sender(from, origin_.region);
    post.author.id = ExternalId(sender.id);
    if (sender.is_answerable) post.author.phone = sender.id;
    if (!sender.is_answerable) post.hints.automatic = std::string(k_sms_unanswerable);
    post.hints.entrance = scrub_utf8(clip_utf8(
        first_of(fields, {"to", "To", "recipient", "destination", "data.to", "to.number"}), 64));
    post.posted_at = time_of(fields);
    post.payload = payload();
    const auto id = id_of(fields);
    post.id = ExternalId(id.empty() ? made_id(post.posted_at)
                                    : scrub_utf8(clip_utf8(id, k_most_id_bytes)));
    ++count_;
    join_parts(fields, post);
    received_.posts.push_back(std::move(post));
  }

  /// Vonage passes parts on one by one. Each names all the others, so whichever comes first becomes
  /// the report and the rest join it, the first part before what is there.
  void join_parts(const Fields& fields, Post& post) const {
    const auto total = first_of(fields, {"concat-total"});
    const auto reference = first_of(fields, {"concat-ref"});
    const auto parts = whole_number(total).value_or(0);
    const auto own = whole_number(first_of(fields, {"concat-part"})).value_or(0);
    if (parts < 2 || parts > 255 || own < 1 || own > parts || reference.empty()) return;
    const auto part = [&](std::int64_t hour, std::int64_t i) {
      return ExternalId(of_content(post.author.id.value() + '\n' + post.hints.entrance + '\n' +
                                   reference + '\n' + total + '\n' + std::to_string(hour)) +
                        '-' + std::to_string(i));
    };
    // Phones count their references anew, so that the hour is named; a message may lie across two.
    // Other words under the same reference are told apart by whoever stores them.
    constexpr std::chrono::minutes k_between_parts{10};
    const std::set<std::int64_t> hours{hour_of(post.posted_at - k_between_parts),
                                       hour_of(post.posted_at + k_between_parts)};
    post.id = part(hour_of(post.posted_at), own);
    for (std::int64_t i = 1; i <= parts; ++i) {
      if (i == own) continue;
      for (const auto hour : hours) post.hints.references.push_back(part(hour, i));
    }
    post.hints.opens = own == 1;
    // Behind the text, as commands and offices' names are looked for at its beginning.
    if (own > 1) post.text += " (" + std::to_string(own) + "/" + total + ")";
  }

  /// When the provider says it was sent, as far as that can be.
  [[nodiscard]] Time time_of(const Fields& fields) const {
    const auto told =
        first_of(fields, {"ts", "receivedAt", "receive_datetime", "createdDatetime",
                          "message-timestamp", "data.timestamp", "payload.createdAt", "timestamp"});
    auto found = parse_rfc3339(told);
    if (!found) found = seconds_of(told);
    if (!found) found = bare_utc_of(told);
    return found && *found <= now_ ? *found : now_;
  }

  const Delivery& delivery_;
  const Origin& origin_;
  const Keys& keys_;
  Time now_;
  Received received_;
  int count_ = 0;
};

}  // namespace

bool is_callback(const Delivery& delivery) {
  return delivery.path == "dlr" || delivery.path.ends_with("/dlr");
}

std::string print_payload(const Delivery& delivery, Time at) {
  auto head = delivery.method + ' ' + delivery.query +
              "\nContent-Type: " + std::string(header(delivery, "content-type")) +
              "\nAt: " + print_rfc3339(at);
  if (const auto id = header(delivery, k_id_header); !id.empty()) {
    head += '\n' + std::string(k_kept_id) + std::string(id);
  }
  return head + "\n\n" + delivery.body;
}

std::optional<Kept> parse_payload(std::string_view payload) {
  constexpr std::string_view k_type = "Content-Type: ";
  constexpr std::string_view k_at = "At: ";
  const auto end = payload.find("\n\n");
  const auto head = split(payload.substr(0, end), '\n');
  const bool has_id = head.size() == 4 && head[3].starts_with(k_kept_id);
  if (end == std::string_view::npos || (head.size() != 3 && !has_id) ||
      !head[1].starts_with(k_type) || !head[2].starts_with(k_at)) {
    return std::nullopt;
  }
  const auto at = parse_rfc3339(head[2].substr(k_at.size()));
  if (!at) return std::nullopt;
  Kept kept;
  kept.at = *at;
  const auto blank = head[0].find(' ');
  kept.delivery.method = head[0].substr(0, blank);
  if (blank != std::string_view::npos) kept.delivery.query = head[0].substr(blank + 1);
  kept.delivery.headers.emplace_back("content-type", head[1].substr(k_type.size()));
  if (has_id) kept.delivery.headers.emplace_back(k_id_header, head[3].substr(k_kept_id.size()));
  kept.delivery.body = payload.substr(end + 2);
  return kept;
}

Received translate(const Delivery& delivery, const Origin& origin, const Keys& keys, Time now) {
  return Translation(delivery, origin, keys, now).all();
}

}  // namespace kanal::sms_gateway
