#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"
#include "tests/sandbox/twitter/answers.hpp"
#include "tests/sandbox/twitter/gate.hpp"
#include "tests/sandbox/twitter/uploads.hpp"
#include "tests/sandbox/twitter/world.hpp"

namespace kanal::sandbox::twitter {

/// What can be called. Words of letters stand for themselves, numbers and names where one is due
/// for :id.
inline constexpr auto k_endpoints = std::to_array<std::string_view>(
    {"GET /2/users/me", "GET /2/users/by/username/:id", "GET /2/users/:id/mentions",
     "GET /2/users/:id/tweets", "GET /2/users/:id", "GET /2/tweets/search/recent", "GET /2/tweets",
     "GET /2/tweets/:id", "POST /2/tweets", "DELETE /2/tweets/:id", "GET /2/dm_events",
     "GET /2/dm_conversations/with/:id/dm_events", "POST /2/dm_conversations/with/:id/messages",
     "POST /2/media/upload/initialize", "POST /2/media/upload/:id/append",
     "POST /2/media/upload/:id/finalize", "GET /2/media/upload", "POST /2/oauth2/token", k_media});

/// A place of the API by its pattern, and what stood for :id.
struct Endpoint {
  std::string name;
  std::string id;
};
Endpoint endpoint_of(const std::string& method, std::string_view path);

/// The X API v2 as far as the bridge uses it, and /control to play everybody else:
///   POST   /control/posts       {"as","text","lang","in_reply_to","quotes","repeats","count",
///                                "pictures":[{"type","base64","alt_text"}],
///                                "place":{"name","latitude","longitude","exact"}}: all but "as"
///                               and "text" may be left out. "count": so many, numbered; the answer
///                               has the last one's id. A picture of no "base64" is a point
///   POST   /control/posts/ID    {"text"}: edits it
///   DELETE /control/posts/ID
///   POST   /control/messages    {"as","text","pictures"}
///   GET    /control/timeline    all that stands, oldest first
///   GET    /control/requests    what was called, oldest first
///   GET    /control/health      {}
///   POST   /control/faults      {"on","fault","times","delay_ms","after_bytes"}: on one of
///                               k_endpoints, one of k_faults
///   DELETE /control/faults
///   POST   /control/settings    {"dialect","credits","page_most","must_be_summoned",
///                                "keeps_answers","limits":{endpoint: calls},"handle",
///                                "takes_no_messages": user name}; "dialect": "tweets", "posts" or
///                               "as_asked", as from the start; "keeps_answers": /control/requests
///                               has the bodies of the answers, too
///   POST   /control/clock       {"advance_s"}
///   POST   /control/tokens      ends all user tokens
class Api final : public FarSide {
 public:
  explicit Api(std::uint16_t port);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override;

 private:
  Answer answer(const Request& request);
  Answer through_faults(const Request& request, const Endpoint& endpoint);
  Answer admitted(const Request& request, const Endpoint& endpoint);
  Answer served(const Request& request, const Endpoint& endpoint);
  Answer person(const User& user, const Request& request);
  Answer mentions(const Request& request, const std::string& id);
  Answer search(const Request& request);
  Answer listing(const Request& request, int least, int usual, std::size_t reach,
                 const std::function<bool(const Post&)>& belongs);
  Answer look_up(const Request& request, const std::string& ids, bool single);
  Answer publish(const Request& request);
  Answer say(const Request& request, const std::string& to);
  Answer messages(const Request& request, const std::string& with);
  Answer media(std::string_view name);

  Answer control(const Request& request);
  Answer control_posts(const Request& request, std::string_view id);
  Answer control_settings(const value& body);
  [[nodiscard]] value timeline() const;

  std::mutex mutex_;
  World world_;
  Uploads uploads_;
  Gate gate_;
  Faults faults_;
  std::vector<value> requests_;
  std::optional<Dialect> dialect_;
  int page_most_ = 0;  ///< no page holds more, whatever was asked
  int credits_ = std::numeric_limits<int>::max();
  bool must_be_summoned_ = true;
  bool keeps_answers_ = false;     ///< in the list of requests
  std::string takes_no_messages_;  ///< the name of who has closed theirs
  HttpFace face_;                  // last: requests use all the others
};

}  // namespace kanal::sandbox::twitter
