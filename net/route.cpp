#include "net/route.hpp"

#include <set>
#include <span>

#include "core/text.hpp"
#include "net/request_head.hpp"

namespace kanal {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  path.remove_prefix(1);
  return split(path, '/');
}

std::string join(const std::set<std::string, std::less<>>& methods) {
  std::string text;
  for (const auto& method : methods) text += (text.empty() ? "" : ", ") + method;
  return text;
}

void allow(std::set<std::string, std::less<>>& methods, const std::string& method) {
  methods.insert(method);
  methods.insert("OPTIONS");
  if (method == "GET") methods.insert("HEAD");
}

}  // namespace

struct Router::Search {
  std::string_view method;
  std::vector<std::string_view> segments;
  std::vector<std::string_view> taken;
  const Entry* entry = nullptr;
  std::vector<std::string> values;
  std::set<std::string, std::less<>> allowed;

  void look(const std::map<std::string, std::unique_ptr<Entry>, std::less<>>& entries,
            std::string_view rest) {
    for (const auto& [each, unused] : entries) allow(allowed, each);
    auto at = entries.find(method);
    if (at == entries.end() && method == "HEAD") at = entries.find("GET");
    if (at == entries.end()) return;
    entry = at->second.get();
    values.assign(taken.begin(), taken.end());
    if (!rest.empty()) values.emplace_back(rest);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}

Result<Router> Router::make(std::vector<Route> routes) {
  Router router;
  std::set<std::string, std::less<>> methods;
  for (auto& route : routes) {
    allow(methods, route.method);
    TRY(router.add(std::move(route)));
  }
  router.methods_ = join(methods);
  return router;
}

Result<> Router::add(Route route) {
  const auto bad = [&](std::string_view why) {
    return fail(Remedy::reconfigure,
                "route " + route.method + " " + route.pattern + ": " + std::string(why));
  };
  if (!route.pattern.starts_with('/') || !is_token(route.method)) return bad("malformed");
  if (!route.handle == !route.handle_later) return bad("needs exactly one handler");
  auto entry = std::make_unique<Entry>();
  auto* node = root_.get();
  bool rest = false;
  for (const auto segment : segments_of(route.pattern)) {
    if (rest) return bad("nothing may follow {name...}");
    if (!segment.starts_with('{')) {
      auto& next = node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
      continue;
    }
    if (!segment.ends_with('}')) return bad("malformed");
    auto name = segment.substr(1, segment.size() - 2);
    rest = name.ends_with("...");
    if (rest) name.remove_suffix(3);
    if (!is_token(name)) return bad("malformed");
    entry->names.emplace_back(name);
    if (rest) continue;
    if (!node->any) node->any = std::make_unique<Node>();
    node = node->any.get();
  }
  auto& place = (rest ? node->rest : node->here)[route.method];
  if (place) return bad("said twice");
  entry->route = std::move(route);
  place = std::move(entry);
  return {};
}

void Router::search(const Node& node, std::size_t depth, Search& found) {
  if (depth == found.segments.size()) {
    found.look(node.here, {});
    return;
  }
  const auto segment = found.segments[depth];
  const auto literal = node.literals.find(segment);
  if (literal != node.literals.end()) search(*literal->second, depth + 1, found);
  if (found.entry != nullptr || segment.empty()) return;
  if (node.any) {
    found.taken.push_back(segment);
    search(*node.any, depth + 1, found);
    found.taken.pop_back();
  }
  if (found.entry == nullptr && !node.rest.empty()) {
    const auto& last = found.segments.back();
    found.look(node.rest, {segment.data(), last.data() + last.size()});
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  Search found;
  found.method = method;
  found.segments = segments_of(path);
  search(*root_, 0, found);
  if (found.entry == nullptr) {
    match.allow = join(found.allowed);
    return match;
  }
  match.route = &found.entry->route;
  for (std::size_t at = 0; at < found.entry->names.size(); ++at) {
    match.parameters.emplace(found.entry->names[at], found.values[at]);
  }
  return match;
}

std::string Router::without_last_slash(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return {};
  auto path = std::string_view(request.path);
  auto target = std::string_view(request.target);
  target = target.substr(0, target.find('?'));
  if (path.size() < 2 || !path.ends_with('/') || !target.ends_with('/')) return {};
  path.remove_suffix(1);
  target.remove_suffix(1);
  if (!target.starts_with('/') || target.starts_with("//")) return {};
  if (find(request.method, path).route == nullptr) return {};
  return std::string(target) + (request.query.empty() ? "" : "?" + request.query);
}

bool Router::knows(std::string_view method) const {
  return has_word("CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE", method) ||
         has_word(methods_, method);
}

}  // namespace kanal
