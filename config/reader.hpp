#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "core/id.hpp"
#include "core/names.hpp"
#include "core/result.hpp"

namespace kanal {

/// One thing wrong with the settings; printed as "file:line: key: message".
struct Problem {
  std::string file;
  int line = 0;
  std::string key;  ///< dotted path
  std::string message;
};
using Problems = std::vector<Problem>;
std::string print(const Problems& problems);
/// By file and line; what stands in no file comes last.
Problems in_order(Problems problems);
/// Whether something is wrong with what stands there, with something below it, or with what it
/// stands in: more that is said of it would only follow from that.
bool is_told(const Problems& problems, const Problem& place);

/// A table of a settings file that remembers where each key stands. Cheap to copy.
class Table {
 public:
  /// A value of the file and where it stands. Immutable.
  struct Node {
    enum class Type { absent, boolean, integer, number, text, date, list, table };
    Type type = Type::absent;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;
    std::string text;  ///< of texts; dates as YYYY-MM-DD
    std::vector<Node> items;
    std::vector<std::pair<std::string, Node>> members;
    std::string file;
    std::string path;
    int line = 0;
    // Made where the type is whole: pairs of it stand inside it.
    Node();
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(const Node& other);
    Node& operator=(Node&& other) noexcept;
    ~Node();
    [[nodiscard]] const Node* member(std::string_view key) const;
  };

  Table();
  explicit Table(std::shared_ptr<const Node> node);
  /// Parses TOML 1.0. Errors of syntax land in `problems`, and the table is then empty.
  static Table parse(std::string_view text, std::string_view file_name, Problems& problems);
  /// Fails into `problems` when the file cannot be read or is larger than 4 MB.
  static Table read(const std::filesystem::path& file, Problems& problems);
  /// An empty table when there is none of that name.
  [[nodiscard]] Table child(std::string_view key) const;
  /// This table less some keys, for readers that share one.
  [[nodiscard]] Table without(std::initializer_list<std::string_view> keys) const;
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] std::string text(std::string_view key) const;  ///< empty unless a string
  /// What is wrong at a path below this table ("agency[2].id"), with its file and line; with all of
  /// it when the path is empty.
  [[nodiscard]] Problem problem(std::string_view path, std::string message) const;
  [[nodiscard]] const Node& node() const { return *node_; }

 private:
  std::shared_ptr<const Node> node_;
};

/// What can be set, as data: for schema, documentation and the console's forms.
struct Description {
  struct Item {
    std::string key;
    std::string type;  ///< "string", "integer", "boolean", "secret", "duration", "table", "list" …
    std::string element;  ///< the type of what stands in a list or in "tables" without `items`
    std::string about;
    std::string fallback;  ///< as it would stand in TOML
    bool required = false;
    std::vector<std::string> choices;
    std::string example;
    std::vector<Item> items;  ///< of tables and lists of tables
    double least = 0;
    double most = 0;
    bool bounded = false;
  };
  std::vector<Item> items;
};

std::string print_toml_text(std::string_view text);
std::string print_toml_number(double number);

namespace settings {

struct AnyVisitor {
  template <class T>
  void operator()(T&, const Field&) {}
};

template <class T>
concept Described = requires(T& settings, AnyVisitor& visitor) {
  settings.describe(visitor);
};
template <class T>
concept Named = std::is_enum_v<T> && requires(T value) {
  std::span<const std::string_view>(names_of(value));
};
template <class T>
inline constexpr bool k_is_list = false;
template <class T>
inline constexpr bool k_is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool k_is_map = false;
template <class T>
inline constexpr bool k_is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool k_is_name = false;
template <class Tag>
inline constexpr bool k_is_name<Name<Tag>> = true;
template <class T>
inline constexpr bool k_is_duration = false;
template <class Rep, class Period>
inline constexpr bool k_is_duration<std::chrono::duration<Rep, Period>> = true;

bool take(const Table::Node& node, bool& into, Problems& problems);
bool take(const Table::Node& node, std::int64_t& into, Problems& problems);
bool take(const Table::Node& node, double& into, Problems& problems);
bool take(const Table::Node& node, std::string& into, Problems& problems);
bool take(const Table::Node& node, Secret& into, Problems& problems);
/// The secret that this text names; the path of a file is from the directory of the settings.
Secret secret_at(const Table::Node& node);
bool take(const Table::Node& node, std::chrono::year_month_day& into, Problems& problems);
void complain(const Table::Node& node, std::string message, Problems& problems);
/// Any text when there are no choices.
void check_choice(const Table::Node& node, std::string_view value,
                  std::span<const std::string_view> choices, Problems& problems);
void check_bounds(const Table::Node& node, double value, const Field& field, Problems& problems);
void check_known(const Table::Node& table, const std::set<std::string, std::less<>>& known,
                 Problems& problems);
void check_present(const Table::Node& table, const Field& field, Problems& problems);

template <class T>
std::span<const std::string_view> choices_of(const Field& field) {
  if constexpr (Named<T>) return names_of(T{});
  return {field.choices.begin(), field.choices.size()};
}

template <class T>
void read_value(const Table::Node& node, const Field& field, T& into, Problems& problems);

class Reader {
 public:
  Reader(const Table::Node& table, Problems& problems) : table_(table), problems_(problems) {}
  template <class T>
  void operator()(T& into, const Field& field) {
    known_.emplace(field.key);
    const auto* node = table_.member(field.key);
    if (node == nullptr) {
      if (field.required) check_present(table_, field, problems_);
      return;
    }
    read_value(*node, field, into, problems_);
  }
  void finish() { check_known(table_, known_, problems_); }

