#include "config/reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>
#include <tuple>

#include <toml++/toml.h>

#include "core/text.hpp"

namespace kanal {

namespace {

constexpr std::uintmax_t k_most_file_bytes = 4U << 20U;

using Node = Table::Node;

std::string date_text(const toml::date& date) {
  return settings::print_date(std::chrono::year{date.year} / std::chrono::month{date.month} /
                              std::chrono::day{date.day});
}

Node convert(const toml::node& from, const std::string& file, const std::string& path);

void convert_table(const toml::table& table, Node& node) {
  node.type = Node::Type::table;
  for (const auto& [key, value] : table) {
    const auto name = std::string(key.str());
    auto member = convert(value, node.file, node.path.empty() ? name : node.path + "." + name);
    member.line = static_cast<int>(key.source().begin.line);
    node.members.emplace_back(name, std::move(member));
  }
  std::sort(node.members.begin(), node.members.end(),
            [](const auto& a, const auto& b) { return a.second.line < b.second.line; });
}

Node convert(const toml::node& from, const std::string& file, const std::string& path) {
  Node node;
  node.file = file;
  node.path = path;
  node.line = static_cast<int>(from.source().begin.line);
  if (const auto* table = from.as_table()) {
    convert_table(*table, node);
  } else if (const auto* array = from.as_array()) {
    node.type = Node::Type::list;
    for (std::size_t index = 0; index < array->size(); ++index) {
      node.items.push_back(
          convert(*array->get(index), file, path + "[" + std::to_string(index) + "]"));
    }
  } else if (const auto* text = from.as_string()) {
    node.type = Node::Type::text;
    node.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    node.type = Node::Type::integer;
    node.integer = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.type = Node::Type::number;
    node.number = number->get();
  } else if (const auto* boolean = from.as_boolean()) {
    node.type = Node::Type::boolean;
    node.boolean = boolean->get();
  } else if (const auto* date = from.as_date()) {
    node.type = Node::Type::date;
    node.text = date_text(date->get());
  }
  return node;
}

// "agency[2].id" → agency, [2], id.
const Node* find(const Node& start, std::string_view path) {
  const auto* node = &start;
  while (!path.empty() && node != nullptr) {
    if (path.front() == '[') {
      const auto close = path.find(']');
      const auto index = static_cast<std::size_t>(std::atoll(std::string(path.substr(1)).c_str()));
      if (close == std::string_view::npos || index >= node->items.size()) return nullptr;
      node = &node->items[index];
      path.remove_prefix(close + 1);
    } else {
      // A key may have dots itself.
      if (const auto* whole = node->member(path)) return whole;
      const auto end = path.find_first_of(".[");
      node = node->member(path.substr(0, end));
      path.remove_prefix(std::min(end, path.size()));
    }
    if (!path.empty() && path.front() == '.') path.remove_prefix(1);
  }
  return node;
}

// What stands there, or the table in which what is missing would stand.
const Node& nearest(const Node& start, std::string_view path) {
  while (!path.empty()) {
    if (const auto* node = find(start, path)) return *node;
    const auto end = path.find_last_of(".[");
    path = path.substr(0, end == std::string_view::npos ? 0 : end);
  }
  return start;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

std::string number_text(double number) {
  return number == std::floor(number) && std::abs(number) < 1e15
             ? std::to_string(static_cast<std::int64_t>(number))
             : std::to_string(number);
}

}  // namespace

std::string print(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (!problem.file.empty()) text += problem.file + ":";
    if (problem.line > 0) text += std::to_string(problem.line) + ":";
    if (!text.empty() && text.back() == ':') text += " ";
    if (!problem.key.empty()) text += problem.key + ": ";
    text += problem.message + "\n";
  }
  return text;
}

Problems in_order(Problems problems) {
  std::ranges::stable_sort(problems, {}, [](const Problem& problem) {
    return std::tuple(problem.file.empty(), problem.file, problem.line);
  });
  return problems;
}

bool is_told(const Problems& problems, const Problem& place) {
  const auto stands_in = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() ||
                                        inner[outer.size()] == '.' || inner[outer.size()] == '[');
  };
  return std::ranges::any_of(problems, [&](const Problem& told) {
    return told.file == place.file && !told.key.empty() && !place.key.empty() &&
           (stands_in(told.key, place.key) || stands_in(place.key, told.key));
  });
}

Table::Node::Node() = default;
Table::Node::Node(const Node& other) = default;
Table::Node::Node(Node&& other) noexcept = default;
Table::Node& Table::Node::operator=(const Node& other) = default;
Table::Node& Table::Node::operator=(Node&& other) noexcept = default;
Table::Node::~Node() = default;

const Node* Node::member(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Table::Table() {
  auto node = std::make_shared<Node>();
  node->type = Node::Type::table;
  node_ = std::move(node);
}
Table::Table(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

Table Table::parse(std::string_view text, std::string_view file_name, Problems& problems) {
  if (!is_utf8(text)) {
    problems.push_back({std::string(file_name), 0, "", "is not valid UTF-8"});
    return {};
  }
  try {
    const auto table = toml::parse(text, file_name);
    return Table(std::make_shared<const Node>(convert(table, std::string(file_name), "")));
  } catch (const toml::parse_error& error) {
    problems.push_back({std::string(file_name), static_cast<int>(error.source().begin.line), "",
                        std::string(error.description())});
    return {};
  }
}

Table Table::read(const std::filesystem::path& file, Problems& problems) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) {
    problems.push_back({file.string(), 0, "", "cannot be read; does it exist?"});
    return {};
  }
  if (size > k_most_file_bytes) {
    problems.push_back({file.string(), 0, "", "is larger than 4 MB"});
    return {};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return parse(text.str(), file.string(), problems);
}

Table Table::child(std::string_view key) const {
  const auto* member = node_->member(key);
  if (member == nullptr || member->type != Node::Type::table) return {};
  return Table(std::shared_ptr<const Node>(node_, member));
}

Table Table::without(std::initializer_list<std::string_view> keys) const {
  auto rest = std::make_shared<Node>(*node_);
  std::erase_if(rest->members, [&](const auto& member) {
    return std::find(keys.begin(), keys.end(), member.first) != keys.end();
  });
  return Table(std::move(rest));
}

std::vector<std::string> Table::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : node_->members) keys.push_back(key);
  return keys;
}

