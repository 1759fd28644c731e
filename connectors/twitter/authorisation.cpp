#include "connectors/twitter/authorisation.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::twitter {
namespace {

// Longer than the channel ever rests between two polls (twitter.cpp, k_longest_rest).
constexpr std::chrono::minutes k_renew_before{20};
constexpr std::chrono::minutes k_fresh{10};
constexpr std::chrono::seconds k_usual_life{7200};
constexpr std::size_t k_nonce_bytes = 16;
constexpr std::size_t k_most_token_bytes = 64U << 10U;

std::string hash_of(const Keys& keys, std::string_view what) {
  return to_hex(keys.tag(Purpose::secret, what, 12));
}

}  // namespace

bool is_local(std::string_view url) {
  return url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:") ||
         url.starts_with("http://[::1]:");
}

Result<Authorisation> Authorisation::create(const Settings& settings, const Keys& keys) {
  Authorisation made(keys);
  made.api_url_ = settings.api_url;
  made.allow_private_ = is_local(settings.api_url);
  made.timeout_ms_ = settings.timeout_s;
  if (settings.authorisation == "app_only") {
    made.bearer_fixed_ = true;
    made.token_.access = TRY(settings.bearer_token.reveal(&keys));
    made.fingerprint_ = hash_of(keys, made.token_.access);
    return made;
  }
  if (settings.authorisation == "oauth2") {
    made.rotates_ = true;
    made.client_id_ = settings.client_id;
    if (!settings.client_secret.empty()) {
      made.client_secret_ = TRY(settings.client_secret.reveal(&keys));
    }
    made.token_.refresh = TRY(settings.refresh_token.reveal(&keys));
    made.first_ = hash_of(keys, made.token_.refresh);
    made.fingerprint_ = made.first_;
    return made;
  }
  made.oauth_.consumer_key = TRY(settings.consumer_key.reveal(&keys));
  made.oauth_.consumer_secret = TRY(settings.consumer_secret.reveal(&keys));
  made.oauth_.token = TRY(settings.access_token.reveal(&keys));
  made.oauth_.token_secret = TRY(settings.access_secret.reveal(&keys));
  made.fingerprint_ = hash_of(keys, made.oauth_.consumer_key + "\n" + made.oauth_.token);
  return made;
}

std::string Authorisation::seal(const Token& token) const {
  JsonWriter out;
  out.begin_object();
  out.member("first", first_);
  out.member("access", token.access);
  out.member("refresh", token.refresh);
  out.member("expires", token.expires.time_since_epoch().count());
  out.member("renewed", token.renewed.time_since_epoch().count()).end_object();
  return keys_->seal(Purpose::secret, out.text());
}

std::optional<Authorisation::Token> Authorisation::read(const std::string& sealed) const {
  const auto plain = keys_->unseal(Purpose::secret, sealed);
  if (!plain) return std::nullopt;
  const auto json = Json::parse(*plain);
  if (!json || json->text("first") != first_) return std::nullopt;
  const auto* expires = json->find("expires");
  if (expires == nullptr || expires->type != Json::Type::integer) return std::nullopt;
  const auto* renewed = json->find("renewed");
  return Token{json->text("access"), json->text("refresh"),
               Time(std::chrono::microseconds(expires->integer)),
               Time(std::chrono::microseconds(renewed != nullptr ? renewed->integer : 0))};
}

void Authorisation::expire(Time now) {
  // A clock that has been set back since says nothing of its age.
  const bool is_fresh = now >= token_.renewed && now - token_.renewed < k_fresh;
  if (!is_fresh) token_.expires = Time{};
}

void Authorisation::adopt(const std::string& sealed) {
  if (!rotates_ || sealed.empty() || sealed == adopted_) return;
  auto token = read(sealed);
  if (!token) return;
  token_ = std::move(*token);
  adopted_ = sealed;
  // Stored by another node, it is the successor of what ours was to replace.
  pending_.clear();
}

bool Authorisation::wants_renewal(Time now) const {
  return rotates_ && (token_.access.empty() || token_.expires - k_renew_before <= now);
}

Result<std::string> Authorisation::renew(Http& http, Time now) {
  if (!pending_.empty()) return pending_;
  HttpCall call;
  call.method = "POST";
  call.url = api_url_ + "/2/oauth2/token";
  call.timeout_ms = timeout_ms_;
  call.most_bytes = k_most_token_bytes;
  call.allow_private = allow_private_;
  call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  call.body = "grant_type=refresh_token&refresh_token=" + percent_encode(token_.refresh) +
              "&client_id=" + percent_encode(client_id_);
  if (!client_secret_.empty()) {
    call.headers.emplace_back(
        "Authorization",
        "Basic " + to_base64(percent_encode(client_id_) + ":" + percent_encode(client_secret_)));
  }
  const auto reply = TRY(http.fetch(call));
  if (reply.status == 429 || reply.status >= 500) {
    return fail(Remedy::retry,
                "X did not renew the access token (status " + std::to_string(reply.status) + ").");
  }
  const auto json = Json::parse(reply.body);
  const auto access = json ? json->text("access_token") : std::string();
  if (reply.status != 200 || access.empty()) {
    return fail(Remedy::reconfigure,
                "X does not take the refresh token any more: authorise the app again and put the "
                "new token into refresh_token (docs/channels/twitter.md).");
  }
  Token next;
  next.access = access;
  next.refresh = json->text("refresh_token");
  if (next.refresh.empty()) next.refresh = token_.refresh;
  const auto* life = json->find("expires_in");
  const auto seconds =
      life != nullptr && life->type == Json::Type::integer
          ? std::chrono::seconds(std::clamp<std::int64_t>(life->integer, 60, 86'400))
          : k_usual_life;
  next.expires = now + seconds;
  next.renewed = now;
  pending_ = seal(next);
  return pending_;
}

Result<> Authorisation::sign(HttpCall& call, Time now) const {
  if (!oauth_.consumer_key.empty()) {
    const auto now_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    call.headers.emplace_back("Authorization", oauth_header(call.method, call.url, {}, oauth_,
                                                            {to_hex(random_bytes(k_nonce_bytes)),
                                                             std::to_string(now_s)}));
    return {};
  }
  if (token_.access.empty() || (rotates_ && token_.expires <= now)) {
    constexpr std::chrono::seconds k_soon{5};
    return fail(Remedy::throttled, "The access token is being renewed.", k_soon);
  }
  call.headers.emplace_back("Authorization", "Bearer " + token_.access);
  return {};
}

}  // namespace kanal::twitter
