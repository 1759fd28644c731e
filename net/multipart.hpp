#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.hpp"
#include "net/refusal.hpp"

namespace kanal {

struct MultipartLimits {
  std::size_t parts = 64;
  std::size_t fields_bytes = 256U << 10U;  ///< of all of them
  std::filesystem::path spool;             ///< where files are written
  std::uint64_t least_free_bytes = 0;      ///< that files leave to others on the spool's disk
};

/// What of parts is held in memory.
std::size_t held_bytes(std::span<const FormPart> parts);

/// Reads multipart/form-data (RFC 7578) as it arrives: fields into memory, files to the spool.
/// Holds no more than a part's head and one delimiter besides the fields. Files of parts that were
/// not handed over are removed.
class Multipart {
 public:
  Multipart(std::string boundary, MultipartLimits limits);
  ~Multipart();
  Multipart(const Multipart&) = delete;
  Multipart& operator=(const Multipart&) = delete;

  /// What is wrong with what has come so far, or nothing.
  std::optional<HttpRefusal> feed(std::string_view bytes);
  /// After the last byte; nothing when the body was whole.
  std::optional<HttpRefusal> finish();
  /// What of it is held in memory and on disk.
  [[nodiscard]] std::size_t held_bytes() const {
    return buffer_.capacity() + kanal::held_bytes(parts_);
  }
  [[nodiscard]] std::uint64_t files_bytes() const { return files_bytes_; }
  /// The parts, whose files are the caller's from now on.
  std::vector<FormPart> take();

 private:
  enum class State { preamble, delimiter, head, content, done };
  std::optional<HttpRefusal> step(bool& more);
  std::optional<HttpRefusal> find_delimiter(bool& more);
  std::optional<HttpRefusal> read_head(bool& more);
  std::optional<HttpRefusal> read_content(bool& more);
  std::optional<HttpRefusal> begin(std::string_view head);
  std::optional<HttpRefusal> add(std::string_view bytes);
  std::optional<HttpRefusal> open_file(FormPart& part);
  [[nodiscard]] bool is_room() const;
  void end_part();

  std::string delimiter_;
  MultipartLimits limits_;
  State state_ = State::preamble;
  std::string buffer_;
  std::vector<FormPart> parts_;
  std::size_t fields_bytes_ = 0;
  std::uint64_t files_bytes_ = 0;
  std::uint64_t looked_at_bytes_ = 0;  ///< of the files, when the room was looked at last
  bool in_file_ = false;
  bool at_start_ = false;
  int file_ = -1;
};

/// The boundary of a multipart/form-data content type (RFC 2046 §5.1.1); empty when there is none.
std::string boundary_of(std::string_view content_type);

}  // namespace kanal
