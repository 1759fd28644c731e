#include "app/signals.hpp"

#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace kanal::app {

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

}  // namespace kanal::app
