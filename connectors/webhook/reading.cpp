#include "connectors/webhook/reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/standard_webhook.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/plain_text.hpp"

namespace kanal::webhook {
namespace {

constexpr std::size_t k_most_shown = 200;
constexpr std::size_t k_most_notes = 200;
constexpr std::array<std::string_view, 6> k_yes = {"true", "1", "ya", "yes", "on", "y"};
constexpr std::array<std::string_view, 7> k_no = {"false", "0", "tidak", "no", "off", "n", ""};

/// A field of ours and the path that names it.
struct Part {
  std::string_view becomes;
  std::string FieldPaths::*path;
};
constexpr auto k_parts = std::to_array<Part>({{"text", &FieldPaths::text},
                                              {"author.id", &FieldPaths::author_id},
                                              {"author.name", &FieldPaths::author_name},
                                              {"author.phone", &FieldPaths::author_phone},
                                              {"author.email", &FieldPaths::author_email},
                                              {"subject", &FieldPaths::subject},
                                              {"category", &FieldPaths::category},
                                              {"agency", &FieldPaths::agency},
                                              {"place.address", &FieldPaths::address},
                                              {"place.lat", &FieldPaths::latitude},
                                              {"place.long", &FieldPaths::longitude},
                                              {"anonymous", &FieldPaths::anonymous},
                                              {"confidential", &FieldPaths::confidential},
                                              {"posted_at", &FieldPaths::sent_at}});

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return equals_ignoring_case(text, word); });
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= k_most_id_bytes && is_utf8(text) &&
         std::ranges::none_of(
             text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

}  // namespace

// A key may hold dots of its own, as the names of forms' fields do.
const Json* Reading::at(std::string_view path) const {
  const auto* value = &body_;
  while (!path.empty() && value != nullptr) {
    if (const auto* whole = value->find(path)) return whole;
    const auto dot = path.find('.');
    const auto key = path.substr(0, dot);
    if (value->type == Json::Type::array) {
      const auto index = whole_number(key);
      const bool there = index && *index >= 0 && std::cmp_less(*index, value->array.size());
      value = there ? &value->array[static_cast<std::size_t>(*index)] : nullptr;
    } else {
      value = value->find(key);
    }
    if (dot == std::string_view::npos) return value;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

std::string Reading::text(std::string_view path, std::size_t most_bytes) const {
  const auto* value = at(path);
  if (value == nullptr) return {};
  return std::string(clip_utf8(scrub_utf8(trim(plain_text(*value))), most_bytes));
}

std::string Reading::line(std::string_view path) const {
  return text(path, k_most_line_bytes);
}

bool Reading::truth(std::string_view path) const {
  return is_one_of(line(path), k_yes);
}

std::optional<double> Reading::degrees(std::string_view path, double most) const {
  const auto said = line(path);
  double value = 0;
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), value);
  if (error != std::errc{} || end != said.data() + said.size()) return std::nullopt;
  if (!(value >= -most && value <= most)) return std::nullopt;
  return value;
}

std::string Reading::author(std::string_view message_id) const {
  for (const auto& path : {paths_.author_id, paths_.author_email, paths_.author_phone}) {
    const auto* value = at(path);
    auto id = value == nullptr ? std::string() : plain_text(*value);
    if (is_id(id)) return id;
  }
  return std::string(message_id);
}

std::string Reading::problem(std::string_view becomes, std::string_view path) const {
  const auto* value = at(path);
  const bool own = paths_ == FieldPaths();
  if (value == nullptr || value->type == Json::Type::null || trim(plain_text(*value)).empty()) {
    if (value != nullptr &&
        (value->type == Json::Type::object || value->type == Json::Type::array)) {
      return "holds further fields";
    }
    const bool needed = becomes == "text" || (own && (becomes == "author.id"));
    return needed ? "missing, and nothing can be done without it" : "missing";
  }
  const auto said = line(path);
  if (becomes == "author.id" && !is_id(plain_text(*value))) return "is no id";
  if (becomes == "place.lat" && !degrees(path, 90)) return "is not degrees";
  if (becomes == "place.long" && !degrees(path, 180)) return "is not degrees";
  const bool flag = becomes == "anonymous" || becomes == "confidential";
  if (flag && !is_one_of(said, k_yes) && !is_one_of(said, k_no)) return "counts as no";
  if (becomes == "posted_at" && !parse_rfc3339(said)) {
    return own ? "is no time with a zone" : "is no time with a zone: when it came counts";
  }
  if (becomes != "text" && said.size() >= k_most_line_bytes) return "is cut";
  return {};
}

std::string Reading::missing() const {
  const bool own = paths_ == FieldPaths();
  const auto* author = at(paths_.author_id);
  if (own && (author == nullptr || author->type != Json::Type::string || !is_id(author->string))) {
    return paths_.author_id + " is missing";
  }
  if (line(paths_.text).empty()) return paths_.text + " is missing";
  return {};
}

void Reading::leaves(const Json& value, const std::string& path,
                     std::vector<FieldNote>& notes) const {
  if (notes.size() >= k_most_notes) return;
  const auto below = [&](std::string_view key) {
    return (path.empty() ? "" : path + ".") + std::string(key);
  };
  if (value.type == Json::Type::object) {
    for (const auto& [key, member] : value.object) leaves(member, below(key), notes);
  } else if (value.type == Json::Type::array) {
    for (std::size_t i = 0; i < value.array.size(); ++i) {
      leaves(value.array[i], below(std::to_string(i)), notes);
    }
  } else if (std::ranges::find(notes, path, &FieldNote::field) == notes.end()) {
    notes.push_back({path, {}, text(path, k_most_shown), {}});
  }
}

std::vector<FieldNote> Reading::explain() const {
  std::vector<FieldNote> notes;
  for (const auto& [becomes, path] : k_parts) {
    const auto& named = paths_.*path;
    notes.push_back({named, std::string(becomes), text(named, k_most_shown),
                     named.empty() ? "no field is set for it" : problem(becomes, named)});
  }
  leaves(body_, {}, notes);
  return notes;
}

}  // namespace kanal::webhook
