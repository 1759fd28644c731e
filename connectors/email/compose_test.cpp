#include "connectors/email/compose.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "connectors/email/mime.hpp"
#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

Settings settings() {
  Settings ours;
  ours.address = "lapor@contoh.go.id";
  ours.name = "Lapor Buléleng";
  return ours;
}

Reply reply() {
  Reply answer;
  answer.key = "41.3.email";
  answer.report = ReportId(41);
  answer.code = TrackingCode("123456789016");
  answer.address = "wati@contoh.id";
  answer.language = "id";
  answer.subject = "Jalan rusak";
  answer.text = "Terima kasih.\n.\nhttps://lapor.test/r/1?k=a&b=\"x\"\n<script>alert(1)</script>\n";
  answer.in_reply_to = ExternalId("m1@contoh.id");
  answer.acknowledgement = true;
  return answer;
}

Outgoing written(const Reply& answer, const Settings& ours = settings()) {
  static const auto keys = Keys::of_seed("compose");
  auto mail = compose(answer, ours, Tokens(keys), k_now);
  INFO((mail ? "" : mail.error().message));
  REQUIRE(mail);
  return *mail;
}

ParsedMail read(const Outgoing& mail) {
  auto parsed = parse_mail(mail.data);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("an office gets the report's files, and a way to answer that is its own") {
  const auto directory =
      std::filesystem::temp_directory_path() / ("kanal-compose-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  auto handed = reply();
  handed.office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  const std::string picture = "\xFF\xD8\xFF" + std::string(5000, 'f');
  std::ofstream(directory / "one", std::ios::binary) << picture;
  handed.attachments.push_back({.name = "jalan \"satu\"\r\nX: 1.jpg",
                                .type = "image/jpeg",
                                .bytes = {},
                                .file = directory / "one",
                                .size_bytes = picture.size(),
                                .sha256 = {}});
  handed.attachments.push_back({.name = "film.mp4",
                                .type = "video/mp4",
                                .bytes = {},
                                .file = directory / "two",
                                .size_bytes = 100U << 20U,
                                .sha256 = {}});
  auto ours = settings();
  ours.plus_addresses = true;
  const auto parsed = read(written(handed, ours));
  REQUIRE(parsed.attachments.size() == 1);
  CHECK(parsed.attachments[0].bytes == picture);
  CHECK(parsed.attachments[0].name == "jalan__satu___X__1.jpg");
  CHECK(parsed.header("x").empty());
  CHECK(parsed.text.find("Terima kasih.") == 0);
  CHECK(parsed.text.find("1 berkas terlalu besar") != std::string::npos);
  CHECK(std::string(parsed.header("reply-to")).find("lapor+a.41.3.email.") != std::string::npos);
  std::filesystem::remove_all(directory);
  static const auto keys = Keys::of_seed("compose");
  const auto gone = compose(handed, ours, Tokens(keys), k_now);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().remedy == Remedy::retry);
}

TEST_CASE("a reply can be read by any mail program, and says that a machine wrote it") {
  const auto mail = written(reply());
  const auto parsed = read(mail);
  CHECK(parsed.from == "lapor@contoh.go.id");
  CHECK(parsed.from_name == "Lapor Buléleng");
  CHECK(parsed.recipients == std::vector<std::string>{"wati@contoh.id"});
  CHECK(parsed.subject == "Re: Jalan rusak [#123456789016]");
  CHECK(parsed.header("auto-submitted") == "auto-replied");
  CHECK(parsed.in_reply_to == std::vector<std::string>{"m1@contoh.id"});
  CHECK(parsed.message_id == mail.message_id);
  CHECK(parsed.text.starts_with("Terima kasih.\r\n.\r\n"));
  CHECK(mail.recipient == "wati@contoh.id");
  auto status = reply();
  status.acknowledgement = false;
  CHECK(read(written(status)).header("auto-submitted") == "auto-generated");
}

TEST_CASE("a forwarded letter goes to an office as a file of bytes, never as an encoded mail") {
  const auto file =
      std::filesystem::temp_directory_path() / ("kanal-letter-" + std::to_string(::getpid()));
  const std::string letter = "Subject: Lama\r\n\r\nSurat lama.\r\n";
  std::ofstream(file, std::ios::binary) << letter;
  auto handed = reply();
  handed.attachments.push_back({.name = "Lama.eml",
                                .type = "message/rfc822",
                                .bytes = {},
                                .file = file,
                                .size_bytes = letter.size(),
                                .sha256 = {}});
  const auto mail = written(handed);
  CHECK(mail.data.find("message/rfc822") == std::string::npos);
  const auto parsed = read(mail);
  REQUIRE(parsed.attachments.size() == 1);
  CHECK(parsed.attachments[0].name == "Lama.eml");
  CHECK(parsed.attachments[0].bytes == letter);
  std::filesystem::remove(file);
}

TEST_CASE("every line of a reply is ASCII, ends in CRLF and is short") {
  auto answer = reply();
  answer.subject = std::string(200, 'a') + " ꦱꦸꦫꦠ " + std::string(200, 'b');
  answer.text = std::string(5'000, 'x') + "\n" + "ꦱꦸꦫꦠ \t\n\r\nakhir\r";
  const auto mail = written(answer);
  for (auto line : split(mail.data, '\n')) {
    if (line.empty()) continue;
    CHECK(line.ends_with('\r'));
    CHECK(line.size() <= 999);
    for (const char c : line) {
      if (static_cast<unsigned char>(c) >= 0x7F) FAIL_CHECK("a byte that is not ASCII");
    }
  }
  CHECK(read(mail).text.find("ꦱꦸꦫꦠ") != std::string::npos);
}

TEST_CASE("the HTML of a reply holds nothing that was not escaped") {
  const auto mail = written(reply());
  CHECK(mail.data.find("<script>") == mail.data.rfind("<script>"));
  CHECK(mail.data.find("&lt;script&gt;") != std::string::npos);
}

TEST_CASE("the same reply has the same Message-ID, another one has another") {
  CHECK(written(reply()).message_id == written(reply()).message_id);
  auto other = reply();
  other.key = "41.4.email";
  CHECK(written(other).message_id != written(reply()).message_id);
}

TEST_CASE("nothing that a stranger wrote adds a header or a line to the dialogue") {
  auto answer = reply();
  answer.subject = "Jalan\r\nBcc: budi@contoh.id\r\n\r\nisi";
  answer.in_reply_to = ExternalId("a@b>\r\nBcc: <budi@contoh.id");
  answer.references = {ExternalId("x y@z"), ExternalId("bersih@contoh.id"),
                       ExternalId("tanpa-domain")};
  answer.code = TrackingCode("1\r\nBcc: budi@contoh.id");
  const auto parsed = read(written(answer));
  CHECK_FALSE(parsed.has("bcc"));
  CHECK(parsed.in_reply_to.empty());
  CHECK(parsed.references == std::vector<std::string>{"bersih@contoh.id"});
  for (const std::string address : {"wati@contoh.id>\r\nRCPT TO:<budi@contoh.id",
                                    "wati@contoh.id, budi@contoh.id", "wati contoh.id", ""}) {
    answer.address = address;
    static const auto keys = Keys::of_seed("compose");
    const auto refused = compose(answer, settings(), Tokens(keys), k_now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::drop);
    CHECK(refused.error().message.find("budi") == std::string::npos);
  }
}

TEST_CASE("with plus addresses the answer and the bounce come to addresses of their own") {
  auto ours = settings();
  ours.plus_addresses = true;
  const auto mail = written(reply(), ours);
  CHECK(mail.sender.starts_with("lapor+b.41.3.email."));
  CHECK(mail.data.find("lapor+t.41.") != std::string::npos);
  CHECK(written(reply()).sender == "lapor@contoh.go.id");
  // RFC 5321 §4.5.3.1.1: a local part has 64 octets.
  ours.address = std::string(60, 'l') + "@contoh.go.id";
  CHECK(written(reply(), ours).sender == ours.address);
}

TEST_CASE("a long thread keeps its beginning and its end") {
  auto answer = reply();
  for (int i = 0; i < 100; ++i) {
    answer.references.emplace_back(std::to_string(i) + "@contoh.id");
  }
  const auto references = read(written(answer)).references;
  REQUIRE(references.size() <= 21);
  CHECK(references.front() == "0@contoh.id");
  CHECK(references.back() == "m1@contoh.id");
}

TEST_CASE("a header of many words is folded, and its words come back as they were") {
  const std::string plain(
      "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua belas tiga belas "
      "empat belas");
  for (const auto& line : split(encode_header_text(plain, 9), '\n')) CHECK(line.size() <= 78);
  CHECK(encode_header_text("", 0).empty());
  CHECK(encode_header_text("=?utf-8?B?eA==?=", 0).find("eA==?=") == std::string::npos);
}

}  // namespace kanal::email
