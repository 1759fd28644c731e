#include "format/upload.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exiv2/exiv2.hpp>
#include <fstream>
#include <mutex>

#include "format/picture.hpp"

namespace kanal {
namespace {

constexpr int k_most_boxes = 10'000;
constexpr int k_most_box_depth = 6;

// The XMP toolkit inside exiv2 keeps global state.
std::mutex& exiv2_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::optional<double> degrees(const Exiv2::ExifData& exif, const char* value_key,
                              const char* side_key, char negative, double most) {
  const auto value = exif.findKey(Exiv2::ExifKey(value_key));
  if (value == exif.end() || value->count() < 3) return std::nullopt;
  double sum = 0;
  double unit = 1;
  for (int i = 0; i < 3; ++i, unit *= 60) {
    const auto part = value->toRational(i);
    if (part.second == 0) return std::nullopt;
    sum += static_cast<double>(part.first) / static_cast<double>(part.second) / unit;
  }
  const auto side = exif.findKey(Exiv2::ExifKey(side_key));
  if (side != exif.end() && !side->toString().empty() && side->toString()[0] == negative) {
    sum = -sum;
  }
  if (!std::isfinite(sum) || std::abs(sum) > most) return std::nullopt;
  return sum;
}

std::optional<Place> place_of(const Exiv2::ExifData& exif) {
  const auto latitude =
      degrees(exif, "Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef", 'S', 90);
  const auto longitude =
      degrees(exif, "Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef", 'W', 180);
  if (!latitude || !longitude) return std::nullopt;
  return Place{latitude, longitude, {}};
}

struct Told {
  std::optional<Place> place;
  int orientation = 0;
};

// What cannot be read tells nothing: the picture is copied without it all the same.
Told read_exif(const std::string& tiff) {
  if (tiff.empty()) return {};
  const std::scoped_lock lock(exiv2_mutex());
  try {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    Exiv2::ExifData exif;
    Exiv2::ExifParser::decode(exif, reinterpret_cast<const Exiv2::byte*>(tiff.data()),
                              static_cast<std::uint32_t>(tiff.size()));
    Told told{place_of(exif), 0};
    const auto orientation = exif.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
    if (orientation != exif.end() && orientation->count() > 0) {
      told.orientation = static_cast<int>(orientation->toLong(0));
    }
    return told;
  } catch (const std::exception&) {
    return {};
  }
}

Result<std::optional<Place>> clean_picture(const std::filesystem::path& file, std::string_view type,
                                           std::uint64_t most_pixels) {
  const auto told = type == "image/jpeg" ? read_exif(exif_of_jpeg(file)) : Told{};
  auto aside = file;
  aside += ".clean";
  std::error_code error;
  auto copied = copy_picture(type, file, aside, told.orientation, most_pixels);
  if (copied) std::filesystem::rename(aside, file, error);
  if (copied && !error) return told.place;
  std::filesystem::remove(aside, error);
  if (!copied) return tl::unexpected(std::move(copied).error());
  return fail(Remedy::retry, "the picture cannot be written");
}

std::uint64_t big_endian(const std::array<char, 16>& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes.at(at + i));
  }
  return value;
}

// ISO/IEC 14496-12 §4.2. Blanked boxes become `free`, so that no offset in the film moves.
class Film {
 public:
  explicit Film(const std::filesystem::path& file)
      : stream_(file, std::ios::in | std::ios::out | std::ios::binary),
        size_(std::filesystem::file_size(file)) {}

  bool blank_user_data() { return walk(0, size_, 0) && plays_ && stream_.good(); }

