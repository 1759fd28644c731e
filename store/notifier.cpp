#include "store/notifier.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include "core/text.hpp"
#include "store/session.hpp"

namespace kanal {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto k_between_notifies = 250ms;
constexpr auto k_between_wakes = 10ms;
constexpr auto k_between_connects = 1000ms;
constexpr std::size_t k_most_told_bytes = 7000;  // of the 8000 that NOTIFY carries

bool command(PGconn* session, const char* text) {
  PGresult* answer = PQexec(session, text);
  const bool done = PQresultStatus(answer) == PGRES_COMMAND_OK;
  PQclear(answer);
  return done;
}

DatabaseSession connect(const std::string& url) {
  DatabaseSession session(PQconnectdb(url.c_str()));
  if (PQstatus(session.get()) != CONNECTION_OK || !command(session.get(), "LISTEN kanal_change")) {
    session.reset();
  }
  return session;
}

// Whether another session has told something, and of which channels; closes a broken session.
bool heard(DatabaseSession& session, Notifier::Channels& concerned) {
  if (PQconsumeInput(session.get()) != 1) {
    session.reset();
    return false;
  }
  bool others = false;
  while (PGnotify* notice = PQnotifies(session.get())) {
    if (notice->be_pid != PQbackendPID(session.get())) {
      others = true;
      for (const auto name : split(notice->extra, '\n')) {
        if (!name.empty()) concerned.emplace(std::string(name));
      }
    }
    PQfreemem(notice);
  }
  return others;
}

bool tell(PGconn* session, const Notifier::Channels& concerned) {
  std::string names;
  for (const auto& channel : concerned) {
    if (names.size() + channel.value().size() >= k_most_told_bytes) break;
    names += channel.value() + '\n';
  }
  const char* value = names.c_str();
  PGresult* answer = PQexecParams(session, "SELECT pg_notify('kanal_change', $1::text)", 1, nullptr,
                                  &value, nullptr, nullptr, 0);
  const bool done = PQresultStatus(answer) == PGRES_TUPLES_OK;
  PQclear(answer);
  return done;
}

}  // namespace

Notifier::Notifier(std::string url)
    : url_(std::move(url)),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

Notifier::~Notifier() {
  thread_.request_stop();
  touch();
  thread_.join();
  close(event_);
}

void Notifier::touch(const Channels& concerned) {
  if (!concerned.empty()) {
    const std::scoped_lock lock(touched_mutex_);
    touched_.insert(concerned.begin(), concerned.end());
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof one);
}

void Notifier::listen(Wake wake) {
  std::scoped_lock lock(mutex_);
  if (wake) {
    wakes_.push_back(std::move(wake));
  } else {
    wakes_.clear();
  }
}

void Notifier::wake_all(const Channels& concerned) {
  // Held while they run: who has been forgotten may be gone the next moment.
  std::scoped_lock lock(mutex_);
  for (const auto& wake : wakes_) wake(concerned);
}

Notifier::Channels Notifier::take_touched() {
  const std::scoped_lock lock(touched_mutex_);
  return std::exchange(touched_, {});
}

void Notifier::work(const std::stop_token& stop) {
  DatabaseSession session;
  bool owed = false;  // others are to be told
  Channels owed_of;
  auto next_notify = steady_clock::now();
  auto next_connect = steady_clock::now();
  while (!stop.stop_requested()) {
    if (!session && steady_clock::now() >= next_connect) {
      session = connect(url_);
      next_connect = steady_clock::now() + k_between_connects;
    }
    std::array<pollfd, 2> waits{{{event_, POLLIN, 0}, {-1, POLLIN, 0}}};
    if (session) waits[1].fd = PQsocket(session.get());
    const bool pending = owed || !session;
    poll(waits.data(), waits.size(), pending ? static_cast<int>(k_between_notifies.count()) : -1);

    std::uint64_t touched = 0;
    const bool own = read(event_, &touched, sizeof touched) > 0;
    owed = owed || own;
    // What is added from now on is told of by the next event.
    auto concerned = own ? take_touched() : Channels();
    owed_of.insert(concerned.begin(), concerned.end());
    const bool others = session && waits[1].revents != 0 && heard(session, concerned);
    if ((own || others) && !stop.stop_requested()) {
      wake_all(concerned);
      std::this_thread::sleep_for(k_between_wakes);
    }
    if (owed && session && steady_clock::now() >= next_notify) {
      owed = !tell(session.get(), owed_of);
      owed ? session.reset() : owed_of.clear();
      next_notify = steady_clock::now() + k_between_notifies;
    }
  }
  if (owed && session) tell(session.get(), owed_of);
}

}  // namespace kanal
