#include "connectors/twitter/source.hpp"

namespace kanal::twitter {
namespace {

template <class Value>
Value pick(Source source, Value mentions, Value search, Value messages) {
  switch (source) {
    case Source::search:
      return search;
    case Source::messages:
      return messages;
    default:
      return mentions;
  }
}

TweetId Position::*place_of(Source source) {
  return pick(source, &Position::mentions, &Position::found, &Position::messages);
}

}  // namespace

TweetId& reached(Position& position, Source source) {
  return position.*place_of(source);
}

TweetId reached(const Position& position, Source source) {
  return position.*place_of(source);
}

bool is_wanted(Source source, const Settings& settings) {
  return pick(source, true, !settings.hashtags.empty() || settings.quotations,
              settings.direct_messages);
}

double price_of(Source source, const Settings& settings) {
  const auto& prices = settings.prices;
  return pick(source, prices.mention_usd, prices.found_usd, prices.message_usd);
}

std::chrono::seconds usual_pace(Source source, const Settings& settings) {
  return pick(source, settings.mentions_every_s, settings.search_every_s,
              settings.messages_every_s);
}

}  // namespace kanal::twitter
