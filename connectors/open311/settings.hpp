#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "connectors/uploads.hpp"

namespace kanal::open311 {

/// An application, or another city's system, that may post.
struct ApplicationSettings {
  Secret key;
  std::int64_t posts_per_minute = 600;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(key, Field{.key = "key",
                     .about = "The api_key that it posts with; at least 16 characters.",
                     .required = true});
    visit(posts_per_minute,
          Field{.key = "posts_per_minute",
                .about = "How many requests and updates it may post, so many at once at most.",
                .least = 1,
                .most = 100'000});
  }
};

struct Settings : UploadLimits {
  std::string contact;
  std::string key_service;
  bool test = false;
  bool needs_jurisdiction = false;
  std::string region = "ID";
  std::map<std::string, ApplicationSettings> applications;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(contact, Field{.key = "contact",
                         .about = "Where developers turn to (\"open311@example.go.id\")."});
    visit(key_service,
          Field{.key = "key_service", .about = "How developers get an api_key, in a sentence."});
    visit(test, Field{.key = "test",
                      .about = "true: discovery says that nobody acts upon what is posted."});
    visit(needs_jurisdiction,
          Field{.key = "needs_jurisdiction",
                .about = "true: calls without a jurisdiction_id are refused; else they mean all "
                         "agencies."});
    visit(region, Field{.key = "region",
                        .about = "Whose national numbers (08…) are meant, as in ISO 3166."});
    describe_files(visit);
    visit(applications,
          Field{.key = "applications", .about = "Who may post, by a name of small letters."});
  }
};

}  // namespace kanal::open311
