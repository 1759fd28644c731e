#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connectors/connector.hpp"
#include "router/router_fixture.hpp"

namespace kanal::testing {

/// A connector that does as a test says. What it was told is kept under a lock, as workers call it
/// on a thread of their own.
class ScriptedConnector : public Connector {
 public:
  using Poll = std::function<Result<Batch>(const Cursor&)>;
  using Send = std::function<Result<Receipt>(const Reply&)>;

  /// Posts to bring with the next poll.
  void bring(Post post) {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(post));
  }
  /// What polls say instead, from now on; nothing: what was brought.
  void answer_polls(Poll poll) {
    const std::scoped_lock lock(mutex_);
    poll_ = std::move(poll);
  }
  void answer_sends(Send send) {
    const std::scoped_lock lock(mutex_);
    send_ = std::move(send);
  }
  void refuse_word(bool refuse) { refuse_word_ = refuse; }

  [[nodiscard]] std::vector<std::string> told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
  }
  [[nodiscard]] std::vector<std::string> sent() const {
    const std::scoped_lock lock(mutex_);
    return sent_;
  }
  [[nodiscard]] std::vector<std::string> cursors() const {
    const std::scoped_lock lock(mutex_);
    return cursors_;
  }
  std::atomic<int> polls{0};
  std::atomic<int> rests{0};

  Result<Batch> poll(const Cursor& since, Budget /*budget*/) override {
    ++polls;
    Poll script;
    Batch batch;
    {
      const std::scoped_lock lock(mutex_);
      cursors_.push_back(since.value);
      script = poll_;
      batch.next = since;
      if (!script && !waiting_.empty()) {
        for (auto& post : waiting_) batch.posts.push_back(std::move(post));
        waiting_.clear();
        batch.next.value = std::to_string(++number_);
      }
    }
    if (script) return script(since);
    return batch;
  }
  Result<> committed(const Batch& batch) override {
    if (refuse_word_) return fail(Remedy::retry, "not now");
    const std::scoped_lock lock(mutex_);
    for (const auto& post : batch.posts) told_.push_back(post.id.value());
    return {};
  }
  void rest() override { ++rests; }
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override {
    std::vector<Result<Receipt>> results;
    for (const auto& reply : replies) {
      Send script;
      {
        const std::scoped_lock lock(mutex_);
        sent_.push_back(reply.key);
        script = send_;
      }
      results.push_back(script ? script(reply) : Receipt{ExternalId("out-" + reply.key), false});
    }
    return results;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Post> waiting_;
  Poll poll_;
  Send send_;
  std::vector<std::string> told_;
  std::vector<std::string> sent_;
  std::vector<std::string> cursors_;
  std::atomic<bool> refuse_word_{false};
  int number_ = 0;
};

/// One that can find out.
class ConfirmingConnector final : public ScriptedConnector, public Confirmer {
 public:
  std::function<Result<std::optional<Receipt>>(const Reply&)> answer;
  int asked = 0;
  Result<std::optional<Receipt>> confirm(const Reply& reply) override {
    ++asked;
    return answer(reply);
  }
};

/// Waits until it is so; false when it is not after a minute.
inline bool eventually(const std::function<bool()>& so) {
  for (int i = 0; i < 18'000; ++i) {
    if (so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// What `value` is once it has stood still for a second, or after a minute.
template <class Value>
auto settled(Value value) {
  auto last = value();
  int still = 0;
  for (int i = 0; i < 600 && still < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto now = value();
    still = now == last ? still + 1 : 0;
    last = now;
  }
  return last;
}

}  // namespace kanal::testing
