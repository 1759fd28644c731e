#include "web/console/inbox_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "web/office.hpp"

namespace kanal::console {
namespace {

constexpr std::size_t k_most_searched_bytes = 200;
constexpr std::array<std::string_view, 4> k_tabs = {"mine", "overdue", "open", "all"};

const std::vector<State>& open_states() {
  using enum State;
  static const std::vector<State> states = {received, needs_info,  at_agency, at_unit,
                                            returned, in_progress, answered,  reopened};
  return states;
}

int read_page(const std::string& text) {
  int page = 1;
  std::from_chars(text.data(), text.data() + text.size(), page);
  return std::clamp(page, 1, k_last_page);
}

template <class Id>
void name_id(std::optional<Id>& into, const std::string& text) {
  if (!text.empty()) into = Id(text);
}

}  // namespace

std::string_view name(Tab tab) {
  return k_tabs.at(static_cast<std::size_t>(tab));
}

bool InboxQuery::is_narrowed() const {
  return state || !agency.empty() || !unit.empty() || !category.empty() || !channel.empty() ||
         !words.empty();
}

std::vector<State> waiting_for(Role role) {
  using enum State;
  switch (role) {
    case Role::national_admin:
      return {received, returned};
    case Role::agency_admin:
      return {at_agency, returned, reopened};
    case Role::liaison:
      return {at_unit, in_progress, reopened};
    default:
      return {};
  }
}

bool may_hear(Role role) {
  return role == Role::agency_admin || role == Role::liaison;
}

Tab first_tab(Role role) {
  return waiting_for(role).empty() ? Tab::open : Tab::mine;
}

InboxQuery read_inbox_query(const Request& request, Role role) {
  InboxQuery query;
  query.tab = first_tab(role);
  const auto wanted = request.field("tab");
  for (std::size_t i = 0; i < k_tabs.size(); ++i) {
    if (wanted == k_tabs[i]) query.tab = static_cast<Tab>(i);
  }
  if (query.tab == Tab::mine) query.tab = first_tab(role);
  const auto field = [&](std::string_view name) {
    return scrub_utf8(clip_utf8(trim(request.field(name)), k_most_searched_bytes));
  };
  query.words = field("q");
  query.page = read_page(request.field("page"));
  // Whoever types a number wants that report, wherever it is.
  if (parse_tracking_code(query.words)) {
    query.tab = Tab::all;
    return query;
  }
  query.state = state_of(field("state"));
  query.agency = field("agency");
  query.unit = field("unit");
  query.category = field("category");
  query.channel = field("channel");
  return query;
}

ReportFilter filter_of(const InboxQuery& query, const Viewer& viewer) {
  ReportFilter filter;
  filter.order = ReportFilter::Order::due;
  switch (query.tab) {
    case Tab::mine:
      filter.states = waiting_for(viewer.role);
      filter.or_unheard = may_hear(viewer.role);
      break;
    case Tab::overdue:
      filter.overdue_only = true;
      break;
    case Tab::open:
      filter.states = open_states();
      break;
    case Tab::all:
      filter.order = ReportFilter::Order::newest;
      break;
  }
  // Which state says more than the tab does.
  if (query.state) {
    filter.states = {*query.state};
    filter.or_unheard = false;
  }
  name_id(filter.agency, query.agency);
  name_id(filter.unit, query.unit);
  if (!query.category.empty()) filter.categories = {CategoryId(query.category)};
  name_id(filter.channel, query.channel);
  keep_to_office(filter, viewer);
  filter.words = query.words;
  // Who may not read a report must not find it by its words either.
  filter.without_confidential =
      !query.words.empty() && !parse_tracking_code(query.words) && !may_read_confidential(viewer);
  filter.most = k_reports_per_page + 1;
  filter.skip = (query.page - 1) * k_reports_per_page;
  return filter;
}

}  // namespace kanal::console
