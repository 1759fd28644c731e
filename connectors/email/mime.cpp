#include "connectors/email/mime.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <gmime/gmime.h>

#include "connectors/email/bounds.hpp"
#include "connectors/email/charset.hpp"
#include "connectors/email/flowed.hpp"
#include "connectors/email/html.hpp"
#include "core/text.hpp"
#include "format/upload.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_most_parts = 500;
constexpr int k_deepest_part = 60;
constexpr std::size_t k_most_headers = 1000;
constexpr std::size_t k_most_ids = 50;
constexpr std::size_t k_longest_id = 250;
constexpr std::size_t k_longest_value = 16U << 10U;
constexpr std::size_t k_most_recipients = 50;
constexpr std::size_t k_most_fields_bytes = 256U << 10U;
constexpr std::size_t k_most_body_bytes = 2U << 20U;
constexpr std::size_t k_longest_notice = 200;
// Of HTML with plain text, in all: alternatives may stand within one another.
constexpr std::size_t k_most_compared_bytes = 4U << 20U;
// Text with marks in it that can be read as it is.
constexpr std::array<const char*, 4> k_marked_up = {"enriched", "richtext", "markdown",
                                                    "x-markdown"};
constexpr int k_deepest_words = 8;  // of mails within mails

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref<T>>;

