#include "config/schema.hpp"

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
  out.member("description", std::string_view(item.about));
  if (!item.choices.empty()) {
    out.key("enum").begin_array();
    for (const auto& choice : item.choices) out.value(std::string_view(choice));
    out.end_array();
  }
  if (item.type == "secret") out.member("pattern", "^(env|file|sealed):");
  if (item.bounded && std::isfinite(item.least)) out.member("minimum", item.least);
  if (item.bounded && std::isfinite(item.most)) out.member("maximum", item.most);
  if (item.type == "list") {
    out.key("items").begin_object();
    if (!item.items.empty()) write_object(out, item.items);
    out.end_object();
  } else if (item.type == "tables") {
    out.key("additionalProperties").begin_object();
    write_object(out, item.items);
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
    if (item.required) out.value(std::string_view(item.key));
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

std::string print_schema(const Description& description, std::string_view title) {
  JsonWriter out;
  out.begin_object();
  out.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.member("title", title);
  out.member("type", "object");
  write_object(out, description.items);
  out.end_object();
  return out.take();
}

std::string print_documentation(const Description& description, std::string_view path) {
  std::string text = "`[" + std::string(path) + "]`\n\n| key | type | default | what it does |\n";
  text += "|---|---|---|---|\n";
  std::string below;
  for (const auto& item : description.items) {
    if (!item.items.empty()) {
      const auto under =
          std::string(path) + "." + item.key + (item.type == "tables" ? ".NAME" : "");
      below += "\n" + item.about + "\n\n" + print_documentation(Description{item.items}, under);
      continue;
    }
    auto about = item.about;
    for (std::size_t index = 0; index < item.choices.size(); ++index) {
      about += (index == 0 ? " One of " : ", ") + ("`" + item.choices[index] + "`");
    }
    text +=
        "| `" + item.key + "` | " + item.type + " | " + fallback_of(item) + " | " + about + " |\n";
  }
  return text + below;
}

}  // namespace kanal
