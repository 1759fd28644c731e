#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "connectors/uploads.hpp"

namespace kanal::webform {

/// One form: what it is called, where its reports go, what it asks.
struct FormSettings {
  std::string title_id = "Sampaikan pengaduan";
  std::string title_en = "Make a complaint";
  std::string agency;
  std::string category;
  std::vector<std::string> fields = {"subject", "category", "address",   "photos",      "name",
                                     "email",   "phone",    "anonymous", "confidential"};
  std::vector<std::string> frame_origins;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(title_id, Field{.key = "title_id", .about = "The form's heading in Indonesian."});
    visit(title_en, Field{.key = "title_en", .about = "The form's heading in English."});
    visit(agency, Field{.key = "agency", .about = "The agency that its reports are for."});
    visit(category, Field{.key = "category", .about = "The category of all its reports."});
    visit(fields, Field{.key = "fields",
                        .about = "What it asks besides the complaint: subject, category, address, "
                                 "photos, name, email, phone, anonymous, confidential."});
    visit(frame_origins, Field{.key = "frame_origins",
                               .about = "Sites that may show it in a frame "
                                        "(\"https://buleleng.example\")."});
  }
};

struct Settings : UploadLimits {
  std::map<std::string, FormSettings> forms;  ///< none: one form named "report"
  std::chrono::seconds least_fill_s{3};
  std::chrono::hours token_life_h{24};
  std::int64_t hold_links = 3;
  std::int64_t peer_burst = 20;
  std::int64_t peer_per_hour = 60;
  std::int64_t total_burst = 2000;
  std::int64_t total_per_hour = 200'000;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(forms, Field{.key = "forms", .about = "The forms, by the name in their address."});
    visit(least_fill_s, Field{.key = "least_fill_s",
                              .about = "A form sent back faster than this is held for review.",
                              .least = 0,
                              .most = 60});
    visit(token_life_h, Field{.key = "token_life_h",
                              .about = "How long an opened form can be sent.",
                              .least = 1,
                              .most = 168});
    describe_files(visit);
    visit(hold_links, Field{.key = "hold_links",
                            .about = "A text with this many links is held for review.",
                            .least = 1,
                            .most = 1000});
    visit(peer_burst, Field{.key = "peer_burst",
                            .about = "Reports from one address at once.",
                            .least = 1,
                            .most = 1e6});
    visit(peer_per_hour, Field{.key = "peer_per_hour",
                               .about = "Reports an hour from one address.",
                               .least = 1,
                               .most = 1e6});
    visit(total_burst,
          Field{.key = "total_burst", .about = "Reports at once.", .least = 1, .most = 1e9});
    visit(total_per_hour, Field{.key = "total_per_hour",
                                .about = "Reports an hour from all addresses.",
                                .least = 1,
                                .most = 1e9});
  }
};

}  // namespace kanal::webform
