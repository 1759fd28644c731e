#include "net/answer.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <system_error>
#include <zlib.h>

#include "core/text.hpp"
#include "net/request_head.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_least_to_compress = 1024;

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::string now_as_date() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::string text(64, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

bool is_compressible(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/json") ||
         type.starts_with("application/javascript") || type.starts_with("image/svg") ||
         type.starts_with("application/problem");
}

std::string gzip(const std::string& plain) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string packed(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return ended == Z_STREAM_END ? packed : std::string();
}

/// What was compressed before, by its tag: public answers are few and asked for often.
class Packed {
 public:
  std::string of(const std::string& tag, const std::string& plain) {
    {
      const std::scoped_lock lock(mutex_);
      const auto found = texts_.find(tag);
      if (found != texts_.end()) return found->second;
    }
    auto packed = gzip(plain);
    const std::scoped_lock lock(mutex_);
    if (held_ + packed.size() > k_most_bytes) {
      texts_.clear();
      held_ = 0;
    }
    if (packed.size() <= k_most_bytes && texts_.emplace(tag, packed).second) held_ += packed.size();
    return packed;
  }

 private:
  static constexpr std::size_t k_most_bytes = 2U << 20U;
  std::mutex mutex_;
  std::map<std::string, std::string> texts_;
  std::size_t held_ = 0;
};

Packed& packed_answers() {
  static Packed packed;
  return packed;
}

std::string tag_of(const std::string& body) {
  const auto sum = ::crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  const auto second = ::adler32_z(1, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return "W/\"" + std::to_string(body.size()) + "-" + std::to_string(sum) + "-" +
         std::to_string(second) + "\"";
}

// The weak comparison (RFC 9110 §8.8.3.2); `tag` is a weak one.
bool names_tag(std::string_view list, std::string_view tag) {
  for (const auto word : split(list, ',')) {
    const auto each = trim(word);
    if (each == tag || each == tag.substr(2) || each == "*") return true;
  }
  return false;
}

// Only what is public: a page that repeats input beside a secret would tell it by its length.
void make_small(const Request& request, Response& response, int& status) {
  const auto* cache = find_header(response.headers, "cache-control");
  if (cache == nullptr || cache->find("public") == std::string::npos || status != 200) return;
  const auto tag = tag_of(response.body);
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (names_tag(request.header("if-none-match"), tag)) {
    status = 304;
    response.body.clear();
    return;
  }
  const auto* type = find_header(response.headers, "content-type");
  if (response.body.size() < k_least_to_compress || type == nullptr || !is_compressible(*type) ||
      !has_word(request.header("accept-encoding"), "gzip")) {
    return;
  }
  auto packed = packed_answers().of(tag, response.body);
  if (packed.empty() || packed.size() >= response.body.size()) return;
  response.body = std::move(packed);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

bool is_safe(const Headers& headers) {
  return std::ranges::all_of(headers, [](const auto& header) {
    return is_token(header.first) && is_header_value(header.second);
  });
}

}  // namespace

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

RawAnswer make_answer(const Request& request, Response& response, bool keep_alive) {
  if (!is_safe(response.headers) || response.status < 200 || response.status > 599) {
    response = Response::text(500, "Internal error\n");
  }
  RawAnswer answer;
  answer.status = response.status;
  answer.streams = static_cast<bool>(response.events);
  std::error_code error;
  if (!response.file.empty()) {
    answer.file_bytes = std::filesystem::file_size(response.file, error);
    if (error) {
      response = Response::text(404, "Not found\n");
      answer.status = 404;
    } else {
      answer.file = response.file;
    }
  } else if (!answer.streams) {
    make_small(request, response, answer.status);
  }
  answer.head = "HTTP/1.1 " + std::to_string(answer.status) + " " +
                std::string(phrase_of(answer.status)) + "\r\nDate: " + now_as_date() + "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "connection") ||
        equals_ignoring_case(name, "transfer-encoding") || equals_ignoring_case(name, "date")) {
      continue;
    }
    answer.head += name + ": " + value + "\r\n";
  }
  if (find_header(response.headers, "x-content-type-options") == nullptr) {
    answer.head += "X-Content-Type-Options: nosniff\r\n";
  }
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (answer.streams) {
    if (find_header(response.headers, "content-type") == nullptr) {
      answer.head += "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n";
    }
    keep_alive = false;
  } else if (!bodiless) {
    const auto length = answer.file.empty() ? response.body.size() : answer.file_bytes;
    answer.head += "Content-Length: " + std::to_string(length) + "\r\n";
  }
  answer.head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  const bool is_head = request.method == "HEAD";
  if (is_head || bodiless) {
    answer.file.clear();
  } else {
    answer.body = std::move(response.body);
  }
  return answer;
}

}  // namespace kanal
