#include "connectors/office_words.hpp"

#include "connectors/office.hpp"
#include "core/text.hpp"

namespace kanal {
namespace {

class Words {
 public:
  explicit Words(std::string_view language) : english_(language == "en") {}
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

std::string_view first_characters(std::string_view text, std::size_t most) {
  for (std::size_t at = 0, count = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count++ == most) {
      return text.substr(0, at);
    }
  }
  return text;
}

std::string with_marker(const Words& words, const Reply& reply, std::size_t most_characters) {
  const auto marker = '\n' + marker_of(reply);
  const auto text = scrub_utf8(words.text());
  return std::string(first_characters(text, most_characters - marker.size())) + marker;
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
  return "Kanal " + reply.code.value() + " [" + reply.key + "]";
}

std::string describe(const Reply& reply, std::string_view earlier, std::size_t most_characters) {
  Words words(reply.language);
  const auto notice = read_office_notice(reply.text);
  if (!notice) {
    words.line(reply.text);
    return with_marker(words, reply, most_characters);
  }
  if (!earlier.empty()) {
    words.line(std::string(tell(notice->news, words)) + ' ' + notice->words);
    words.line(std::string(words.say("Permintaan sebelumnya: ", "The request before: ")) +
               std::string(earlier));
  }
  if (!notice->text.starts_with(notice->title)) words.line(notice->title);
  words.line(notice->text);
  if (!notice->due_at.empty()) {
    words.line(std::string(words.say("Batas waktu: ", "Deadline: ")) +
               notice->due_at.substr(0, notice->due_at.find('T')));
  }
  if (!reply.attachments.empty()) {
    words.line(std::string(words.say("Berkas yang ada pada kami: ", "Files that we have: ")) +
               std::to_string(reply.attachments.size()));
  }
  return with_marker(words, reply, most_characters);
}

std::string describe_news(const Reply& reply, std::size_t most_characters) {
  Words words(reply.language);
  const auto notice = read_office_notice(reply.text);
  if (notice) words.line(std::string(tell(notice->news, words)) + ' ' + notice->words);
  return with_marker(words, reply, most_characters);
}

}  // namespace kanal
