#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/visibility.hpp"
#include "net/http_server.hpp"
#include "store/store.hpp"

namespace kanal::console {

enum class Tab : std::uint8_t { mine, overdue, open, all };
std::string_view name(Tab);

/// What an officer wants to see of the reports.
struct InboxQuery {
  Tab tab = Tab::mine;
  std::optional<State> state;
  std::string agency;
  std::string unit;
  std::string category;
  std::string channel;
  std::string words;
  int page = 1;
  /// Whether anything but the tab narrows it.
  [[nodiscard]] bool is_narrowed() const;
};

/// The states in which a report waits for somebody of this role; none for those who only look on.
std::vector<State> waiting_for(Role role);
/// Whether somebody of this role answers reports, so that what comes back waits for them too.
bool may_hear(Role role);
/// Where a role begins: its own work, or what is open.
Tab first_tab(Role role);

/// Pure; what it does not know it leaves out.
InboxQuery read_inbox_query(const Request& request, Role role);
/// The same as a question to the store, never for more than the viewer's own agency or unit; asks
/// for one more than a page holds.
ReportFilter filter_of(const InboxQuery& query, const Viewer& viewer);

inline constexpr int k_reports_per_page = 30;
/// Whoever looks further is asked to narrow it: what stands before a page is counted for it.
inline constexpr int k_last_page = 300;

}  // namespace kanal::console
