#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "core/id.hpp"
#include "core/report.hpp"
#include "core/result.hpp"

namespace kanal {

struct ChannelEntry;
struct Problem;
using Problems = std::vector<Problem>;

/// A kind of channel by which offices can be handed reports.
struct HandingKind {
  std::string_view name;
  bool writes = true;  ///< what is there writes to us; else it is asked
};

inline constexpr std::string_view k_about_handing_over =
    "Reports go there instead of waiting in the console, and its answers count as its officer's.";

inline constexpr std::string_view k_by_console = "console";

/// How reports reach an office that keeps its own mailbox or system, and who answers from there.
struct HandOver {
  std::string by{k_by_console};
  ChannelName channel;
  std::string address;
  std::vector<std::string> also_from;
  std::string language = "id";
  /// Follows from `by`: whether the office writes to us, and so is told what became of it.
  bool writes = true;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(by, Field{.key = "by",
                    .about = "The way that reports take to the office: console, or a kind of "
                             "channel that hands them over.",
                    .required = true});
    visit(channel, Field{.key = "channel",
                         .about = "The channel that they go out by and answers come back on."});
    visit(address, Field{.key = "address", .about = "by = email: the office's mail address."});
    visit(also_from, Field{.key = "also_from",
                           .about = "Further addresses that answer for the office; \"@domain\": "
                                    "all of that domain."});
    visit(language, Field{.key = "language",
                          .about = "The language that the office is written to in.",
                          .choices = {"id", "en"}});
  }
  /// Whether the office is handed reports at all; else its officers work in the console.
  explicit operator bool() const { return by != k_by_console; }
  /// Whether who writes on the channel may answer for the office: a mail address, whose letter case
  /// does not count; else the channel itself, which only the office's system is on.
  [[nodiscard]] bool answers(std::string_view from) const;
};

struct Agency {
  AgencyId id;
  std::string name;
  std::string short_name;            ///< at most 24 characters, for short replies
  std::string level;                 ///< "ministry", "province", "regency", …
  std::vector<std::string> aliases;  ///< names, handles and prefixes that people use
  HandOver handed_over = {};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(id, Field{.key = "id", .about = "The key that others name it by.", .required = true});
    visit(name, Field{.key = "name", .about = "Its full name.", .required = true});
    visit(short_name,
          Field{.key = "short_name", .about = "At most 24 characters, for short replies."});
    visit(level, Field{.key = "level", .about = "ministry, province, regency …"});
    visit(aliases,
          Field{.key = "aliases", .about = "Names, handles and prefixes that people use."});
    visit(handed_over, Field{.key = "handed_over", .about = k_about_handing_over});
  }
};

struct Unit {
  UnitId id;
  AgencyId agency;
  std::string name;
  std::string short_name;
  HandOver handed_over = {};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(id, Field{.key = "id", .about = "The key that others name it by.", .required = true});
    visit(agency,
          Field{.key = "agency", .about = "The agency that it belongs to.", .required = true});
    visit(name, Field{.key = "name", .about = "Its full name.", .required = true});
    visit(short_name,
          Field{.key = "short_name", .about = "At most 24 characters, for short replies."});
    visit(handed_over, Field{.key = "handed_over", .about = k_about_handing_over});
  }
};

/// One answer to choose from.
struct Choice {
  std::string key;
  std::string name_id;
  std::string name_en;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(key, Field{.key = "key", .about = "What programs send for it.", .required = true});
    visit(name_id, Field{.key = "name_id", .about = "Its name in Indonesian.", .required = true});
    visit(name_en, Field{.key = "name_en", .about = "Its name in English."});
  }
};

/// What is asked besides the complaint itself (GeoReport v2 "GET Service Definition").
struct Question {
  std::string code;
  std::string type = "string";
  bool required = false;
  std::string text_id;
  std::string text_en;
  std::vector<Choice> choices;  ///< of the two list types

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(code, Field{.key = "code", .about = "What programs send it under.", .required = true});
    visit(type, Field{.key = "type",
                      .about = "What kind of answer it wants.",
                      .choices = {"string", "number", "datetime", "text", "singlevaluelist",
                                  "multivaluelist"}});
    visit(required, Field{.key = "required", .about = "Whether it must be answered."});
    visit(text_id,
          Field{.key = "text_id", .about = "The question in Indonesian.", .required = true});
    visit(text_en, Field{.key = "text_en", .about = "The question in English."});
    visit(choices, Field{.key = "choice", .about = "The answers of a list."});
  }
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
  std::vector<Question> questions;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(id, Field{.key = "id", .about = "The key that others name it by.", .required = true});
    visit(parent,
          Field{.key = "parent", .about = "The heading that it stands under; none for a heading."});
    visit(name_id, Field{.key = "name_id", .about = "Its name in Indonesian.", .required = true});
    visit(name_en, Field{.key = "name_en", .about = "Its name in English."});
    visit(keywords, Field{.key = "keywords", .about = "Words that tell of it."});
    visit(agency, Field{.key = "agency", .about = "Who usually takes it."});
    visit(unit, Field{.key = "unit", .about = "The unit that usually takes it."});
    visit(questions,
          Field{.key = "question", .about = "What applications ask besides the complaint."});
  }
};

/// A kind of report (information request, aspiration, complaint, …) and its resolution time.
struct ReportKind {
  KindId id;
  std::string name_id;
  std::string name_en;
  std::int64_t resolution_days = 14;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(id, Field{.key = "id", .about = "The key that others name it by.", .required = true});
    visit(name_id, Field{.key = "name_id", .about = "Its name in Indonesian.", .required = true});
    visit(name_en, Field{.key = "name_en", .about = "Its name in English."});
    visit(resolution_days, Field{.key = "resolution_days",
                                 .about = "Working days until it must be resolved.",
                                 .least = 1,
                                 .most = 366});
  }
};

