#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"
#include "tests/sandbox/twitter/answers.hpp"
#include "tests/sandbox/twitter/gate.hpp"
#include "tests/sandbox/twitter/uploads.hpp"
#include "tests/sandbox/twitter/world.hpp"

namespace kanal::sandbox::twitter {

/// A place of the API by its pattern, and what stood for :id.
struct Endpoint {
  std::string name;
  std::string id;
};
Endpoint endpoint_of(const std::string& method, std::string_view path);

/// The X API v2 as far as the bridge uses it, and /control to play everybody else:
///   POST   /control/posts       {"as","text","in_reply_to","quotes","repeats","pictures","place"}
///   POST   /control/posts/ID    {"text"}: edits it
///   DELETE /control/posts/ID
///   POST   /control/messages    {"as","text","pictures"}
///   GET    /control/timeline    all that stands, oldest first
///   GET    /control/requests    what was called, oldest first
///   POST   /control/faults      {"on","fault","times","delay_ms","after_bytes"}
///   DELETE /control/faults
///   POST   /control/settings    {"dialect","credits","page_most","must_be_summoned",
///                                "limits":{endpoint: calls},"handle",
///                                "takes_no_messages": user name}
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
