#pragma once

#include <memory>
#include <utility>

#include "net/pipe.hpp"

namespace kanal::test {

/// A session with a real server, for those who listen in or meddle.
class ForwardingPipe : public Pipe {
 public:
  explicit ForwardingPipe(std::unique_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}

  Result<> write(std::string_view bytes, std::chrono::milliseconds timeout_ms) override {
    return pipe_->write(bytes, timeout_ms);
  }
  Result<std::string> read_line(std::size_t most_bytes,
                                std::chrono::milliseconds timeout_ms) override {
    return pipe_->read_line(most_bytes, timeout_ms);
  }
  Result<std::string> read_exactly(std::size_t count,
                                   std::chrono::milliseconds timeout_ms) override {
    return pipe_->read_exactly(count, timeout_ms);
  }
  Result<std::string> read_some(std::size_t most_bytes) override {
    return pipe_->read_some(most_bytes);
  }
  Result<bool> wait(std::chrono::milliseconds timeout_ms) override {
    return pipe_->wait(timeout_ms);
  }

 private:
  std::unique_ptr<Pipe> pipe_;
};

}  // namespace kanal::test
