#include "connectors/email/compose.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <span>
#include <vector>

#include "connectors/email/automatic.hpp"
#include "connectors/email/mime.hpp"
#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_columns = 76;
constexpr std::size_t k_longest_subject = 300;
constexpr std::size_t k_most_references = 20;
constexpr std::size_t k_longest_local_part = 64;
constexpr std::size_t k_word_bytes = 42;
// As many as mail servers usually let through.
constexpr std::uint64_t k_most_attached_bytes = 12U << 20U;

bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }) &&
         text.find("=?") == std::string_view::npos;
}

std::string on_one_line(std::string_view text) {
  auto line = scrub_utf8(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = ' ';
  }
  return std::string(trim(line));
}

std::string rfc5322_date(Time time) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto length =
      std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d +0000",
                    days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                    months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                    parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string mailbox(std::string_view name, std::string_view address) {
  const auto line = on_one_line(name);
  if (line.empty()) return std::string(address);
  std::string shown;
  if (is_plain_text(line)) {
    shown = '"';
    for (const char c : line) {
      if (c == '"' || c == '\\') shown += '\\';
      shown += c;
    }
    shown += '"';
  } else {
    shown = encode_header_text(line, 10);
  }
  return shown + " <" + std::string(address) + ">";
}

std::string with_tag(const std::string& address, std::string_view tag) {
  const auto [local, domain] = split_address(address);
  const auto tagged = local + '+' + std::string(tag);
  return tagged.size() <= k_longest_local_part ? tagged + '@' + domain : address;
}

/// The text as simple HTML: what looks like a web address becomes a link, all else is escaped.
std::string html_of(std::string_view text) {
  std::string html;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (!line.empty()) {
      const auto start = std::min({line.find("https://"), line.find("http://"), line.size()});
      html += escape_html(line.substr(0, start));
      line.remove_prefix(start);
      if (line.empty()) break;
      auto end = std::min(line.find_first_of(" \t<>\"'"), line.size());
      while (end > 8 && std::string_view(".,;:!?)").find(line[end - 1]) != std::string_view::npos) {
        --end;
      }
      const auto address = escape_html(line.substr(0, end));
      html += "<a href=\"" + address + "\">" + address + "</a>";
      line.remove_prefix(end);
    }
    html += "<br>\n";
  }
  return html;
}

std::string subject_of(const Reply& reply) {
  auto subject = on_one_line(clip_utf8(reply.subject, k_longest_subject));
  if (reply.in_reply_to && !equals_ignoring_case(subject.substr(0, 3), "Re:")) {
    subject = "Re: " + subject;
  }
  if (!reply.code.empty()) {
    const auto tag = "[#" + on_one_line(reply.code.value()) + "]";
    if (subject.find(tag) == std::string::npos) subject += (subject.empty() ? "" : " ") + tag;
  }
  return subject;
}

/// Ids of mails are what strangers wrote: only what can stand in a header goes back out.
bool is_safe_id(std::string_view id) {
  return id.size() <= 250 && id.find('@') != std::string_view::npos &&
         std::ranges::all_of(id,
                             [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
}

std::string thread_headers(const Reply& reply) {
  std::string headers;
  std::vector<std::string> chain;
  const auto add = [&](const std::string& id) {
    if (is_safe_id(id) && std::ranges::find(chain, id) == chain.end()) chain.push_back(id);
  };
  for (const auto& id : reply.references) add(id.value());
  if (reply.in_reply_to && is_safe_id(reply.in_reply_to->value())) {
    const auto& id = reply.in_reply_to->value();
    std::erase(chain, id);
    chain.push_back(id);
    headers += "In-Reply-To: <" + id + ">\r\n";
  }
  if (chain.size() > k_most_references) {
    // The first names the thread, the last ones where in it we are (RFC 5322 §3.6.4).
    chain.erase(chain.begin() + 1, chain.end() - static_cast<std::ptrdiff_t>(k_most_references));
  }
  if (chain.empty()) return headers;
  headers += "References:";
  for (const auto& id : chain) headers += "\r\n <" + id + ">";
  return headers + "\r\n";
}

std::string part(std::string_view type, std::string_view text) {
  return "Content-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(text);
}

std::string multipart(std::string_view kind, std::string_view boundary) {
  return "Content-Type: multipart/" + std::string(kind) + ";\r\n boundary=\"" +
         std::string(boundary) + "\"\r\n\r\n";
}

std::string base64_lines(std::string_view bytes) {
  constexpr std::size_t k_bytes_a_line = 57;
  std::string lines;
  lines.reserve(bytes.size() * 7 / 5 + 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), k_bytes_a_line))) {
    lines += to_base64(bytes.substr(0, k_bytes_a_line));
    lines += "\r\n";
  }
  return lines;
}

