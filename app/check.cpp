#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <sys/stat.h>

#include "app/commands.hpp"
#include "app/prompt.hpp"
#include "app/rules.hpp"
#include "connectors/all_settings.hpp"
#include "core/count.hpp"
#include "core/text.hpp"
#include "format/json.hpp"
#include "net/certificate.hpp"

namespace kanal::app {

namespace {

struct Findings {
  Problems faults;
  std::string warnings;
  std::set<std::string> without_secret;  ///< keys of what lacks one: "channel.sms.secret"
};

void warn_if_open(const std::string& path, std::string& warnings) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
    warnings += path + " can be read by other users; run: chmod 600 " + path + "\n";
  }
}

// Looks every secret up, and tells nothing of it but where it is missing.
void check_secrets(const Prepared& prepared, const Keys* keys, Findings& findings) {
  constexpr std::string_view k_file = "file:";
  for (auto& [secret, place] : secrets_of(prepared.settings)) {
    if (is_told(findings.faults, place)) continue;
    if (place.line == 0) place = problem_at(prepared.settings, place.key, {});
    if (const auto revealed = secret.reveal(keys); !revealed) {
      place.message = revealed.error().message;
      if (secret.sealed()) {
        place.message +=
            keys == nullptr ? ": " + no_key(prepared) : " (" + key_file_of(prepared).string() + ")";
      }
      findings.without_secret.insert(place.key);
      findings.faults.push_back(std::move(place));
    } else if (revealed->empty()) {
      place.message = "the secret is empty";
      findings.without_secret.insert(place.key);
      findings.faults.push_back(std::move(place));
    } else if (secret.reference().starts_with(k_file)) {
      warn_if_open(secret.reference().substr(k_file.size()), findings.warnings);
    }
  }
  if (!prepared.settings.http.key_file.empty()) {
    warn_if_open(prepared.settings.http.key_file, findings.warnings);
  }
}

// What was said already would make it fail once more.
bool is_sound_so_far(const ChannelEntry& channel, const Organisation& organisation,
                     const Findings& findings) {
  const auto* kind = find_kind(channel.common.kind);
  if (kind == nullptr) return false;
  Problems problems;
  kind->check(channel.table, &organisation, problems);
  const auto below = "channel." + channel.name.value() + ".";
  const auto secret = findings.without_secret.lower_bound(below);
  const bool has_secrets = secret == findings.without_secret.end() || !secret->starts_with(below);
  return problems.empty() && has_secrets;
}

// Some faults show only where a channel meets its secrets and the organisation.
void check_channels(const Prepared& prepared, const Keys& keys, Findings& findings) {
  const SystemClock clock;
  Bench bench(prepared, keys, clock);
  KnownForms forms;
  for (const auto& channel : prepared.settings.channels) {
    if (!is_sound_so_far(channel, prepared.organisation, findings)) continue;
    const auto made = bench.connector(channel.name.value());
    if (!made) {
      findings.faults.push_back(channel.table.problem("", made.error().message));
    } else if (channel.common.enabled) {
      findings.warnings += print(forms.add(channel, **made));
    }
  }
}

void check_tls(const Settings& settings, Findings& findings) {
  const auto& http = settings.http;
  std::error_code error;
  for (const auto& file : {http.certificate_file, http.key_file}) {
    if (file.empty() || !std::filesystem::exists(file, error)) return;
  }
  const auto sound = check_certificate(http.certificate_file, http.key_file);
  if (sound) return;
  findings.faults.push_back(problem_at(settings, "http.certificate_file", sound.error().message));
}

// An import may name a channel that the settings do not have.
void warn_of_rules(const Prepared& prepared, Findings& findings) {
  const auto& rules = prepared.organisation.rules;
  for (const auto& rule : rules) {
    if (rule.channel.empty()) continue;
    const auto missing = no_channel(prepared.settings, rule.channel);
    if (missing.empty()) continue;
    findings.warnings += "rule \"" + rule.name + "\": " + missing +
                         "; it holds only for what is imported under that name\n";
  }
}

// The days off of a year are decreed in the year before.
void warn_of_holidays(const Prepared& prepared, Findings& findings) {
  constexpr auto k_ahead = std::chrono::days(45);
  const auto& organisation = prepared.organisation;
  if (prepared.settings.organisation.file.empty()) return;
  const auto soon = std::chrono::floor<std::chrono::days>(SystemClock().now() + k_ahead);
  const auto& known = organisation.holidays;
  if (known.empty() || std::chrono::sys_days(known.back()) >= soon) return;
  const auto next = std::chrono::sys_days(known.back()) + k_ahead;
  const auto year = static_cast<int>(std::chrono::year_month_day(next).year());
  findings.warnings += "the organisation knows no holidays after " +
                       settings::print_date(known.back()) +
                       ": deadlines count all weekdays behind it as working days; add those of " +
                       std::to_string(year) + "\n";
}

