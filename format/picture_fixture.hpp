#pragma once

#include <exiv2/exiv2.hpp>
#include <string>
#include <string_view>

#include "format/encode.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {

/// Grey pictures of one pixel.
inline std::string bare_jpeg() {
  return from_base64(
             "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkK"
             "DA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAA"
             "AAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==")
      .value();
}
inline std::string bare_png() {
  return from_base64(
             "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJ"
             "RU5ErkJggg==")
      .value();
}
inline std::string bare_webp() {
  return from_base64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==").value();
}

/// The first JPEG of a phone: a position in Singaraja, the phone's name and number, a comment, the
/// photographer in IPTC and XMP, a turn to the right, and a second picture behind its end.
inline std::string telling_jpeg(Scratch& scratch) {
  const auto file = scratch.file(bare_jpeg());
  const auto image = Exiv2::ImageFactory::open(file.string());
  image->readMetadata();
  auto& exif = image->exifData();
  exif["Exif.Image.Make"] = "RahasiaPhone";
  exif["Exif.Image.Orientation"] = std::uint16_t{6};
  exif["Exif.Photo.BodySerialNumber"] = "RahasiaSerial";
  exif["Exif.GPSInfo.GPSLatitudeRef"] = "S";
  exif["Exif.GPSInfo.GPSLatitude"] = "8/1 6/1 4320/100";
  exif["Exif.GPSInfo.GPSLongitudeRef"] = "E";
  exif["Exif.GPSInfo.GPSLongitude"] = "115/1 5/1 1680/100";
  image->iptcData()["Iptc.Application2.Byline"] = "RahasiaName";
  image->xmpData()["Xmp.dc.creator"] = "RahasiaName";
  image->setComment("RahasiaComment");
  image->writeMetadata();
  return content_of(file) + bare_jpeg() + "RahasiaTail";
}

}  // namespace kanal
