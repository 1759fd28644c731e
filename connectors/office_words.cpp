#include "connectors/office_words.hpp"

#include <algorithm>

#include "core/language.hpp"
#include "core/month.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"

namespace kanal {
namespace {

class Words {
 public:
  explicit Words(std::string_view language) : english_(is_english(language)) {}
  [[nodiscard]] std::string_view say(std::string_view indonesian, std::string_view english) const {
    return english_ ? english : indonesian;
  }
  void line(std::string_view text) {
    text = trim(text);
    if (text.empty()) return;
    if (!text_.empty()) text_ += '\n';
    text_ += text;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool english_;
  std::string text_;
};

constexpr std::string_view k_before_code = "Kanal ";
constexpr std::size_t k_marker_letters = 16;

std::string with_marker(const Words& words, const Reply& reply, std::size_t most_bytes) {
  const auto line = '\n' + std::string(k_before_code) + reply.code.value() + ' ' + marker_of(reply);
  const auto text = scrub_utf8(words.text());
  // In bytes, as some systems count them where the standard has characters.
  return std::string(clip_utf8(text, most_bytes - line.size())) + line;
}

std::string_view tell(std::string_view news, const Words& words) {
  if (news == "back") {
    return words.say("Pelapor menyatakan laporan ini belum selesai.",
                     "The reporter says that this is not solved.");
  }
  if (news == "added") return words.say("Pelapor menambahkan:", "The reporter adds:");
  if (news == "overdue") {
    return words.say("Laporan ini sudah melewati batas waktunya.",
                     "This report is past its deadline.");
  }
  if (news == "taken") {
    return words.say("Laporan ini tidak lagi ditugaskan kepada Anda.",
                     "This report is no longer yours to work on.");
  }
  return words.say("Laporan ini diteruskan lagi kepada Anda.",
                   "This report is passed to you once more.");
}

}  // namespace

std::string marker_of(const Reply& reply) {
  std::string marker = "[";
  // Nobody who sees the key alone can make it.
  for (const char byte : digest(Hash::sha256, reply.code.value() + '\n' + reply.key)) {
    if (marker.size() > k_marker_letters) break;
    marker += static_cast<char>('a' + static_cast<unsigned char>(byte) % 16);
  }
  return marker + ']';
}

bool ends_in_marker(std::string_view text) {
  text = trim(text);
  const auto line = text.substr(text.rfind('\n') + 1);
  const auto marker = line.substr(std::min(line.rfind('['), line.size()));
  const auto is_letter = [](char c) { return c >= 'a' && c < 'a' + 16; };
  return line.starts_with(k_before_code) && marker.size() == k_marker_letters + 2 &&
         marker.ends_with(']') &&
         std::ranges::all_of(marker.substr(1, k_marker_letters), is_letter);
}

std::string describe(const Reply& reply, const std::optional<OfficeNotice>& notice,
                     std::string_view earlier, std::size_t most_bytes,
                     std::chrono::minutes utc_offset) {
  Words words(reply.language);
  if (!notice) {
    words.line(reply.text);
    return with_marker(words, reply, most_bytes);
  }
  if (!earlier.empty()) {
    words.line(std::string(tell(notice->news, words)) + ' ' + notice->words);
    words.line(std::string(words.say("Permintaan sebelumnya: ", "The request before: ")) +
               std::string(earlier));
  }
  if (!notice->text.starts_with(notice->title)) words.line(notice->title);
  words.line(notice->text);
  if (const auto due = parse_rfc3339(notice->due_at)) {
    words.line(std::string(words.say("Batas waktu: ", "Deadline: ")) +
               day_words(std::chrono::floor<std::chrono::days>(*due + utc_offset), reply.language));
  }
  if (!reply.attachments.empty()) {
    words.line(std::string(words.say("Berkas yang ada pada kami: ", "Files that we have: ")) +
               std::to_string(reply.attachments.size()));
  }
  return with_marker(words, reply, most_bytes);
}

std::string describe_news(const Reply& reply, const OfficeNotice& notice, std::size_t most_bytes) {
  Words words(reply.language);
  words.line(std::string(tell(notice.news, words)) + ' ' + notice.words);
  return with_marker(words, reply, most_bytes);
}

}  // namespace kanal