struct FreeOptions {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

GMimeParserOptions* parser_options() {
  static const auto options = [] {
    g_mime_init();
    std::unique_ptr<GMimeParserOptions, FreeOptions> made(g_mime_parser_options_new());
    auto* raw = made.get();
    g_mime_parser_options_set_address_compliance_mode(raw, GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_parameter_compliance_mode(raw, GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_rfc2047_compliance_mode(raw, GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_allow_addresses_without_domain(raw, TRUE);
    std::array<const char*, 3> charsets = {"utf-8", "windows-1252", nullptr};
    g_mime_parser_options_set_fallback_charsets(raw, charsets.data());
    return made;
  }();
  return options.get();
}

std::string text_of(const char* value) {
  return value == nullptr ? "" : scrub_utf8(value);
}

std::string decode_header(std::string_view raw) {
  const std::string value(raw.substr(0, k_longest_value));
  char* decoded = g_mime_utils_header_decode_text(parser_options(), value.c_str());
  const std::unique_ptr<char, decltype(&g_free)> owner(decoded, g_free);
  auto text = text_of(decoded);
  // What was folded is one line again, whatever was used to fold it.
  std::string line;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space) line += c;
    if (space && !line.ends_with(' ')) line += ' ';
  }
  return std::string(trim(line));
}

std::string bytes_of(GMimeStream* stream) {
  const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  return array == nullptr ? ""
                          : std::string(reinterpret_cast<const char*>(array->data), array->len);
}

std::string content_of(GMimePart* part) {
  auto* wrapper = g_mime_part_get_content(part);
  if (wrapper == nullptr) return {};
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(wrapper, out.get());
  return bytes_of(out.get());
}

std::string raw_of(GMimeObject* object) {
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(object, nullptr, out.get());
  return bytes_of(out.get());
}

std::string lower(const char* text) {
  return to_lower_ascii(text_of(text));
}

bool is_type(GMimeObject* object, const char* type, const char* subtype) {
  auto* content = g_mime_object_get_content_type(object);
  return content != nullptr && g_mime_content_type_is_type(content, type, subtype) != FALSE;
}

std::string declared_type(GMimeObject* object) {
  auto* content = g_mime_object_get_content_type(object);
  if (content == nullptr) return "application/octet-stream";
  char* text = g_mime_content_type_get_mime_type(content);
  const std::unique_ptr<char, decltype(&g_free)> owner(text, g_free);
  return lower(text);
}

/// Whether a short plain text says nothing itself ("Your mail program cannot show HTML"): the other
/// is far longer, and most of its words are not in there.
bool stands_in_for(std::string_view plain, std::string_view html) {
  constexpr std::size_t k_least_ratio = 4;
  constexpr std::size_t k_least_word = 4;
  constexpr std::size_t k_most_shown = 64U << 10U;
  if (html.size() <= k_least_ratio * plain.size()) return false;
  const auto shown = to_lower_ascii(clip_utf8(html_to_text(html), k_most_shown));
  if (shown.size() <= k_least_ratio * plain.size()) return false;
  const auto lower = to_lower_ascii(plain);
  std::size_t words = 0;
  std::size_t shared = 0;
  for (std::size_t at = 0; at < lower.size();) {
    const auto end = std::min(lower.find_first_of(" \t\r\n.,:;!?()\"'*_", at), lower.size());
    const auto word = std::string_view(lower).substr(at, end - at);
    at = end + 1;
    if (word.size() < k_least_word) continue;
    ++words;
    shared += shown.find(word) != std::string::npos ? 1 : 0;
  }
  return words == 0 ? plain.size() < k_least_word : 2 * shared < words;
}

/// Walks the tree of parts: body text on one side, everything else as attachments on the other.
class Walker {
 public:
  enum class Files { kept, passed_over };
  Walker(ParsedMail& mail, Files files) : mail_(mail), keeps_files_(files == Files::kept) {}

  void walk(GMimeObject* object, int depth) {
    if (object == nullptr || ++parts_ > k_most_parts) return;
    if (depth > k_deepest_part) {
      if (keeps_files_) attach("part.eml", "message/rfc822", raw_of(object));
    } else if (GMIME_IS_MULTIPART(object)) {
      walk_multipart(GMIME_MULTIPART(object), depth);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      walk_message(GMIME_MESSAGE_PART(object), depth);
    } else if (GMIME_IS_PART(object)) {
      walk_leaf(GMIME_PART(object));
    } else if (keeps_files_) {
      attach("", declared_type(object), raw_of(object));
    }
  }

  [[nodiscard]] bool too_many() const { return parts_ > k_most_parts; }
  [[nodiscard]] std::string body() {
    std::string text;
    for (const auto& piece : pieces_) {
      append(text, piece.html ? html_to_text(piece.text) : piece.text);
    }
    for (const auto* other :
         {&marked_up_, &forwarded_, &mail_.delivery_status, &prologue_, &filed_}) {
      if (text.empty() && !trim(*other).empty()) text = *other;
    }
    return text;
  }

 private:
  /// Body text, in the order of the parts.
  struct Piece {
    bool html = false;
    std::string text;
  };

  void walk_multipart(GMimeMultipart* multipart, int depth) {
    auto* object = GMIME_OBJECT(multipart);
    if (is_type(object, "multipart", "report")) mail_.is_report = true;
    const bool alternative = is_type(object, "multipart", "alternative");
    // A boundary that fits nothing leaves all of the text in front of the parts, or behind them.
    if (depth == 0) {
      prologue_ = text_of(g_mime_multipart_get_prologue(multipart));
      append(prologue_, text_of(g_mime_multipart_get_epilogue(multipart)));
    }
    const auto before = pieces_.size();
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count && !too_many(); ++i) {
      walk(g_mime_multipart_get_part(multipart, i), depth + 1);
    }
    if (alternative) choose(before);
  }

  /// Of alternatives one is enough.
  void choose(std::size_t first) {
    const auto all_of = [&](bool html, std::size_t most) {
      std::string text;
      for (auto i = first; i < pieces_.size() && trim(text).size() < most; ++i) {
        if (pieces_[i].html == html) append(text, pieces_[i].text);
      }
      return text;
    };
    const auto plain = all_of(false, k_longest_notice);
    if (plain.empty()) return;
    bool drops_html = true;
    if (trim(plain).size() < k_longest_notice) {
      const auto html = all_of(true, to_compare_);
      // Rather both than the wrong one.
      if (html.size() >= to_compare_) return;
      to_compare_ -= html.size();
      drops_html = !stands_in_for(trim(plain), html);
    }
    const auto from = pieces_.begin() + static_cast<std::ptrdiff_t>(first);
    pieces_.erase(std::remove_if(from, pieces_.end(),
                                 [&](const Piece& piece) { return piece.html == drops_html; }),
                  pieces_.end());
  }

  void walk_message(GMimeMessagePart* part, int depth) {
    auto* message = g_mime_message_part_get_message(part);
    auto* object = GMIME_OBJECT(part);
    // Its words first: each copy of what is within would stand beside all those around it.
    if (message != nullptr && forwarded_.empty() && !mail_.is_report && depth < k_deepest_words) {
      ParsedMail inner;
      Walker walker(inner, Files::passed_over);
      walker.walk(g_mime_message_get_mime_part(message), depth + 1);
      parts_ += walker.parts_;
      forwarded_ = walker.body();
    }
    if (!keeps_files_) return;
    std::string raw = message != nullptr ? raw_of(GMIME_OBJECT(message)) : raw_of(object);
    if (mail_.is_report && mail_.returned.empty()) mail_.returned = parse_fields(raw);
    const char* subject = message != nullptr ? g_mime_message_get_subject(message) : nullptr;
    attach(subject != nullptr ? text_of(subject) + ".eml" : "mail.eml", "message/rfc822",
           std::move(raw));
  }

  void walk_leaf(GMimePart* part) {
    auto* object = GMIME_OBJECT(part);
    if (is_type(object, "message", "delivery-status") ||
        is_type(object, "message", "global-delivery-status")) {
      mail_.delivery_status += fields_of(content_of(part)) + "\n\n";
    } else if (is_type(object, "message", "disposition-notification")) {
      mail_.disposition = fields_of(content_of(part));
    } else if (is_type(object, "text", "rfc822-headers")) {
      mail_.returned = parse_fields(content_of(part));
    }
    const char* file_name = g_mime_part_get_filename(part);
    auto* disposition = g_mime_object_get_content_disposition(object);
    const bool attached =
        disposition != nullptr && g_mime_content_disposition_is_attachment(disposition) != FALSE;
    const bool plain = is_type(object, "text", "plain");
    const bool html = is_type(object, "text", "html");
    const bool body = (plain || html) && !attached && (file_name == nullptr || pieces_.empty());
    auto bytes = content_of(part);
    if (html && body) {
      for (auto& picture : take_pictures(bytes)) {
        if (keeps_files_) attach("", picture.type, std::move(picture.bytes));
      }
    }
    if (body) {
      auto text = text_in(object, bytes);
      if (!trim(text).empty()) pieces_.push_back({html, std::move(text)});
      if (keeps_files_ && bytes.size() > k_most_body_bytes) {
        const auto* const name = html ? "isi-surat.html" : "isi-surat.txt";
        attach(file_name == nullptr ? name : text_of(file_name), declared_type(object),
               std::move(bytes));
      }
      return;
    }
    if (plain && filed_.empty() && bytes.size() <= k_most_body_bytes) {
      filed_ = text_in(object, bytes);
    } else if (!attached && marked_up_.empty() && std::ranges::any_of(k_marked_up, [&](auto type) {
                 return is_type(object, "text", type);
               })) {
      marked_up_ = text_in(object, bytes);
    }
    if (keeps_files_) attach(text_of(file_name), declared_type(object), std::move(bytes));
  }

  static std::string text_in(GMimeObject* object, std::string_view bytes) {
    const auto parameter = [&](const char* name) {
      return lower(g_mime_object_get_content_type_parameter(object, name));
    };
    auto text = decode_charset(bytes.substr(0, k_most_body_bytes), parameter("charset"));
    return parameter("format") == "flowed" ? unflow(text, parameter("delsp") == "yes") : text;
  }

  static std::string fields_of(std::string_view bytes) {
    return scrub_utf8(bytes.substr(0, k_most_fields_bytes));
  }

  static void append(std::string& body, const std::string& more) {
    if (trim(more).empty()) return;
    if (!body.empty()) body += "\n\n";
    body += more;
  }

  void attach(std::string name, const std::string& type, std::string bytes) {
    Attachment attachment;
    attachment.name = std::string(clip_utf8(trim(name), 200));
    if (attachment.name.empty()) {
      attachment.name = unnamed_file(mail_.attachments.size() + 1);
    }
    attachment.type = content_type(bytes, type);
    attachment.size_bytes = bytes.size();
    attachment.bytes = std::move(bytes);
    mail_.attachments.push_back(std::move(attachment));
  }

  ParsedMail& mail_;
  bool keeps_files_;
  std::vector<Piece> pieces_;
  std::string marked_up_;
  std::string forwarded_;
  std::string prologue_;
  std::string filed_;  ///< of a text that was attached as a file
  std::size_t parts_ = 0;
  std::size_t to_compare_ = k_most_compared_bytes;
};

void read_headers(GMimeMessage* message, ParsedMail& mail) {
  auto* list = g_mime_object_get_header_list(GMIME_OBJECT(message));
  const int count = std::min(g_mime_header_list_get_count(list), static_cast<int>(k_most_headers));
  for (int i = 0; i < count; ++i) {
    auto* header = g_mime_header_list_get_header_at(list, i);
    const char* raw = g_mime_header_get_raw_value(header);
    auto name = lower(g_mime_header_get_name(header));
    // Decoded, what stands in words of a sender's choice would become marks of the server's.
    auto value = name == k_findings ? scrub_utf8(raw ? raw : "") : decode_header(raw ? raw : "");
    mail.headers.push_back({std::move(name), std::move(value)});
  }
}

std::string mailbox_address(InternetAddress* address) {
  if (address == nullptr || !INTERNET_ADDRESS_IS_MAILBOX(address)) return {};
  return lower(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
}

bool has_domain(std::string_view address) {
  const auto at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size();
}

/// Mailboxes of an address header, those in groups too.
void collect(InternetAddressList* list, int depth, std::vector<Mailbox>& found) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count && found.size() < k_most_recipients; ++i) {
    auto* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      if (depth < 4) {
        collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), depth + 1,
                found);
      }
      continue;
    }
    auto text = mailbox_address(address);
    if (has_domain(text)) {
      const auto name = text_of(internet_address_get_name(address));
      found.push_back({std::move(text), std::string(clip_utf8(trim(name), 200))});
    }
  }
}

