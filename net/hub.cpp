#include "net/hub.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "net/address.hpp"

namespace kanal {

using std::chrono::steady_clock;

namespace {

// An address can be written in many ways, and is compared as text.
HttpServerOptions spelt_plainly(HttpServerOptions options) {
  for (auto& proxy : options.trusted_proxies) proxy = plain_address(proxy).value_or(proxy);
  return options;
}

}  // namespace

void log_failure(std::string_view doing, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("{}: {}", doing, error.what());
  } catch (...) {
    spdlog::error("{}: no exception of the library", doing);
  }
}

bool Hourly::is_due() {
  const auto now = steady_clock::now().time_since_epoch();
  auto last = last_.load();
  const bool lately = last != steady_clock::duration::zero() && now - last < std::chrono::hours(1);
  return !lately && last_.compare_exchange_strong(last, now);
}

Hub::Hub(HttpServerOptions given, Router routes)
    : options(spelt_plainly(std::move(given))),
      router(std::move(routes)),
      pool(options.workers, options.most_waiting) {}

Response Hub::page(const Request& request, int status, std::string_view detail) const {
  try {
    if (options.error_page) return options.error_page(request, status, detail);
  } catch (...) {
    log_failure("a page for " + request.reference, std::current_exception());
  }
  return Response::text(status, std::string(detail) + "\n");
}

void Hub::observe(const Request& request, int status, std::uint64_t bytes,
                  steady_clock::time_point since) const try {
  if (!options.observe) return;
  const auto spent = steady_clock::now() - since;
  options.observe(request, status, bytes,
                  std::chrono::duration_cast<std::chrono::microseconds>(spent));
} catch (...) {
  log_failure("the log of " + request.reference, std::current_exception());
}

bool Hub::trusts(std::string_view address) const {
  return std::ranges::find(options.trusted_proxies, address) != options.trusted_proxies.end();
}

std::string Hub::source_of(std::string_view address) const {
  return trusts(address) ? std::string() : customer_of(address);
}

// Under the mutex.
void Hub::count(const std::string& source, bool one_more) {
  if (source.empty()) return;
  const auto at = taken_.try_emplace(source, 0).first;
  one_more ? ++at->second : --at->second;
  if (at->second == 0) taken_.erase(at);
}

// Who asks from the open internet is nobody's to name in a log; a neighbour may be a proxy.
void Hub::warn_of_proxy(const std::string& source) {
  if (is_public_address(source) || !proxy_warning_.is_due()) return;
  spdlog::warn(
      "{} has as many connections as one address may; a proxy belongs in "
      "http.trusted_proxies",
      source);
}

void Hub::warn_of_unreadable_hop(std::string_view proxy) const {
  if (!hop_warning_.is_due()) return;
  spdlog::warn(
      "the proxy {} names in X-Forwarded-For what is no address; whoever stands behind it has no "
      "bound of their own",
      proxy);
}

void Hub::enter(const std::shared_ptr<Peer>& peer) {
  const std::scoped_lock lock(mutex_);
  peers_.emplace(peer.get(), peer);
  count(peer->source, true);
}

void Hub::leave(Peer& peer) {
  const std::scoped_lock lock(mutex_);
  if (peers_.erase(&peer) > 0) count(peer.source, false);
  changed_.notify_all();
}

Hub::Room Hub::make_room(const std::string& source) {
  std::weak_ptr<Peer> longest;
  auto otherwise = Room::full;
  {
    const std::scoped_lock lock(mutex_);
    const auto taken = taken_.find(source);
    const bool too_many = taken != taken_.end() && taken->second >= options.most_per_address;
    if (!too_many && peers_.size() < options.most_connections) return Room::free;
    if (too_many) otherwise = Room::full_for_source;
    if (too_many) warn_of_proxy(source);
    auto since = steady_clock::duration::max();
    for (const auto& [raw, peer] : peers_) {
      const auto waits_since = raw->waits_since.load();
      if (waits_since == steady_clock::duration::zero() || waits_since >= since) continue;
      if (too_many && raw->source != source) continue;
      since = waits_since;
      longest = peer;
    }
  }
  // Locked outside: the last holder's end takes the mutex.
  const auto oldest = longest.lock();
  if (!oldest) return otherwise;
  oldest->waits_since = steady_clock::duration::zero();
  oldest->give_way();
  return Room::free;
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

Seat::~Seat() {
  const std::scoped_lock lock(hub_.mutex_);
  hub_.count(source_, false);
}

bool Seat::take(const std::string& source) {
  const std::scoped_lock lock(hub_.mutex_);
  const auto taken = hub_.taken_.find(source);
  if (taken != hub_.taken_.end() && taken->second >= hub_.options.most_per_address) return false;
  source_ = source;
  hub_.count(source_, true);
  return true;
}

bool Share::take(std::uint64_t held, std::uint64_t spooled) {
  const std::scoped_lock lock(hub_.bodies_mutex_);
  auto& all = hub_.bytes_;
  const auto own = hub_.bytes_of_.try_emplace(source_).first;
  const auto become = [&](std::uint64_t now_held, std::uint64_t now_spooled) {
    for (auto* bytes : {&all, &own->second}) {
      bytes->held += now_held - held_;
      bytes->spooled += now_spooled - spooled_;
    }
    held_ = now_held;
    spooled_ = now_spooled;
  };
  become(held, spooled);
  const auto& most = hub_.options;
  const bool bounded = !source_.empty();
  const bool fits = all.held <= most.most_held_bytes && all.spooled <= most.most_spooled_bytes &&
                    (!bounded || (own->second.held <= most.most_held_bytes_per_address &&
                                  own->second.spooled <= most.most_spooled_bytes_per_address));
  if (!fits) become(0, 0);
  if (own->second.held == 0 && own->second.spooled == 0) hub_.bytes_of_.erase(own);
  return fits;
}

}  // namespace kanal
