#include "connectors/twitter/picture.hpp"

#include "core/language.hpp"

namespace kanal::twitter {

std::string_view picture_type(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "image/gif";
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) return "image/webp";
  return {};
}

std::string_view extension_of(std::string_view type) {
  if (type == "image/png") return ".png";
  if (type == "image/jpeg") return ".jpg";
  if (type == "image/gif") return ".gif";
  return type == "image/webp" ? ".webp" : "";
}

std::string note_of_missing(std::size_t count, std::string_view language) {
  const auto number = std::to_string(count);
  return is_english(language)
             ? "[" + number + (count == 1 ? " picture" : " pictures") + " could not be had from X]"
             : "[" + number + " gambar tidak dapat diambil dari X]";
}

}  // namespace kanal::twitter