 private:
  bool walk(std::uint64_t from, std::uint64_t to, int depth) {
    if (depth > k_most_box_depth) return false;
    while (from + 8 <= to) {
      if (++boxes_ > k_most_boxes) return false;
      std::array<char, 16> head{};
      stream_.seekg(static_cast<std::streamoff>(from));
      stream_.read(head.data(),
                   static_cast<std::streamsize>(std::min<std::uint64_t>(16, to - from)));
      if (!stream_) return false;
      std::uint64_t length = big_endian(head, 0, 4);
      std::uint64_t start = 8;
      if (length == 1) {
        if (from + 16 > to) return false;
        length = big_endian(head, 8, 8);
        start = 16;
      } else if (length == 0) {
        length = to - from;
      }
      if (length < start || length > to - from) return false;
      const std::string_view type(head.data() + 4, 4);
      plays_ = plays_ || type == "moov";
      if (type == "udta" || type == "meta" || type == "uuid") {
        if (!blank(from, start, length)) return false;
      } else if (type == "moov" || type == "trak" || type == "mdia" || type == "moof") {
        if (!walk(from + start, from + length, depth + 1)) return false;
      }
      from += length;
    }
    return true;
  }

  bool blank(std::uint64_t from, std::uint64_t start, std::uint64_t length) {
    stream_.seekp(static_cast<std::streamoff>(from + 4));
    stream_.write("free", 4);
    stream_.seekp(static_cast<std::streamoff>(from + start));
    static constexpr std::array<char, 4096> zeros{};
    for (auto left = length - start; left > 0;) {
      const auto now = std::min<std::uint64_t>(left, zeros.size());
      stream_.write(zeros.data(), static_cast<std::streamsize>(now));
      left -= now;
    }
    return stream_.good();
  }

  std::fstream stream_;
  std::uint64_t size_;
  int boxes_ = 0;
  bool plays_ = false;
};

// ISO 32000-1 §7.5.5: a whole document ends with this mark.
bool is_whole_document(const std::filesystem::path& file) {
  constexpr std::streamoff k_tail_bytes = 2048;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(stream.tellg());
  stream.seekg(std::max<std::streamoff>(0, size - k_tail_bytes));
  std::string tail(static_cast<std::size_t>(std::min(size, k_tail_bytes)), '\0');
  stream.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  return stream.good() && tail.find("%%EOF") != std::string::npos;
}

}  // namespace

std::string_view sniff(std::string_view head) {
  if (head.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
  if (head.starts_with("%PDF-")) return "application/pdf";
  if (head.size() < 12) return {};
  if (head.starts_with("RIFF") && head.substr(8, 4) == "WEBP") return "image/webp";
  if (head.substr(4, 4) != "ftyp") return {};
  const auto brand = head.substr(8, 4);
  if (brand == "qt  ") return "video/quicktime";
  if (brand.starts_with("3gp") || brand.starts_with("3g2")) return "video/3gpp";
  for (const std::string_view known :
       {"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash"}) {
    if (brand == known) return "video/mp4";
  }
  return {};
}

std::string_view extension_of(std::string_view type) {
  if (type == "image/jpeg") return ".jpg";
  if (type == "image/png") return ".png";
  if (type == "image/webp") return ".webp";
  if (type == "application/pdf") return ".pdf";
  if (type == "video/quicktime") return ".mov";
  return type == "video/3gpp" ? ".3gp" : ".mp4";
}

namespace {
constexpr std::string_view k_unnamed = "lampiran-";
}

std::string unnamed_file(std::size_t number) {
  return std::string(k_unnamed) + std::to_string(number);
}

std::string_view number_of_unnamed(std::string_view name) {
  if (!name.starts_with(k_unnamed)) return {};
  const auto rest = name.substr(k_unnamed.size());
  const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  return digits > 0 && (digits == rest.size() || rest[digits] == '.') ? rest : std::string_view();
}

Result<Cleaned> clean_upload(const std::filesystem::path& file, std::uint64_t most_pixels) {
  std::array<char, 32> head{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), head.size());
  const auto type = sniff({head.data(), static_cast<std::size_t>(stream.gcount())});
  stream.close();
  if (type.empty()) return fail(Remedy::drop, "not a kind of file that is taken");
  Cleaned cleaned{std::string(type), std::nullopt};
  if (type.starts_with("video/")) {
    if (!Film(file).blank_user_data()) return fail(Remedy::drop, "the film is damaged");
  } else if (type == "application/pdf") {
    if (!is_whole_document(file)) return fail(Remedy::drop, "the document is damaged");
  } else {
    cleaned.place = TRY(clean_picture(file, type, most_pixels));
  }
  return cleaned;
}

}  // namespace kanal
