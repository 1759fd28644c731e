#include "web/sign_in.hpp"

#include <charconv>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "net/address.hpp"
#include "web/cookie.hpp"
#include "web/session.hpp"

namespace kanal {
namespace {

constexpr std::chrono::seconds k_turn_wait{5};
constexpr std::chrono::days k_device_time{365};
constexpr std::size_t k_device_bytes = 16;
constexpr std::size_t k_most_cookie_bytes = 200;

// Free failures of an account at one place, of a network at all accounts, of an account everywhere.
constexpr int k_free_here = 5;
constexpr int k_free_of_network = 50;
constexpr int k_free_of_account = 100;
constexpr std::chrono::hours k_network_forgotten_after{1};

class Turn {
 public:
  explicit Turn(std::counting_semaphore<2>& turns)
      : turns_(turns), taken_(turns.try_acquire_for(k_turn_wait)) {}
  ~Turn() {
    if (taken_) turns_.release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  std::counting_semaphore<2>& turns_;
  bool taken_;
};

std::string short_text(const Digest& digest) {
  return to_base64url({reinterpret_cast<const char*>(digest.data()), k_device_bytes});
}

std::int64_t seconds_of(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

SignIn::SignIn(Store& store, const Keys& keys, const Clock& clock)
    : store_(store),
      keys_(keys),
      clock_(clock),
      dummy_(hash_password(to_hex(random_bytes(k_device_bytes))).value_or(std::string())) {}

Digest SignIn::hash(std::string_view what, std::string_view of) const {
  return keys_.mac(Purpose::session, std::string(what) + ":" + std::string(of));
}

// One for each account, as officers share desks.
std::string SignIn::device_cookie(std::string_view user) const {
  return "kanal_device_" + short_text(hash("device of", user)).substr(0, 12);
}

std::string SignIn::device_proof(std::string_view user, std::string_view device,
                                 std::string_view until) const {
  return short_text(
      hash("device", std::string(device) + "." + std::string(until) + "." + std::string(user)));
}

std::string SignIn::device(std::string_view user, const Request& request) const {
  const auto held = request.cookie(cookie_name(request, device_cookie(user)));
  if (held.size() > k_most_cookie_bytes) return {};
  const auto parts = split(held, '.');
  if (parts.size() != 3) return {};
  std::int64_t until = 0;
  std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), until);
  if (until <= seconds_of(clock_.now())) return {};
  if (!equal_secrets(device_proof(user, parts[0], parts[1]), parts[2])) return {};
  return std::string(parts[0]);
}

std::string SignIn::remember(const Officer& officer, const Request& request) const {
  auto name = device(officer.user, request);
  if (name.empty()) name = to_base64url(random_bytes(k_device_bytes));
  const auto until = std::to_string(seconds_of(clock_.now() + k_device_time));
  return make_cookie(request, device_cookie(officer.user),
                     name + "." + until + "." + device_proof(officer.user, name, until),
                     k_device_time);
}

std::vector<SignInBound> SignIn::bounds(std::string_view user, const Request& request) const {
  const auto account = std::string(user);
  if (const auto known = device(user, request); !known.empty()) {
    return {{hash("failures of device", known + "." + account), true, k_free_here}};
  }
  const auto network = network_of(request.peer);
  return {
      {hash("failures here", network + " " + account), true, k_free_here},
      {hash("failures of network", network), false, k_free_of_network, k_network_forgotten_after},
      {hash("failures of account", account), true, k_free_of_account}};
}

tl::expected<Officer, SignIn::Denial> SignIn::authenticate(std::string_view user,
                                                           std::string_view password,
                                                           const Request& request) {
  const auto deny = [](Why why) { return tl::unexpected(Denial{why, {}}); };
  const Turn turn(turns_);
  if (!turn.taken()) return deny(Why::busy);
  const auto wanted = to_lower_ascii(trim(clip_utf8(user, 128)));
  const auto counted = bounds(wanted, request);
  const auto locked = store_.sign_in_locked(counted);
  if (!locked) return deny(Why::absent);
  if (*locked) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(**locked - clock_.now());
    return tl::unexpected(Denial{Why::locked, wait});
  }
  const auto found = store_.officer(wanted);
  if (!found) return deny(Why::absent);
  const bool known = found->has_value() && !(*found)->disabled && !(*found)->password_hash.empty();
  if (!verify_password(password, known ? (*found)->password_hash : dummy_) || !known) {
    // A failure that cannot be counted is still a failure.
    static_cast<void>(store_.count_failure(counted, *found ? (*found)->id : OfficerId()));
    return deny(Why::wrong);
  }
  // Looking at a password takes long enough to be disabled meanwhile.
  const auto still = store_.clear_failures(**found, counted.front());
  if (!still) return deny(Why::absent);
  if (!*still) return deny(Why::wrong);
  return std::move(**found);
}

}  // namespace kanal
