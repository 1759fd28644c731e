#include <algorithm>
#include <cstdlib>

#include "net/peer_fixture.hpp"
#include "tests/contract/far_side.hpp"
#include "tests/contract/ports.hpp"
#include "tests/support/forwarding_pipe.hpp"
#include "tests/support/mail_servers.hpp"
#include "tests/support/scripted_mail.hpp"

namespace kanal {

namespace {

using contract::Fault;
using contract::Letter;
using test::MailServers;
using test::ScriptedMail;

constexpr auto k_variable = "KANAL_CONTRACT_MAIL_PASSWORD";
constexpr std::size_t k_oversized_bytes = 200'000;

MailServers& servers() {
  static MailServers all;
  return all;
}

/// What goes on between the connector and the servers, to count what they took and to lose their
/// answers.
struct Traffic {
  Fault fault = Fault::none;
  bool at_greeting = false;  ///< it asks for patience there; else once there is a session
  std::size_t accepted = 0;
};

class WatchedPipe final : public test::ForwardingPipe {
 public:
  WatchedPipe(std::unique_ptr<Pipe> pipe, Traffic& traffic)
      : ForwardingPipe(std::move(pipe)), traffic_(traffic) {}

  Result<std::string> read_line(std::size_t most_bytes,
                                std::chrono::milliseconds timeout_ms) override {
    auto line = ForwardingPipe::read_line(most_bytes, timeout_ms);
    if (!line || line->find("queued as") == std::string::npos) return line;
    ++traffic_.accepted;
    if (traffic_.fault != Fault::lost_answer) return line;
    return fail(Remedy::retry, "the server closed the connection");
  }

 private:
  Traffic& traffic_;
};

std::string patience_wanted(const std::string& line) {
  const auto tag = line.substr(0, line.find(' '));
  if (line.starts_with("EHLO") || line.starts_with("NOOP")) {
    return std::string(ScriptedMail::k_hang_up) + "421 4.7.0 Too many connections, slow down\r\n";
  }
  if (line.find(" CAPABILITY") != std::string::npos) {
    return "* CAPABILITY IMAP4rev1\r\n" + tag + " OK done\r\n";
  }
  return tag + " NO [LIMIT] Too many simultaneous connections\r\n";
}

/// The way to the servers, with what is wrong on it.
class Way final : public Mail {
 public:
  explicit Way(Traffic& traffic) : traffic_(traffic) {}

  Result<std::unique_ptr<Pipe>> connect(const MailServer& server) override {
    auto to = server;
    if (traffic_.fault == Fault::throttled) {
      return traffic_.at_greeting ? turned_away(server) : busy_.connect(server);
    }
    if (traffic_.fault == Fault::silence) to.port = silent_.port();
    if (traffic_.fault == Fault::away) to.port = closed_.port();
    auto pipe = TRY(contract::real_mail().connect(to));
    return std::make_unique<WatchedPipe>(std::move(pipe), traffic_);
  }

 private:
  static Result<std::unique_ptr<Pipe>> turned_away(MailServer server) {
    const bool imap = server.protocol == MailServer::Protocol::imap;
    const FarPeer peer([imap](int socket) {
      say(socket, imap ? "* BYE [LIMIT] Too many simultaneous connections\r\n"
                       : "421 4.7.0 Too many connections\r\n");
    });
    server.port = peer.port();
    return contract::real_mail().connect(server);
  }
  Traffic& traffic_;
  ScriptedMail busy_{patience_wanted};
  contract::DeadPort silent_{true};
  contract::DeadPort closed_{false};
};

std::string mail_of(const Letter& letter) {
  return "Return-Path: <" + letter.author + "@test.local>\r\nFrom: Warga <" + letter.author +
         "@test.local>\r\nTo: lapor@test.local\r\nSubject: Jalan rusak\r\nMessage-ID: <" +
         letter.id +
         "@warga>\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
         letter.text + "\r\n";
}

/// A mailbox on a real Postfix and Dovecot.
class Mailbox final : public contract::FarSide {
 public:
  Mailbox() {
    servers().empty("lapor");
    servers().empty("warga");
    set(Fault::none);
  }
  // What is still on its way would arrive in the next one's mailbox.
  ~Mailbox() override { (void)servers().wait_for("warga", traffic_.accepted); }
  [[nodiscard]] std::string settings() const override {
    const auto* const timeout_s = traffic_.fault == Fault::silence ? "5" : "20";
    const auto server = [&](std::uint16_t port) {
      return "host = \"127.0.0.1\"\nport = " + std::to_string(port) +
             "\nsecurity = \"plain\"\ntimeout_s = " + timeout_s +
             "\npassword = \"env:" + k_variable + "\"\n";
    };
    return "address = \"lapor@test.local\"\nstart_from = \"all\"\nmost_mail_bytes = 65536\n"
           "[imap]\n" +
           server(servers().ports().imap) + "[smtp]\n" + server(servers().ports().smtp);
  }
  [[nodiscard]] std::string_view secret() const override { return MailServers::k_password; }
  Mail& mail() override { return way_; }
  void set(Fault fault) override {
    traffic_.fault = fault;
    if (fault == Fault::throttled) traffic_.at_greeting = !traffic_.at_greeting;
    const auto password =
        std::string(MailServers::k_password) + (fault == Fault::refused ? "-lama" : "");
    ::setenv(k_variable, password.c_str(), 1);
  }

  void arrive(const Letter& letter) override { servers().deliver("lapor", mail_of(letter)); }
  bool arrive_torn(const std::string& id) override {
    auto mail = mail_of({id,
                         "--batas\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: "
                         "base64\r\n\r\n/9j/4AAQSk",
                         "warga"});
    const std::string plain = "text/plain; charset=utf-8";
    mail.replace(mail.find(plain), plain.size(), "multipart/mixed; boundary=batas");
    servers().deliver("lapor", mail);
    return true;
  }
  [[nodiscard]] std::size_t oversized_bytes() const override { return k_oversized_bytes; }
  [[nodiscard]] std::string raw(const Letter& letter) const override { return mail_of(letter); }

  [[nodiscard]] std::string address() const override { return "warga@test.local"; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    const auto mails = servers().wait_for("warga", traffic_.accepted);
    return static_cast<std::size_t>(std::ranges::count_if(
        mails, [&](const auto& mail) { return mail.raw.find(reply.text) != std::string::npos; }));
  }

 private:
  Traffic traffic_;
  Way way_{traffic_};
};

}  // namespace

std::unique_ptr<contract::FarSide> email_far_side();
std::unique_ptr<contract::FarSide> email_far_side() {
  if (!MailServers::available()) return nullptr;
  return std::make_unique<Mailbox>();
}

}  // namespace kanal
