#include "connectors/twitter/stories.hpp"

#include <algorithm>
#include <map>

#include "connectors/twitter/questions.hpp"

namespace kanal::twitter {
namespace {

constexpr std::string_view k_rest = ") is:reply -is:retweet";

}  // namespace

std::vector<StoryQuery> queries_for(std::span<const Story> stories) {
  std::vector<StoryQuery> queries;
  std::map<std::string, std::size_t> asked;  // and in which query
  for (const auto& story : stories) {
    if (story.added > k_most_additions) continue;
    const auto term =
        "(conversation_id:" + std::to_string(story.conversation) + " from:" + story.author + ")";
    // An author's stories in one conversation are asked for once.
    if (const auto known = asked.find(term); known != asked.end()) {
      auto& since = queries[known->second].since;
      since = std::min(since, story.id);
      continue;
    }
    const bool fits =
        !queries.empty() &&
        queries.back().query.size() + 4 + term.size() + k_rest.size() <= k_longest_query;
    if (!fits) queries.push_back({"(" + term, story.id});
    asked.emplace(term, queries.size() - 1);
    if (!fits) continue;
    queries.back().query += " OR " + term;
    queries.back().since = std::min(queries.back().since, story.id);
  }
  for (auto& each : queries) each.query += k_rest;
  return queries;
}

std::map<TweetId, TweetId> stories_by_post(std::span<const Story> stories) {
  std::map<TweetId, TweetId> found;
  for (const auto& story : stories) found.emplace(story.id, story.id);
  return found;
}

}  // namespace kanal::twitter
