#include "router/files.hpp"

#include "core/text.hpp"
#include "format/upload.hpp"
#include "router/refusal.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_stem_bytes = 95;
constexpr std::uint64_t k_most_pixels = 120'000'000;

tl::unexpected<Error> refuse_file(const Attachment& file, std::string_view why) {
  return refuse("\"" + plain_file_name(file.name, {}, 1) + "\": " + std::string(why));
}

// Also those that turn the direction of writing, so that "gpj.exe" reads as a picture.
bool is_unseen(std::string_view sign) {
  const auto byte = static_cast<unsigned char>(sign.front());
  if (sign.size() == 1) return byte < ' ' || byte == 0x7F || sign == "\"";
  if (sign.size() == 2 && sign.front() == '\xC2' && static_cast<unsigned char>(sign[1]) < 0xA0U) {
    return true;
  }
  return sign == "\u00ad" ||
         (sign.size() == 3 &&
          (sign == "\u200b" || sign == "\u200e" || sign == "\u200f" || sign == "\ufeff" ||
           (sign >= "\u202a" && sign <= "\u202e") || (sign >= "\u2060" && sign <= "\u2069")));
}

std::string seen_signs(std::string_view text) {
  std::string seen;
  while (!text.empty()) {
    std::size_t bytes = 1;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
      ++bytes;
    }
    if (!is_unseen(text.substr(0, bytes))) seen += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return seen;
}

}  // namespace

bool takes_files(Event event) {
  return event == Event::hold || event == Event::interim || event == Event::answer;
}

std::string plain_file_name(std::string_view said, std::string_view type, std::size_t number) {
  const auto scrubbed = scrub_utf8(said.substr(said.find_last_of("/\\") + 1));
  const auto seen = seen_signs(scrubbed);
  std::string_view stem = trim(seen);
  if (!type.empty()) stem = stem.substr(0, stem.rfind('.'));
  while (stem.starts_with('.')) stem.remove_prefix(1);
  auto name = std::string(trim(clip_utf8(stem, k_most_stem_bytes)));
  if (name.empty()) name = unnamed_file(number);
  return type.empty() ? name : name + std::string(extension_of(type));
}

Result<> check_files(Event event, const std::vector<Attachment>& files) {
  if (files.empty()) return {};
  if (!takes_files(event)) {
    return refuse("Files go only with what the reporter is told: an answer, news or a question.");
  }
  if (files.size() > k_most_line_files) return refuse("Four files at most.");
  for (const auto& file : files) {
    if (file.size_bytes == 0) return refuse_file(file, "The file is empty.");
    if (file.size_bytes > k_most_line_file_bytes) {
      return refuse_file(file, "The file is larger than 10 MB.");
    }
  }
  return {};
}

Result<> clean_files(std::vector<Attachment>& files) {
  std::size_t number = 0;
  for (auto& file : files) {
    ++number;
    auto cleaned = clean_upload(file.file, k_most_pixels);
    if (!cleaned && cleaned.error().remedy != Remedy::drop) {
      return tl::unexpected(std::move(cleaned).error());
    }
    if (!cleaned) {
      return refuse_file(
          file,
          "The file cannot be taken. Send an undamaged JPEG, PNG or WebP picture, a PDF "
          "document or an MP4 film.");
    }
    file.name = plain_file_name(file.name, cleaned->type, number);
    file.type = std::move(cleaned->type);
  }
  return {};
}

}  // namespace kanal
