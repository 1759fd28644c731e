#include "format/picture.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace kanal {
namespace {

using namespace std::string_view_literals;

constexpr int k_most_parts = 20'000;
constexpr int k_most_scans = 100;  // each costs a reader a pass over all pixels
constexpr std::size_t k_chunk_bytes = 64U << 10U;
constexpr std::uint64_t k_most_profile_bytes = 64U << 10U;

constexpr auto k_exif = "Exif\0\0"sv;
constexpr auto k_jfif = "JFIF\0"sv;
constexpr auto k_colours = "ICC_PROFILE\0"sv;

/// A file read once from its start to its end.
class Source {
 public:
  explicit Source(const std::filesystem::path& file) : stream_(file, std::ios::binary) {}

  /// Exactly so many bytes, or fewer at the end of the file.
  std::string take(std::size_t count) {
    std::string bytes(count, '\0');
    bytes.resize(static_cast<std::size_t>(stream_.rdbuf()->sgetn(bytes.data(), std::ssize(bytes))));
    return bytes;
  }
  /// The next byte; -1 at the end.
  int next() {
    const auto got = stream_.rdbuf()->sbumpc();
    return got == std::char_traits<char>::eof() ? -1 : got;
  }
  bool pass(std::uint64_t count, std::streambuf* to) {
    while (count > 0) {
      const auto bytes =
          take(static_cast<std::size_t>(std::min<std::uint64_t>(count, k_chunk_bytes)));
      if (bytes.empty()) return false;
      if (to != nullptr && to->sputn(bytes.data(), std::ssize(bytes)) != std::ssize(bytes)) {
        return false;
      }
      count -= bytes.size();
    }
    return true;
  }

 private:
  std::ifstream stream_;
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
  return text;
}

bool fits(std::uint64_t width, std::uint64_t height, std::uint64_t most_pixels) {
  return width > 0 && height > 0 && width <= most_pixels && height <= most_pixels / width;
}

// ITU-T T.81 annex B.
enum Marker : int {
  k_dht = 0xC4,
  k_jpg = 0xC8,
  k_dac = 0xCC,
  k_rst0 = 0xD0,
  k_rst7 = 0xD7,
  k_soi = 0xD8,
  k_eoi = 0xD9,
  k_sos = 0xDA,
  k_dqt = 0xDB,
  k_dri = 0xDD,
  k_app0 = 0xE0,
  k_app1 = 0xE1,
  k_app2 = 0xE2,
  k_adobe = 0xEE,
};

bool is_frame(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != k_dht && marker != k_jpg && marker != k_dac;
}

bool is_table(int marker) {
  return marker == k_dht || marker == k_dac || marker == k_dqt || marker == k_dri;
}

// The marker after any fill bytes; -1 when none stands here.
int next_marker(Source& source) {
  if (source.next() != 0xFF) return -1;
  int marker = source.next();
  for (int fill = 0; marker == 0xFF && fill < k_most_parts; ++fill) marker = source.next();
  return marker;
}

// What a segment holds behind its length; less than two bytes of length is no segment.
bool read_segment(Source& source, std::string& content) {
  const auto head = source.take(2);
  const auto length = big_endian(head);
  if (head.size() != 2 || length < 2) return false;
  content = source.take(static_cast<std::size_t>(length) - 2);
  return content.size() == length - 2;
}

class Jpeg {
 public:
  Jpeg(const std::filesystem::path& from, std::ostream& to, int orientation,
       std::uint64_t most_pixels)
      : source_(from), to_(to.rdbuf()), orientation_(orientation), most_pixels_(most_pixels) {}

  bool copy() {
    if (next_marker(source_) != k_soi) return false;
    put("\xFF\xD8"sv);
    int marker = next_marker(source_);
    for (int parts = 0; parts < k_most_parts; ++parts) {
      if (marker == k_eoi) {
        put("\xFF\xD9"sv);
        return scans_ > 0;
      }
      std::string content;
      if (marker <= 0 || !read_segment(source_, content)) return false;
      if (!keep(marker, content)) return false;
      marker = marker == k_sos ? copy_scan() : next_marker(source_);
    }
    return false;
  }

