#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kanal::sandbox {

/// A request as it came; nothing is decoded.
struct Request {
  std::string method;
  std::string path;
  std::string query;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const;
  /// A parameter of the query, decoded.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

/// What is answered, and how badly.
struct Answer {
  int status = 200;
  std::string body;
  std::string type = "application/json; charset=utf-8";
  std::map<std::string, std::string> headers;
  std::chrono::milliseconds delay{0};  ///< before the first byte
  /// Only so many bytes of the body, well framed: cpprestsdk ends the process when it is made to
  /// drop a connection in the middle.
  std::optional<std::size_t> cut_after;
};

/// An HTTP server on loopback (cpprestsdk). The handler is called from many threads at once.
class HttpFace {
 public:
  using Handler = std::function<Answer(const Request&)>;
  /// Throws when it cannot listen.
  HttpFace(std::uint16_t port, Handler handler);
  ~HttpFace();
  HttpFace(const HttpFace&) = delete;
  HttpFace& operator=(const HttpFace&) = delete;
  /// "http://127.0.0.1:4711"
  [[nodiscard]] const std::string& url() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal::sandbox