 private:
  const Table::Node& table_;
  Problems& problems_;
  std::set<std::string, std::less<>> known_;
};

template <Described T>
void read_table(const Table::Node& node, T& into, Problems& problems) {
  Reader reader(node, problems);
  into.describe(reader);
  reader.finish();
}

template <class T>
void read_value(const Table::Node& node, const Field& field, T& into, Problems& problems) {
  if constexpr (k_is_list<T>) {
    if (node.type != Table::Node::Type::list) return complain(node, "must be a list", problems);
    into.clear();
    for (const auto& item : node.items) {
      read_value(item, field, into.emplace_back(), problems);
    }
  } else if constexpr (k_is_map<T>) {
    if (node.type != Table::Node::Type::table) return complain(node, "must be a table", problems);
    for (const auto& [key, member] : node.members) {
      read_value(member, field, into[key], problems);
    }
  } else if constexpr (Described<T>) {
    if (node.type != Table::Node::Type::table) return complain(node, "must be a table", problems);
    read_table(node, into, problems);
  } else if constexpr (k_is_duration<T>) {
    std::int64_t count = 0;
    if (!take(node, count, problems)) return;
    check_bounds(node, static_cast<double>(count), field, problems);
    into = T{static_cast<typename T::rep>(count)};
  } else if constexpr (k_is_name<T>) {
    std::string text;
    if (take(node, text, problems)) into = T(std::move(text));
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    std::string text;
    if (take(node, text, problems)) into = text;
  } else if constexpr (Named<T>) {
    std::string text;
    if (!take(node, text, problems)) return;
    check_choice(node, text, names_of(into), problems);
    into = find_in<T>(names_of(into), text).value_or(into);
  } else {
    if (!take(node, into, problems)) return;
    if constexpr (std::is_same_v<T, std::string>) {
      check_choice(node, into, choices_of<T>(field), problems);
    }
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
      check_bounds(node, static_cast<double>(into), field, problems);
    }
  }
}

template <class T>
std::string type_name() {
  if constexpr (k_is_list<T>) return "list";
  if constexpr (k_is_map<T> || Described<T>) return "table";
  if constexpr (k_is_duration<T>) return "duration";
  if constexpr (std::is_same_v<T, bool>) return "boolean";
  if constexpr (std::is_same_v<T, std::int64_t>) return "integer";
  if constexpr (std::is_same_v<T, double>) return "number";
  if constexpr (std::is_same_v<T, Secret>) return "secret";
  if constexpr (std::is_same_v<T, std::chrono::year_month_day>) return "date";
  return "string";
}

/// Empty when it is none.
std::string print_date(std::chrono::year_month_day date);

template <class T>
std::string print_value(const T& value) {
  if constexpr (k_is_list<T>) {
    std::string out = "[";
    for (const auto& item : value) {
      if (out.size() > 1) out += ", ";
      if constexpr (!Described<typename T::value_type>) out += print_value(item);
    }
    return out + "]";
  } else if constexpr (k_is_map<T> || Described<T>) {
    return {};
  } else if constexpr (k_is_duration<T>) {
    return std::to_string(value.count());
  } else if constexpr (k_is_name<T>) {
    return print_toml_text(value.value());
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return print_toml_number(value);
  } else if constexpr (std::is_same_v<T, Secret>) {
    return print_toml_text(value.redacted());
  } else if constexpr (std::is_same_v<T, std::chrono::year_month_day>) {
    return print_date(value);
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return print_toml_text(value.string());
  } else if constexpr (Named<T>) {
    return print_toml_text(name_in(names_of(value), value));
  } else {
    return print_toml_text(value);
  }
}

