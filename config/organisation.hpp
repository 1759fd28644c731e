#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/result.hpp"

namespace kanal {

struct Agency {
  AgencyId id;
  std::string name;
  std::string short_name;            ///< at most 24 characters, for short replies
  std::string level;                 ///< "ministry", "province", "regency", …
  std::vector<std::string> aliases;  ///< names, handles and prefixes that people use
};

struct Unit {
  UnitId id;
  AgencyId agency;
  std::string name;
  std::string short_name;
};

/// Two levels: a category without a parent is a heading.
struct Category {
  CategoryId id;
  CategoryId parent;
  std::string name_id;
  std::string name_en;
  std::vector<std::string> keywords;
  AgencyId agency;  ///< who usually takes it; empty: a person decides
  UnitId unit;
};

/// A kind of report (information request, aspiration, complaint, …) and its resolution time.
struct ReportKind {
  KindId id;
  std::string name_id;
  std::string name_en;
  std::int64_t resolution_days = 14;
};

/// "If these are so, then there": every given condition must hold; the first rule that fits wins.
struct RoutingRule {
  std::string name;
  std::string channel;
  std::string entrance;  ///< form or recipient address
  std::string prefix;    ///< first word of the text ("Buleleng <text>")
  std::vector<std::string> keywords;  ///< any of them, as whole words
  std::string place;     ///< contained in the address
  AgencyId agency;
  UnitId unit;
  CategoryId category;
  bool dispose = false;  ///< straight to the agency instead of a suggestion to the national admin
};

/// Working-day lengths from a date on (decrees change them; old reports keep theirs).
struct DeadlineRules {
  std::string name;
  std::chrono::year_month_day from;
  std::map<std::string, std::int64_t> days;  ///< by name(Timer); "resolution" comes from the kind
};

/// Who answers: agencies, units, categories, kinds, rules, calendar, wordings; read from TOML once at
/// start and never changed after. Lookups of unknown ids give nullptr.
struct Organisation {
  std::string name;
  std::string short_name;
  std::string time_zone = "Asia/Jakarta";
  std::vector<Agency> agencies;
  std::vector<Unit> units;
  std::vector<Category> categories;
  std::vector<ReportKind> kinds;
  std::vector<RoutingRule> rules;
  std::vector<DeadlineRules> deadlines;                ///< ascending by `from`
  std::vector<std::chrono::year_month_day> holidays;   ///< ascending
  /// Overrides of core's wordings: key "wording.language[.length]", e.g. "received.id.short".
  std::map<std::string, std::string> wordings;

  [[nodiscard]] const Agency* agency(const AgencyId& id) const;
  [[nodiscard]] const Unit* unit(const UnitId& id) const;
  [[nodiscard]] const Category* category(const CategoryId& id) const;
  [[nodiscard]] const ReportKind* kind(const KindId& id) const;

  /// The shipped example: one regency with its offices, two ministries, categories on two levels.
  static Organisation shipped();
  /// Every error at once, with file, line and key.
  static Result<Organisation> read(const std::filesystem::path& file);
};

}  // namespace kanal
