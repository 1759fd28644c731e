#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace kanal {

/// A connection that stands: bytes both ways. One thread. Closing is destruction. Every failure is
/// `retry`, and the pipe is of no use after it.
class Pipe {
 public:
  virtual ~Pipe() = default;
  /// `timeout_ms` is how long the other side may take nothing. It has a second more for every 4
  /// KiB, and no longer, however steadily it trickles; the same goes for `read_exactly`.
  virtual Result<> write(std::string_view bytes, std::chrono::milliseconds timeout_ms) = 0;
  /// Up to and including CRLF; an error beyond `most_bytes`.
  virtual Result<std::string> read_line(std::size_t most_bytes,
                                        std::chrono::milliseconds timeout_ms) = 0;
  virtual Result<std::string> read_exactly(std::size_t count,
                                           std::chrono::milliseconds timeout_ms) = 0;
  /// What is there without waiting; empty when nothing is.
  virtual Result<std::string> read_some(std::size_t most_bytes) = 0;
  /// Waits for input; false when none came in time.
  virtual Result<bool> wait(std::chrono::milliseconds timeout_ms) = 0;
  /// For wait_any; -1 when there is none.
  [[nodiscard]] virtual int descriptor() const { return -1; }
};

/// Waits for input, or the end, of one of several pipes; false when none came in time, or once
/// `wake` can be read (-1: none).
bool wait_any(std::span<Pipe* const> pipes, std::chrono::milliseconds timeout_ms, int wake = -1);

struct PeerAddress {
  std::string host;
  std::uint16_t port = 0;
  bool tls = true;      ///< with the certificate checked against `host`
  std::string ca_file;  ///< to trust instead of the system's
  std::chrono::milliseconds timeout_ms{30'000};
};

/// Opens plain and TLS connections for protocols that are spoken elsewhere.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// A certificate that is not trusted is `reconfigure`, anything else `retry`.
  virtual Result<std::unique_ptr<Pipe>> dial(const PeerAddress& to) = 0;
};

std::unique_ptr<Dialer> make_dialer();

}  // namespace kanal