/// The first word with a domain, for what is not written as the standard wants it.
std::string address_word(std::string_view value) {
  for (auto word : split(value, ' ')) {
    while (!word.empty() &&
           std::string_view("<>\"'(),;[]\r\n\t").find(word.front()) != std::string_view::npos) {
      word.remove_prefix(1);
    }
    while (!word.empty() &&
           std::string_view("<>\"'(),;[]\r\n\t").find(word.back()) != std::string_view::npos) {
      word.remove_suffix(1);
    }
    if (has_domain(word)) return to_lower_ascii(scrub_utf8(word));
  }
  return {};
}

std::vector<Mailbox> addresses(std::string_view value) {
  const std::string text(value.substr(0, k_longest_value));
  const Owned<InternetAddressList> list(
      internet_address_list_parse(parser_options(), text.c_str()));
  std::vector<Mailbox> found;
  collect(list.get(), 0, found);
  return found;
}

std::string raw_header(GMimeMessage* message, const char* name) {
  auto* header =
      g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), name);
  const char* raw = header == nullptr ? nullptr : g_mime_header_get_raw_value(header);
  return raw == nullptr ? "" : raw;
}

void read_people(GMimeMessage* message, ParsedMail& mail) {
  for (const char* name : {"From", "Sender", "Reply-To", "Return-Path"}) {
    const auto value = raw_header(message, name);
    auto found = addresses(value);
    if (auto word = found.empty() ? address_word(value) : std::string(); !word.empty()) {
      found.push_back({std::move(word), {}});
    }
    if (found.empty()) continue;
    mail.one_author = std::string_view(name) == "From" && found.size() == 1 &&
                      std::ranges::count(mail.headers, "from", &Header::name) == 1;
    mail.from = found.front().address;
    mail.from_name = found.front().name;
    break;
  }
  for (const char* name : {"X-Original-From", "Reply-To"}) {
    const auto found = addresses(raw_header(message, name));
    const auto other = std::ranges::find_if(
        found, [&](const Mailbox& mailbox) { return mailbox.address != mail.from; });
    if (other == found.end()) continue;
    mail.behind_from = *other;
    break;
  }
  for (const auto& header : mail.headers) {
    if (mail.recipients.size() >= k_most_recipients) break;
    if (header.name != "delivered-to" && header.name != "x-original-to" &&
        header.name != "envelope-to" && header.name != "x-envelope-to") {
      continue;
    }
    for (auto& each : addresses(header.value)) mail.recipients.push_back(each.address);
  }
  for (const char* name : {"To", "Cc"}) {
    for (auto& each : addresses(raw_header(message, name))) {
      mail.recipients.push_back(each.address);
    }
  }
}

