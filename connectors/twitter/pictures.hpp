#pragma once

#include <optional>

#include "connectors/twitter/api.hpp"
#include "connectors/twitter/item.hpp"
#include "core/clock.hpp"

namespace kanal::twitter {

/// Fetches the pictures of posts on their way out. While X gives none out, posts wait for them, but
/// not for long.
class Pictures {
 public:
  Pictures(Api& api, const Clock& clock) : api_(api), clock_(clock) {}

  /// Attaches them, and says in the post how many could not be had. Fails when the post is to wait;
  /// what was fetched by then is kept.
  Result<> fetch(Item& item);
  /// The clock was set back: nothing is known of an outage.
  void forget_outage() { away_since_.reset(); }

 private:
  [[nodiscard]] Result<> wait_for(const Error& error);

  Api& api_;
  const Clock& clock_;
  std::optional<Time> away_since_;
  Time missed_at_;
};

}  // namespace kanal::twitter
