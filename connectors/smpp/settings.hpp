#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"

namespace kanal::smpp {

struct Settings {
  std::string host;
  std::int64_t port = 0;
  std::string security = "tls";
  std::filesystem::path ca_file;
  std::string system_id;
  Secret password;
  std::string system_type;
  std::string bind = "transceiver";
  std::int64_t binds = 1;
  std::string source;
  std::int64_t source_ton = -1;
  std::int64_t source_npi = -1;
  std::string region = "ID";
  std::string alphabet_0 = "gsm7";
  std::string alphabet_1 = "ascii";
  std::string long_messages = "udh";
  std::int64_t most_segments = 3;
  std::int64_t window = 10;
  std::string submit_ids = "text";
  std::string receipt_ids = "text";
  std::chrono::seconds wait_for_parts_s{600};
  std::chrono::seconds enquire_every_s{30};
  std::chrono::seconds timeout_s{30};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(host, Field{.key = "host", .about = "The operator's SMSC.", .required = true});
    visit(port, Field{.key = "port",
                      .about = "Its port; 0 is the usual one: 3550 with TLS, else 2775.",
                      .least = 0,
                      .most = 65535});
    visit(security, Field{.key = "security",
                          .about = "How the connection is protected; plain shows password and "
                                   "messages to everyone on the way, and belongs into a tunnel.",
                          .choices = {"tls", "plain"}});
    visit(ca_file,
          Field{.key = "ca_file", .about = "Certificates to trust instead of the system's (PEM)."});
    visit(system_id, Field{.key = "system_id",
                           .about = "The name that the operator gave out.",
                           .required = true});
    visit(password, Field{.key = "password", .about = "The password that goes with it."});
    visit(system_type,
          Field{.key = "system_type", .about = "The kind of system, if the operator asks for it."});
    visit(bind, Field{.key = "bind",
                      .about = "One session both ways, or one for each way.",
                      .choices = {"transceiver", "pair"}});
    visit(binds, Field{.key = "binds",
                       .about = "How many sessions (or pairs) are held at once.",
                       .least = 1,
                       .most = 8});
    visit(source, Field{.key = "source",
                        .about = "The number or name that answers come from (\"1708\").",
                        .required = true});
    visit(source_ton, Field{.key = "source_ton",
                            .about = "Type of that number as the operator wants it; -1: by its "
                                     "form.",
                            .least = -1,
                            .most = 7});
    visit(source_npi, Field{.key = "source_npi",
                            .about = "Numbering plan of that number; -1: by its form.",
                            .least = -1,
                            .most = 18});
    visit(region, Field{.key = "region",
                        .about = "Whose national numbers (08…) are meant, as in ISO 3166."});
    visit(alphabet_0, Field{.key = "alphabet_0",
                            .about = "What the operator means by data_coding 0.",
                            .choices = {"gsm7", "latin1", "ascii", "utf8"}});
    visit(alphabet_1, Field{.key = "alphabet_1",
                            .about = "What the operator means by data_coding 1.",
                            .choices = {"ascii", "gsm7", "latin1", "utf8"}});
    visit(long_messages, Field{.key = "long_messages",
                               .about = "How answers of several parts are sent: with a header in "
                                        "each, by sar parameters, or whole as message_payload.",
                               .choices = {"udh", "sar", "payload"}});
    visit(most_segments, Field{.key = "most_segments",
                               .about = "Parts that an answer may have; a longer one is cut.",
                               .least = 1,
                               .most = 10});
    visit(window, Field{.key = "window",
                        .about = "Messages under way without an answer, in each session.",
                        .least = 1,
                        .most = 500});
    visit(submit_ids, Field{.key = "submit_ids",
                            .about = "How the SMSC writes ids when it takes a message.",
                            .choices = {"text", "hex", "decimal"}});
    visit(receipt_ids, Field{.key = "receipt_ids",
                             .about = "How it writes them in receipts.",
                             .choices = {"text", "hex", "decimal"}});
    visit(wait_for_parts_s,
          Field{.key = "wait_for_parts_s",
                .about = "How long a message waits for its missing parts before it is taken as it "
                         "is.",
                .least = 10,
                .most = 86400});
    visit(enquire_every_s, Field{.key = "enquire_every_s",
                                 .about = "A session that is silent for so long is asked whether "
                                          "it lives.",
                                 .least = 1,
                                 .most = 3600});
    visit(timeout_s, Field{.key = "timeout_s",
                           .about = "How long the SMSC may take to answer.",
                           .least = 1,
                           .most = 600});
  }
};

}  // namespace kanal::smpp
