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
  void name(char kind, const std::string& thing, std::size_t post) {
    if (thing.empty()) return;
    const auto first = firsts_.try_emplace(kind + thing, post).first->second;
    above_[root(post)] = root(first);
  }

 private:
  std::vector<std::size_t> above_;
  std::unordered_map<std::string, std::size_t> firsts_;
};

Sets sets_of(const std::vector<Post>& posts) {
  Sets sets(posts.size());
  for (std::size_t i = 0; i < posts.size(); ++i) {
    const auto& post = posts[i];
    sets.name('a', post.author.id.value(), i);
    sets.name('m', post.id.value(), i);
    if (post.in_reply_to) sets.name('m', post.in_reply_to->value(), i);
    for (const auto& reference : post.hints.references) sets.name('m', reference.value(), i);
    sets.name('t', post.hints.thread_token, i);
    sets.name('c', post.hints.tracking_code, i);
  }
  return sets;
}

}  // namespace

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
