#pragma once

#include <cpprest/json.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/http_face.hpp"
#include "tests/sandbox/twitter/world.hpp"

namespace kanal::sandbox::twitter {

using web::json::value;

/// Which names an answer uses: those before 2026-08-07 ("note_tweet") or after ("note_post").
enum class Dialect { tweets, posts };

/// What a request asked to see, beyond what is always shown.
struct Wanted {
  Dialect dialect = Dialect::tweets;
  std::set<std::string, std::less<>> fields;
  std::set<std::string, std::less<>> expansions;
  std::set<std::string, std::less<>> media_fields;
  std::set<std::string, std::less<>> place_fields;
  std::set<std::string, std::less<>> user_fields;
};

/// Reads the parameters. `forced`: what the far side speaks whatever it is asked; a parameter in
/// the other dialect then counts for nothing.
Wanted wanted_by(const Request& request, std::optional<Dialect> forced);

/// Posts in the given order with what they refer to ("data", "includes", "errors").
class Page {
 public:
  Page(const World& world, Wanted wanted, std::string base_url);
  void add(const Post& post);
  /// A post that cannot be shown.
  void miss(const std::string& id, bool deleted);
  [[nodiscard]] std::size_t size() const { return data_.size(); }
  /// As a list, or the single one.
  value finish(bool single);

 private:
  value shown(const Post& post);
  void include(const Post& post);
  const World& world_;
  Wanted wanted_;
  std::string base_url_;
  std::vector<value> data_;
  std::vector<value> errors_;
  std::map<std::string, value> users_, media_, places_, posts_;
};

value shown(const User& user, const std::set<std::string, std::less<>>& fields);
value shown(const World& world, const Message& message,
            const std::set<std::string, std::less<>>& fields);
/// `base_url`: where files are.
value shown(const Picture& picture, const std::set<std::string, std::less<>>& fields,
            const std::string& base_url);

/// {"title","detail","type","status"}; `kind` is the last part of the type, or empty for
/// about:blank.
value problem(int status, const std::string& title, const std::string& detail,
              const std::string& kind);

std::string print(const value& what);

}  // namespace kanal::sandbox::twitter