// The links in replies would lead nowhere that a citizen can reach.
void warn_of_links(const Prepared& prepared, Findings& findings) {
  const auto& settings = prepared.settings;
  const bool answers = std::ranges::any_of(settings.channels, [](const ChannelEntry& entry) {
    return entry.common.enabled && entry.common.replies;
  });
  if (!answers || !settings.from_file || !settings.http.public_url.empty()) return;
  findings.warnings += "http.public_url is not set: links in replies begin with " +
                       public_url_of(settings) +
                       "; set it to the address at which citizens reach the bridge\n";
}

Findings inspect(const Common& common, Prepared& prepared) {
  Findings findings;
  prepared = read_all(common, findings.faults);
  std::optional<Keys> keys;
  if (auto found = find_keys(prepared)) {
    keys = std::move(*found);
  } else {
    findings.faults.push_back({{}, 0, {}, found.error().message});
  }
  check_secrets(prepared, keys ? &*keys : nullptr, findings);
  warn_of_links(prepared, findings);
  warn_of_rules(prepared, findings);
  warn_of_holidays(prepared, findings);
  check_tls(prepared.settings, findings);
  if (named_offices(prepared) != nullptr) {
    check_channels(prepared, keys ? *keys : Keys::of_seed("check"), findings);
  }
  findings.faults = in_order(std::move(findings.faults));
  return findings;
}

void print_lines(JsonWriter& out, std::string_view key, std::string_view lines) {
  out.key(key).begin_array();
  for (const auto line : split(lines, '\n')) {
    if (!line.empty()) out.value(line);
  }
  out.end_array();
}

}  // namespace

std::string faults_of(const Common& common) {
  Prepared prepared;
  return print(inspect(common, prepared).faults);
}

Outcome<int> check(const Common& common) {
  Prepared prepared;
  const auto findings = inspect(common, prepared);
  const bool valid = findings.faults.empty();
  if (common.json) {
    JsonWriter out;
    out.begin_object().member("valid", valid);
    out.member("channels", prepared.settings.channels.size());
    print_lines(out, "problems", print(findings.faults));
    print_lines(out, "warnings", findings.warnings);
    out.end_object();
    std::printf("%s\n", out.text().c_str());
    return valid ? 0 : 2;
  }
  if (!findings.warnings.empty()) std::fprintf(stderr, "%s", findings.warnings.c_str());
  if (!valid) {
    std::fputs(print(findings.faults).c_str(), stderr);
    return 2;
  }
  std::printf("The settings are sound: %s, %s, %s.\n",
              count_of(prepared.settings.channels.size(), "channel").c_str(),
              count_of(prepared.organisation.agencies.size(), "agency", "agencies").c_str(),
              count_of(prepared.organisation.units.size(), "unit").c_str());
  return 0;
}

namespace {

Outcome<int> seal(const Common& common) {
  const auto prepared = TRY(prepare(common));
  const auto secret = read_hidden("The secret");
  if (secret.empty())
    return stop(2,
                "there is nothing to seal: the secret is read from standard "
                "input");
  const auto known = TRY(find_keys(prepared));
  if (!known) {
    TRY(work_as_owner(prepared));
    TRY(make_data_directory(prepared.data));
  }
  const auto file = key_file_of(prepared);
  const auto keys = TRY(or_stop(Keys::open(file)));
  if (!known) {
    std::fprintf(stderr,
                 "Made a new key, %s: only a bridge that has it (--data) can open the secret.\n",
                 file.c_str());
  }
  const auto sealed = Secret::seal(keys, secret).reference();
  if (common.json) {
    JsonWriter out;
    out.begin_object().member("sealed", sealed).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s\n", sealed.c_str());
  }
  return 0;
}

}  // namespace

void write_node(JsonWriter& out, const Table::Node& node) {
  using Type = Table::Node::Type;
  switch (node.type) {
    case Type::absent:
      out.null();
      break;
    case Type::boolean:
      out.value(node.boolean);
      break;
    case Type::integer:
      out.value(node.integer);
      break;
    case Type::number:
      out.value(node.number);
      break;
    case Type::text:
    case Type::date:
      out.value(node.text);
      break;
    case Type::list:
      out.begin_array();
      for (const auto& item : node.items) write_node(out, item);
      out.end_array();
      break;
    case Type::table:
      out.begin_object();
      for (const auto& [key, member] : node.members) write_node(out.key(key), member);
      out.end_object();
      break;
  }
}

namespace {

Outcome<int> show(const Common& common) {
  const auto prepared = TRY(prepare(common));
  const auto text = print_settings(prepared.settings);
  if (!common.json) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  Problems problems;
  const auto table = Table::parse(text, "settings", problems);
  if (!problems.empty()) return stop(1, print(problems));
  JsonWriter out;
  write_node(out, table.node());
  std::printf("%s\n", out.text().c_str());
  return 0;
}

}  // namespace

Outcome<int> settings(const Common& common, const SettingsOptions& options) {
  if (options.act == "seal") return seal(common);
  if (options.act == "docs") {
    // For programs that page is the schema.
    std::fputs(
        common.json ? (print_settings_schema() + "\n").c_str() : print_settings_page().c_str(),
        stdout);
  } else if (options.act == "schema") {
    const auto schema =
        options.organisation ? print_organisation_schema() : print_settings_schema();
    std::printf("%s\n", schema.c_str());
  } else {
    return show(common);
  }
  return 0;
}

}  // namespace kanal::app
