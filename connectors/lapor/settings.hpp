#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "connectors/far_system.hpp"

namespace kanal::lapor {

struct Settings : FarSystem {
  std::map<std::string, Secret> headers;
  std::string channel = "Kanal";
  std::int64_t classification = 0;
  std::int64_t category = 0;
  std::map<std::string, std::int64_t> categories;
  std::int64_t location = 0;
  std::int64_t disposition = 0;
  std::chrono::seconds poll_s{900};

  template <class Visitor>
  void describe(Visitor& visit) {
    describe_way(visit, "Where the API begins (\"https://api.example.go.id/lapor/3.0.0\").");
    visit(headers, Field{.key = "headers",
                         .about = "The headers that every request must bear, by their names; the "
                                  "operator of the API names them."});
    visit(channel, Field{.key = "channel", .about = "What we are called there."});
    visit(classification,
          Field{.key = "classification", .about = "The classification_id of reports from here."});
    visit(category, Field{.key = "category",
                          .about = "The category_id of what none of `categories` stands for."});
    visit(categories, Field{.key = "categories",
                            .about = "The category_id there (`road = 12`) by the id of the "
                                     "category here."});
    visit(location, Field{.key = "location", .about = "The location_id of reports from here."});
    visit(disposition, Field{.key = "disposition",
                             .about = "The disposition_id: the institution there that is meant."});
    visit(poll_s, Field{.key = "poll_s",
                        .about = "How often the other system is asked what became of reports.",
                        .least = 1,
                        .most = 86'400});
  }
};

}  // namespace kanal::lapor
