#pragma once

namespace kanal::app {

/// Blocks the signals by which a command is asked to stop or to read its settings again, and gives
/// the descriptor that they are read from. Before any thread starts, so that only the main thread
/// gets them.
int block_signals();

enum class Asked { nothing, stop, reload };

/// What is asked for within the time.
Asked asked(int signals, int patience_ms);

}  // namespace kanal::app
