#include "net/multipart.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_head_bytes = 8U << 10U;
constexpr std::size_t k_most_boundary_bytes = 70;
constexpr std::size_t k_most_name_bytes = 1024;
constexpr std::size_t k_most_file_name_bytes = 255;
constexpr std::size_t k_most_type_bytes = 128;
constexpr std::uint64_t k_bytes_between_looks = 4U << 20U;

HttpRefusal malformed(std::string detail) {
  return {400, "The form is malformed: " + detail};
}
HttpRefusal no_room() {
  return {507, "There is no room for this file right now."};
}

// A parameter of a header's value: `name="form-data"`. Browsers write a quotation mark as %22; some
// programs as \".
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    ++at;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    const auto equals = header.find_first_of("=;", at);
    if (equals == std::string_view::npos) return std::nullopt;
    if (header[equals] == ';') {
      at = equals;
      continue;
    }
    const auto key = trim(header.substr(at, equals - at));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        const bool escapes = header[at] == '\\' && at + 1 < header.size() && header[at + 1] == '"';
        value += header[escapes ? ++at : at];
      }
      at = header.find(';', at);
    } else {
      const auto end = header.find(';', at);
      value = trim(header.substr(at, end == std::string_view::npos ? end : end - at));
      at = end;
    }
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string unescaped(std::string text) {
  for (const auto& [code, character] :
       {std::pair{"%22", "\""}, std::pair{"%0D", "\r"}, std::pair{"%0A", "\n"}}) {
    for (auto at = text.find(code); at != std::string::npos; at = text.find(code, at + 1)) {
      text.replace(at, 3, character);
    }
  }
  return scrub_utf8(text);
}

// Some browsers once sent the whole path.
std::string base_name(std::string text) {
  const auto slash = text.find_last_of("/\\");
  if (slash != std::string::npos) text.erase(0, slash + 1);
  for (char& each : text) {
    if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f) each = ' ';
  }
  return std::string(clip_utf8(text, k_most_file_name_bytes));
}

}  // namespace

std::size_t held_bytes(std::span<const FormPart> parts) {
  std::size_t count = 0;
  for (const auto& part : parts) {
    count += sizeof part + part.name.size() + part.value.size() + part.file_name.size() +
             part.type.size() + part.file.native().size();
  }
  return count;
}

std::string boundary_of(std::string_view content_type) {
  if (!equals_ignoring_case(trim(content_type.substr(0, content_type.find(';'))),
                            "multipart/form-data")) {
    return {};
  }
  auto boundary = parameter(content_type, "boundary").value_or("");
  return boundary.size() <= k_most_boundary_bytes ? boundary : std::string();
}

Multipart::Multipart(std::string boundary, MultipartLimits limits)
    : delimiter_("\r\n--" + std::move(boundary)), limits_(std::move(limits)), buffer_("\r\n") {}

Multipart::~Multipart() {
  if (file_ >= 0) ::close(file_);
  for (const auto& part : parts_) {
    if (!part.file.empty()) ::unlink(part.file.c_str());
  }
}

std::vector<FormPart> Multipart::take() {
  return std::exchange(parts_, {});
}

std::optional<HttpRefusal> Multipart::feed(std::string_view bytes) {
  if (state_ == State::done) return std::nullopt;
  buffer_.append(bytes);
  for (bool more = true; more;) {
    more = false;
    if (auto refusal = step(more)) return refusal;
  }
  return std::nullopt;
}

std::optional<HttpRefusal> Multipart::finish() {
  if (state_ == State::done) return std::nullopt;
  return malformed("it ends before its last boundary.");
}

std::optional<HttpRefusal> Multipart::step(bool& more) {
  switch (state_) {
    case State::preamble: {
      const auto found = buffer_.find(delimiter_);
      if (found == std::string::npos) {
        if (buffer_.size() > k_most_head_bytes)
          return malformed("it does not start with its boundary.");
        return std::nullopt;
      }
      buffer_.erase(0, found + delimiter_.size());
      state_ = State::delimiter;
      more = true;
      return std::nullopt;
    }
    case State::delimiter:
      return find_delimiter(more);
    case State::head:
      return read_head(more);
    case State::content:
      return read_content(more);
    case State::done:
      buffer_.clear();
      return std::nullopt;
  }
  return std::nullopt;
}

