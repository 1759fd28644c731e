#pragma once

#include <string>

#include "config/describe.hpp"
#include "connectors/far_system.hpp"
#include "connectors/signed_requests.hpp"

namespace kanal::webhook {

/// Where a form's body says what, as a path of keys and numbers ("answers.0.value").
struct FieldPaths {
  std::string text = "data.text";
  std::string author_id = "data.author.id";
  std::string author_name = "data.author.name";
  std::string author_phone = "data.author.phone";
  std::string author_email = "data.author.email";
  std::string subject = "data.subject";
  std::string category = "data.category";
  std::string agency = "data.agency";
  std::string address = "data.address";
  std::string latitude = "data.latitude";
  std::string longitude = "data.longitude";
  std::string anonymous = "data.anonymous";
  std::string confidential = "data.confidential";
  std::string sent_at = "timestamp";

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(text, Field{.key = "text", .about = "What is complained of."});
    visit(author_id, Field{.key = "author_id",
                           .about = "What the form knows its user by; without it the address or "
                                    "number that was left, or nobody."});
    visit(author_name, Field{.key = "author_name", .about = "The user's name."});
    visit(author_phone, Field{.key = "author_phone", .about = "The user's telephone number."});
    visit(author_email, Field{.key = "author_email", .about = "The user's mail address."});
    visit(subject, Field{.key = "subject", .about = "A title for it."});
    visit(category, Field{.key = "category", .about = "The id or name of a category."});
    visit(agency, Field{.key = "agency", .about = "The id or name of the agency that is meant."});
    visit(address, Field{.key = "address", .about = "Where it is, in words."});
    visit(latitude, Field{.key = "latitude", .about = "Where it is, in degrees."});
    visit(longitude, Field{.key = "longitude", .about = "Where it is, in degrees."});
    visit(anonymous, Field{.key = "anonymous",
                           .about = "Whether the user is not to be named (true, 1, ya, yes)."});
    visit(confidential, Field{.key = "confidential",
                              .about = "Whether nobody else is to read it (true, 1, ya, yes)."});
    visit(sent_at, Field{.key = "sent_at",
                         .about = "When it was sent (RFC 3339); without it, when it came."});
  }
  friend bool operator==(const FieldPaths&, const FieldPaths&) = default;
};

struct Settings : FarSystem, SignedRequests {
  FieldPaths fields;

  template <class Visitor>
  void describe(Visitor& visit) {
    describe_way(visit,
                 "Where the other system takes requests; not needed where it only sends "
                 "(`replies = false`, and no office is handed reports by it).",
                 false);
    describe_secrets(
        visit, "What requests are signed with, ours and theirs; it may begin with \"whsec_\".",
        "One that still counts on requests to us while they change to the new.");
    describe_skew(visit);
    visit(fields, Field{.key = "fields",
                        .about = "Where a form that the office has already says what. As soon as "
                                 "one is set, bodies need no `type`, and may be a form's fields "
                                 "(application/x-www-form-urlencoded) in place of JSON."});
  }
};

}  // namespace kanal::webhook
