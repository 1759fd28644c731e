#include "tests/sandbox/twitter/uploads.hpp"

#include <charconv>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/sandbox/twitter/answers.hpp"

namespace kanal::sandbox::twitter {
namespace {

constexpr std::size_t k_most_picture_bytes = 5U << 20U;
constexpr std::size_t k_most_segment_bytes = 5U << 20U;
constexpr std::uint64_t k_first_id = 1'900'000'000'000'000'000;

Answer told(int status, const value& body) {
  Answer answer;
  answer.status = status;
  answer.body = print(body);
  return answer;
}

Answer unfit(const std::string& why) {
  return told(400, problem(400, "Invalid Request", why, "invalid-request"));
}

value data_of(const std::string& id, std::size_t size) {
  auto body = value::object(true);
  body["data"]["id"] = value::string(id);
  body["data"]["media_key"] = value::string("3_" + id);
  body["data"]["expires_after_secs"] = value::number(86'400);
  if (size > 0) body["data"]["size"] = value::number(static_cast<std::int64_t>(size));
  return body;
}

/// The value of a part of multipart/form-data (RFC 7578).
std::optional<std::string> part_of(const Request& request, const std::string& name) {
  const auto type = request.header("content-type");
  const auto mark = type.find("boundary=");
  if (mark == std::string::npos) return std::nullopt;
  auto boundary = type.substr(mark + 9);
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.size() - 2);
  const auto delimiter = "--" + boundary;
  const auto& body = request.body;
  for (auto at = body.find(delimiter); at != std::string::npos;) {
    const auto next = body.find("\r\n" + delimiter, at + delimiter.size());
    if (next == std::string::npos) return std::nullopt;
    const auto head_end = body.find("\r\n\r\n", at);
    if (head_end != std::string::npos && head_end < next) {
      const auto head = body.substr(at, head_end - at);
      if (head.find("name=\"" + name + "\"") != std::string::npos) {
        return body.substr(head_end + 4, next - head_end - 4);
      }
    }
    at = next + 2;
  }
  return std::nullopt;
}

}  // namespace

Answer Uploads::begin(const Request& request) {
  const auto body = value::parse(request.body);
  if (!body.is_object() || !body.has_field("media_type") || !body.has_field("total_bytes")) {
    return unfit("media_type and total_bytes are required");
  }
  Upload upload;
  upload.type = body.at("media_type").as_string();
  upload.total = body.at("total_bytes").as_number().to_uint64();
  if (!upload.type.starts_with("image/")) return unfit("media type unrecognized");
  if (upload.total == 0 || upload.total > k_most_picture_bytes) {
    return unfit("File size exceeds the limit");
  }
  const auto id = std::to_string(k_first_id + uploads_.size());
  uploads_[id] = std::move(upload);
  return told(202, data_of(id, 0));
}

Answer Uploads::append(const Request& request, Upload& upload) {
  std::string index;
  std::string bytes;
  if (request.header("content-type").starts_with("multipart/form-data")) {
    index = part_of(request, "segment_index").value_or("");
    bytes = part_of(request, "media").value_or("");
  } else {
    const auto body = value::parse(request.body);
    if (body.has_field("segment_index")) index = body.at("segment_index").serialize();
    if (body.has_field("media")) {
      bytes = from_base64(body.at("media").as_string()).value_or("");
    }
  }
  int segment = -1;
  std::from_chars(index.data(), index.data() + index.size(), segment);
  if (upload.done || segment != upload.next_segment) return unfit("segments must be sequential");
  if (bytes.empty() || bytes.size() > k_most_segment_bytes) return unfit("media is not valid");
  upload.bytes += bytes;
  ++upload.next_segment;
  auto answer = value::object(true);
  answer["data"]["expires_at"] = value::number(4'102'444'800);
  return told(200, answer);
}

Answer Uploads::take(const Request& request, const std::string& step, const std::string& id) {
  try {
    if (step == "initialize") return begin(request);
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return unfit("media_id is not valid");
    auto& upload = found->second;
    if (step == "append") return append(request, upload);
    if (upload.bytes.size() != upload.total) return unfit("Segments do not add up to the total");
    upload.done = true;
    return told(200, data_of(id, upload.total));
  } catch (const std::exception&) {
    return unfit("Your request body is not JSON.");
  }
}

Answer Uploads::status(const std::string& id) const {
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return unfit("media_id is not valid");
  auto body = data_of(id, found->second.bytes.size());
  body["data"]["processing_info"]["state"] =
      value::string(found->second.done ? "succeeded" : "pending");
  return told(200, body);
}

std::optional<Picture> Uploads::finished(const std::string& id) const {
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || !found->second.done) return std::nullopt;
  Picture picture;
  picture.key = "3_" + id;
  picture.bytes = found->second.bytes;
  return picture;
}

}  // namespace kanal::sandbox::twitter