 private:
  bool keep(int marker, std::string& content) {
    if (marker == k_app0 && content.starts_with(k_jfif) && content.size() >= 14) {
      content.resize(14);
      content[12] = content[13] = 0;  // without its thumbnail
      put_segment(marker, content);
      return true;
    }
    if (marker != k_app0) put_orientation();
    if (is_frame(marker)) {
      if (content.size() < 6 || framed_) return false;
      framed_ = true;
      const std::string_view view = content;
      if (!fits(big_endian(view.substr(3, 2)), big_endian(view.substr(1, 2)), most_pixels_)) {
        return false;
      }
    } else if (marker == k_sos) {
      if (!framed_ || ++scans_ > k_most_scans) return false;
    } else if (!is_table(marker) && marker != k_adobe &&
               !(marker == k_app2 && content.starts_with(k_colours))) {
      return true;
    }
    put_segment(marker, content);
    return true;
  }

  // Until the marker that ends the scan, which is returned.
  int copy_scan() {
    for (;;) {
      const int byte = source_.next();
      if (byte < 0) return -1;
      if (byte != 0xFF) {
        to_->sputc(static_cast<char>(byte));
        continue;
      }
      int marker = source_.next();
      while (marker == 0xFF) marker = source_.next();
      if (marker != 0 && !(marker >= k_rst0 && marker <= k_rst7)) return marker;
      to_->sputc('\xFF');
      to_->sputc(static_cast<char>(marker));
    }
  }

  void put_orientation() {
    if (orientation_ < 1 || orientation_ > 8) return;
    // One directory of one entry: tag 0x0112, type SHORT, count 1.
    auto content =
        std::string(k_exif) + std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"sv);
    content += static_cast<char>(orientation_);
    content += std::string(7, '\0');
    orientation_ = 0;
    put_segment(k_app1, content);
  }

  void put_segment(int marker, std::string_view content) {
    const auto length = content.size() + 2;
    const std::array<char, 4> head{'\xFF', static_cast<char>(marker),
                                   static_cast<char>(length >> 8U),
                                   static_cast<char>(length & 0xFFU)};
    put({head.data(), head.size()});
    put(content);
  }
  void put(std::string_view bytes) { to_->sputn(bytes.data(), std::ssize(bytes)); }