/// "If these are so, then there": every given condition must hold; the first rule that fits wins.
struct RoutingRule {
  std::string name;
  std::string channel;
  std::string entrance;               ///< form or recipient address
  std::string prefix;                 ///< first word of the text ("Buleleng <text>")
  std::vector<std::string> keywords;  ///< any of them, as whole words
  std::string place;                  ///< contained in the address
  AgencyId agency;
  UnitId unit;
  CategoryId category;
  bool dispose = false;  ///< straight to the agency instead of a suggestion to the national admin

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(name, Field{.key = "name", .about = "What the rule is for.", .required = true});
    visit(channel, Field{.key = "channel", .about = "Only posts of this channel."});
    visit(entrance,
          Field{.key = "entrance", .about = "Only posts to this form or recipient address."});
    visit(prefix, Field{.key = "prefix", .about = "Only texts whose first word this is."});
    visit(keywords, Field{.key = "keywords", .about = "Only texts with one of these words."});
    visit(place, Field{.key = "place", .about = "Only places whose address contains this."});
    visit(agency, Field{.key = "agency", .about = "Where it goes."});
    visit(unit, Field{.key = "unit",
                      .about = "The unit that it goes to, too, or that its agency is proposed."});
    visit(category, Field{.key = "category", .about = "The category that it gets."});
    visit(dispose, Field{.key = "dispose",
                         .about = "Straight to the agency, without waiting for verification."});
  }
};

/// Working-day lengths from a date on (decrees change them; old reports keep theirs).
struct DeadlineRules {
  std::string name;
  std::chrono::year_month_day from;
  /// By name(Timer); "resolution.KIND" goes before the kind's own days, and "resolution" is for
  /// reports of no kind.
  std::map<std::string, std::int64_t> days;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(name, Field{.key = "name", .about = "What the rules are called.", .required = true});
    visit(from, Field{.key = "from", .about = "The day from which they hold.", .required = true});
    visit(days, Field{.key = "days", .about = "Working days by timer, or by \"resolution.KIND\"."});
  }
};

/// Who answers: agencies, units, categories, kinds, rules, calendar, wordings; read from TOML once
/// at start and never changed after. Lookups of unknown ids give nullptr.
struct Organisation {
  std::string name;
  std::string short_name;
  std::string time_zone = "Asia/Jakarta";
  std::vector<Agency> agencies;
  std::vector<Unit> units;
  std::vector<Category> categories;
  std::vector<ReportKind> kinds;
  std::vector<RoutingRule> rules;
  std::vector<DeadlineRules> deadlines;  ///< ascending by `from`
  std::int64_t ombudsman_after_days = 60;
  std::vector<std::chrono::year_month_day> holidays;  ///< ascending
  /// Overrides of core's wordings: key "wording.language[.length][@channel]", as core/wording has
  /// them, e.g. "received.id.short".
  std::map<std::string, std::string> wordings;
  bool demonstration = false;  ///< not of the file: its channels are stand-ins, which pages say

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(name, Field{.key = "name", .about = "The organisation's name.", .required = true});
    visit(short_name, Field{.key = "short_name", .about = "At most 24 characters."});
    visit(time_zone, Field{.key = "time_zone", .about = "Asia/Jakarta, …, or +07:00."});
    visit(holidays, Field{.key = "holidays", .about = "Days on which offices do not work."});
    visit(agencies, Field{.key = "agency", .about = "Who answers."});
    visit(units, Field{.key = "unit", .about = "Offices of agencies."});
    visit(kinds, Field{.key = "kind", .about = "Kinds of report."});
    visit(categories, Field{.key = "category", .about = "Categories on two levels."});
    visit(rules, Field{.key = "rule", .about = "Where reports go; the first that fits wins."});
    visit(deadlines, Field{.key = "deadlines", .about = "Dated rule sets of working days."});
    visit(ombudsman_after_days,
          Field{.key = "ombudsman_after_days",
                .about = "Calendar days after which the reporter of an unsolved report is told of "
                         "the Ombudsman; 0: never.",
                .least = 0,
                .most = 3650});
    visit(wordings,
          Field{.key = "wordings", .about = "Replies by wording.language[.length][@channel]."});
  }

  [[nodiscard]] const Agency* agency(const AgencyId& id) const;
  [[nodiscard]] const Unit* unit(const UnitId& id) const;
  [[nodiscard]] const Category* category(const CategoryId& id) const;
  [[nodiscard]] const ReportKind* kind(const KindId& id) const;
  /// How the office that works on what stands there is handed reports; nullptr: in the console.
  [[nodiscard]] const HandOver* hand_over(const HandedTo& office) const;
  /// Whether others stand below it; complaints are about those.
  [[nodiscard]] bool is_heading(const Category& category) const;

  /// Which kinds hand reports over, and the channels that there are; nullptr: not known yet.
  struct Ways {
    const std::vector<ChannelEntry>* channels = nullptr;
    std::vector<HandingKind> kinds;
  };
  /// The shipped example: one regency with its offices, two ministries, categories on two levels.
  static Organisation shipped();
  /// Every error at once, with file, line and key.
  /// `ways`: what reports can be handed over by; without it nothing is said of that.
  static Result<Organisation> read(const std::filesystem::path& file, const Ways* ways = nullptr);
  /// The same as far as it can be read.
  static Organisation read(const std::filesystem::path& file, const Ways* ways, Problems& problems);
};

}  // namespace kanal
