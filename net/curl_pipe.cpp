#include "net/curl_pipe.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include "net/pipe.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t k_chunk_bytes = 64U << 10U;
constexpr std::size_t k_least_bytes_per_s = 4U << 10U;
// Else a slow line takes what was sent in lots of megabytes, and seems silent between them.
constexpr int k_send_buffer_bytes = 128 << 10;

Deadline deadline_after(milliseconds timeout_ms) {
  return std::chrono::steady_clock::now() + timeout_ms;
}

/// How long so many bytes may take in all.
milliseconds patience_for(std::size_t bytes, milliseconds timeout_ms) {
  return timeout_ms + std::chrono::seconds(bytes / k_least_bytes_per_s);
}

class CurlPipe final : public Pipe {
 public:
  CurlPipe(CurlHandle handle, curl_socket_t socket, std::string peer)
      : handle_(std::move(handle)), socket_(socket), peer_(std::move(peer)) {}

  Result<> write(std::string_view bytes, milliseconds timeout_ms) override {
    const auto end = deadline_after(patience_for(bytes.size(), timeout_ms));
    auto silence = deadline_after(timeout_ms);
    while (!bytes.empty()) {
      std::size_t sent = 0;
      const auto code = curl_easy_send(handle_.get(), bytes.data(), bytes.size(), &sent);
      bytes.remove_prefix(sent);
      if (sent > 0) silence = deadline_after(timeout_ms);
      if (code == CURLE_OK) continue;
      if (code != CURLE_AGAIN) return broken("sending", code);
      if (!ready(POLLOUT, std::min(silence, end))) return late("take what was sent");
    }
    return {};
  }

  Result<std::string> read_line(std::size_t most_bytes, milliseconds timeout_ms) override {
    const auto deadline = deadline_after(timeout_ms);
    std::size_t seen = at_;
    while (true) {
      const auto end = buffer_.find("\r\n", seen);
      if (end != std::string::npos && end + 2 - at_ <= most_bytes) return take(end + 2 - at_);
      if (end != std::string::npos || buffer_.size() - at_ > most_bytes) {
        return fail(Remedy::retry,
                    peer_ + " sent a line of more than " + std::to_string(most_bytes) + " bytes");
      }
      seen = std::max(at_, buffer_.empty() ? 0 : buffer_.size() - 1);
      const auto dropped = at_;
      TRY(fill(deadline));
      seen -= dropped - at_;
    }
  }

  Result<std::string> read_exactly(std::size_t count, milliseconds timeout_ms) override {
    const auto end = deadline_after(patience_for(count, timeout_ms));
    std::string bytes;
    while (bytes.size() < count) {
      if (at_ == buffer_.size()) TRY(fill(std::min(deadline_after(timeout_ms), end)));
      bytes += take(std::min(count - bytes.size(), buffer_.size() - at_));
    }
    return bytes;
  }

  Result<std::string> read_some(std::size_t most_bytes) override {
    if (at_ == buffer_.size()) TRY(receive());
    return take(std::min(most_bytes, buffer_.size() - at_));
  }

  [[nodiscard]] int descriptor() const override { return static_cast<int>(socket_); }

  Result<bool> wait(milliseconds timeout_ms) override {
    if (at_ < buffer_.size()) return true;
    const auto deadline = deadline_after(timeout_ms);
    // TLS may hold whole records that poll() does not see: ask curl first.
    while (true) {
      if (TRY(receive())) return true;
      if (!ready(POLLIN, deadline)) return false;
    }
  }

 private:
  std::string take(std::size_t count) {
    auto bytes = buffer_.substr(at_, count);
    at_ += count;
    if (at_ == buffer_.size()) {
      buffer_.clear();
      at_ = 0;
    }
    return bytes;
  }

  /// At least one more byte in the buffer.
  Result<> fill(Deadline deadline) {
    if (at_ > 0) {
      buffer_.erase(0, at_);
      at_ = 0;
    }
    while (!TRY(receive())) {
      if (!ready(POLLIN, deadline)) return late("answer");
    }
    return {};
  }

  Result<bool> receive() {
    std::size_t received = 0;
    const auto code = curl_easy_recv(handle_.get(), chunk_.data(), chunk_.size(), &received);
    if (code == CURLE_AGAIN) return false;
    if (code != CURLE_OK) return broken("receiving", code);
    if (received == 0) return fail(Remedy::retry, peer_ + " closed the connection");
    buffer_.append(chunk_.data(), received);
    return true;
  }

