#include "net/multipart.hpp"

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

struct Read {
  std::optional<HttpRefusal> refusal;
  std::vector<FormPart> parts;
  [[nodiscard]] int status() const { return refusal ? refusal->status : 200; }
};

Read read_form(std::string_view body, MultipartLimits limits, std::size_t piece = 1U << 14U) {
  Multipart form("edge", std::move(limits));
  Read read;
  while (!body.empty() && !read.refusal) {
    read.refusal = form.feed(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
  }
  if (!read.refusal) read.refusal = form.finish();
  if (!read.refusal) read.parts = form.take();
  return read;
}

Read read_form(std::string_view body) {
  return read_form(body, {});
}

std::string field(std::string_view name, std::string_view value) {
  return "--edge\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

std::string file(std::string_view disposition, std::string_view bytes) {
  return "--edge\r\nContent-Disposition: form-data; " + std::string(disposition) +
         "\r\nContent-Type: image/png\r\n\r\n" + std::string(bytes) + "\r\n";
}

constexpr std::string_view k_end = "--edge--\r\n";

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_CASE("a form reads the same in pieces of any size") {
  const Spool spool;
  const auto body = "preamble\r\n" + field("text", "jalan\r\n--edg rusak\r\n") +
                    file("name=photo; filename=\"a.png\"", "\r\n--edg\r\r\n-edge-\r\n") +
                    field("empty", "") + std::string(k_end) + "epilogue";
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 7U, 11U, 64U, 4096U}) {
    INFO("pieces of " << piece);
    const auto read = read_form(body, {64, 4000, spool.path()}, piece);
    REQUIRE(read.status() == 200);
    REQUIRE(read.parts.size() == 3);
    CHECK(read.parts[0].name == "text");
    CHECK(read.parts[0].value == "jalan\r\n--edg rusak\r\n");
    CHECK(read.parts[0].file.empty());
    CHECK(read.parts[1].name == "photo");
    CHECK(read.parts[1].file_name == "a.png");
    CHECK(read.parts[1].type == "image/png");
    CHECK(contents(read.parts[1].file) == "\r\n--edg\r\r\n-edge-\r\n");
    CHECK(read.parts[1].size_bytes == 18);
    CHECK(read.parts[2].value.empty());
    std::filesystem::remove(read.parts[1].file);
  }
}

TEST_CASE("a form without parts is an empty form") {
  const auto read = read_form(k_end);
  CHECK(read.status() == 200);
  CHECK(read.parts.empty());
}

