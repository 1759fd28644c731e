#include "router/parting.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>

namespace kanal {

namespace {

/// Sets of posts that have something to do with each other.
class Sets {
 public:
  explicit Sets(std::size_t posts) : above_(posts) {
    std::iota(above_.begin(), above_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t post) {
    while (above_[post] != post) post = above_[post] = above_[above_[post]];
    return post;
  }
  /// All that name the same thing are of one set.
  void name(std::string name, std::size_t post) {
    const auto first = firsts_.try_emplace(std::move(name), post).first->second;
    above_[root(post)] = root(first);
  }

 private:
  std::vector<std::size_t> above_;
  std::unordered_map<std::string, std::size_t> firsts_;
};

Sets sets_of(const std::vector<Post>& posts) {
  Sets sets(posts.size());
  for (std::size_t i = 0; i < posts.size(); ++i) {
    for (auto& name : names_of(posts[i])) sets.name(std::move(name), i);
  }
  return sets;
}

}  // namespace

std::string name_of(const ExternalId& id) {
  return 'm' + id.value();
}

std::vector<std::string> names_of(const Post& post) {
  std::vector<std::string> names;
  names.reserve(4 + post.hints.references.size() + post.hints.told.size() +
                post.hints.passes_on.size());
  const auto add = [&](char kind, const std::string& thing) {
    if (!thing.empty()) names.push_back(kind + thing);
  };
  add('a', post.author.id.value());
  names.push_back(name_of(post.id));
  if (post.in_reply_to) names.push_back(name_of(*post.in_reply_to));
  for (const auto& reference : post.hints.references) names.push_back(name_of(reference));
  for (const auto& told : post.hints.told) names.push_back(name_of(told));
  for (const auto& original : post.hints.passes_on) names.push_back(name_of(original));
  add('t', post.hints.thread_token);
  add('c', post.hints.tracking_code);
  return names;
}

std::vector<Batch> part(Batch batch, std::size_t most) {
  batch.next = {};
  auto sets = sets_of(batch.posts);
  std::vector<std::size_t> sizes(batch.posts.size());
  for (std::size_t i = 0; i < batch.posts.size(); ++i) ++sizes[sets.root(i)];
  std::vector<Batch> parts(std::max<std::size_t>(most, 1));
  std::vector<std::size_t> given(batch.posts.size(), parts.size());
  std::vector<std::size_t> loads(parts.size());
  for (std::size_t i = 0; i < batch.posts.size(); ++i) {
    const auto root = sets.root(i);
    if (given[root] == parts.size()) {
      given[root] = static_cast<std::size_t>(std::ranges::min_element(loads) - loads.begin());
      loads[given[root]] += sizes[root];
    }
    parts[given[root]].posts.push_back(std::move(batch.posts[i]));
  }
  parts.front().unreadable = std::move(batch.unreadable);
  parts.front().signals = std::move(batch.signals);
  std::erase_if(parts, [](const Batch& each) {
    return each.posts.empty() && each.unreadable.empty() && each.signals.empty();
  });
  return parts;
}

}  // namespace kanal
