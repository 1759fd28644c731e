#include "net/hub.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kanal {

using std::chrono::steady_clock;

Hub::Hub(HttpServerOptions given, Router routes)
    : options(std::move(given)),
      router(std::move(routes)),
      pool(options.workers, options.most_waiting) {}

Response Hub::page(const Request& request, int status, std::string_view detail) const {
  if (!options.error_page) return Response::text(status, std::string(detail) + "\n");
  return options.error_page(request, status, detail);
}

void Hub::enter(const std::shared_ptr<Peer>& peer) {
  const std::scoped_lock lock(mutex_);
  peers_.emplace(peer.get(), peer);
}

void Hub::leave(Peer& peer) {
  const std::scoped_lock lock(mutex_);
  peers_.erase(&peer);
  changed_.notify_all();
}

bool Hub::make_room() {
  std::weak_ptr<Peer> longest;
  {
    const std::scoped_lock lock(mutex_);
    if (peers_.size() < options.most_connections) return true;
    auto since = steady_clock::duration::max();
    for (const auto& [raw, peer] : peers_) {
      const auto waits_since = raw->waits_since.load();
      if (waits_since == steady_clock::duration::zero() || waits_since >= since) continue;
      since = waits_since;
      longest = peer;
    }
  }
  // Locked outside: the last holder's end takes the mutex.
  const auto oldest = longest.lock();
  if (!oldest) return false;
  oldest->waits_since = steady_clock::duration::zero();
  oldest->close();
  return true;
}

void Hub::for_each_peer(const std::function<void(Peer&)>& work) {
  // Let go of outside the lock: the last holder's end takes it.
  std::vector<std::shared_ptr<Peer>> living;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [raw, peer] : peers_) living.push_back(peer.lock());
  }
  for (const auto& peer : living) {
    if (peer) work(*peer);
  }
}

bool Hub::wait_until_empty(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return peers_.empty(); });
}

bool Share::take(std::uint64_t held, std::uint64_t spooled) {
  const std::scoped_lock lock(hub_.bodies_mutex_);
  hub_.held_bytes_ += held - held_;
  hub_.spooled_bytes_ += spooled - spooled_;
  held_ = held;
  spooled_ = spooled;
  const bool fits = hub_.held_bytes_ <= hub_.options.most_held_bytes &&
                    hub_.spooled_bytes_ <= hub_.options.most_spooled_bytes;
  if (!fits) {
    hub_.held_bytes_ -= std::exchange(held_, 0);
    hub_.spooled_bytes_ -= std::exchange(spooled_, 0);
  }
  return fits;
}

}  // namespace kanal
