#include "config/schema.hpp"

#include <algorithm>
#include <cmath>

#include "format/json.hpp"

namespace kanal {

namespace {

std::string_view json_type(const Description::Item& item) {
  if (item.type == "integer" || item.type == "duration") return "integer";
  if (item.type == "number" || item.type == "boolean") return item.type;
  if (item.type == "list") return "array";
  if (item.type == "table" || item.type == "tables") return "object";
  return "string";
}

void write_object(JsonWriter& out, const std::vector<Description::Item>& items);

void write_item(JsonWriter& out, const Description::Item& item) {
  out.key(item.key).begin_object();
  out.member("type", json_type(item));
  out.member("description", item.about);
  if (!item.choices.empty()) {
    out.key("enum").begin_array();
    for (const auto& choice : item.choices) out.value(choice);
    out.end_array();
  }
  if (item.type == "secret") out.member("pattern", "^(env|file|sealed):");
  if (item.bounded && std::isfinite(item.least)) out.member("minimum", item.least);
  if (item.bounded && std::isfinite(item.most)) out.member("maximum", item.most);
  if (item.type == "date") out.member("format", "date");
  if (item.type == "list" || item.type == "tables") {
    out.key(item.type == "list" ? "items" : "additionalProperties").begin_object();
    if (item.items.empty()) {
      Description::Item element;
      element.type = item.element;
      out.member("type", json_type(element));
    } else {
      out.member("type", "object");
      write_object(out, item.items);
    }
    out.end_object();
  } else if (!item.items.empty()) {
    write_object(out, item.items);
  }
  out.end_object();
}

void write_object(JsonWriter& out, const std::vector<Description::Item>& items) {
  out.key("properties").begin_object();
  for (const auto& item : items) write_item(out, item);
  out.end_object();
  out.key("required").begin_array();
  for (const auto& item : items) {
    if (item.required) out.value(item.key);
  }
  out.end_array();
  out.member("additionalProperties", false);
}

std::string fallback_of(const Description::Item& item) {
  if (item.required) return "*required*";
  if (item.fallback.empty() || item.fallback == "\"\"") return "";
  return "`" + item.fallback + "`";
}

}  // namespace

void write_schema(JsonWriter& out, const Description& description) {
  out.member("type", "object");
  write_object(out, description.items);
}

std::string print_schema(const Description& description, std::string_view title) {
  JsonWriter out;
  out.begin_object();
  out.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.member("title", title);
  write_schema(out, description);
  out.end_object();
  return out.take();
}

namespace {

std::string documented(const std::vector<Description::Item>& items, const std::string& path,
                       bool is_list) {
  const auto heading = is_list ? "[[" + path + "]]" : "[" + path + "]";
  std::string text = path.empty() ? "" : "`" + heading + "`\n\n";
  text += "| key | type | default | what it does |\n|---|---|---|---|\n";
  std::string below;
  for (const auto& item : items) {
    if (!item.items.empty()) {
      const auto under =
          (path.empty() ? "" : path + ".") + item.key + (item.type == "tables" ? ".NAME" : "");
      below += "\n" + item.about + "\n\n" + documented(item.items, under, item.type == "list");
      continue;
    }
    auto about = item.about;
    for (std::size_t index = 0; index < item.choices.size(); ++index) {
      about += (index == 0 ? " One of " : ", ") + ("`" + item.choices[index] + "`");
    }
    const auto type = item.type == "list"     ? "list of " + item.element + "s"
                      : item.type == "tables" ? "table of " + item.element + "s"
                                              : item.type;
    text += "| `" + item.key + "` | " + type + " | " + fallback_of(item) + " | " + about + " |\n";
  }
  return text + below;
}

}  // namespace

std::string print_documentation(const Description& description, std::string_view path) {
  return documented(description.items, std::string(path), false);
}

namespace {

using Node = Table::Node;

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string print_key(std::string_view key) {
  return is_bare_key(key) ? std::string(key) : print_toml_text(key);
}

std::string print_node(const Node& node, bool secret) {
  switch (node.type) {
    case Node::Type::boolean:
      return node.boolean ? "true" : "false";
    case Node::Type::integer:
      return std::to_string(node.integer);
    case Node::Type::number:
      return print_toml_number(node.number);
    case Node::Type::list: {
      std::string text = "[";
      for (const auto& item : node.items) {
        text += (text.size() > 1 ? ", " : "") + print_node(item, secret);
      }
      return text + "]";
    }
    case Node::Type::text:
    case Node::Type::date:
      return print_toml_text(secret ? Secret(node.text).redacted() : node.text);
    default:
      return "\"\"";
  }
}

void print_below(const Node& table, const std::vector<Description::Item>& items,
                 const std::string& path, std::string& text) {
  text += "\n[" + path + "]\n";
  for (const auto& item : items) {
    const auto* node = table.member(item.key);
    const bool holds_tables = !item.items.empty() || item.type == "tables" || item.type == "table";
    if (holds_tables) continue;
    if (node != nullptr) {
      text += item.key + " = " + print_node(*node, item.type == "secret") + "\n";
    } else if (!item.fallback.empty() && item.type != "secret") {
      text += item.key + " = " + item.fallback + "\n";
    }
  }
  for (const auto& item : items) {
    const auto* node = table.member(item.key);
    const auto below = path + "." + print_key(item.key);
    if (item.type == "table") {
      print_below(node != nullptr ? *node : Node(), item.items, below, text);
    } else if (item.type == "tables" && node != nullptr && !item.items.empty()) {
      for (const auto& [name, member] : node->members) {
        print_below(member, item.items, below + "." + print_key(name), text);
      }
    } else if (item.type == "tables" && node != nullptr) {
      text += "\n[" + below + "]\n";
      for (const auto& [name, member] : node->members) {
        text += print_key(name) + " = " + print_node(member, item.element == "secret") + "\n";
      }
    } else if (item.type == "list" && node != nullptr && !item.items.empty()) {
      for (const auto& each : node->items) {
        std::string one;
        print_below(each, item.items, below, one);
        // "[[path]]": one of a list.
        const auto end = one.find("]\n");
        text += "\n[" + one.substr(1, end) + "]" + one.substr(end + 1);
      }
    }
  }
}

void find_secrets(const Node& table, const std::vector<Description::Item>& items,
                  std::vector<SecretText>& found) {
  const auto add = [&](const Node& node) {
    if (node.type != Node::Type::text) return;
    found.push_back({settings::secret_at(node), {node.file, node.line, node.path, {}}});
  };
  for (const auto& item : items) {
    const auto* node = table.member(item.key);
    if (node == nullptr) continue;
    const bool of_secrets = item.element == "secret";
    if (item.type == "secret") add(*node);
    if (item.type == "table") find_secrets(*node, item.items, found);
    for (const auto& [name, member] : node->members) {
      if (item.type == "tables" && of_secrets) add(member);
      if (item.type == "tables") find_secrets(member, item.items, found);
    }
    for (const auto& each : node->items) {
      if (of_secrets) add(each);
      find_secrets(each, item.items, found);
    }
  }
}

}  // namespace

std::string print_redacted(const Table& table, const Description& description,
                           std::string_view path) {
  std::string text;
  print_below(table.node(), description.items, std::string(path), text);
  return text.substr(1);
}

std::vector<SecretText> secrets_in(const Table& table, const Description& description) {
  std::vector<SecretText> found;
  find_secrets(table.node(), description.items, found);
  return found;
}

}  // namespace kanal
