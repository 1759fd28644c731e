#include "web/files.hpp"

#include "core/language.hpp"
#include "format/encode.hpp"
#include "format/upload.hpp"
#include "web/embedded.hpp"

namespace kanal {

bool is_picture(const Attachment& attachment) {
  return attachment.type == "image/jpeg" || attachment.type == "image/png" ||
         attachment.type == "image/webp" || attachment.type == "image/gif";
}

std::string file_words(const Attachment& attachment, std::string_view language) {
  const auto number = number_of_unnamed(attachment.name);
  if (number.empty()) return attachment.name;
  const auto word = is_picture(attachment) ? pick(language, "Foto ", "Photo ")
                                           : pick(language, "Lampiran ", "Attachment ");
  return std::string(word) + std::string(number);
}

std::vector<Attachment> files_of(const Request& request) {
  std::vector<Attachment> files;
  for (const auto& part : request.form) {
    // A browser sends a part without a name where no file was chosen.
    if (part.file.empty() || (part.size_bytes == 0 && part.file_name.empty())) continue;
    Attachment file;
    file.name = part.file_name;
    file.file = part.file;
    file.size_bytes = part.size_bytes;
    files.push_back(std::move(file));
  }
  return files;
}

Response asset_answer(std::string_view name, std::string_view type) {
  Response response;
  response.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "public, max-age=3600"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = embedded(name);
  return response;
}

Response file_answer(const Store& store, const Attachment& attachment) {
  Response response;
  const bool picture = is_picture(attachment);
  response.headers = {
      {"Content-Type", picture ? attachment.type : "application/octet-stream"},
      {"Content-Disposition", std::string(picture ? "inline" : "attachment") +
                                  "; filename*=UTF-8''" + percent_encode(attachment.name)},
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'none'; sandbox"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "private, no-store"},
      {"Referrer-Policy", "no-referrer"}};
  response.file = store.attachment_file(attachment);
  return response;
}

}  // namespace kanal
