#pragma once

#include <atomic>
#include <thread>

namespace kanal::app {

/// Blocks the signals by which a command is asked to stop or to read its settings again, and gives
/// the descriptor that they are read from. Before any thread starts, so that only the main thread
/// gets them.
int block_signals();

enum class Asked { nothing, stop, reload };

/// What is asked for within the time.
Asked asked(int signals, int patience_ms);

/// Ends the process when it is asked to stop before it has started, which may take minutes (a new
/// database, a migration) and holds nothing that a kill would lose.
class WhileStarting {
 public:
  explicit WhileStarting(int signals);
  /// What is left to be done then: what was to be read again may have been read before.
  Asked end();

 private:
  std::atomic<bool> reloads_ = false;
  std::jthread thread_;
};

}  // namespace kanal::app
