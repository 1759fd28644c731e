#include "web/session.hpp"

#include <algorithm>
#include <argon2.h>
#include <cstring>

#include "core/language.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "web/cookie.hpp"

namespace kanal {
namespace {

constexpr std::uint32_t k_passes = 2;
constexpr std::uint32_t k_memory_kib = 19U * 1024U;
constexpr std::uint32_t k_lanes = 1;
constexpr std::size_t k_salt_bytes = 16;
constexpr std::size_t k_hash_bytes = 32;
constexpr std::size_t k_most_password_bytes = 256;
constexpr std::size_t k_least_password_characters = 12;
constexpr std::chrono::hours k_session_time{12};
constexpr std::chrono::minutes k_slide_step{10};
constexpr std::size_t k_most_slid = 4096;
constexpr std::string_view k_cookie = "kanal_session";

// What stands between "https://" and the next slash.
std::string_view authority(std::string_view url) {
  const auto start = url.find("://");
  if (start == std::string_view::npos) return {};
  url.remove_prefix(start + 3);
  return url.substr(0, url.find('/'));
}

std::string as_text(const Digest& digest, std::size_t bytes) {
  return to_base64url({reinterpret_cast<const char*>(digest.data()), bytes});
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (password.empty() || password.size() > k_most_password_bytes) {
    return fail(Remedy::drop, "a password has 1 to 256 bytes");
  }
  const auto salt = random_bytes(k_salt_bytes);
  std::string encoded(
      argon2_encodedlen(k_passes, k_memory_kib, k_lanes, k_salt_bytes, k_hash_bytes, Argon2_id),
      '\0');
  const int code =
      argon2id_hash_encoded(k_passes, k_memory_kib, k_lanes, password.data(), password.size(),
                            salt.data(), salt.size(), k_hash_bytes, encoded.data(), encoded.size());
  if (code != ARGON2_OK) return fail(Remedy::retry, argon2_error_message(code));
  encoded.resize(std::strlen(encoded.c_str()));
  return encoded;
}

bool verify_password(std::string_view password, const std::string& encoded) {
  if (password.size() > k_most_password_bytes) return false;
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

std::string weakness(std::string_view password, std::string_view user, std::string_view language) {
  const bool english = is_english(language);
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(
      password, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  if (characters < k_least_password_characters) {
    return english ? "Use at least 12 characters; a short sentence is easy to remember."
                   : "Gunakan paling sedikit 12 huruf; kalimat pendek mudah diingat.";
  }
  if (password.size() > k_most_password_bytes) {
    return english ? "That is too long (at most 256 bytes)."
                   : "Terlalu panjang (paling banyak 256 bita).";
  }
  auto letters = std::string(password);
  std::ranges::sort(letters);
  const auto repeated = std::ranges::unique(letters);
  const auto different = letters.size() - repeated.size();
  if (different < 5 ||
      (!user.empty() && to_lower_ascii(password).find(to_lower_ascii(user)) != std::string::npos)) {
    return english ? "That is too easy to guess." : "Itu terlalu mudah ditebak.";
  }
  return {};
}

void Session::renew(Response& response) const {
  const auto name = renewal.substr(0, renewal.find('=') + 1);
  const bool is_set = std::ranges::any_of(response.headers, [&](const auto& header) {
    return header.first == "Set-Cookie" && header.second.starts_with(name);
  });
  if (!renewal.empty() && !is_set) response.headers.emplace_back("Set-Cookie", renewal);
}

Sessions::Sessions(Store& store, const Keys& keys, const Clock& clock)
    : store_(store), keys_(keys), clock_(clock) {}

Digest Sessions::hash(std::string_view what, std::string_view token) const {
  return keys_.mac(Purpose::session, std::string(what) + ":" + std::string(token));
}

std::string Sessions::bind(std::string_view token, const Officer& officer) const {
  const auto mac =
      keys_.mac(Purpose::session, "password:" + std::string(token) + ":" + officer.password_hash);
  return std::string(token) + "." + as_text(mac, 16);
}

Result<std::string> Sessions::start(const Officer& officer, const Request& request) {
  const auto token = to_base64url(random_bytes(32));
  TRY(store_.save_session(hash("cookie", token), officer.id, clock_.now() + k_session_time,
                          "console"));
  return make_cookie(request, k_cookie, bind(token, officer), k_session_time);
}

Result<bool> Sessions::slide(const Digest& hashed) {
  const auto now = clock_.now();
  {
    std::scoped_lock lock(mutex_);
    if (slid_.size() >= k_most_slid) slid_.clear();
    const auto [at, fresh] = slid_.try_emplace(as_text(hashed, hashed.size()), now);
    if (!fresh && now - at->second < k_slide_step) return false;
    at->second = now;
  }
  TRY(store_.lengthen_session(hashed, now + k_session_time));
  return true;
}

Result<std::optional<Session>> Sessions::find(std::string_view what, std::string_view held) {
  const auto dot = held.find('.');
  if (dot == std::string_view::npos || held.size() > 200) return std::nullopt;
  const auto token = held.substr(0, dot);
  const auto hashed = hash(what, token);
  auto officer = TRY(store_.session(hashed));
  if (!officer || officer->disabled) return std::nullopt;
  if (!equal_secrets(bind(token, *officer), held)) return std::nullopt;
  return Session{std::move(*officer), {}, std::string(token), {}};
}

Result<std::optional<Session>> Sessions::find(const Request& request) {
  const auto held = request.cookie(cookie_name(request, k_cookie));
  auto session = TRY(find("cookie", held));
  if (!session) return std::nullopt;
  session->csrf = as_text(hash("csrf", session->token), 24);
  // A page that refreshes itself does not keep an abandoned desk signed in.
  const bool by_itself = !request.header("x-refresh").empty() ||
                         request.header("accept").starts_with("text/event-stream");
  if (!by_itself && TRY(slide(hash("cookie", session->token)))) {
    session->renewal = make_cookie(request, k_cookie, held, k_session_time);
  }
  return session;
}

Result<std::optional<Session>> Sessions::find_bearer(const Request& request) {
  const auto header = request.header("authorization");
  if (header.size() < 8 || !equals_ignoring_case(header.substr(0, 7), "Bearer ")) {
    return std::nullopt;
  }
  return find("bearer", trim(std::string_view(header).substr(7)));
}

Result<std::string> Sessions::end(const Session& session, const Request& request) {
  TRY(store_.end_session(hash("cookie", session.token)));
  return make_cookie(request, k_cookie, "", std::chrono::seconds(0));
}

Result<std::string> Sessions::issue_token(const Officer& officer, std::chrono::seconds lifetime,
                                          std::string_view label) {
  const auto token = to_base64url(random_bytes(32));
  TRY(store_.save_session(hash("bearer", token), officer.id, clock_.now() + lifetime, label));
  return bind(token, officer);
}

Result<Sessions::Token> Sessions::issue_token(const Session& by, std::chrono::seconds lifetime,
                                              std::string_view label) {
  const auto token = to_base64url(random_bytes(32));
  const auto until = TRY(store_.save_session(hash("bearer", token), hash("bearer", by.token),
                                             clock_.now() + lifetime, label));
  return Token{bind(token, by.officer), until};
}

Result<> Sessions::revoke_token(std::string_view token) {
  return store_.end_session(hash("bearer", token.substr(0, token.find('.'))));
}

bool Sessions::is_ours(const Request& request, std::string_view public_url) {
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  const auto origin = request.header("origin");
  if (origin.empty()) return true;
  const auto from = authority(origin);
  return !from.empty() && (equals_ignoring_case(from, request.header("host")) ||
                           equals_ignoring_case(from, authority(public_url)));
}

bool Sessions::has_csrf(const Session& session, const Request& request) {
  return !session.csrf.empty() && equal_secrets(session.csrf, request.form_value("csrf"));
}

}  // namespace kanal
