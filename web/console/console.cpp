#include <set>

#include "web/console/desk.hpp"
#include "web/files.hpp"

namespace kanal {
namespace {

// Named with their type, so that nothing else of what is built in can be fetched.
constexpr std::pair<std::string_view, std::string_view> k_assets[] = {
    {"tabler.min.css", "text/css; charset=utf-8"},
    {"console.css", "text/css; charset=utf-8"},
    {"htmx.min.js", "text/javascript; charset=utf-8"},
    {"console.js", "text/javascript; charset=utf-8"},
    {"upload.js", "text/javascript; charset=utf-8"},
    {"inter-latin-wght-normal.woff2", "font/woff2"},
};

// A form that was refused is drawn again at the address that it was sent to, and somebody opens
// that.
void add_ways_back(std::vector<Route>& routes) {
  std::set<std::string> shown;
  std::set<std::string> sent_to;
  for (const auto& route : routes) (route.method == "GET" ? shown : sent_to).insert(route.pattern);
  for (const auto& pattern : sent_to) {
    if (shown.contains(pattern)) continue;
    const auto lead = [](const Request& request) {
      return Response::redirect(console::page_of(request.path));
    };
    routes.push_back({"GET", pattern, BodyKind::none, 0, lead, {}});
  }
}

}  // namespace

std::vector<Route> console_routes(WebParts parts) {
  // Shared by the handlers, which are copied.
  const auto desk = std::make_shared<console::Desk>(std::move(parts));
  desk->parts.store.on_change([weak = std::weak_ptr(desk)](const auto&) {
    if (const auto still = weak.lock()) still->live.touch();
  });
  std::vector<Route> routes;
  console::add_login(routes, desk);
  console::add_inbox(routes, desk);
  console::add_spam(routes, desk);
  console::add_report(routes, desk);
  console::add_messages(routes, desk);
  console::add_senders(routes, desk);
  console::add_quarantine(routes, desk);
  console::add_channels(routes, desk);
  console::add_outbox(routes, desk);
  console::add_officers(routes, desk);
  add_ways_back(routes);
  for (const auto& [name, type] : k_assets) {
    routes.push_back({"GET",
                      "/console/assets/" + std::string(name),
                      BodyKind::none,
                      0,
                      [name, type](const Request&) { return asset_answer(name, type); },
                      {}});
  }
  return routes;
}

}  // namespace kanal
