#include "connectors/lapor/complaint.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "connectors/office.hpp"
#include "connectors/office_words.hpp"
#include "core/language.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/plain_text.hpp"

namespace kanal::lapor {
namespace {

constexpr std::size_t k_most_title = 150;
constexpr std::size_t k_most_content = 20'000;
constexpr std::size_t k_most_number_bytes = 40;
constexpr std::size_t k_most_words_bytes = 20'000;
constexpr std::uint64_t k_most_file_bytes = 12U << 20U;
constexpr int k_most_depth = 4;

struct Meaning {
  std::string_view status;
  std::string_view event;
};
constexpr auto k_meanings = std::to_array<Meaning>({{"belum terverifikasi", ""},
                                                    {"sudah terverifikasi", "proceed"},
                                                    {"dalam proses", "proceed"},
                                                    {"selesai", "answer"},
                                                    {"ditolak", "not_ours"}});

// The envelope around an answer is known in parts only, so that names are looked for.
const Json* find_below(const Json& value, std::string_view name, int depth = 0) {
  if (depth > k_most_depth) return nullptr;
  if (const auto* own = value.find(name)) return own;
  for (const auto& [key, member] : value.object) {
    if (const auto* found = find_below(member, name, depth + 1)) return found;
  }
  for (const auto& each : value.array) {
    if (const auto* found = find_below(each, name, depth + 1)) return found;
  }
  return nullptr;
}

void find_texts(const Json& value, std::string_view name, std::vector<std::string>& texts,
                int depth = 0) {
  if (depth > k_most_depth) return;
  if (const auto own = value.text(name); !own.empty()) texts.push_back(own);
  for (const auto& [key, member] : value.object) find_texts(member, name, texts, depth + 1);
  for (const auto& each : value.array) find_texts(each, name, texts, depth + 1);
}

std::string print_date(std::string_view rfc3339, std::chrono::minutes utc_offset) {
  const auto time = parse_rfc3339(rfc3339);
  if (!time) return {};
  // "2026-03-02T08:00:00+08:00" as "02-03-2026 08:00:00"
  const auto text = print_rfc3339(std::chrono::floor<std::chrono::seconds>(*time), utc_offset);
  return text.substr(8, 2) + "-" + text.substr(5, 2) + "-" + text.substr(0, 4) + " " +
         text.substr(11, 8);
}

std::string file_name(std::string_view name) {
  std::string plain;
  for (const char c : scrub_utf8(clip_utf8(name, 100))) {
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= ' ') plain += c;
  }
  return plain.empty() ? "berkas" : plain;
}

void number_member(JsonWriter& out, std::string_view name, std::int64_t number) {
  if (number != 0) out.member(name, number);
}

}  // namespace

std::string print_complaint(const Reply& reply, std::string_view earlier,
                            const std::vector<std::int64_t>& files, const Settings& settings,
                            std::chrono::minutes utc_offset) {
  const auto told = read_office_notice(reply.text);
  const auto notice = told.value_or(OfficeNotice());
  const auto title = notice.title.empty() ? reply.code.value() : notice.title;
  const auto category = settings.categories.find(notice.category);
  JsonWriter out;
  out.begin_object().member("title", clip_utf8(title, k_most_title));
  out.member("content", describe(reply, told, earlier, k_most_content, utc_offset));
  out.member("channel", settings.channel);
  number_member(out, "classification_id", settings.classification);
  number_member(out, "category_id",
                category == settings.categories.end() ? settings.category : category->second);
  number_member(out, "location_id", settings.location);
  number_member(out, "disposition_id", settings.disposition);
  if (const auto date = print_date(notice.received_at, utc_offset); !date.empty()) {
    out.member("date_of_incident", date);
  }
  out.member("tags_raw", "").member("is_anonymous", notice.anonymous);
  out.member("is_secret", false).member("is_priority", false).member("is_approval", false);
  out.key("attachments").begin_array();
  for (const auto file : files) out.value(file);
  out.end_array().end_object();
  return out.take();
}

Result<Upload> print_files(const std::vector<Attachment>& attachments) {
  Upload upload;
  std::string boundary = "kanal";
  for (const auto& each : attachments) boundary += each.sha256;
  boundary = "kanal-" + to_hex(digest(Hash::sha256, boundary)).substr(0, 32);
  std::uint64_t bytes = 0;
  for (const auto& attachment : attachments) {
    bytes += attachment.size_bytes;
    if (bytes > k_most_file_bytes) break;
    std::ifstream file(attachment.file, std::ios::binary);
    std::string content(static_cast<std::size_t>(attachment.size_bytes), '\0');
    if (!file.read(content.data(), static_cast<std::streamsize>(content.size()))) {
      return fail(Remedy::retry, "a file of the report cannot be read: " + attachment.sha256);
    }
    upload.body += "--" + boundary +
                   "\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"" +
                   file_name(attachment.name) + "\"\r\nContent-Type: " + attachment.type +
                   "\r\n\r\n" + content + "\r\n";
  }
  if (upload.body.empty()) return upload;
  upload.body += "--" + boundary + "--\r\n";
  upload.type = "multipart/form-data; boundary=" + boundary;
  return upload;
}

std::vector<std::int64_t> read_files(std::string_view answer) {
  std::vector<std::int64_t> numbers;
  const auto json = Json::parse(answer);
  const auto* docs = json ? find_below(*json, "docs") : nullptr;
  if (docs == nullptr) return numbers;
  for (const auto& each : docs->array) {
    const auto* id = each.find("id");
    if (id != nullptr && id->type == Json::Type::integer) numbers.push_back(id->integer);
  }
  return numbers;
}

std::string read_number(std::string_view answer) {
  const auto json = Json::parse(answer);
  if (!json) return {};
  for (const std::string_view name : {"complaint_id", "id"}) {
    const auto* found = find_below(*json, name);
    auto number = found == nullptr ? std::string() : plain_text(*found);
    const bool fits = !number.empty() && number.size() <= k_most_number_bytes &&
                      std::ranges::all_of(number, [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                               (c >= 'A' && c <= 'Z') || c == '-';
                      });
    if (fits) return number;
  }
  return {};
}

Result<Standing> read_standing(std::string_view complaint, std::string_view followups,
                               std::string_view language) {
  const auto json = Json::parse(complaint);
  const auto* named = json ? find_below(*json, "status_name") : nullptr;
  if (named == nullptr || named->type != Json::Type::string) {
    return fail(Remedy::drop, "the other system's answer has no status_name");
  }
  const auto status = to_lower_ascii(trim(named->string));
  std::vector<std::string> said;
  if (const auto more = Json::parse(followups)) find_texts(*more, "content", said);
  std::string words = said.empty() ? std::string() : scrub_utf8(said.back());
  words = clip_utf8(trim(words), k_most_words_bytes);
  const auto meaning = std::ranges::find(k_meanings, status, &Meaning::status);
  if (meaning == k_meanings.end()) {
    return Standing{"unclear", "\"" + scrub_utf8(status) + "\" " + words};
  }
  if (words.empty() && meaning->event == "answer") {
    words = is_english(language) ? "The office says that this has been dealt with."
                                 : "Instansi menyatakan laporan ini selesai ditangani.";
  }
  if (words.empty() && meaning->event == "not_ours") words = named->string;
  return Standing{std::string(meaning->event), std::move(words)};
}

}  // namespace kanal::lapor