std::optional<Time> date_of(std::string_view value) {
  GDateTime* date = g_mime_utils_header_decode_date(std::string(value.substr(0, 200)).c_str());
  if (date == nullptr) return std::nullopt;
  const auto seconds = g_date_time_to_unix(date);
  g_date_time_unref(date);
  if (seconds <= 0) return std::nullopt;
  return Time(std::chrono::seconds(seconds));
}

void read_dates(ParsedMail& mail) {
  mail.date = date_of(mail.header("date"));
  for (const auto& header : mail.headers) {
    if (mail.date) break;
    if (header.name != "received") continue;
    const auto semicolon = header.value.rfind(';');
    if (semicolon != std::string::npos) mail.date = date_of(header.value.substr(semicolon + 1));
  }
}

void read_ids(ParsedMail& mail) {
  auto own = message_ids(mail.header("message-id"));
  if (!own.empty()) mail.message_id = std::move(own.front());
  mail.in_reply_to = message_ids(mail.header("in-reply-to"));
  mail.references = message_ids(mail.header("references"));
}

}  // namespace

std::string_view ParsedMail::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool ParsedMail::has(std::string_view name) const {
  return std::ranges::find(headers, name, &Header::name) != headers.end();
}

std::vector<Header> parse_fields(std::string_view block) {
  std::vector<Header> fields;
  for (auto line : split(block.substr(0, k_most_fields_bytes), '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !fields.empty()) {
      auto& value = fields.back().value;
      if (value.size() < k_longest_value) value += ' ' + scrub_utf8(trim(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || fields.size() >= k_most_headers) continue;
    fields.push_back({to_lower_ascii(trim(line.substr(0, colon))),
                      scrub_utf8(trim(line.substr(colon + 1)).substr(0, k_longest_value))});
  }
  return fields;
}

std::vector<std::string> message_ids(std::string_view value) {
  std::vector<std::string> ids;
  const auto keep = [&](std::string_view id) {
    id = trim(id);
    if (!id.empty() && id.size() <= k_longest_id && ids.size() < k_most_ids &&
        std::ranges::all_of(id, [](char c) { return c > ' ' && c != '<' && c != '>'; })) {
      ids.emplace_back(id);
    }
  };
  std::size_t at = 0;
  while ((at = value.find('<', at)) != std::string_view::npos) {
    const auto end = value.find('>', at);
    if (end == std::string_view::npos) break;
    keep(value.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  if (ids.empty() && value.find('<') == std::string_view::npos) {
    for (const auto word : split(value, ' ')) {
      if (word.find('@') != std::string_view::npos) keep(word);
    }
  }
  return ids;
}

std::string content_type(std::string_view bytes, std::string_view declared) {
  const auto at = [&](std::size_t offset, std::string_view mark) {
    return bytes.size() >= offset && bytes.substr(offset).starts_with(mark);
  };
  if (at(0, "\xFF\xD8\xFF")) return "image/jpeg";
  if (at(0, "\x89PNG\r\n\x1A\n")) return "image/png";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "image/gif";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  if (at(0, "%PDF-")) return "application/pdf";
  if (at(4, "ftypheic") || at(4, "ftypheix") || at(4, "ftypmif1")) return "image/heic";
  if (at(4, "ftypqt")) return "video/quicktime";
  if (at(4, "ftyp")) return "video/mp4";
  const auto type = to_lower_ascii(trim(declared));
  const bool sound = !type.empty() && type.size() <= 100 && std::ranges::count(type, '/') == 1 &&
                     std::ranges::all_of(type, [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                              std::string_view("/.+-_").find(c) != std::string_view::npos;
                     });
  // A picture or film whose bytes are none of the known ones is not shown as one.
  if (!sound || type.starts_with("image/") || type.starts_with("video/") ||
      type == "application/pdf") {
    return "application/octet-stream";
  }
  return type;
}

Result<ParsedMail> parse_mail(std::string_view raw) {
  TRY(check_bounds(raw));
  auto* options = parser_options();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options));
  if (!message) return fail(Remedy::drop, "this is not a mail");
  ParsedMail mail;
  read_headers(message.get(), mail);
  constexpr std::array<std::string_view, 8> known = {
      "from", "to", "date", "message-id", "subject", "received", "mime-version", "return-path"};
  if (std::ranges::none_of(known, [&](std::string_view name) { return mail.has(name); })) {
    return fail(Remedy::drop, "this is not a mail: it has none of a mail's headers");
  }
  read_people(message.get(), mail);
  read_ids(mail);
  read_dates(mail);
  mail.subject = std::string(clip_utf8(mail.header("subject"), 998));
  Walker walker(mail, Walker::Files::kept);
  auto* top = g_mime_message_get_mime_part(message.get());
  mail.is_report = top != nullptr && is_type(top, "multipart", "report");
  walker.walk(top, 0);
  if (walker.too_many()) return fail(Remedy::drop, "the mail has more than 500 parts");
  mail.text = walker.body();
  return mail;
}

}  // namespace kanal::email
