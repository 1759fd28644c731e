#include "web/api/shape.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/lifecycle.hpp"
#include "core/text.hpp"
#include "format/json.hpp"
#include "router/alarms.hpp"
#include "store/store.hpp"

namespace kanal::api {
namespace {

constexpr std::size_t k_most_faults = 20;
constexpr std::size_t k_most_name_bytes = 100;

constexpr std::array<std::string_view, 8> k_lists = {
    "State", "Event", "Role", "Fate", "ReplyState", "Verdict", "Health", "AlarmKind"};

template <class Enum>
std::vector<std::string_view> names_up_to(Enum last) {
  std::vector<std::string_view> names;
  for (int each = 0; each <= static_cast<int>(last); ++each) {
    names.push_back(name(static_cast<Enum>(each)));
  }
  return names;
}

const Member* find_member(Shape shape, std::string_view name) {
  const auto found = std::ranges::find(shape, name, &Member::name);
  return found == shape.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

}  // namespace

std::span<const std::string_view> word_lists() {
  return k_lists;
}

std::vector<std::string_view> words_of(std::string_view list) {
  if (list == "State") return names_up_to(State::rejected);
  if (list == "Event") return names_up_to(Event::correct);
  if (list == "Role") return names_up_to(Role::auditor);
  if (list == "Fate") return names_up_to(Fate::errand);
  if (list == "Health") return names_up_to(Health::paused);
  if (list == "AlarmKind") return names_up_to(Alarm::Kind::disk_nearly_full);
  if (list == "ReplyState") return {k_reply_states.begin(), k_reply_states.end()};
  if (list == "Verdict") return {"went_out", "send_again", "give_up"};
  return {};
}

std::string Given::text(std::string_view name) const {
  const auto all = texts(name);
  return all.empty() ? std::string() : all.front();
}

std::vector<std::string> Given::texts(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return {};
  const auto* texts = std::get_if<std::vector<std::string>>(&found->second);
  return texts == nullptr ? std::vector<std::string>() : *texts;
}

std::optional<std::int64_t> Given::whole(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&found->second);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<bool> Given::truth(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  const auto* truth = std::get_if<bool>(&found->second);
  return truth == nullptr ? std::nullopt : std::optional(*truth);
}

/// One pass over what was given.
class Reading {
 public:
  explicit Reading(Shape shape) : shape_(shape) {}

  void take(std::string_view name, const Json& value) {
    const auto* member = known(name);
    if (member == nullptr) return;
    if (given_.has(name)) return fault(name, "is given twice");
    switch (member->kind) {
      case Kind::text:
        if (value.type != Json::Type::string) return fault(name, "must be a text");
        return take_text(*member, value.string);
      case Kind::whole:
        if (value.type != Json::Type::integer) return fault(name, "must be a whole number");
        return take_whole(*member, value.integer);
      case Kind::truth:
        if (value.type != Json::Type::boolean) return fault(name, "must be true or false");
        given_.values_.emplace(name, value.boolean);
    }
  }

  void take(std::string_view name, std::string_view value) {
    const auto* member = known(name);
    if (member == nullptr) return;
    if (given_.has(name) && !member->many) return fault(name, "is given twice");
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    switch (member->kind) {
      case Kind::text:
        return take_text(*member, value);
      case Kind::whole:
        if (const auto read = std::from_chars(value.data(), end, number);
            value.empty() || read.ec != std::errc{} || read.ptr != end) {
          return fault(name, "must be a whole number");
        }
        return take_whole(*member, number);
      case Kind::truth:
        if (value != "true" && value != "false") return fault(name, "must be true or false");
        given_.values_.emplace(name, value == "true");
    }
  }

  tl::expected<Given, Unfit> finish(std::string_view detail) {
    for (const auto& member : shape_) {
      const auto is_it = [&](const Fault& each) { return each.field == member.name; };
      if (member.required && !given_.has(member.name) && std::ranges::none_of(faults_, is_it)) {
        fault(member.name, "is missing");
      }
    }
    if (faults_.empty()) return std::move(given_);
    return tl::unexpected(Unfit{422, std::string(detail), std::move(faults_)});
  }

 private:
  const Member* known(std::string_view name) {
    const auto* member = find_member(shape_, name);
    if (member == nullptr) fault(clip_utf8(name, k_most_name_bytes), "is not known here");
    return member;
  }

  void fault(std::string_view name, std::string message) {
    if (faults_.size() < k_most_faults) faults_.push_back({scrub_utf8(name), std::move(message)});
  }

  void take_text(const Member& member, std::string_view text) {
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
      return fault(member.name, "must be UTF-8 without NUL");
    }
    const auto bytes = static_cast<std::int64_t>(text.size());
    if (bytes > member.most) {
      return fault(member.name, "must be at most " + std::to_string(member.most) + " bytes long");
    }
    if (static_cast<std::int64_t>(trim(text).size()) < member.least) {
      return fault(member.name, member.least > 1 ? "must have at least " +
                                                       std::to_string(member.least) + " bytes"
                                                 : std::string("must not be empty"));
    }
    const auto words = words_of(member.words);
    if (!words.empty() && std::ranges::find(words, text) == words.end()) {
      return fault(member.name, "must be one of " + joined(words));
    }
    const auto [at, fresh] =
        given_.values_.try_emplace(std::string(member.name), std::vector<std::string>());
    auto& texts = std::get<std::vector<std::string>>(at->second);
    if (texts.size() < words.size() + 1) texts.emplace_back(text);
  }

  void take_whole(const Member& member, std::int64_t number) {
    if (number < member.least || number > member.most) {
      return fault(member.name, "must be from " + std::to_string(member.least) + " to " +
                                    std::to_string(member.most));
    }
    given_.values_.emplace(member.name, number);
  }

  Shape shape_;
  Given given_;
  std::vector<Fault> faults_;
};

tl::expected<Given, Unfit> read_body(std::string_view body, Shape shape) {
  const auto json = Json::parse(body);
  if (!json) return tl::unexpected(Unfit{400, "The body is " + json.error().message, {}});
  if (json->type != Json::Type::object) {
    return tl::unexpected(
        Unfit{422, "The body must be a JSON object.", {{"", "must be an object"}}});
  }
  Reading reading(shape);
  for (const auto& [name, value] : json->object) reading.take(name, value);
  return reading.finish("The body does not fit; see errors.");
}

tl::expected<Given, Unfit> read_query(std::span<const std::pair<std::string, std::string>> fields,
                                      Shape shape) {
  Reading reading(shape);
  for (const auto& [name, value] : fields) reading.take(name, std::string_view(value));
  return reading.finish("The query does not fit; see errors.");
}

}  // namespace kanal::api
