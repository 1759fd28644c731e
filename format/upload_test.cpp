#include "format/upload.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "format/picture_fixture.hpp"

namespace kanal {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t k_most_pixels = 1'000'000;

std::string big_endian(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

std::string little_endian(std::uint32_t value) {
  const auto text = big_endian(value);
  return {text.rbegin(), text.rend()};
}

// Sums are not looked at: a reader that minds them shows no picture.
std::string png_chunk(std::string_view type, std::string_view content) {
  return big_endian(static_cast<std::uint32_t>(content.size())) + std::string(type) +
         std::string(content) + "sum.";
}

std::string webp_chunk(std::string_view type, std::string_view content) {
  return std::string(type) + little_endian(static_cast<std::uint32_t>(content.size())) +
         std::string(content) + (content.size() % 2 != 0 ? std::string(1, '\0') : "");
}

std::string webp(const std::string& chunks) {
  return "RIFF" + little_endian(static_cast<std::uint32_t>(chunks.size()) + 4) + "WEBP" + chunks;
}

std::string box(std::string_view type, std::string_view content) {
  return big_endian(static_cast<std::uint32_t>(content.size()) + 8) + std::string(type) +
         std::string(content);
}

bool is_taken(Scratch& scratch, std::string_view bytes) {
  return clean_upload(scratch.file(bytes), k_most_pixels).has_value();
}

bool tells(const std::filesystem::path& file) {
  return content_of(file).find("Rahasia") != std::string::npos;
}

TEST_CASE("files are taken by what they hold, whatever they are called") {
  Scratch scratch;
  for (const auto& [bytes, type] :
       {std::pair{bare_jpeg(), "image/jpeg"}, std::pair{bare_png(), "image/png"},
        std::pair{bare_webp(), "image/webp"},
        std::pair{std::string("%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"), "application/pdf"},
        std::pair{box("ftyp", "isom0000") + box("moov", ""), "video/mp4"},
        std::pair{box("ftyp", "3gp40000") + box("moov", ""), "video/3gpp"},
        std::pair{box("ftyp", "qt  0000") + box("moov", ""), "video/quicktime"}}) {
    const auto cleaned = clean_upload(scratch.file(bytes), k_most_pixels);
    INFO(type);
    REQUIRE(cleaned);
    CHECK(cleaned->type == type);
    CHECK(extension_of(cleaned->type).starts_with('.'));
  }
}

TEST_CASE("what a browser would run, and what only calls itself a picture, is refused") {
  Scratch scratch;
  for (const auto* bytes :
       {"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "<?xml version=\"1.0\"?><svg/>", "<!DOCTYPE html><script>alert(1)</script>",
        " \n<html><body>", "<?php system('id');", "#!/bin/sh\nid", "MZ\x90", "PK\x03\x04", "GIF89a",
        "\x7F"
        "ELF",
        "JFIF", "\xFF\xD8", "\x89PNG", "RIFF\x04\0\0\0WAVE", "%PD", ""}) {
    INFO(bytes);
    CHECK_FALSE(is_taken(scratch, bytes));
  }
  CHECK_FALSE(is_taken(scratch, box("ftyp", "heic0000") + box("meta", "")));
}

TEST_CASE("a photo loses its place, its maker, its comments and what stands behind its end") {
  Scratch scratch;
  const auto file = scratch.file(telling_jpeg(scratch));
  REQUIRE(tells(file));
  const auto cleaned = clean_upload(file, k_most_pixels);
  REQUIRE(cleaned);
  CHECK_FALSE(tells(file));
  const auto image = Exiv2::ImageFactory::open(file.string());
  image->readMetadata();
  CHECK(image->exifData().count() == 1);
  CHECK(image->exifData()["Exif.Image.Orientation"].toLong() == 6);
  CHECK(image->iptcData().empty());
  CHECK(image->xmpData().empty());
  CHECK(image->comment().empty());
  CHECK(image->pixelWidth() == 1);
  const auto bytes = content_of(file);
  CHECK(bytes.find("GPS") == std::string::npos);
  // One beginning and one end: the second picture is gone.
  CHECK(bytes.rfind("\xFF\xD8\xFF") == 0);
  CHECK(bytes.find("\xFF\xD9") == bytes.size() - 2);
}

TEST_CASE("the place of a photo is told to whoever offers it") {
  Scratch scratch;
  const auto cleaned = clean_upload(scratch.file(telling_jpeg(scratch)), k_most_pixels);
  REQUIRE(cleaned);
  REQUIRE(cleaned->place);
  CHECK(*cleaned->place->latitude == Approx(-8.112));
  CHECK(*cleaned->place->longitude == Approx(115.088));
}

TEST_CASE("a photo that is clean already stays as it was drawn") {
  Scratch scratch;
  const auto file = scratch.file(bare_jpeg());
  REQUIRE(clean_upload(file, k_most_pixels));
  CHECK(content_of(file) == bare_jpeg());
  const auto png = scratch.file(bare_png());
  REQUIRE(clean_upload(png, k_most_pixels));
  CHECK(content_of(png) == bare_png());
  const auto small = scratch.file(bare_webp());
  REQUIRE(clean_upload(small, k_most_pixels));
  CHECK(content_of(small) == bare_webp());
}

TEST_CASE("broken EXIF costs a photo its place, not its being taken") {
  Scratch scratch;
  auto bytes = telling_jpeg(scratch);
  const auto tiff = bytes.find("Exif") + 6;
  for (std::size_t i = 0; i < 64; ++i) bytes[tiff + i] = '\xFF';
  const auto file = scratch.file(bytes);
  const auto cleaned = clean_upload(file, k_most_pixels);
  REQUIRE(cleaned);
  CHECK_FALSE(cleaned->place);
  CHECK_FALSE(tells(file));
}

TEST_CASE("a PNG keeps what draws it") {
  Scratch scratch;
  const auto bare = bare_png();
  const auto head = bare.substr(0, 33);
  const auto file = scratch.file(
      head + png_chunk("tEXt", "Author\0Rahasia"sv) + png_chunk("eXIf", "MM\0*Rahasia"sv) +
      png_chunk("iTXt", "XML:com.adobe.xmp\0Rahasia"sv) + png_chunk("acTL", "Rahasia!") +
      png_chunk("gAMA", "\0\0\xB1\x8F"sv) + bare.substr(33) + "<html>Rahasia");
  REQUIRE(clean_upload(file, k_most_pixels));
  CHECK(content_of(file) == head + png_chunk("gAMA", "\0\0\xB1\x8F"sv) + bare.substr(33));
}

TEST_CASE("a WebP keeps what draws it, and no longer says that it has more") {
  Scratch scratch;
  const auto picture = bare_webp().substr(12);
  const auto big = webp_chunk("VP8X", "\x3E\0\0\0\0\0\0\0\0\0"sv);
  const auto file = scratch.file(webp(big + picture + webp_chunk("EXIF", "II*\0Rahasia"sv) +
                                      webp_chunk("XMP ", "<x>Rahasia</x>")) +
                                 "Rahasia");
  REQUIRE(clean_upload(file, k_most_pixels));
  CHECK(content_of(file) == webp(webp_chunk("VP8X", "\x30\0\0\0\0\0\0\0\0\0"sv) + picture));
}

TEST_CASE("a film loses what was said about it, and nothing in it moves") {
  Scratch scratch;
  const auto film =
      box("ftyp", "isom0000") +
      box("moov", box("mvhd", "0000") + box("udta", box("\xA9xyz", "Rahasia")) +
                      box("trak", box("udta", "Rahasia") + box("mdia", box("mdhd", "0000"))) +
                      box("meta", "Rahasia")) +
      box("uuid", "Rahasia") + box("mdat", "pictures");
  const auto file = scratch.file(film);
  REQUIRE(clean_upload(file, k_most_pixels));
  CHECK_FALSE(tells(file));
  CHECK(content_of(file).size() == film.size());
  CHECK(content_of(file).ends_with(box("mdat", "pictures")));
}

TEST_CASE("a picture of too many pixels is refused by its head, however small the file is") {
  Scratch scratch;
  auto jpeg = bare_jpeg();
  const auto frame = jpeg.find("\xFF\xC0");
  REQUIRE(frame != std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xFF\xFF\xFF");
  CHECK_FALSE(is_taken(scratch, jpeg));

  auto png = bare_png();
  png.replace(16, 8, big_endian(100'000) + big_endian(100'000));
  CHECK_FALSE(is_taken(scratch, png));
  png.replace(16, 8, big_endian(0xFFFFFFFF) + big_endian(0xFFFFFFFF));
  CHECK_FALSE(is_taken(scratch, png));
  png.replace(16, 8, big_endian(0) + big_endian(1));
  CHECK_FALSE(is_taken(scratch, png));

  auto small = bare_webp();
  small.replace(21, 4, "\xFF\xFF\xFF\x0F");
  CHECK_FALSE(is_taken(scratch, small));
  CHECK_FALSE(is_taken(scratch, webp(webp_chunk("VP8X", "\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF"sv) +
                                     bare_webp().substr(12))));
}

TEST_CASE("what unfolds when it is read is never unfolded here") {
  Scratch scratch;
  const auto bare = bare_png();
  // A compressed profile may unfold a thousandfold in the reader; a big one is left out.
  const auto file = scratch.file(bare.substr(0, 33) + png_chunk("iCCP", std::string(100'000, 'x')) +
                                 bare.substr(33));
  REQUIRE(clean_upload(file, k_most_pixels));
  CHECK(content_of(file) == bare);
  // Each scan makes a reader go over all pixels once more.
  auto jpeg = bare_jpeg();
  const auto scan = jpeg.find("\xFF\xDA");
  const auto one = jpeg.substr(scan, jpeg.size() - 2 - scan);
  for (int i = 0; i < 200; ++i) jpeg.insert(scan, one);
  CHECK_FALSE(is_taken(scratch, jpeg));
}

TEST_CASE("a file that ends too early is refused") {
  Scratch scratch;
  for (const auto& whole :
       {bare_jpeg(), bare_png(), bare_webp(), box("ftyp", "isom0000") + box("moov", "01234567"),
        std::string("%PDF-1.7\n1 0 obj\nendobj\n%%EOF")}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      INFO(whole.substr(0, 8) << " " << length);
      CHECK_FALSE(is_taken(scratch, std::string_view(whole).substr(0, length)));
    }
  }
}

TEST_CASE("no bytes make the cleaning fail otherwise than by a refusal, or leave files behind") {
  Scratch scratch;
  const auto seeds = std::vector<std::string>{
      telling_jpeg(scratch), bare_png(), bare_webp(),
      box("ftyp", "isom0000") + box("moov", box("udta", "0123") + box("trak", ""))};
  CHECK(rc::check([&](std::uint8_t which, std::uint16_t at, const std::string& bytes) {
    auto file = seeds[which % seeds.size()];
    file.replace(std::min<std::size_t>(12 + at % 200, file.size()),
                 std::min<std::size_t>(bytes.size(), 8), bytes);
    const auto path = scratch.file(file);
    const auto cleaned = clean_upload(path, k_most_pixels);
    RC_ASSERT(cleaned || cleaned.error().remedy == Remedy::drop);
    RC_ASSERT(!std::filesystem::exists(path.string() + ".clean"));
    std::filesystem::remove(path);
  }));
}

TEST_CASE("a file without a name of its own is known by its number") {
  CHECK(number_of_unnamed(unnamed_file(3)) == "3");
  CHECK(number_of_unnamed("lampiran-12.jpg") == "12.jpg");
  for (const auto* named : {"jalan.jpg", "lampiran-", "lampiran-jalan.jpg", "lampiran-2a.jpg"}) {
    CHECK(number_of_unnamed(named).empty());
  }
}

}  // namespace
}  // namespace kanal
