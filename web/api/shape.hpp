#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "web/problem.hpp"

// What a body or a query may hold, told once: the reader and the OpenAPI document go by it.
namespace kanal::api {

enum class Kind : std::uint8_t { text, whole, truth };

struct Member {
  std::string_view name;
  Kind kind = Kind::text;
  std::string_view about;
  bool required = false;
  std::int64_t least = 0;       ///< of a number; of a text: bytes
  std::int64_t most = 100;      ///< the same
  std::string_view words = {};  ///< the list of words (words_of) that a text must be of
  bool many = false;            ///< of a query: may be said several times
};
using Shape = std::span<const Member>;

/// The words of a closed list, by the name that its schema has: "State", "Event", "Role", …; empty
/// when there is no such list.
std::vector<std::string_view> words_of(std::string_view list);
/// The names of all lists.
std::span<const std::string_view> word_lists();

/// What was given, checked against a shape.
class Given {
 public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// Empty when not given.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name) const;
  [[nodiscard]] std::optional<bool> truth(std::string_view name) const;

 private:
  friend class Reading;
  using Value = std::variant<std::vector<std::string>, std::int64_t, bool>;
  std::map<std::string, Value, std::less<>> values_;
};

/// Why a body or query is not taken: 400 for what is not JSON, 422 for what does not fit.
struct Unfit {
  int status = 422;
  std::string detail;
  std::vector<Fault> faults;
};

/// Pure. Unknown members, wrong types, doubled members and broken bounds are named, up to twenty.
tl::expected<Given, Unfit> read_body(std::string_view body, Shape shape);
tl::expected<Given, Unfit> read_query(std::span<const std::pair<std::string, std::string>> fields,
                                      Shape shape);

}  // namespace kanal::api
