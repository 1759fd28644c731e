// The client of cpprestsdk against our server: an HTTP stack that shares nothing with ours.

#include <array>
#include <cpprest/http_client.h>
#include <cpprest/rawptrstream.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace {

using web::http::http_request;
using web::http::methods;
using web::http::client::http_client;
using web::http::client::http_client_config;

class PeerServer {
 public:
  PeerServer() {
    auto name = (std::filesystem::temp_directory_path() / "kanal-peer-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    spool_ = name;
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) std::abort();
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int each : {in[0], in[1], out[0], out[1]}) ::close(each);
      ::execl(KANAL_PEER_SERVER, "peer_server", name.c_str(), static_cast<char*>(nullptr));
      std::_Exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    auto* lines = ::fdopen(out[0], "r");
    unsigned port = 0;
    if (std::fscanf(lines, "%u", &port) != 1) std::abort();
    std::fclose(lines);
    url_ = "http://127.0.0.1:" + std::to_string(port);
  }
  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;
  ~PeerServer() {
    ::close(input_);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(spool_);
  }
  [[nodiscard]] http_client client() const {
    http_client_config config;
    config.set_timeout(std::chrono::seconds(60));
    config.set_request_compressed_response(false);
    return http_client(url_, config);
  }

 private:
  std::filesystem::path spool_;
  pid_t process_ = -1;
  int input_ = -1;
  std::string url_;
};

std::string text_of(const web::http::http_response& response) {
  return response.extract_utf8string(true).get();
}

TEST_CASE("its addresses, escapes and queries arrive as they were meant") {
  const PeerServer server;
  auto client = server.client();
  web::uri_builder address("/path");
  address.append_path("jalan rusak/\xc3\xa9", true).append_query("q", "a&b=c d");
  const auto response = client.request(methods::GET, address.to_string()).get();
  CHECK(response.status_code() == 200);
  CHECK(text_of(response) == "jalan rusak/\xc3\xa9?a&b=c d");
}

TEST_CASE("its forms and JSON arrive whole") {
  const PeerServer server;
  auto client = server.client();
  const auto form = client
                        .request(methods::POST, "/form", "text=jalan+rusak&name=Warga",
                                 "application/x-www-form-urlencoded")
                        .get();
  CHECK(text_of(form) == "text=jalan rusak\nname=Warga\n");
  auto value = web::json::value::object();
  value["text"] = web::json::value::string("lubang di jalan \xf0\x9f\x95\xb3");
  const auto json = client.request(methods::POST, "/json", value).get();
  CHECK(json.status_code() == 201);
  CHECK(json.extract_json().get() == value);
}

TEST_CASE("its uploads of unknown length are read to their end, and refused beyond the limit") {
  const PeerServer server;
  auto client = server.client();
  const auto send = [&](const std::string& body) {
    http_request request(methods::POST);
    request.set_request_uri("/length");
    // A stream without a length is sent in chunks.
    request.set_body(concurrency::streams::rawptr_stream<std::uint8_t>::open_istream(
        reinterpret_cast<const std::uint8_t*>(body.data()), body.size()));
    return client.request(request).get();
  };
  CHECK(text_of(send(std::string(1'000'000, '0'))) == "chunked 1000000 1000000");
  CHECK(send(std::string(3'000'000, '0')).status_code() == 413);
}

TEST_CASE("it asks a hundred times over its kept connections") {
  const PeerServer server;
  auto client = server.client();
  for (int number = 0; number < 100; ++number) {
    const auto response =
        client.request(methods::GET, "/path/" + std::to_string(number) + "?q=x").get();
    CHECK(text_of(response) == std::to_string(number) + "?x");
    CHECK(response.headers().find("Connection")->second == "keep-alive");
  }
}

TEST_CASE("HEAD, failures, redirects and what is not modified are understood") {
  const PeerServer server;
  auto client = server.client();
  const auto head = client.request(methods::HEAD, "/style.css").get();
  CHECK(head.headers().content_length() == 16'000);
  CHECK(text_of(client.request(methods::GET, "/style.css").get()).size() == 16'000);
  CHECK(client.request(methods::GET, "/nowhere").get().status_code() == 404);
  CHECK(client.request(methods::DEL, "/form").get().status_code() == 405);
  CHECK(text_of(client.request(methods::GET, "/later").get()) == "there?");
  http_request again(methods::GET);
  again.set_request_uri("/style.css");
  again.headers().add("If-None-Match", head.headers().find("ETag")->second);
  CHECK(client.request(again).get().status_code() == 304);
}

}  // namespace