// What follows a boundary: two dashes end the body, a line end starts a part.
std::optional<HttpRefusal> Multipart::find_delimiter(bool& more) {
  if (buffer_.starts_with("--")) {
    state_ = State::done;
    more = true;
    return std::nullopt;
  }
  const auto end = buffer_.find("\r\n");
  const auto padding = buffer_.find_first_not_of(" \t");
  if (end != std::string::npos && padding == end) {
    buffer_.erase(0, end + 2);
    state_ = State::head;
    more = true;
    return std::nullopt;
  }
  const bool may_come = buffer_.size() < 2 || (padding == std::string::npos) ||
                        (end == std::string::npos && buffer_[padding] == '\r');
  if (may_come && buffer_.size() < 256) return std::nullopt;
  return malformed("a boundary is followed by something else.");
}

std::optional<HttpRefusal> Multipart::read_head(bool& more) {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos || end > k_most_head_bytes) {
    if (buffer_.size() <= k_most_head_bytes) return std::nullopt;
    return HttpRefusal{431, "A part of the form has too long a head."};
  }
  const auto head = buffer_.substr(0, end + 2);
  // The empty line stays: of a part without content it starts the next delimiter.
  buffer_.erase(0, end + 2);
  if (auto refusal = begin(head)) return refusal;
  at_start_ = true;
  state_ = State::content;
  more = true;
  return std::nullopt;
}

std::optional<HttpRefusal> Multipart::begin(std::string_view head) {
  if (parts_.size() == limits_.parts) return HttpRefusal{413, "The form has too many parts."};
  FormPart part;
  bool named = false;
  std::optional<std::string> file_name;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      return malformed("a part's head has a line without a colon.");
    const auto key = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (equals_ignoring_case(key, "content-type")) {
      part.type = scrub_utf8(value.substr(0, k_most_type_bytes));
    }
    if (!equals_ignoring_case(key, "content-disposition")) continue;
    if (named || !equals_ignoring_case(trim(value.substr(0, value.find(';'))), "form-data")) {
      return malformed("a part's disposition is not form-data.");
    }
    const auto name = parameter(value, "name");
    if (!name || name->size() > k_most_name_bytes) return malformed("a part has no name.");
    named = true;
    part.name = unescaped(*name);
    file_name = parameter(value, "filename");
  }
  if (!named) return malformed("a part has no name.");
  in_file_ = file_name.has_value();
  if (in_file_) part.file_name = base_name(unescaped(*file_name));
  parts_.push_back(std::move(part));
  return std::nullopt;
}

std::optional<HttpRefusal> Multipart::read_content(bool& more) {
  const auto found = buffer_.find(delimiter_);
  if (at_start_ && found != 0) {
    if (buffer_.size() < delimiter_.size()) return std::nullopt;
    buffer_.erase(0, 2);
    at_start_ = false;
    more = true;
    return std::nullopt;
  }
  const auto kept = delimiter_.size() - 1;
  auto sure = buffer_.size() > kept ? buffer_.size() - kept : 0;
  if (found != std::string::npos) sure = found;
  if (auto refusal = add(std::string_view(buffer_).substr(0, sure))) return refusal;
  if (found == std::string::npos) {
    buffer_.erase(0, sure);
    return std::nullopt;
  }
  buffer_.erase(0, found + delimiter_.size());
  end_part();
  state_ = State::delimiter;
  more = true;
  return std::nullopt;
}

std::optional<HttpRefusal> Multipart::add(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  auto& part = parts_.back();
  if (!in_file_) {
    fields_bytes_ += bytes.size();
    if (fields_bytes_ > limits_.fields_bytes) {
      return HttpRefusal{413, "The fields of the form are too long."};
    }
    part.value.append(bytes);
    return std::nullopt;
  }
  if (file_ < 0) {
    if (auto refusal = open_file(part)) return refusal;
  } else if (files_bytes_ - looked_at_bytes_ >= k_bytes_between_looks) {
    if (!is_room()) return no_room();
    looked_at_bytes_ = files_bytes_;
  }
  while (!bytes.empty()) {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written <= 0) return no_room();
    part.size_bytes += static_cast<std::uint64_t>(written);
    files_bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

std::optional<HttpRefusal> Multipart::open_file(FormPart& part) {
  auto name = (limits_.spool / "upload-XXXXXX").string();
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) return HttpRefusal{503, "Files cannot be taken right now."};
  part.file = name;
  looked_at_bytes_ = files_bytes_;
  return is_room() ? std::nullopt : std::optional(no_room());
}

// The database's log may stand on the same disk, and stops when that is full.
bool Multipart::is_room() const {
  struct statvfs disk {};
  if (limits_.least_free_bytes == 0 || ::fstatvfs(file_, &disk) != 0) return true;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize >= limits_.least_free_bytes;
}

void Multipart::end_part() {
  auto& part = parts_.back();
  if (!in_file_) part.value = scrub_utf8(part.value);
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace kanal
