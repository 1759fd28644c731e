#include "net/mail_pipe.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "format/encode.hpp"
#include "net/peer_fixture.hpp"

namespace kanal {
namespace {

constexpr std::string_view k_user = "lapor@contoh.go.id";
constexpr std::string_view k_password = "ra\"ha\\sia 9";

std::string read_line(int socket) {
  std::string line;
  for (char byte = 0; !line.ends_with("\r\n") && ::recv(socket, &byte, 1, 0) == 1;) line += byte;
  return line.substr(0, line.find('\r'));
}

MailServer server_at(std::uint16_t port, bool imap,
                     MailServer::Login login = MailServer::Login::password) {
  MailServer server;
  server.protocol = imap ? MailServer::Protocol::imap : MailServer::Protocol::smtp;
  server.security = MailServer::Security::plain;
  server.login = login;
  server.host = "127.0.0.1";
  server.port = port;
  server.user = k_user;
  server.password = k_password;
  return server;
}

/// What is told of a login that the server refuses by these words and what it was sent.
std::string told(const std::string& abilities, const std::string& words, bool imap = false,
                 MailServer::Login login = MailServer::Login::password) {
  const FarPeer peer([&](int socket) {
    say(socket, imap ? "* OK ready\r\n" : "220 ready\r\n");
    std::string tag;
    for (auto line = read_line(socket); !line.empty(); line = read_line(socket)) {
      if (line.find(' ') != std::string::npos) tag = line.substr(0, line.find(' ') + 1);
      if (line.starts_with("EHLO")) {
        say(socket, "250-mail\r\n250 " + abilities + "\r\n");
      } else if (line.ends_with("CAPABILITY")) {
        say(socket, "* CAPABILITY IMAP4rev1 " + abilities + "\r\n" + tag + "OK\r\n");
      } else if (line == "AUTH PLAIN" || line == "AUTH XOAUTH2") {
        say(socket, "334 \r\n");
      } else if (line.ends_with("AUTHENTICATE PLAIN")) {
        say(socket, "+ \r\n");
      } else if (line == "AUTH LOGIN") {
        say(socket, "334 VXNlcm5hbWU6\r\n");
      } else if (line == to_base64(k_user)) {
        say(socket, "334 UGFzc3dvcmQ6\r\n");
      } else {
        say(socket, (imap ? tag + "NO " : "535 5.7.8 ") + words + line + "\r\n");
      }
    }
  });
  const auto server = server_at(peer.port(), imap, login);
  const auto pipe = make_mail()->connect(server);
  REQUIRE_FALSE(pipe);
  CHECK(pipe.error().remedy == Remedy::reconfigure);
  return pipe.error().message;
}

bool gives_away(std::string_view message) {
  const auto plain = std::string(1, '\0') + std::string(k_user) + '\0' + std::string(k_password);
  const auto token = "user=" + std::string(k_user) +
                     "\x01"
                     "auth=Bearer " +
                     std::string(k_password) + "\x01\x01";
  const std::array<std::string, 5> secrets = {std::string(k_password), "ra\\\"ha\\\\sia",
                                              to_base64(k_password), to_base64(plain),
                                              to_base64(token)};
  for (const auto& secret : secrets) {
    if (message.find(secret.substr(0, 10)) != std::string_view::npos) return true;
  }
  return false;
}

TEST_CASE("a server that echoes the login it refuses puts no secret into what is told") {
  for (const auto& message :
       {told("AUTH PLAIN", "unrecognised: "), told("AUTH LOGIN", "unrecognised: "),
        told("AUTH XOAUTH2", "unrecognised: ", false, MailServer::Login::xoauth2),
        told("AUTH=PLAIN", "unrecognised: ", true), told("", "unrecognised: ", true),
        told("AUTH=PLAIN SASL-IR", "unrecognised: ", true),
        told("AUTH PLAIN", std::string(280, ' ') + ": ")}) {
    INFO(message);
    CHECK_FALSE(gives_away(message));
    CHECK(message.find("refused the login") != std::string::npos);
  }
}

/// Whether the connection stands once the server has got just `sent` for its challenges.
bool logs_in(bool imap, MailServer::Login login, const std::string& mechanism,
             const std::vector<std::string>& sent) {
  std::size_t got = 0;
  {
    const FarPeer peer([&](int socket) {
      say(socket, imap ? "* OK ready\r\n" : "220 ready\r\n");
      std::string tag;
      bool asked = false;
      for (auto line = read_line(socket); !line.empty(); line = read_line(socket)) {
        if (asked) {
          if (got == sent.size() || line != sent[got]) return;
          if (++got < sent.size()) {
            say(socket, imap ? "+ \r\n" : "334 \r\n");
          } else {
            asked = false;
            say(socket, imap ? tag + "OK\r\n" : "235 2.7.0 OK\r\n");
          }
          continue;
        }
        if (imap) tag = line.substr(0, line.find(' ') + 1);
        if (line.starts_with("EHLO")) {
          say(socket, "250-mail\r\n250 AUTH " + mechanism + "\r\n");
        } else if (line.ends_with("CAPABILITY")) {
          say(socket, "* CAPABILITY IMAP4rev1 AUTH=" + mechanism + "\r\n" + tag + "OK\r\n");
        } else if (line.ends_with((imap ? "AUTHENTICATE " : "AUTH ") + mechanism)) {
          asked = true;
          say(socket, imap ? "+ \r\n" : "334 \r\n");
        } else {
          say(socket, imap ? tag + "OK\r\n" : "221 bye\r\n");
        }
      }
    });
    const auto server = server_at(peer.port(), imap, login);
    const auto pipe = make_mail()->connect(server);
    INFO((pipe ? "" : pipe.error().message));
    CHECK(pipe);
  }
  return got == sent.size();
}

TEST_CASE("whatever a server takes logs in, by mailboxes and for sending") {
  const auto token = "user=" + std::string(k_user) +
                     "\x01"
                     "auth=Bearer " +
                     std::string(k_password) + "\x01\x01";
  const auto plain = std::string(1, '\0') + std::string(k_user) + '\0' + std::string(k_password);
  for (const bool imap : {false, true}) {
    INFO(imap);
    CHECK(logs_in(imap, MailServer::Login::password, "PLAIN", {to_base64(plain)}));
    CHECK(logs_in(imap, MailServer::Login::password, "LOGIN",
                  {to_base64(k_user), to_base64(k_password)}));
    CHECK(logs_in(imap, MailServer::Login::xoauth2, "XOAUTH2", {to_base64(token)}));
  }
}

TEST_CASE("a server that asks for patience with its greeting is left alone for a while") {
  const auto greeted = [](const std::string& words, bool imap) {
    const FarPeer peer([&](int socket) { say(socket, words + "\r\n"); });
    const auto server = server_at(peer.port(), imap);
    const auto pipe = make_mail()->connect(server);
    REQUIRE_FALSE(pipe);
    return pipe.error();
  };
  for (const auto& error : {greeted("* BYE [LIMIT] Too many simultaneous connections", true),
                            greeted("421 4.7.0 Too many connections", false)}) {
    INFO(error.message);
    CHECK(error.remedy == Remedy::throttled);
    CHECK(error.retry_after == k_mail_patience);
    CHECK(error.message.find("Too many") != std::string::npos);
  }
  CHECK(greeted("* BYE shutting down", true).remedy == Remedy::retry);
  CHECK(greeted("421 4.3.2 Service shutting down", false).remedy == Remedy::retry);
}

TEST_CASE("what a server says of a refused login is told as far as it is no secret") {
  const auto message = told("AUTH PLAIN",
                            "Username and Password not accepted. For more information, go to "
                            "https://support.google.com/mail/?p=BadCredentials ");
  CHECK(message.find("535 5.7.8 Username and Password not accepted") != std::string::npos);
  CHECK(message.find("support.google.com/mail/?p=BadCredentials") != std::string::npos);
}

}  // namespace
}  // namespace kanal
