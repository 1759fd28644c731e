#include "net/body.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_chunk_line = 256;
constexpr std::size_t k_most_trailer_bytes = 8U << 10U;

bool is_urlencoded(std::string_view type) {
  return equals_ignoring_case(trim(type.substr(0, type.find(';'))),
                              "application/x-www-form-urlencoded");
}

HttpRefusal too_large() {
  return {413, "This is larger than is taken here."};
}
HttpRefusal bad_chunk() {
  return {400, "The body's chunks are malformed."};
}
HttpRefusal long_trailer() {
  return {431, "The trailer is too long."};
}

std::size_t held_bytes(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t count = 0;
  for (const auto& pair : pairs) {
    count += sizeof pair + pair.first.size() + pair.second.size();
  }
  return count;
}

}  // namespace

std::uint64_t held_bytes(const Request& request) {
  return request.target.size() + request.path.size() + request.query.size() +
         held_bytes(request.fields) + held_bytes(request.headers) + request.body.size() +
         held_bytes(std::span(request.form));
}

Body::Body(const RequestHead& head, std::string_view content_type, const Route& route,
           const HttpServerOptions& options)
    : head_(head),
      route_(route),
      kind_(route.body),
      most_bytes_(route.body == BodyKind::none ? 0 : route.most_bytes),
      most_urlencoded_(options.fields_bytes),
      is_urlencoded_(is_urlencoded(content_type)),
      left_(head.chunked ? 0 : head.length),
      whole_(!head.has_body()) {
  const auto boundary = boundary_of(content_type);
  if (kind_ == BodyKind::raw && route.most_form_bytes > 0 && !boundary.empty()) {
    kind_ = BodyKind::form;
    most_bytes_ = route.most_form_bytes;
  }
  if (kind_ == BodyKind::form && !boundary.empty()) {
    multipart_ = std::make_unique<Multipart>(
        boundary, MultipartLimits{options.most_parts, options.fields_bytes, options.spool,
                                  options.least_free_bytes});
  }
}

std::optional<HttpRefusal> Body::refuse() const {
  if (!head_.has_body()) return std::nullopt;
  if (head_.length > most_bytes_ || (most_bytes_ == 0 && head_.chunked)) return too_large();
  if (kind_ == BodyKind::form && !multipart_ && !is_urlencoded_) {
    return HttpRefusal{415, "A form is expected here."};
  }
  if (kind_ == BodyKind::form && !multipart_ && head_.length > most_urlencoded_) {
    return too_large();
  }
  return std::nullopt;
}

std::optional<HttpRefusal> Body::feed(std::string& bytes) {
  if (whole_) return std::nullopt;
  if (head_.chunked) return feed_chunked(bytes);
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  auto refusal = take(std::string_view(bytes).substr(0, count));
  bytes.erase(0, count);
  left_ -= count;
  whole_ = left_ == 0;
  return refusal;
}

// Strictly hexadecimal digits and, after a semicolon, what may stand in a header: whatever two
// readers could take for different sizes is refused (RFC 9112 §7.1).
std::optional<HttpRefusal> Body::chunk_size(std::string_view line) {
  const auto digits = line.substr(0, line.find(';'));
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, left_, 16);
  if (digits.empty() || digits.size() > 15 || read.ec != std::errc{} || read.ptr != end ||
      !is_header_value(line)) {
    return bad_chunk();
  }
  chunk_ = left_ == 0 ? Chunk::trailer : Chunk::data;
  return std::nullopt;
}

std::optional<HttpRefusal> Body::read_trailer(std::string_view line) {
  whole_ = line.empty();
  if (whole_) return std::nullopt;
  trailer_bytes_ += line.size();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
      !is_header_value(line)) {
    return bad_chunk();
  }
  return std::nullopt;
}

std::size_t Body::line_room() const {
  if (chunk_ != Chunk::trailer) return k_most_chunk_line;
  return k_most_trailer_bytes - std::min(trailer_bytes_, k_most_trailer_bytes);
}

std::optional<HttpRefusal> Body::feed_chunked(std::string& bytes) {
  std::string_view rest = bytes;
  std::optional<HttpRefusal> refusal;
  while (!whole_ && !refusal) {
    if (chunk_ == Chunk::data) {
      if (rest.empty()) break;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      refusal = take(rest.substr(0, count));
      rest.remove_prefix(count);
      left_ -= count;
      if (left_ == 0) chunk_ = Chunk::data_end;
      continue;
    }
    const auto end = rest.find('\n');
    // The same line is refused alike whether it came at once or byte by byte.
    if (std::min(end, rest.size()) > line_room()) {
      refusal = chunk_ == Chunk::trailer ? long_trailer() : bad_chunk();
      break;
    }
    if (end == std::string_view::npos) break;
    if (end == 0 || rest[end - 1] != '\r') {
      refusal = bad_chunk();
      break;
    }
    const auto line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    if (chunk_ == Chunk::size) {
      refusal = chunk_size(line);
    } else if (chunk_ == Chunk::data_end) {
      if (!line.empty()) refusal = bad_chunk();
      chunk_ = Chunk::size;
    } else {
      refusal = read_trailer(line);
    }
  }
  bytes.erase(0, bytes.size() - rest.size());
  return refusal;
}

std::optional<HttpRefusal> Body::take(std::string_view bytes) {
  taken_ += bytes.size();
  if (taken_ > most_bytes_) return too_large();
  if (multipart_) return multipart_->feed(bytes);
  if (kind_ == BodyKind::form && taken_ > most_urlencoded_) return too_large();
  kept_.append(bytes);
  return std::nullopt;
}

std::optional<HttpRefusal> Body::deliver(Request& into) {
  if (kind_ == BodyKind::raw) into.body = std::move(kept_);
  if (kind_ != BodyKind::form) return std::nullopt;
  if (multipart_) {
    if (auto refusal = multipart_->finish()) return refusal;
    into.form = multipart_->take();
    return std::nullopt;
  }
  auto fields = parse_form(std::exchange(kept_, {}));
  if (!fields) return HttpRefusal{413, "The form has too many fields."};
  for (auto& [name, value] : *fields) {
    FormPart part;
    part.name = scrub_utf8(name);
    part.value = scrub_utf8(value);
    into.form.push_back(std::move(part));
  }
  return std::nullopt;
}

}  // namespace kanal