// What strangers called a file, as something that can stand in a header and on a disk.
std::string file_name(const Attachment& attachment, std::size_t number) {
  std::string name;
  for (const char c : clip_utf8(attachment.name, 80)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  if (name.find_first_not_of("._") == std::string::npos) name = "file" + std::to_string(number);
  return name;
}

bool is_media_type(std::string_view type) {
  return type.size() <= 100 && std::ranges::count(type, '/') == 1 && type.front() != '/' &&
         type.back() != '/' && std::ranges::all_of(type, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
                  c == '-' || c == '+';
         });
}

Result<std::string> file_parts(std::span<const Attachment> attachments, std::string_view boundary,
                               bool to_office, std::uint64_t most_bytes) {
  std::string parts;
  std::uint64_t bytes = 0;
  std::size_t left = 0;
  for (std::size_t number = 0; number < attachments.size(); ++number) {
    const auto& attachment = attachments[number];
    if (bytes + attachment.size_bytes > most_bytes) {
      ++left;
      continue;
    }
    bytes += attachment.size_bytes;
    std::ifstream file(attachment.file, std::ios::binary);
    std::string content(static_cast<std::size_t>(attachment.size_bytes), '\0');
    if (!file.read(content.data(), static_cast<std::streamsize>(content.size()))) {
      return fail(Remedy::retry, "a file of the report cannot be read: " + attachment.sha256);
    }
    // What is made of parts or mails must not be encoded as a whole (RFC 2046 §5.2.1, §5.1).
    const bool whole = is_media_type(attachment.type) && !attachment.type.starts_with("message/") &&
                       !attachment.type.starts_with("multipart/");
    const auto type = whole ? attachment.type : std::string("application/octet-stream");
    parts += "--" + std::string(boundary) + "\r\nContent-Type: " + type +
             "\r\nContent-Disposition: attachment; filename=\"" +
             file_name(attachment, number + 1) + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
             base64_lines(content);
  }
  if (left > 0) {
    const auto count = std::to_string(left);
    parts +=
        "--" + std::string(boundary) + "\r\n" +
        part("text/plain", count + " berkas terlalu besar untuk surel dan ada di " +
                               (to_office ? "konsol" : "halaman laporan Anda") + ".\n" + count +
                               " files are too large for mail; see " +
                               (to_office ? "the console" : "the page of your report") + ".\n");
  }
  return parts;
}

}  // namespace

std::string encode_header_text(std::string_view text, std::size_t used_columns) {
  if (is_plain_text(text)) {
    std::string folded;
    std::size_t column = used_columns;
    for (const auto word : split(text, ' ')) {
      if (!folded.empty()) {
        const bool full = column + 1 + word.size() > k_columns && !word.empty();
        folded += full ? "\r\n " : " ";
        column = full ? 1 : column + 1;
      }
      folded += word;
      column += word.size();
    }
    return folded;
  }
  std::string encoded;
  while (!text.empty()) {
    const auto piece = clip_utf8(text, k_word_bytes);
    if (piece.empty()) break;
    if (!encoded.empty()) encoded += "\r\n ";
    encoded += "=?utf-8?B?" + to_base64(piece) + "?=";
    text.remove_prefix(piece.size());
  }
  return encoded;
}

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto c = static_cast<unsigned char>(line[i]);
      const bool last = i + 1 == line.size();
      const bool plain = (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !last);
      if (column + (plain ? 1 : 3) > k_columns - 1) {
        out += "=\r\n";
        column = 0;
      }
      if (plain) {
        out += line[i];
        ++column;
      } else {
        out += '=';
        out += digits[c >> 4U];
        out += digits[c & 0xFU];
        column += 3;
      }
    }
    out += "\r\n";
  }
  return out;
}

