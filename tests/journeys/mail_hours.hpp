#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "connectors/email/email.hpp"
#include "format/json.hpp"
#include "net/mail_pipe.hpp"
#include "tests/journeys/hours_world.hpp"
#include "tests/support/no_http.hpp"
#include "tests/support/sandbox_process.hpp"

namespace kanal::test {

/// A mail server that goes away when it is told to; people whose mail programs use it from inside,
/// whatever becomes of the connections.
class MailSandbox {
 public:
  void go_away() { order("away"); }
  void come_back() { server_.order("DELETE", "/faults"); }
  void order(const std::string& fault, int times = 1) {
    JsonWriter body;
    body.begin_object().member("fault", fault).member("times", times).end_object();
    server_.order("POST", "/faults", body.take());
  }
  /// The office's mailbox gets new numbers, as after a restored backup.
  void renumber() {
    server_.order("POST", "/numbers", R"({"of":")" + server_.ready("address") + "\"}");
  }
  [[nodiscard]] std::string address(const std::string& person) const {
    return person + "@" + server_.ready("domain");
  }
  /// Its Message-ID.
  std::string write(const std::string& person, const std::string& subject, const std::string& text,
                    const std::string& in_reply_to = {}) {
    JsonWriter body;
    body.begin_object().member("as", address(person)).member("subject", subject);
    body.member("text", text).member("in_reply_to", in_reply_to).end_object();
    return server_.order("POST", "/mails", body.take()).text("id");
  }
  /// What came to a person from us, oldest first.
  std::vector<Json> inbox(const std::string& person) {
    auto all = server_.order("GET", "/mails?of=" + address(person)).find("mails")->array;
    std::erase_if(all, [&](const Json& mail) { return mail.text("by") != ours(); });
    return all;
  }
  [[nodiscard]] std::string ours() const { return server_.ready("address"); }

  [[nodiscard]] email::Settings settings() const {
    ::setenv("KANAL_HOURS_MAIL", server_.ready("password").c_str(), 1);
    email::Settings settings;
    settings.address = ours();
    settings.start_from = "all";
    for (auto* server : {&settings.imap, &settings.smtp}) {
      server->host = server_.ready("host");
      server->security = "plain";
      server->password = Secret("env:KANAL_HOURS_MAIL");
    }
    settings.imap.port = std::stoi(server_.ready("imap_port"));
    settings.smtp.port = std::stoi(server_.ready("smtp_port"));
    return settings;
  }

 private:
  SandboxProcess server_{"email"};
};

}  // namespace kanal::test