std::string Table::text(std::string_view key) const {
  const auto* member = node_->member(key);
  return member != nullptr ? member->text : std::string();
}

Problem Table::problem(std::string_view path, std::string message) const {
  const bool is_apart = !node_->path.empty() && !path.empty();
  const auto key = node_->path + (is_apart ? "." : "") + std::string(path);
  return {node_->file, nearest(*node_, path).line, key, std::move(message)};
}

std::string print_toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') out += '\\';
    if (each == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(each) < 0x20) {
      static constexpr std::string_view k_hex = "0123456789ABCDEF";
      out += "\\u00";
      out += k_hex[static_cast<unsigned char>(each) >> 4U];
      out += k_hex[static_cast<unsigned char>(each) & 15U];
    } else {
      out += each;
    }
  }
  return out + '"';
}

std::string print_toml_number(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string text(digits.data(), end);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

namespace settings {

void complain(const Node& node, std::string message, Problems& problems) {
  problems.push_back({node.file, node.line, node.path, std::move(message)});
}

bool take(const Node& node, bool& into, Problems& problems) {
  if (node.type != Node::Type::boolean) {
    complain(node, "must be true or false", problems);
    return false;
  }
  into = node.boolean;
  return true;
}

bool take(const Node& node, std::int64_t& into, Problems& problems) {
  if (node.type != Node::Type::integer) {
    complain(node, "must be a whole number", problems);
    return false;
  }
  into = node.integer;
  return true;
}

bool take(const Node& node, double& into, Problems& problems) {
  if (node.type != Node::Type::number && node.type != Node::Type::integer) {
    complain(node, "must be a number", problems);
    return false;
  }
  into = node.type == Node::Type::number ? node.number : static_cast<double>(node.integer);
  return true;
}

bool take(const Node& node, std::string& into, Problems& problems) {
  if (node.type != Node::Type::text) {
    complain(node, "must be a text in quotation marks", problems);
    return false;
  }
  into = node.text;
  return true;
}

bool take(const Node& node, Secret& into, Problems& problems) {
  std::string text;
  if (!take(node, text, problems)) return false;
  const std::string_view view = text;
  if (!view.starts_with("env:") && !view.starts_with("file:") && !view.starts_with("sealed:")) {
    complain(node,
             "a secret must not stand here in plain text; name where it is: \"env:VARIABLE\", "
             "\"file:PATH\", or \"sealed:…\"",
             problems);
    return false;
  }
  into = secret_at(node);
  return true;
}

Secret secret_at(const Node& node) {
  constexpr std::string_view k_file = "file:";
  if (node.text.starts_with(k_file)) {
    const std::filesystem::path path = node.text.substr(k_file.size());
    const auto base = std::filesystem::path(node.file).parent_path();
    if (path.is_relative() && !base.empty()) {
      return Secret(std::string(k_file) + (base / path).string());
    }
  }
  return Secret(node.text);
}

bool take(const Node& node, std::chrono::year_month_day& into, Problems& problems) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char rest = 0;
  if (node.text.size() == 10 &&
      std::sscanf(node.text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest) == 3) {
    into = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
    if (into.ok()) return true;
  }
  complain(node, "must be a date like 2026-08-17", problems);
  return false;
}

void check_choice(const Node& node, std::string_view value,
                  std::span<const std::string_view> choices, Problems& problems) {
  if (choices.empty() || std::ranges::find(choices, value) != choices.end()) return;
  std::string all;
  for (const auto choice : choices) {
    all += (all.empty() ? "" : ", ") + print_toml_text(choice);
  }
  complain(node, "must be one of " + all, problems);
}

void check_bounds(const Node& node, double value, const Field& field, Problems& problems) {
  if (value < field.least) {
    complain(node, "must be at least " + number_text(field.least), problems);
  } else if (value > field.most) {
    complain(node, "must be at most " + number_text(field.most), problems);
  }
}

void check_known(const Node& table, const std::set<std::string, std::less<>>& known,
                 Problems& problems) {
  for (const auto& [key, member] : table.members) {
    if (known.contains(key)) continue;
    std::string message = "is not a setting";
    const auto nearest = std::min_element(
        known.begin(), known.end(),
        [&](const auto& a, const auto& b) { return distance(a, key) < distance(b, key); });
    if (key.size() < 64 && nearest != known.end() && distance(*nearest, key) <= 3) {
      message += "; did you mean \"" + *nearest + "\"?";
    }
    complain(member, std::move(message), problems);
  }
}

void check_present(const Node& table, const Field& field, Problems& problems) {
  const auto path =
      table.path.empty() ? std::string(field.key) : table.path + "." + std::string(field.key);
  problems.push_back({table.file, table.line, path, "is missing: " + std::string(field.about)});
}

std::string print_date(std::chrono::year_month_day date) {
  if (!date.ok()) return {};
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

}  // namespace settings

}  // namespace kanal
