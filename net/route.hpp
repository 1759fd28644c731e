#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/http_server.hpp"

namespace kanal {

/// Finds routes by path: literal segments before `{name}` before `{name...}`, which takes the rest
/// and stands last. Immutable once made: safe from any thread.
class Router {
 public:
  /// Fails on malformed patterns and on two routes for one method and address.
  static Result<Router> make(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;
    /// With no route: what the address does answer, for Allow; empty when there is no such address.
    std::string allow;
  };
  /// `path` as parse_request_target made it. HEAD finds GET.
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
  /// Where somebody who wrote one slash too many finds the page; empty when nowhere.
  [[nodiscard]] std::string without_last_slash(const Request& request) const;
  /// All methods that any route answers, for `OPTIONS *`.
  [[nodiscard]] const std::string& methods() const { return methods_; }
  /// Whether a method is one of HTTP's own (RFC 9110 §9, RFC 5789) or of any route.
  [[nodiscard]] bool knows(std::string_view method) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> names;
  };
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> here;  ///< by method
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> rest;
  };
  struct Search;

  Router();
  Result<> add(Route route);
  static void search(const Node& node, std::size_t depth, Search& found);

  std::unique_ptr<Node> root_;
  std::string methods_;
};

}  // namespace kanal
