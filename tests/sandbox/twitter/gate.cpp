#include "tests/sandbox/twitter/gate.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox::twitter {

namespace {

constexpr std::chrono::seconds k_window{900};
constexpr std::chrono::seconds k_token_life{7200};
constexpr std::int64_t k_clock_slack_s = 300;

// By endpoint, in 15 minutes, as documented for a user.
const std::map<std::string, int>& documented() {
  static const std::map<std::string, int> k_limits = {
      {"GET /2/users/:id/mentions", 300},
      {"GET /2/tweets/search/recent", 300},
      {"GET /2/tweets", 900},
      {"GET /2/tweets/:id", 900},
      {"POST /2/tweets", 100},
      {"GET /2/users/me", 75},
      {"GET /2/dm_events", 15},
      {"GET /2/dm_conversations/with/:id/dm_events", 15},
      {"POST /2/dm_conversations/with/:id/messages", 15},
  };
  return k_limits;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    out += '%';
    out += k_digits[byte >> 4U];
    out += k_digits[byte & 0xFU];
  }
  return out;
}

/// The fields of `Authorization: OAuth name="value", …`.
Pairs fields_of(std::string_view header) {
  Pairs fields;
  header.remove_prefix(std::string_view("OAuth ").size());
  for (const auto part : split(header, ',')) {
    const auto field = trim(part);
    const auto equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    auto written = field.substr(equals + 1);
    if (written.size() >= 2 && written.front() == '"')
      written = written.substr(1, written.size() - 2);
    fields.emplace_back(percent_decode(field.substr(0, equals), false).value_or(""),
                        percent_decode(written, false).value_or(""));
  }
  return fields;
}

std::string value_of(const Pairs& fields, std::string_view name) {
  for (const auto& [key, written] : fields) {
    if (key == name) return written;
  }
  return {};
}

std::string hmac_sha1(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

// RFC 5849 §3.4: a body counts only when it is a form.
bool Gate::signed_well(const Request& request, const std::string& origin,
                       std::chrono::milliseconds now) {
  const auto fields = fields_of(request.header("authorization"));
  if (value_of(fields, "oauth_consumer_key") != credentials_.consumer_key ||
      value_of(fields, "oauth_token") != credentials_.access_token ||
      value_of(fields, "oauth_signature_method") != "HMAC-SHA1") {
    return false;
  }
  const auto at = std::atoll(value_of(fields, "oauth_timestamp").c_str());
  const auto now_s = std::chrono::floor<std::chrono::seconds>(now).count();
  if (std::abs(at - now_s) > k_clock_slack_s) return false;
  if (!nonces_.insert(value_of(fields, "oauth_nonce")).second) return false;

  Pairs signed_pairs;
  for (const auto& [name, written] : fields) {
    if (name != "oauth_signature" && name != "realm") {
      signed_pairs.emplace_back(encoded(name), encoded(written));
    }
  }
  const auto add = [&](std::string_view form) {
    for (const auto& [name, written] : parse_form(form).value_or(FormFields())) {
      signed_pairs.emplace_back(encoded(name), encoded(written));
    }
  };
  add(request.query);
  if (request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    add(request.body);
  }
  std::ranges::sort(signed_pairs);
  std::string joined;
  for (const auto& [name, written] : signed_pairs) {
    joined += (joined.empty() ? "" : "&") + name + "=" + written;
  }
  const auto base = request.method + "&" + encoded(origin + request.path) + "&" + encoded(joined);
  const auto key =
      encoded(credentials_.consumer_secret) + "&" + encoded(credentials_.access_secret);
  return hmac_sha1(key, base) == value_of(fields, "oauth_signature");
}

Caller Gate::admit(const Request& request, const std::string& origin,
                   std::chrono::milliseconds now) {
  const auto said = request.header("authorization");
  if (said.starts_with("OAuth ")) {
    return signed_well(request, origin, now) ? Caller::user : Caller::nobody;
  }
  if (!said.starts_with("Bearer ")) return Caller::nobody;
  const auto token = said.substr(7);
  if (token == credentials_.bearer) return Caller::app;
  const auto found = user_tokens_.find(token);
  return found != user_tokens_.end() && found->second > now ? Caller::user : Caller::nobody;
}

Answer Gate::token(const Request& request, std::chrono::milliseconds now) {
  const auto form = parse_form(request.body).value_or(FormFields());
  const auto basic =
      "Basic " + to_base64(credentials_.client_id + ":" + credentials_.client_secret);
  const auto refuse = [](const std::string& why) {
    Answer answer;
    answer.status = 400;
    auto body = value::object(true);
    body["error"] = value::string("invalid_request");
    body["error_description"] = value::string(why);
    answer.body = print(body);
    return answer;
  };
  const bool known = request.header("authorization") == basic ||
                     value_of(form, "client_id") == credentials_.client_id;
  if (!known) return refuse("Missing valid authorization header");
  if (value_of(form, "grant_type") != "refresh_token" ||
      value_of(form, "refresh_token") != credentials_.refresh_token) {
    return refuse("Value passed for the token was invalid.");
  }
  ++refreshed_;
  credentials_.refresh_token = "sandbox-refresh-" + std::to_string(refreshed_);
  const auto access = "sandbox-user-" + std::to_string(refreshed_);
  user_tokens_.clear();
  user_tokens_[access] = now + k_token_life;
  Answer answer;
  auto body = value::object(true);
  body["token_type"] = value::string("bearer");
  body["expires_in"] = value::number(static_cast<std::int64_t>(k_token_life.count()));
  body["access_token"] = value::string(access);
  body["refresh_token"] = value::string(credentials_.refresh_token);
  body["scope"] =
      value::string("tweet.read tweet.write users.read dm.read dm.write offline.access");
  answer.body = print(body);
  return answer;
}

void Gate::expire_tokens() {
  user_tokens_.clear();
}

bool Gate::count(const std::string& endpoint, std::chrono::milliseconds now,
                 std::map<std::string, std::string>& headers) {
  const auto ours = limits_.find(endpoint);
  const auto usual = documented().find(endpoint);
  const int limit = ours != limits_.end()         ? ours->second
                    : usual != documented().end() ? usual->second
                                                  : 300;
  auto& window = windows_[endpoint];
  const auto now_s = std::chrono::floor<std::chrono::seconds>(now);
  if (window.ends <= now_s) window = {now_s + k_window, limit};
  window.left = std::min(window.left, limit);
  const bool within = window.left > 0;
  if (within) --window.left;
  headers["x-rate-limit-limit"] = std::to_string(limit);
  headers["x-rate-limit-remaining"] = std::to_string(window.left);
  headers["x-rate-limit-reset"] = std::to_string(window.ends.count());
  return within;
}

std::optional<Fault> Faults::next(const std::string& endpoint) {
  // Pictures are not of the API.
  const bool any = endpoint != k_media;
  const auto found = std::ranges::find_if(waiting_, [&](const Fault& fault) {
    return (any && fault.on.empty()) || fault.on == endpoint;
  });
  if (found == waiting_.end()) return std::nullopt;
  auto fault = *found;
  if (--found->times <= 0) waiting_.erase(found);
  return fault;
}

}  // namespace kanal::sandbox::twitter
