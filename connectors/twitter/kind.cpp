#include "connectors/kind_of.hpp"
#include "connectors/twitter/twitter.hpp"

namespace kanal {

const Kind& twitter_kind() {
  static const KindOf<twitter::Settings> kind({
      .name = "twitter",
      .about = "An X (Twitter) account: posts that call it, and its direct messages.",
      .title_id = "X (Twitter)",
      .manner = {.length = Length::medium, .links = false, .in_public = true},
      .wrong = twitter::wrong_settings,
      .make = twitter::Twitter::create,
  });
  return kind;
}

}  // namespace kanal
