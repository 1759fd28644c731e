#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.hpp"
#include "net/multipart.hpp"
#include "net/refusal.hpp"
#include "net/request_head.hpp"

namespace kanal {

/// What of a request is held in memory.
std::uint64_t held_bytes(const Request& request);

/// Takes a request's body as it arrives, undoes chunking (RFC 9112 §7.1) and fills the request as
/// its route wants it. Bounded by the route.
class Body {
 public:
  Body(const RequestHead& head, std::string_view content_type, const Route& route,
       const HttpServerOptions& options);

  /// Why the body is not even begun, or nothing.
  [[nodiscard]] std::optional<HttpRefusal> refuse() const;
  /// Takes from the front of `bytes` what belongs to the body.
  std::optional<HttpRefusal> feed(std::string& bytes);
  [[nodiscard]] bool is_whole() const { return whole_; }
  /// What of it is held in memory and on disk.
  [[nodiscard]] std::uint64_t held_bytes() const {
    return kept_.size() + (multipart_ ? multipart_->held_bytes() : 0);
  }
  [[nodiscard]] std::uint64_t spooled_bytes() const {
    return multipart_ ? multipart_->files_bytes() : 0;
  }
  /// After the whole body.
  std::optional<HttpRefusal> deliver(Request& into);

 private:
  enum class Chunk { size, data, data_end, trailer };
  std::optional<HttpRefusal> feed_chunked(std::string& bytes);
  std::optional<HttpRefusal> take(std::string_view bytes);
  std::optional<HttpRefusal> chunk_size(std::string_view line);
  std::optional<HttpRefusal> read_trailer(std::string_view line);
  std::size_t line_room() const;

  const RequestHead& head_;
  const Route& route_;
  BodyKind kind_;
  std::uint64_t most_bytes_;
  std::size_t most_urlencoded_;
  bool is_urlencoded_;
  std::unique_ptr<Multipart> multipart_;
  std::string kept_;
  std::uint64_t left_ = 0;  ///< of the body, or of the chunk
  std::uint64_t taken_ = 0;
  std::size_t trailer_bytes_ = 0;
  Chunk chunk_ = Chunk::size;
  bool whole_ = false;
};

}  // namespace kanal
