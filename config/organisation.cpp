#include "config/organisation.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "config/reader.hpp"
#include "config/settings.hpp"
#include "config/shipped.hpp"
#include "core/deadline.hpp"
#include "core/lifecycle.hpp"
#include "core/text.hpp"
#include "core/wording.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_short_name = 24;

template <class Item, class Id>
const Item* find(const std::vector<Item>& items, const Id& id) {
  if (id.empty()) return nullptr;
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

bool is_code(std::string_view code) {
  return !code.empty() && code.size() <= 64 && std::ranges::all_of(code, [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '-' || each == '_';
  });
}

constexpr std::size_t k_most_senders = 50;

bool is_sender(std::string_view from) {
  return looks_like_email(from.starts_with('@') ? "all" + std::string(from) : std::string(from));
}

const HandingKind* find_way(const Organisation::Ways& ways, std::string_view by) {
  const auto found = std::ranges::find(ways.kinds, by, &HandingKind::name);
  return found == ways.kinds.end() ? nullptr : &*found;
}

class Checker {
 public:
  Checker(const Organisation& organisation, const Table& table, const Organisation::Ways* ways,
          Problems& problems)
      : organisation_(organisation),
        table_(table),
        ways_(ways),
        channels_(ways == nullptr ? nullptr : ways->channels),
        told_(problems),
        problems_(problems) {}

  void check() {
    unique("agency", organisation_.agencies);
    unique("unit", organisation_.units);
    unique("category", organisation_.categories);
    unique("kind", organisation_.kinds);
    if (organisation_.agencies.empty()) complain("agency", "at least one agency is needed");
    if (organisation_.kinds.empty()) complain("kind", "at least one kind is needed");
    if (!parse_time_zone(organisation_.time_zone)) {
      complain("time_zone", "\"" + organisation_.time_zone +
                                "\" is not known; use Asia/Jakarta (WIB), Asia/Makassar (WITA), "
                                "Asia/Jayapura (WIT), UTC, or an offset such as \"+07:00\"");
    }
    short_names();
    references();
    hand_overs("agency", organisation_.agencies);
    hand_overs("unit", organisation_.units);
    questions();
    rules();
    deadlines();
    wordings();
  }

 private:
  static std::string at(std::string_view list, std::size_t index, std::string_view key) {
    return std::string(list) + "[" + std::to_string(index) + "]." + std::string(key);
  }
  void complain(std::string_view path, std::string message) {
    auto problem = table_.problem(path, std::move(message));
    if (!is_told(told_, problem)) problems_.push_back(std::move(problem));
  }
  // Whether all of it could be read, so that it can be judged.
  [[nodiscard]] bool is_sound(std::string_view path) const {
    return !is_told(told_, table_.problem(path, {}));
  }
  // One whose id could not be read may be the one that is named.
  template <class Items>
  static bool all_named(const Items& items) {
    return std::ranges::none_of(items, [](const auto& item) { return item.id.empty(); });
  }
  template <class Items>
  void unique(std::string_view list, const Items& items) {
    std::set<std::string> seen;
    for (std::size_t index = 0; index < items.size(); ++index) {
      const auto& id = items[index].id.value();
      if (id.empty()) complain(at(list, index, "id"), "must not be empty");
      if (!seen.insert(id).second) complain(at(list, index, "id"), "\"" + id + "\" is there twice");
    }
  }
  void short_names() {
    if (count_characters(organisation_.short_name) > k_most_short_name) {
      complain(table_.node().member("short_name") != nullptr ? "short_name" : "name",
               "must be at most 24 characters, or short_name must stand beside it");
    }
    for (std::size_t index = 0; index < organisation_.agencies.size(); ++index) {
      if (count_characters(organisation_.agencies[index].short_name) > k_most_short_name) {
        complain(at("agency", index, "short_name"), "must be at most 24 characters");
      }
    }
    for (std::size_t index = 0; index < organisation_.units.size(); ++index) {
      if (count_characters(organisation_.units[index].short_name) > k_most_short_name) {
        complain(at("unit", index, "short_name"), "must be at most 24 characters");
      }
    }
  }
  template <class Offices>
  void hand_overs(std::string_view list, const Offices& offices) {
    for (std::size_t index = 0; index < offices.size(); ++index) {
      const auto& way = offices[index].handed_over;
      if (!way || !is_sound(at(list, index, "handed_over.by"))) continue;
      if (is_way(at(list, index, "handed_over.by"), way.by)) {
        hand_over(at(list, index, "handed_over."), way);
      }
    }
  }
  bool is_way(const std::string& place, std::string_view by) {
    if (ways_ == nullptr || find_way(*ways_, by) != nullptr) return true;
    std::string all = print_toml_text(k_by_console);
    for (const auto& kind : ways_->kinds) all += ", " + print_toml_text(kind.name);
    complain(place, "must be one of " + all);
    return false;
  }
  void hand_over(const std::string& place, const HandOver& way) {
    if (way.by != "email") {
      if (!way.address.empty()) complain(place + "address", "is for by = \"email\"");
      if (!way.also_from.empty()) complain(place + "also_from", "is for by = \"email\"");
    } else if (!looks_like_email(way.address)) {
      complain(place + "address", "must be a mail address (\"putr@contoh.go.id\")");
    }
    if (way.also_from.size() > k_most_senders) {
      complain(place + "also_from", "has at most " + std::to_string(k_most_senders) + " entries");
    }
    for (std::size_t index = 0; index < way.also_from.size(); ++index) {
      if (is_sender(way.also_from[index])) continue;
      complain(place + "also_from[" + std::to_string(index) + "]",
               "must be a mail address or \"@\" and a domain");
    }
    if (way.channel.empty()) return complain(place + "channel", "is missing");
    if (channels_ == nullptr) return;
    const auto why = unfit(*channels_, way.channel, way.by);
    if (!why.empty()) complain(place + "channel", why);
  }
  void known_agency(std::string_view list, std::size_t index, const AgencyId& id) {
    if (id.empty() || organisation_.agency(id) != nullptr) return;
    if (!all_named(organisation_.agencies)) return;
    complain(at(list, index, "agency"), "there is no agency \"" + id.value() + "\"");
  }
  void known_unit(std::string_view list, std::size_t index, const UnitId& id,
                  const AgencyId& agency) {
    if (id.empty()) return;
    const auto* unit = organisation_.unit(id);
    if (unit == nullptr) {
      if (!all_named(organisation_.units)) return;
      complain(at(list, index, "unit"), "there is no unit \"" + id.value() + "\"");
    } else if (unit->agency != agency && !unit->agency.empty() &&
               is_sound(at(list, index, "agency"))) {
      complain(at(list, index, "unit"),
               "belongs to \"" + unit->agency.value() + "\", not to \"" + agency.value() + "\"");
    }
  }
  void references() {
    for (std::size_t index = 0; index < organisation_.units.size(); ++index) {
      known_agency("unit", index, organisation_.units[index].agency);
    }
    for (std::size_t index = 0; index < organisation_.categories.size(); ++index) {
      const auto& category = organisation_.categories[index];
      known_agency("category", index, category.agency);
      known_unit("category", index, category.unit, category.agency);
      if (category.parent.empty()) continue;
      const auto* parent = organisation_.category(category.parent);
      if (parent == nullptr) {
        if (!all_named(organisation_.categories)) continue;
        complain(at("category", index, "parent"),
                 "there is no category \"" + category.parent.value() + "\"");
      } else if (!parent->parent.empty()) {
        complain(at("category", index, "parent"), "categories have two levels only");
      }
    }
  }
  void questions() {
    for (std::size_t index = 0; index < organisation_.categories.size(); ++index) {
      std::set<std::string> seen;
      const auto& asked = organisation_.categories[index].questions;
      for (std::size_t number = 0; number < asked.size(); ++number) {
        const auto& question = asked[number];
        const auto place = at("category", index, "question[" + std::to_string(number) + "]");
        if (!is_code(question.code)) {
          complain(place + ".code", "has only letters, digits, \"-\" and \"_\"");
        } else if (!seen.insert(question.code).second) {
          complain(place + ".code", "\"" + question.code + "\" is there twice");
        }
        if (is_sound(place + ".type") &&
            question.type.ends_with("list") == question.choices.empty()) {
          complain(place + ".choice", question.choices.empty()
                                          ? "a list needs answers to choose from"
                                          : "only lists have answers to choose from");
        }
        std::set<std::string> keys;
        for (const auto& choice : question.choices) {
          if (!keys.insert(choice.key).second) {
            complain(place + ".choice", "\"" + choice.key + "\" is there twice");
          }
        }
      }
    }
  }
  void rules() {
    for (std::size_t index = 0; index < organisation_.rules.size(); ++index) {
      const auto& rule = organisation_.rules[index];
      known_agency("rule", index, rule.agency);
      known_unit("rule", index, rule.unit, rule.agency);
      if (!rule.category.empty() && organisation_.category(rule.category) == nullptr &&
          all_named(organisation_.categories)) {
        complain(at("rule", index, "category"),
                 "there is no category \"" + rule.category.value() + "\"");
      }
      if (!is_sound("rule[" + std::to_string(index) + "]")) continue;
      if (rule.channel.empty() && rule.entrance.empty() && rule.prefix.empty() &&
          rule.place.empty() && rule.keywords.empty()) {
        complain(at("rule", index, "name"),
                 "this rule has no condition, so it never holds; give it "
                 "channel, entrance, prefix, keywords or place");
      }
      if (rule.dispose && rule.agency.empty()) {
        complain(at("rule", index, "dispose"), "needs an agency to dispose to");
      }
    }
  }
  // Where the channels are not known, any may be.
  [[nodiscard]] bool is_channel(std::string_view name) const {
    return channels_ == nullptr || std::ranges::any_of(*channels_, [&](const auto& each) {
             return each.name.value() == name;
           });
  }
  [[nodiscard]] bool is_limit(std::string_view name) const {
    constexpr std::string_view k_of_a_kind = "resolution.";
    if (name.starts_with(k_of_a_kind)) {
      return !all_named(organisation_.kinds) ||
             organisation_.kind(KindId(std::string(name.substr(k_of_a_kind.size())))) != nullptr;
    }
    const auto timer = timer_of(name);
    return timer && *timer != Timer::none;
  }
  void deadlines() {
    for (std::size_t index = 0; index < organisation_.deadlines.size(); ++index) {
      for (const auto& [timer, days] : organisation_.deadlines[index].days) {
        const auto path = at("deadlines", index, "days." + timer);
        if (!is_limit(timer)) {
          complain(path, "is not a timer, nor resolution and a kind (\"resolution.KIND\")");
        }
        if (days < 1 || days > 366) complain(path, "must be 1 to 366 working days");
      }
    }
  }
  void wordings() {
    for (const auto& [key, text] : organisation_.wordings) {
      const auto at_sign = key.find('@');
      const auto parts = split(std::string_view(key).substr(0, at_sign), '.');
      const auto channel = at_sign == std::string::npos ? "" : key.substr(at_sign + 1);
      if (!wording_of(parts[0])) {
        complain("wordings." + key, "is not a wording; see docs/lifecycle.md");
      } else if (parts.size() < 2 || parts.size() > 3 || (parts[1] != "id" && parts[1] != "en") ||
                 (parts.size() == 3 && !length_of(parts[2]))) {
        complain("wordings." + key,
                 "must be called wording.language, or wording.language.length, "
                 "such as received.id.short; behind it may stand @ and a channel's name");
      } else if (at_sign != std::string::npos && !is_channel(channel)) {
        complain("wordings." + key, "there is no channel \"" + channel + "\"");
      } else if (auto unknown = unknown_value(text); !unknown.empty()) {
        complain("wordings." + key, unknown);
      }
    }
  }

  const Organisation& organisation_;
  const Table& table_;
  const Organisation::Ways* ways_;
  const std::vector<ChannelEntry>* channels_;
  const Problems told_;  ///< before anything was judged
  Problems& problems_;
};

Organisation read_organisation(const Table& table, const Organisation::Ways* ways,
                               Problems& problems) {
  auto organisation = kanal::read<Organisation>(table, problems);
  const auto settle = [&](auto& office) {
    if (office.short_name.empty()) office.short_name = office.name;
    const auto* way = ways == nullptr ? nullptr : find_way(*ways, office.handed_over.by);
    if (way != nullptr) office.handed_over.writes = way->writes;
  };
  std::ranges::for_each(organisation.agencies, settle);
  std::ranges::for_each(organisation.units, settle);
  for (auto& category : organisation.categories) {
    if (category.name_en.empty()) category.name_en = category.name_id;
    for (auto& question : category.questions) {
      if (question.text_en.empty()) question.text_en = question.text_id;
      for (auto& choice : question.choices) {
        if (choice.name_en.empty()) choice.name_en = choice.name_id;
      }
    }
  }
  for (auto& kind : organisation.kinds) {
    if (kind.name_en.empty()) kind.name_en = kind.name_id;
  }
  if (organisation.short_name.empty()) organisation.short_name = organisation.name;
  Checker(organisation, table, ways, problems).check();
  std::sort(organisation.holidays.begin(), organisation.holidays.end());
  std::stable_sort(organisation.deadlines.begin(), organisation.deadlines.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  return organisation;
}

}  // namespace

bool HandOver::answers(std::string_view from) const {
  const auto same = [&](std::string_view allowed) {
    if (!allowed.starts_with('@')) return equals_ignoring_case(from, allowed);
    const auto at = from.rfind('@');
    return at != std::string_view::npos && equals_ignoring_case(from.substr(at), allowed);
  };
  if (by != "email") return from == channel.value();
  return same(address) || std::ranges::any_of(also_from, same);
}

const HandOver* Organisation::hand_over(const HandedTo& office) const {
  const HandOver* way = nullptr;
  if (!office.unit.empty()) {
    if (const auto* found = unit(office.unit)) way = &found->handed_over;
  } else if (const auto* whole = agency(office.agency)) {
    way = &whole->handed_over;
  }
  return way != nullptr && *way ? way : nullptr;
}

const Agency* Organisation::agency(const AgencyId& id) const {
  return find(agencies, id);
}
const Unit* Organisation::unit(const UnitId& id) const {
  return find(units, id);
}
const Category* Organisation::category(const CategoryId& id) const {
  return find(categories, id);
}
const ReportKind* Organisation::kind(const KindId& id) const {
  return find(kinds, id);
}
bool Organisation::is_heading(const Category& category) const {
  return std::ranges::find(categories, category.id, &Category::parent) != categories.end();
}

Organisation Organisation::shipped() {
  Problems problems;
  return read_organisation(Table::parse(shipped_organisation(), "organisation.toml", problems),
                           nullptr, problems);
}

Result<Organisation> Organisation::read(const std::filesystem::path& file, const Ways* ways) {
  Problems problems;
  auto organisation = read(file, ways, problems);
  if (!problems.empty()) return fail(Remedy::reconfigure, print(in_order(std::move(problems))));
  return organisation;
}

Organisation Organisation::read(const std::filesystem::path& file, const Ways* ways,
                                Problems& problems) {
  Problems own;
  const auto table = Table::read(file, own);
  auto organisation = own.empty() ? read_organisation(table, ways, own) : Organisation{};
  std::ranges::move(own, std::back_inserter(problems));
  return organisation;
}

}  // namespace kanal