template <class T>
Description describe_settings(T& settings);

class Describer {
 public:
  explicit Describer(Description& into) : into_(into) {}
  template <class T>
  void operator()(T& value, const Field& field) {
    Description::Item item;
    item.key = field.key;
    item.type = type_name<T>();
    item.about = field.about;
    // An enum always has a value, which is not what one that must be set falls back to.
    item.fallback = Named<T> && field.required ? print_toml_text("") : print_value(value);
    item.required = field.required;
    for (const auto choice : choices_of<T>(field)) item.choices.emplace_back(choice);
    item.example = field.example;
    item.least = field.least;
    item.most = field.most;
    item.bounded = field.least > -std::numeric_limits<double>::infinity() ||
                   field.most < std::numeric_limits<double>::infinity();
    if constexpr (Described<T>) item.items = describe_settings(value).items;
    if constexpr (k_is_list<T>) {
      if constexpr (Described<typename T::value_type>) {
        typename T::value_type one{};
        item.items = describe_settings(one).items;
      }
      item.element = type_name<typename T::value_type>();
    }
    if constexpr (k_is_map<T>) {
      if constexpr (Described<typename T::mapped_type>) {
        typename T::mapped_type one{};
        item.items = describe_settings(one).items;
      }
      item.element = type_name<typename T::mapped_type>();
      item.type = "tables";
    }
    into_.items.push_back(std::move(item));
  }

 private:
  Description& into_;
};

template <class T>
Description describe_settings(T& settings) {
  Description description;
  Describer describer(description);
  settings.describe(describer);
  return description;
}

/// Prints scalars first, then the tables below them, as TOML wants it.
class Printer {
 public:
  explicit Printer(std::string path) : path_(std::move(path)) {}
  template <class T>
  void operator()(T& value, const Field& field) {
    const auto below =
        path_.empty() ? std::string(field.key) : path_ + "." + std::string(field.key);
    if constexpr (Described<T>) {
      print_table(below, value, "[", "]");
    } else if constexpr (k_is_map<T>) {
      for (auto& [key, member] : value) {
        if constexpr (Described<typename T::mapped_type>) {
          print_table(below + "." + print_toml_text(key), member, "[", "]");
        } else {
          tables_ += (&member == &value.begin()->second ? "[" + below + "]\n" : std::string()) +
                     print_toml_text(key) + " = " + print_value(member) + "\n";
        }
      }
    } else if constexpr (k_is_list<T>) {
      if constexpr (Described<typename T::value_type>) {
        for (auto& item : value) print_table(below, item, "[[", "]]");
      } else {
        plain_ += std::string(field.key) + " = " + print_value(value) + "\n";
      }
    } else if constexpr (std::is_same_v<T, Secret>) {
      if (!value.empty()) plain_ += std::string(field.key) + " = " + print_value(value) + "\n";
    } else if constexpr (std::is_same_v<T, std::chrono::year_month_day>) {
      if (value.ok()) plain_ += std::string(field.key) + " = " + print_value(value) + "\n";
    } else {
      plain_ += std::string(field.key) + " = " + print_value(value) + "\n";
    }
  }
  [[nodiscard]] std::string text() const { return plain_ + tables_; }

 private:
  template <class T>
  void print_table(const std::string& path, T& value, const char* open, const char* close) {
    Printer printer(path);
    value.describe(printer);
    tables_ += "\n" + (open + path + close + "\n") + printer.text();
  }
  std::string path_;
  std::string plain_;
  std::string tables_;
};

}  // namespace settings

/// Reads a described struct; what the table does not say keeps its default. Unknown keys, wrong
/// types, values out of bounds and missing ones each become a problem.
template <class Settings>
Settings read(const Table& table, Problems& problems) {
  Settings into{};
  settings::read_table(table.node(), into, problems);
  return into;
}

template <class Settings>
Description described() {
  Settings defaults{};
  return settings::describe_settings(defaults);
}

/// The settings as TOML without secrets; reading it back gives the same settings.
template <class Settings>
std::string redacted(Settings settings) {
  settings::Printer printer("");
  settings.describe(printer);
  return printer.text();
}

}  // namespace kanal
