#include "app/signals.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kanal::app {

namespace {

constexpr int k_look_ms = 50;

// An initdb that is broken off empties its directory, which the next start must not find so late.
void end_children() {
  std::error_code none;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", none)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;) ::kill(child, SIGINT);
  }
  constexpr std::chrono::seconds k_patience{5};
  constexpr std::chrono::milliseconds k_between_looks{20};
  const auto end = std::chrono::steady_clock::now() + k_patience;
  while (::waitpid(-1, nullptr, WNOHANG) >= 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(k_between_looks);
  }
}

}  // namespace

int block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&wanted, number);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return ::signalfd(-1, &wanted, SFD_CLOEXEC);
}

Asked asked(int signals, int patience_ms) {
  pollfd wait{signals, POLLIN, 0};
  if (::poll(&wait, 1, patience_ms) <= 0) return Asked::nothing;
  signalfd_siginfo received{};
  if (::read(signals, &received, sizeof received) != sizeof received) return Asked::nothing;
  return received.ssi_signo == SIGHUP ? Asked::reload : Asked::stop;
}

WhileStarting::WhileStarting(int signals)
    : thread_([this, signals](const std::stop_token& started) {
        while (!started.stop_requested()) {
          const auto wish = asked(signals, k_look_ms);
          if (wish == Asked::reload) reloads_ = true;
          if (wish != Asked::stop) continue;
          end_children();
          std::fputs("\nStopped while starting.\n", stderr);
          ::_exit(0);
        }
      }) {}

Asked WhileStarting::end() {
  thread_.request_stop();
  thread_.join();
  return reloads_ ? Asked::reload : Asked::nothing;
}

}  // namespace kanal::app