TEST_CASE("a malformed form is refused") {
  const auto whole = field("a", "b");
  CHECK(read_form("").status() == 400);
  CHECK(read_form(whole).status() == 400);
  CHECK(read_form(whole + "--edge").status() == 400);
  CHECK(read_form(whole + "--edge-").status() == 400);
  CHECK(read_form(whole + "--edgex\r\n\r\n" + std::string(k_end)).status() == 400);
  CHECK(read_form("--other\r\n\r\n").status() == 400);
  CHECK(read_form("--edge\r\n\r\nno head\r\n" + std::string(k_end)).status() == 400);
  CHECK(read_form("--edge\r\nno colon\r\n\r\nx\r\n" + std::string(k_end)).status() == 400);
  CHECK(read_form("--edge\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n" +
                  std::string(k_end))
            .status() == 400);
  CHECK(read_form("--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + std::string(k_end))
            .status() == 400);
  CHECK(read_form("--edge\r\nContent-Disposition: form-data; name=a\r\n"
                  "Content-Disposition: form-data; name=b\r\n\r\nx\r\n" +
                  std::string(k_end))
            .status() == 400);
  CHECK(read_form(std::string(100'000, '-') + whole + std::string(k_end)).status() == 400);
}

TEST_CASE("a form is bounded in parts, heads, names and fields") {
  MultipartLimits limits;
  limits.parts = 3;
  limits.fields_bytes = 300;
  std::string three;
  for (int part = 0; part < 3; ++part) three += field("a", std::string(100, 'x'));
  CHECK(read_form(three + std::string(k_end), limits).status() == 200);
  CHECK(read_form(three + field("a", "") + std::string(k_end), limits).status() == 413);
  CHECK(read_form(field("a", std::string(300, 'x')) + std::string(k_end), limits).status() == 200);
  CHECK(read_form(field("a", std::string(301, 'x')) + std::string(k_end), limits).status() == 413);
  limits.fields_bytes = 299;
  CHECK(read_form(three + std::string(k_end), limits).status() == 413);
  CHECK(read_form(field(std::string(2000, 'n'), "") + std::string(k_end)).status() == 400);
  CHECK(read_form(field(std::string(20'000, 'n'), "") + std::string(k_end)).status() == 431);
  CHECK(read_form("--edge\r\nX: " + std::string(20'000, 'x')).status() == 431);
  CHECK(read_form("--edge" + std::string(1000, ' ')).status() == 400);
}

TEST_CASE("no more of a form is in memory than its fields and a part's head") {
  const Spool spool;
  Multipart form("edge", {64, 4000, spool.path()});
  REQUIRE_FALSE(form.feed("--edge\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n"));
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  const std::string piece(1U << 14U, 'x');
  for (int count = 0; count < 2000; ++count) REQUIRE_FALSE(form.feed(piece));
  REQUIRE_FALSE(form.feed("\r\n--edge--"));
  CHECK(peak_kib() - before < bound_kib(4096));
  const auto parts = form.take();
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].size_bytes == 2000 * piece.size());
}

TEST_CASE("what is held of a form is counted, with what its parts' heads become") {
  Multipart form("edge", {});
  const auto part = "--edge\r\nContent-Disposition: form-data; name=" + std::string(1000, '\xff') +
                    "\r\nContent-Type: " + std::string(6000, '\xff') + "\r\n\r\n" +
                    std::string(100, '\xff') + "\r\n";
  for (int each = 0; each < 60; ++each) REQUIRE_FALSE(form.feed(part));
  REQUIRE_FALSE(form.feed(k_end));
  // A byte that is no UTF-8 becomes three.
  CHECK(form.held_bytes() > 60 * 3 * (1000 + 100));
  const auto parts = form.take();
  REQUIRE(parts.size() == 60);
  CHECK(parts[0].name.size() == 3000);
  CHECK(parts[0].value.size() == 300);
  CHECK(parts[0].type.size() < 400);
  CHECK(held_bytes(parts) > 60 * 3 * (1000 + 100));
}

TEST_CASE("files leave to others what room they need on the disk") {
  const Spool spool;
  MultipartLimits limits{64, 4000, spool.path()};
  const auto body = file("name=a; filename=a", std::string(10'000, 'x')) + std::string(k_end);
  limits.least_free_bytes = 1;
  const auto taken = read_form(body, limits);
  CHECK(taken.status() == 200);
  for (const auto& part : taken.parts) std::filesystem::remove(part.file);
  limits.least_free_bytes = std::uint64_t{1} << 62U;
  CHECK(read_form(body, limits).status() == 507);
  CHECK(spool.files() == 0);
  // Fields need none of it.
  CHECK(read_form(field("a", "b") + std::string(k_end), limits).status() == 200);
}

TEST_CASE("a file's name is only a name") {
  const Spool spool;
  const auto name_of = [&](const std::string& disposition) {
    const auto read = read_form(file("name=a; " + disposition, "") + std::string(k_end),
                                {64, 4000, spool.path()});
    REQUIRE(read.status() == 200);
    return read.parts.at(0).file_name;
  };
  CHECK(name_of("filename=\"../../etc/passwd\"") == "passwd");
  CHECK(name_of("filename=\"C:\\photos\\jalan.jpg\"") == "jalan.jpg");
  CHECK(name_of("filename=\"a%22b.jpg\"") == "a\"b.jpg");
  CHECK(name_of("filename=\"a\\\"b.jpg\"") == "a\"b.jpg");
  CHECK(name_of("filename=\"a;b.jpg\"") == "a;b.jpg");
  CHECK(name_of("filename=plain.jpg") == "plain.jpg");
  CHECK(name_of("filename=\"\xff.jpg\"") == "\xef\xbf\xbd.jpg");
  CHECK(name_of("filename=\"foto%0D%0Ax.jpg\"") == "foto  x.jpg");
  CHECK(name_of("filename=\"" + std::string(3000, 'x') + ".jpg\"").size() <= 255);
}

TEST_CASE("a file without bytes makes no file") {
  const Spool spool;
  const auto read = read_form(file("name=photo; filename=\"\"", "") + std::string(k_end),
                              {64, 4000, spool.path()});
  REQUIRE(read.parts.size() == 1);
  CHECK(read.parts[0].file.empty());
  CHECK(read.parts[0].size_bytes == 0);
  CHECK(spool.files() == 0);
}

TEST_CASE("files of a form that breaks off are removed") {
  const Spool spool;
  {
    Multipart form("edge", {64, 4000, spool.path()});
    CHECK_FALSE(form.feed(file("name=a; filename=a", std::string(10'000, 'x'))));
    CHECK_FALSE(form.feed(file("name=b; filename=b", std::string(10'000, 'x'))));
    CHECK(spool.files() == 2);
  }
  CHECK(spool.files() == 0);
}

TEST_CASE("a spool that cannot be written to is the server's trouble, not the client's") {
  const auto read =
      read_form(file("name=a; filename=a", std::string(10'000, 'x')), {64, 4000, "/nowhere/spool"});
  CHECK(read.status() == 503);
}

TEST_CASE("a boundary is found in the content type") {
  CHECK(boundary_of("multipart/form-data; boundary=edge") == "edge");
  CHECK(boundary_of("Multipart/Form-Data;charset=utf-8;Boundary=\"the edge\"") == "the edge");
  CHECK(boundary_of("multipart/form-data").empty());
  CHECK(boundary_of("multipart/form-data; boundary=").empty());
  CHECK(boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')).empty());
  CHECK(boundary_of("multipart/mixed; boundary=edge").empty());
  CHECK(boundary_of("text/plain; boundary=edge").empty());
  CHECK(boundary_of("").empty());
}

}  // namespace
}  // namespace kanal
