#include "web/open311/query.hpp"

#include <algorithm>
#include <charconv>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"

namespace kanal::open311 {
namespace {

using georeport::Fault;
using Faults = std::vector<Fault>;

constexpr std::chrono::days k_most_span{90};
constexpr int k_most_requests = 1000;
constexpr int k_most_skipped = 10'000;

// A "+" that was not encoded has become a blank; no other blank can stand there.
std::optional<Time> time_of(std::string text) {
  if (text.size() > 6 && text[text.size() - 6] == ' ') text[text.size() - 6] = '+';
  return parse_rfc3339(text);
}

std::optional<Time> read_time(const Parameters& parameters, std::string_view name, Faults& faults) {
  const auto text = parameter(parameters, name);
  if (text.empty()) return std::nullopt;
  const auto time = time_of(text);
  if (!time) {
    faults.push_back({400, std::string(name) + " must have its zone (2026-01-02T03:04:05+07:00)."});
  }
  return time;
}

// Times are shown without fractions, so a second belongs to a range as a whole.
void read_range(const Parameters& parameters, Time now, Selection& selection, Faults& faults) {
  const auto start = read_time(parameters, "start_date", faults);
  const auto end = read_time(parameters, "end_date", faults);
  const auto last = end ? *end : start ? std::min(*start + k_most_span, now) : now;
  const auto first = start ? *start : last - k_most_span;
  if (end && start && *start > *end) faults.push_back({400, "start_date is after end_date."});
  if (last - first > k_most_span) {
    faults.push_back({400, "start_date and end_date may not span more than 90 days."});
  }
  selection.from = std::chrono::floor<std::chrono::seconds>(first);
  selection.before = std::chrono::floor<std::chrono::seconds>(last) + std::chrono::seconds(1);
}

std::optional<int> read_whole(const Parameters& parameters, std::string_view name, int most,
                              Faults& faults) {
  const auto text = parameter(parameters, name);
  if (text.empty()) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= most) {
    return number;
  }
  faults.push_back(
      {400, std::string(name) + " must be a number from 1 to " + std::to_string(most) + "."});
  return std::nullopt;
}

// Declared several times, or comma delimited.
std::vector<std::string> read_list(const Parameters& parameters, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [key, value] : parameters) {
    if (key != name) continue;
    for (const auto item : split(value, ',')) {
      if (const auto trimmed = trim(item); !trimmed.empty()) items.emplace_back(trimmed);
    }
  }
  return items;
}

void read_status(const Parameters& parameters, Selection& selection, Faults& faults) {
  bool open = false;
  bool closed = false;
  for (const auto& status : read_list(parameters, "status")) {
    open = open || status == "open";
    closed = closed || status == "closed";
    if (status != "open" && status != "closed") {
      faults.push_back({400, "status is open or closed."});
      return;
    }
  }
  if (open != closed) selection.open = open;
}

}  // namespace

std::string parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return std::string(trim(value));
  }
  return {};
}

tl::expected<Selection, Faults> read_selection(const Parameters& parameters,
                                               const Organisation& organisation,
                                               bool needs_jurisdiction, Time now) {
  Selection selection;
  Faults faults;
  const auto jurisdiction = parameter(parameters, "jurisdiction_id");
  if (auto fault = georeport::check_jurisdiction(organisation, jurisdiction, needs_jurisdiction)) {
    faults.push_back(std::move(*fault));
  }
  selection.agency = AgencyId(jurisdiction);
  const auto extensions = to_lower_ascii(parameter(parameters, "extensions"));
  selection.extensions = extensions == "true" || extensions == "v1";
  if (const auto ids = read_list(parameters, "service_request_id"); !ids.empty()) {
    selection.codes.emplace();
    if (ids.size() > static_cast<std::size_t>(k_most_requests)) {
      faults.push_back({400, "There are more than 1000 service_request_id."});
    }
    for (const auto& id : ids) {
      auto code = parse_tracking_code(id);
      if (code && std::ranges::find(*selection.codes, *code) == selection.codes->end()) {
        selection.codes->push_back(std::move(*code));
      }
    }
  } else {
    for (auto& code : read_list(parameters, "service_code")) {
      selection.categories.emplace_back(std::move(code));
    }
    read_status(parameters, selection, faults);
    read_range(parameters, now, selection, faults);
    selection.page_size =
        read_whole(parameters, "page_size", k_most_requests, faults).value_or(k_most_requests);
    selection.page = read_whole(parameters, "page", k_most_skipped, faults).value_or(1);
    if (selection.page > 1 + k_most_skipped / selection.page_size) {
      faults.push_back({400, "page is too far: ask for a shorter range of dates."});
    }
  }
  if (!faults.empty()) {
    std::ranges::stable_sort(faults, std::ranges::greater(), &Fault::status);
    return tl::unexpected(std::move(faults));
  }
  return selection;
}

}  // namespace kanal::open311