  Source source_;
  std::streambuf* to_;
  int orientation_;
  std::uint64_t most_pixels_;
  bool framed_ = false;
  int scans_ = 0;
};

// ISO/IEC 15948 §5.3. Animation (APNG) is left out: the first picture stands for it.
bool copy_png(const std::filesystem::path& from, std::ostream& to, std::uint64_t most_pixels) {
  constexpr std::array k_kept = {"PLTE"sv, "IDAT"sv, "tRNS"sv, "cHRM"sv, "gAMA"sv, "iCCP"sv,
                                 "sBIT"sv, "sRGB"sv, "bKGD"sv, "hIST"sv, "pHYs"sv};
  constexpr std::uint64_t k_crc_bytes = 4;
  Source source(from);
  to << source.take(8);
  bool drawn = false;
  for (int parts = 0; parts < k_most_parts; ++parts) {
    const auto head = source.take(8);
    if (head.size() != 8) return false;
    const auto length = big_endian(std::string_view(head).substr(0, 4));
    const auto type = std::string_view(head).substr(4);
    if (length > 0x7FFFFFFF || (parts == 0) != (type == "IHDR")) return false;
    if (type == "IHDR") {
      const auto content = source.take(13 + k_crc_bytes);
      const std::string_view view = content;
      if (length != 13 || content.size() != 17 ||
          !fits(big_endian(view.substr(0, 4)), big_endian(view.substr(4, 4)), most_pixels)) {
        return false;
      }
      to << head << content;
      continue;
    }
    if (type == "IEND") {
      const auto sum = source.take(k_crc_bytes);
      to << head << sum;
      return drawn && length == 0 && sum.size() == k_crc_bytes;
    }
    const bool kept = std::ranges::find(k_kept, type) != k_kept.end() &&
                      (type != "iCCP" || length <= k_most_profile_bytes);
    drawn = drawn || type == "IDAT";
    if (kept) to << head;
    if (!source.pass(length + k_crc_bytes, kept ? to.rdbuf() : nullptr)) return false;
  }
  return false;
}

// RFC 9649 §2.5 to §2.7: width and height of the picture that begins so; zeros when it is none.
std::pair<std::uint64_t, std::uint64_t> size_of_webp(std::string_view type,
                                                     std::string_view start) {
  if (start.size() < 10) return {};
  if (type == "VP8X") {
    return {little_endian(start.substr(4, 3)) + 1, little_endian(start.substr(7, 3)) + 1};
  }
  if (type == "VP8 " && start.substr(3, 3) == "\x9D\x01\x2A"sv) {
    return {little_endian(start.substr(6, 2)) & 0x3FFFU,
            little_endian(start.substr(8, 2)) & 0x3FFFU};
  }
  if (type == "VP8L" && start.starts_with('\x2F')) {
    const auto bits = little_endian(start.substr(1, 4));
    return {(bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1};
  }
  return {};
}

bool copy_webp(const std::filesystem::path& from, std::ostream& to, std::uint64_t most_pixels) {
  constexpr std::size_t k_start_bytes = 10;
  constexpr unsigned k_says_alpha_or_colours = 0x30;
  Source source(from);
  const auto riff = source.take(12);
  if (riff.size() != 12) return false;
  auto left = little_endian(std::string_view(riff).substr(4, 4));
  if (left < 4) return false;
  left -= 4;
  to << riff;
  std::uint64_t written = 4;
  bool drawn = false;
  for (int parts = 0; left >= 8 && parts < k_most_parts; ++parts) {
    const auto head = source.take(8);
    if (head.size() != 8) return false;
    const auto type = std::string_view(head).substr(0, 4);
    const auto length = little_endian(std::string_view(head).substr(4));
    const auto padded = length + (length & 1U);
    if (padded > left - 8) return false;
    left -= 8 + padded;
    const bool draws = type == "VP8 " || type == "VP8L";
    const bool kept = draws || type == "VP8X" || type == "ALPH" ||
                      (type == "ICCP" && length <= k_most_profile_bytes);
    if (draws && drawn) return false;
    drawn = drawn || draws;
    auto start =
        source.take(static_cast<std::size_t>(std::min<std::uint64_t>(padded, k_start_bytes)));
    if (draws || type == "VP8X") {
      const auto [width, height] = size_of_webp(type, start);
      if (!fits(width, height, most_pixels)) return false;
    }
    if (type == "VP8X") {
      start[0] = static_cast<char>(static_cast<unsigned char>(start[0]) & k_says_alpha_or_colours);
    }
    if (kept) {
      to << head << start;
      written += 8 + padded;
    }
    if (!source.pass(padded - start.size(), kept ? to.rdbuf() : nullptr)) return false;
  }
  to.seekp(4);
  to << little_endian(written, 4);
  return drawn;
}

}  // namespace

std::string exif_of_jpeg(const std::filesystem::path& file) {
  Source source(file);
  if (next_marker(source) != k_soi) return {};
  for (int parts = 0; parts < k_most_parts; ++parts) {
    const int marker = next_marker(source);
    std::string content;
    if (marker <= 0 || marker == k_sos || marker == k_eoi || !read_segment(source, content)) break;
    if (marker == k_app1 && content.starts_with(k_exif)) return content.substr(k_exif.size());
  }
  return {};
}

Result<> copy_picture(std::string_view type, const std::filesystem::path& from,
                      const std::filesystem::path& to, int orientation, std::uint64_t most_pixels) {
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  const bool whole = type == "image/jpeg"  ? Jpeg(from, out, orientation, most_pixels).copy()
                     : type == "image/png" ? copy_png(from, out, most_pixels)
                                           : copy_webp(from, out, most_pixels);
  out.close();
  if (!out) return fail(Remedy::retry, "the picture cannot be written");
  if (!whole) return fail(Remedy::drop, "the picture is damaged or far too large");
  return {};
}

}  // namespace kanal
