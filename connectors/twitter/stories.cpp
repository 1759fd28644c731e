#include "connectors/twitter/stories.hpp"

#include <algorithm>

namespace kanal::twitter {
namespace {

constexpr std::size_t k_longest_query = 512;
constexpr std::string_view k_rest = ") is:reply -is:retweet";

}  // namespace

std::vector<StoryQuery> queries_for(std::span<const Story> stories) {
  std::vector<StoryQuery> queries;
  for (const auto& story : stories) {
    const auto term =
        "(conversation_id:" + std::to_string(story.conversation) + " from:" + story.author + ")";
    const bool fits =
        !queries.empty() &&
        queries.back().query.size() + 4 + term.size() + k_rest.size() <= k_longest_query;
    if (!fits) queries.push_back({"(" + term, story.id});
    if (!fits) continue;
    queries.back().query += " OR " + term;
    queries.back().since = std::min(queries.back().since, story.id);
  }
  for (auto& each : queries) each.query += k_rest;
  return queries;
}

bool is_told_in(const Tweet& tweet, std::span<const Story> stories) {
  return std::ranges::any_of(stories, [&](const Story& story) {
    return story.author == tweet.author && story.conversation == tweet.conversation &&
           story.id < tweet.id;
  });
}

}  // namespace kanal::twitter