// In base64, with its line ends, bytes become four thirds and more; the text takes some, too.
std::uint64_t room_for_files(std::uint64_t most_mail_bytes) {
  if (most_mail_bytes == 0) return k_most_attached_bytes;
  return std::min(k_most_attached_bytes, most_mail_bytes / 10 * 7);
}

Result<Outgoing> compose(const Reply& reply, const Settings& settings, const Tokens& tokens,
                         Time now, std::uint64_t most_file_bytes) {
  if (!is_plain_address(reply.address)) {
    return fail(Remedy::drop, "mail cannot be sent to that address");
  }
  if (!is_plain_address(settings.address)) {
    return fail(Remedy::reconfigure, "the setting \"address\" is not a mail address");
  }
  Outgoing mail;
  const auto signed_key = tokens.sign_key(reply.key);
  const auto domain = split_address(settings.address).domain;
  mail.recipient = reply.address;
  mail.envelope_id = signed_key;
  mail.message_id = signed_key + '@' + domain;
  mail.sender =
      settings.plus_addresses ? with_tag(settings.address, "b." + signed_key) : settings.address;
  auto& data = mail.data;
  data = "Date: " + rfc5322_date(now) + "\r\n";
  data += "From: " + mailbox(settings.name, settings.address) + "\r\n";
  if (settings.plus_addresses && reply.report) {
    // An office's answer is told by this very mail; the report's own token is its reporter's.
    const auto tag = reply.office ? "a." + signed_key : "t." + tokens.sign_report(reply.report);
    data += "Reply-To: " + mailbox(settings.name, with_tag(settings.address, tag)) + "\r\n";
  }
  data += "To: " + reply.address + "\r\n";
  data += "Subject: " + encode_header_text(subject_of(reply), 9) + "\r\n";
  data += "Message-ID: <" + mail.message_id + ">\r\n";
  data += thread_headers(reply);
  data += std::string("Auto-Submitted: ") +
          (reply.acknowledgement ? "auto-replied" : "auto-generated") + "\r\n";
  data += "X-Auto-Response-Suppress: All\r\nX-Loop: " + settings.address + "\r\n";
  if (reply.language == "id" || is_english(reply.language)) {
    data += "Content-Language: " + reply.language + "\r\n";
  }
  const auto text = scrub_utf8(reply.text);
  // Quoted-printable never holds "=_", so the boundary cannot stand in a part.
  const auto boundary = "=_" + to_hex(signed_key.substr(signed_key.rfind('.') + 1));
  std::string body =
      multipart("alternative", boundary) + "--" + boundary + "\r\n" + part("text/plain", text) +
      "\r\n--" + boundary + "\r\n" +
      part("text/html", "<!DOCTYPE html>\n<html><body>\n" + html_of(text) + "</body></html>") +
      "\r\n--" + boundary + "--\r\n";
  if (!reply.attachments.empty()) {
    const auto outer = boundary + "+";
    body = multipart("mixed", outer) + "--" + outer + "\r\n" + body +
           TRY(file_parts(reply.attachments, outer, reply.office.has_value(), most_file_bytes)) +
           "--" + outer + "--\r\n";
  }
  data += "MIME-Version: 1.0\r\n" + body;
  return mail;
}

}  // namespace kanal::email
