#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "connectors/kind.hpp"

namespace kanal::email {

/// A mail server and how to log in to it.
struct ServerSettings {
  std::string host;
  std::int64_t port = 0;
  std::string security = "tls";
  std::string login = "password";
  std::string user;
  Secret password;
  std::filesystem::path ca_file;
  std::chrono::seconds timeout_s{30};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(host, Field{.key = "host", .about = "The mail server's name.", .required = true});
    visit(port, Field{.key = "port",
                      .about = "Its port; 0 is the usual one for the protocol and security.",
                      .least = 0,
                      .most = 65535});
    visit(security, Field{.key = "security",
                          .about = "How the connection is protected; plain shows the password "
                                   "to everyone on the way.",
                          .choices = {"tls", "starttls", "plain"}});
    visit(login, Field{.key = "login",
                       .about = "How to log in; xoauth2 takes a bearer token as the password.",
                       .choices = {"password", "xoauth2", "none"}});
    visit(user, Field{.key = "user", .about = "The name to log in with; empty is the address."});
    visit(password, Field{.key = "password",
                          .about = "The password or bearer token; empty for smtp takes imap's."});
    visit(ca_file,
          Field{.key = "ca_file", .about = "Certificates to trust instead of the system's (PEM)."});
    visit(timeout_s,
          Field{.key = "timeout_s",
                .about =
                    "How long the server may be silent, in an answer or in the middle of a mail.",
                .least = 1,
                .most = 600});
  }
};

struct Settings {
  std::string address;
  std::string name;
  std::vector<std::string> also_ours;
  std::vector<std::string> trusted_forwarders;
  ServerSettings imap;
  ServerSettings smtp;
  std::string folder = "INBOX";
  std::string after_reading = "seen";
  std::string move_to = "Kanal";
  std::string start_from = "now";
  std::int64_t most_mail_bytes = 25 << 20;
  bool plus_addresses = false;
  std::string authserv_id;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(address, Field{.key = "address",
                         .about = "The address that people write to and that answers come from.",
                         .required = true,
                         .example = "kanal@example.invalid"});
    visit(name, Field{.key = "name", .about = "The sender's name on answers."});
    visit(also_ours,
          Field{.key = "also_ours",
                .about = "Further addresses that end in this mailbox; mail from them is our own."});
    visit(
        trusted_forwarders,
        Field{.key = "trusted_forwarders",
              .about = "Addresses that write for others, as a web site's form does: the author of "
                       "their mail is whoever its Reply-To names."});
    visit(imap, Field{.key = "imap", .about = "Where mail is read.", .required = true});
    visit(smtp, Field{.key = "smtp", .about = "Where answers are sent.", .required = true});
    visit(folder, Field{.key = "folder", .about = "The folder that is read."});
    visit(after_reading,
          Field{.key = "after_reading",
                .about = "What happens to a mail once it is stored: marked as seen, moved to "
                         "another folder, or left alone. Nothing is ever deleted.",
                .choices = {"seen", "move", "nothing"}});
    visit(move_to, Field{.key = "move_to", .about = "The folder that stored mail is moved to."});
    visit(start_from,
          Field{.key = "start_from",
                .about = "Where reading starts the first time: \"now\", \"all\" or a date "
                         "(\"2026-01-31\")."});
    visit(most_mail_bytes, Field{.key = "most_mail_bytes",
                                 .about = "A larger mail is kept by its headers, for a person.",
                                 .least = 64 << 10,
                                 .most = 100 << 20});
    visit(plus_addresses,
          Field{.key = "plus_addresses",
                .about = "The server delivers name+anything@domain to name@domain: answers then "
                         "carry their report in the reply address."});
    visit(authserv_id,
          Field{.key = "authserv_id",
                .about = "The name under which your mail server writes Authentication-Results "
                         "(often its host name): a mail that it does not vouch for (DMARC, DKIM, "
                         "SPF) is not taken for its From's, and what it says is not "
                         "repeated to that address. Empty: every From is believed."});
  }
};

/// What is wrong with settings that each are in bounds; empty: nothing. Touches no network.
WrongSettings wrong_settings(const Settings& settings);

}  // namespace kanal::email
