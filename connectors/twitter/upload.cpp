#include "connectors/twitter/upload.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "config/keys.hpp"
#include "connectors/twitter/picture.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::twitter {
namespace {

constexpr std::size_t k_most_picture_bytes = 5U << 20U;
constexpr std::size_t k_segment_bytes = 1U << 20U;
constexpr std::string_view k_endpoint = "media";
constexpr std::string_view k_path = "/2/media/upload/";

Result<std::string> bytes_of(const Attachment& attachment) {
  if (attachment.size_bytes > k_most_picture_bytes) {
    return fail(Remedy::drop, "a picture is larger than X takes");
  }
  if (attachment.file.empty()) return attachment.bytes;
  std::ifstream file(attachment.file, std::ios::binary);
  std::string bytes(k_most_picture_bytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > k_most_picture_bytes) {
    return fail(Remedy::drop, "a picture is larger than X takes");
  }
  return bytes;
}

/// A call that posts nothing: what is unknown about it can be done again.
Result<Json> tell(Api& api, const std::string& path, std::string body, const std::string& type) {
  auto reply = api.post(k_endpoint, path, std::move(body), type);
  if (!reply) {
    auto& error = reply.error();
    if (error.remedy == Remedy::uncertain) error.remedy = Remedy::retry;
    return tl::unexpected(std::move(error));
  }
  if (reply->status >= 300) {
    return fail(Remedy::drop, "X refuses a picture: " + detail_of(*reply));
  }
  auto json = Json::parse(reply->body);
  return json ? std::move(*json) : Json();
}

std::string segment(std::string_view bytes, std::size_t index, const std::string& boundary) {
  std::string body = "--" + boundary +
                     "\r\nContent-Disposition: form-data; name=\"segment_index\"\r\n\r\n" +
                     std::to_string(index) + "\r\n--" + boundary +
                     "\r\nContent-Disposition: form-data; name=\"media\"; filename=\"media\"\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n";
  body += bytes;
  return body + "\r\n--" + boundary + "--\r\n";
}

}  // namespace

Result<std::string> upload_picture(Api& api, const Attachment& attachment) {
  const auto bytes = TRY(bytes_of(attachment));
  const auto type = picture_type(bytes);
  if (type.empty() || type == "image/gif") {
    return fail(Remedy::drop, "a file is no picture that X shows with an answer");
  }
  JsonWriter begin;
  begin.begin_object().member("media_type", type);
  begin.member("total_bytes", bytes.size());
  begin.member("media_category", "tweet_image").end_object();
  const auto begun =
      TRY(tell(api, std::string(k_path) + "initialize", begin.take(), "application/json"));
  const auto* data = begun.find("data");
  const auto id = data != nullptr ? data->text("id") : std::string();
  if (!parse_tweet_id(id)) return fail(Remedy::drop, "X gives a picture no number");
  // Random, so that no picture can hold it.
  const auto boundary = "kanal-" + to_hex(random_bytes(16));
  for (std::size_t index = 0; index * k_segment_bytes < bytes.size(); ++index) {
    const auto part = std::string_view(bytes).substr(index * k_segment_bytes, k_segment_bytes);
    TRY(tell(api, std::string(k_path) + id + "/append", segment(part, index, boundary),
             "multipart/form-data; boundary=" + boundary));
  }
  const auto done = TRY(tell(api, std::string(k_path) + id + "/finalize", {}, "application/json"));
  data = done.find("data");
  const auto* processing = data != nullptr ? data->find("processing_info") : nullptr;
  if (processing != nullptr && processing->text("state") != "succeeded") {
    return fail(Remedy::drop, "X has not made a picture ready");
  }
  return id;
}

}  // namespace kanal::twitter
