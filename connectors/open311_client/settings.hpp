#pragma once

#include <chrono>
#include <map>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "connectors/far_system.hpp"

namespace kanal::open311_client {

struct Settings : FarSystem {
  Secret api_key;
  std::string jurisdiction;
  std::string format = "xml";
  std::string service_code;
  std::map<std::string, std::string> services;
  bool updates = false;
  bool lists_all = false;
  std::chrono::seconds poll_s{300};

  template <class Visitor>
  void describe(Visitor& visit) {
    describe_way(visit,
                 "The other system's Open311 endpoint, as its discovery names it "
                 "(\"https://putr.example.go.id/open311/v2\").");
    visit(api_key,
          Field{.key = "api_key", .about = "What requests are made with.", .required = true});
    visit(jurisdiction,
          Field{.key = "jurisdiction", .about = "The jurisdiction_id there, if it wants one."});
    visit(format, Field{.key = "format",
                        .about = "What documents are asked for in; every endpoint has XML.",
                        .choices = {"xml", "json"}});
    visit(service_code,
          Field{.key = "service_code",
                .about = "The service there of what no category of `services` stands for.",
                .required = true});
    visit(services, Field{.key = "services",
                          .about = "The service there (`road = \"12\"`) by the id of the category "
                                   "here."});
    visit(updates, Field{.key = "updates",
                         .about = "The other system takes updates of requests "
                                  "(servicerequestupdates); without it what a reporter adds stays "
                                  "here."});
    visit(lists_all,
          Field{.key = "lists_all",
                .about = "The other system lists every request as soon as it has it, so that one "
                         "that is not listed was not made."});
    visit(poll_s, Field{.key = "poll_s",
                        .about = "How often the other system is asked what became of requests.",
                        .least = 1,
                        .most = 86'400});
  }
};

}  // namespace kanal::open311_client
