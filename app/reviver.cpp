#include "app/reviver.hpp"

#include <chrono>

#include <spdlog/spdlog.h>

namespace kanal::app {

void Reviver::look() {
  // Whoever asks to stop is heard between two looks.
  constexpr std::chrono::seconds k_patience{1};
  const auto revived = server_.revive(k_patience);
  const auto trouble = revived ? std::string() : revived.error().message;
  if (!trouble.empty() && trouble != said_) spdlog::error("the private database: {}", trouble);
  said_ = trouble;
}

}  // namespace kanal::app