  [[nodiscard]] bool ready(short events, Deadline deadline) const {
    while (true) {
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd waited{socket_, events, 0};
      const int found = ::poll(&waited, 1, static_cast<int>(std::min<long>(left.count(), 60'000)));
      if (found > 0) return true;
      if (found < 0 && errno != EINTR) return false;
    }
  }

  [[nodiscard]] tl::unexpected<Error> broken(std::string_view doing, CURLcode code) const {
    return fail(Remedy::retry, "the connection to " + peer_ + " broke while " + std::string(doing) +
                                   ": " + curl_easy_strerror(code));
  }
  [[nodiscard]] tl::unexpected<Error> late(std::string_view what) const {
    return fail(Remedy::retry, peer_ + " did not " + std::string(what) + " in time");
  }

  CurlHandle handle_;
  curl_socket_t socket_;
  std::string peer_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::array<char, k_chunk_bytes> chunk_{};
};

class CurlDialer final : public Dialer {
 public:
  Result<std::unique_ptr<Pipe>> dial(const PeerAddress& to) override {
    const auto peer = to.host + ":" + std::to_string(to.port);
    auto handle = TRY(prepare_connection(to.host, to.timeout_ms, to.ca_file));
    const bool bare_v6 = to.host.find(':') != std::string::npos && !to.host.starts_with('[');
    // The scheme only says whether there is TLS: nothing of HTTP is spoken.
    const auto url = (to.tls ? "https://" : "http://") + (bare_v6 ? "[" + to.host + "]" : to.host) +
                     ":" + std::to_string(to.port);
    auto* const raw = handle.get();
    curl_easy_setopt(raw, CURLOPT_URL, url.c_str());
    curl_easy_setopt(raw, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(raw, CURLOPT_SSL_ENABLE_ALPN, 0L);
    const auto code = curl_easy_perform(raw);
    if (code != CURLE_OK) return not_connected(code, to.host, peer, to.ca_file);
    return make_curl_pipe(std::move(handle), peer);
  }
};

}  // namespace

Result<CurlHandle> prepare_connection(const std::string& host, milliseconds timeout_ms,
                                      const std::string& ca_file) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  if (host.empty() || host.find_first_of("/@?#\r\n \\") != std::string::npos) {
    return fail(Remedy::reconfigure, "\"" + host + "\" is not the name of a server");
  }
  CurlHandle handle(curl_easy_init());
  if (!handle) return fail(Remedy::retry, "out of memory");
  auto* const raw = handle.get();
  curl_easy_setopt(raw, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(raw, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(raw, CURLOPT_PROXY, "");
  curl_easy_setopt(raw, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(raw, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout_ms.count()));
  curl_easy_setopt(raw, CURLOPT_TCP_KEEPALIVE, 1L);
  if (!ca_file.empty()) curl_easy_setopt(raw, CURLOPT_CAINFO, ca_file.c_str());
  return handle;
}

tl::unexpected<Error> not_connected(CURLcode code, const std::string& host, const std::string& peer,
                                    const std::string& ca_file, const std::string& said) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return fail(
          Remedy::reconfigure,
          "the certificate of " + peer + " is not trusted; check the host's name, or set ca_file");
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Remedy::reconfigure, "ca_file cannot be read: " + ca_file);
    case CURLE_COULDNT_RESOLVE_HOST:
      return fail(Remedy::retry, "the name " + host + " is not known; check the host");
    case CURLE_COULDNT_CONNECT:
      return fail(Remedy::retry, peer + " cannot be reached; check host and port");
    case CURLE_OPERATION_TIMEDOUT:
      return fail(Remedy::retry, peer + " did not answer in time; check port and security");
    default:
      return fail(Remedy::retry,
                  "connecting to " + peer + " failed: " + curl_easy_strerror(code) + said);
  }
}

Result<std::unique_ptr<Pipe>> make_curl_pipe(CurlHandle handle, std::string peer) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(handle.get(), CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
      socket == CURL_SOCKET_BAD) {
    return fail(Remedy::retry, peer + " closed the connection");
  }
  (void)::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &k_send_buffer_bytes,
                     sizeof k_send_buffer_bytes);
  return std::make_unique<CurlPipe>(std::move(handle), socket, std::move(peer));
}

std::unique_ptr<Dialer> make_dialer() {
  return std::make_unique<CurlDialer>();
}

bool wait_any(std::span<Pipe* const> pipes, milliseconds timeout_ms, int wake) {
  const auto deadline = deadline_after(timeout_ms);
  while (true) {
    std::vector<pollfd> waited;
    for (auto* const pipe : pipes) {
      // An error is for who reads; TLS may hold whole records that poll() does not see.
      const auto there = pipe->wait(milliseconds(0));
      if (!there || *there) return true;
      if (pipe->descriptor() >= 0) waited.push_back({pipe->descriptor(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (wake >= 0) waited.push_back({wake, POLLIN, 0});
    (void)::poll(waited.data(), waited.size(),
                 static_cast<int>(std::min<long>(left.count(), 60'000)));
    if (wake >= 0 && waited.back().revents != 0) return false;
  }
}

}  // namespace kanal
