#include "connectors/twitter/hunt.hpp"

#include <algorithm>

namespace kanal::twitter {
namespace {

constexpr std::size_t k_most_in_a_look = 6'000;
constexpr int k_most_pages_in_a_look = 1'200;
// X leaves out what may not be seen, and with it sometimes a whole page.
constexpr int k_most_empty_pages = 50;

}  // namespace

Hunt hunt_from(TweetId since) {
  Hunt hunt;
  hunt.since = since;
  return hunt;
}

bool Hunt::take(Answer page) {
  const auto is_old = [&](const auto& each) { return each.id <= since; };
  const bool is_known =
      std::erase_if(page.messages, is_old) + std::erase_if(page.tweets, is_old) > 0;
  std::erase_if(page.unreadable, [&](const Unreadable& each) {
    return parse_tweet_id(each.id.value()).value_or(since + 1) <= since;
  });
  const bool is_new = page.next_token != token;
  const bool is_empty = page.tweets.empty() && page.messages.empty() && page.unreadable.empty();
  empty_pages = is_empty ? empty_pages + 1 : 0;
  token = !is_known && is_new ? page.next_token : std::string();
  append(found, std::move(page));
  if (token.empty() || empty_pages >= k_most_empty_pages) return true;
  const bool is_full = found.tweets.size() + found.messages.size() >= k_most_in_a_look;
  return is_full || ++pages >= k_most_pages_in_a_look;
}

void append(Answer& all, Answer&& more) {
  std::ranges::move(more.tweets, std::back_inserter(all.tweets));
  std::ranges::move(more.messages, std::back_inserter(all.messages));
  std::ranges::move(more.unreadable, std::back_inserter(all.unreadable));
  std::ranges::move(more.missing, std::back_inserter(all.missing));
  all.referenced.merge(more.referenced);
  all.accounts.merge(more.accounts);
  all.media.merge(more.media);
  all.spots.merge(more.spots);
}

}  // namespace kanal::twitter
