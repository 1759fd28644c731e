#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kanal {

/// Threads that work off a bounded queue in order. Safe from any thread.
class WorkerPool {
 public:
  WorkerPool(unsigned threads, std::size_t most_queued);
  /// As stop().
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full or the pool stopped; the job must not throw.
  [[nodiscard]] bool submit(std::function<void()> job);
  /// Waits for the running jobs and throws the waiting ones away.
  void stop();

 private:
  void work();

  const std::size_t most_queued_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kanal
