#pragma once

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/bridge_process.hpp"
#include "tests/support/mail_servers.hpp"

// Citizens, officers and a bridge on real mail servers. A test program has one pair of servers and
// one bridge; each journey has citizens of its own.
namespace kanal::test {

struct Ports {
  std::uint16_t imap = 0;
  std::uint16_t smtp = 0;
};

inline MailServers& servers() {
  static MailServers all;
  return all;
}

inline Ports ports_of(const MailServers& servers) {
  return {servers.ports().imap, servers.ports().smtp};
}

struct MailChannel {
  std::string name = "email";
  std::string person = "lapor";
  Ports ports;
  int replies_per_hour = 1000;
  bool plus_addresses = true;
  bool tests_itself = false;
  std::string start_from = "all";
};

inline std::string settings_of(const MailChannel& channel) {
  ::setenv("KANAL_TEST_MAIL_PASSWORD", MailServers::k_password, 1);
  const auto server = [&](const char* name, std::uint16_t port) {
    return "[channel." + channel.name + "." + name +
           "]\nhost = \"127.0.0.1\"\nport = " + std::to_string(port) +
           "\nsecurity = \"plain\"\npassword = \"env:KANAL_TEST_MAIL_PASSWORD\"\ntimeout_s = 10\n";
  };
  return "[channel." + channel.name + "]\nkind = \"email\"\naddress = \"" + channel.person +
         "@test.local\"\nstart_from = \"" + channel.start_from +
         "\"\nreplies_per_hour = " + std::to_string(channel.replies_per_hour) +
         "\nplus_addresses = " + (channel.plus_addresses ? "true" : "false") + "\n" +
         (channel.tests_itself ? "canary_address = \"" + channel.person + "@test.local\"\n" : "") +
         server("imap", channel.ports.imap) + server("smtp", channel.ports.smtp);
}

inline const char* const k_form_channel =
    "[channel.form]\nkind = \"webform\"\nleast_fill_s = 0\npeer_burst = 10000\n"
    "peer_per_hour = 100000\n";

/// lapor@ read by the channel "email"; budi@ read by "terbatas", which answers nobody more than
/// three times an hour and has no plus addresses; and a form.
inline std::string usual_settings() {
  return settings_of({.ports = ports_of(servers()), .tests_itself = true}) +
         settings_of({.name = "terbatas",
                      .person = "budi",
                      .ports = ports_of(servers()),
                      .replies_per_hour = 3,
                      .plus_addresses = false}) +
         k_form_channel;
}

/// The program's bridge, running.
inline BridgeProcess& bridge() {
  servers();
  static BridgeProcess only(usual_settings());
  if (!only.runs()) only.start();
  return only;
}

inline std::string header(const std::string& raw, const std::string& name) {
  const auto head = "\r\n" + raw.substr(0, raw.find("\r\n\r\n")) + "\r\n";
  auto value = between(head, "\r\n" + name + ":", "\r\n");
  while (!value.empty() && value.front() == ' ') value.erase(0, 1);
  return value;
}

inline std::string normal_lines(const std::string& raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '\n' && (at == 0 || raw[at - 1] != '\r')) out += '\r';
    out += raw[at];
  }
  return out;
}

/// Somebody with an address of their own (several share a mailbox) and a mail program.
class Citizen {
 public:
  explicit Citizen(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string address() const { return "warga+" + name_ + "@test.local"; }
  [[nodiscard]] std::string id(const std::string& of) const {
    return name_ + "-" + of + "@warga.example";
  }
  [[nodiscard]] std::string mail(const std::string& of, const std::string& subject,
                                 const std::string& text, const std::string& more = {},
                                 const std::string& to = "lapor@test.local") const {
    return "From: Wati Warga <" + address() + ">\r\nTo: " + to + "\r\nSubject: " + subject +
           "\r\nMessage-ID: <" + id(of) + ">\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\n" + more +
           (more.find("Content-Type") == std::string::npos
                ? "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                : "") +
           "\r\n" + text + "\r\n";
  }
  void writes(const std::string& of, const std::string& subject, const std::string& text,
              const std::string& more = {}, const std::string& to = "lapor@test.local") const {
    servers().submit(address(), to, mail(of, subject, text, more, to));
  }
  /// What a mail program sends when its user presses "reply" on what was received.
  void answers(const std::string& received, const std::string& of, const std::string& text) const {
    auto to = header(received, "Reply-To");
    if (to.empty()) to = header(received, "From");
    if (to.find('<') != std::string::npos) to = between(to, "<", ">");
    const auto about = "<" + between(header(received, "Message-ID"), "<", ">") + ">";
    writes(of, "Re: " + header(received, "Subject"), text,
           "In-Reply-To: " + about + "\r\nReferences: " + about + "\r\n", to);
  }
  [[nodiscard]] std::vector<std::string> inbox() const {
    std::vector<std::string> mails;
    for (const auto& stored : servers().mailbox("warga")) {
      auto raw = normal_lines(stored.raw);
      if (header(raw, "To") == address()) mails.push_back(std::move(raw));
    }
    return mails;
  }
  /// Waits until there are so many; whatever there is when the time is up.
  [[nodiscard]] std::vector<std::string> waits_for(std::size_t count, int seconds = 180) const {
    eventually([&] { return inbox().size() >= count; }, seconds);
    return inbox();
  }
  /// Mails of one second stand in no order: waits for the one with these words.
  [[nodiscard]] std::string waits_for(const std::string& words, int seconds = 180) const {
    std::string found;
    eventually(
        [&] {
          for (auto& raw : inbox()) {
            if (raw.find(words) != std::string::npos) found = std::move(raw);
          }
          return !found.empty();
        },
        seconds);
    return found;
  }

 private:
  std::string name_;
};

/// Reports whose title has these words.
inline std::vector<Json> reports(const BridgeProcess& of, const std::string& words = {}) {
  std::vector<Json> found;
  for (auto& report : of.query({"report", "list", "--most", "1000"})) {
    if (report.text("title").find(words) != std::string::npos) found.push_back(std::move(report));
  }
  return found;
}

inline Json report(const BridgeProcess& of, const std::string& code) {
  return of.query({"report", "show", code}).at(0);
}

inline std::string state_of_report(const BridgeProcess& of, const std::string& code) {
  return report(of, code).text("state");
}

/// The code of the one report with these words in its title, once it is there.
inline std::string code_of(const BridgeProcess& of, const std::string& words) {
  eventually([&] { return !reports(of, words).empty(); }, 180);
  const auto found = reports(of, words);
  INFO(words << "\n" << of.log());
  REQUIRE(found.size() == 1);
  return found[0].text("code");
}

inline void officer_acts(const BridgeProcess& of, const std::string& code,
                         std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = of.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

inline Json channel(const BridgeProcess& of, const std::string& name) {
  return of.query({"channel", "show", name}).at(0);
}

/// The bridge's own PostgreSQL; 0 when none runs.
inline pid_t postmaster(const BridgeProcess& of) {
  pid_t found = 0;
  std::ifstream file(of.directory() / "data/postgres/data/postmaster.pid");
  file >> found;
  return found > 0 && ::kill(found, 0) == 0 ? found : 0;
}

}  // namespace kanal::test
