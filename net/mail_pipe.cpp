#include "net/mail_pipe.hpp"

#include <algorithm>
#include <string>

#include <curl/curl.h>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "net/curl_pipe.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_longest_said = 300;
constexpr std::size_t k_longest_kept = 8U << 10U;
constexpr std::size_t k_least_hidden = 16;

/// The last line that the server said while we logged in.
std::size_t remember_line(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto& said = *static_cast<std::string*>(into);
  said.assign(bytes, std::min(size * count, k_longest_kept));
  while (!said.empty() && static_cast<unsigned char>(said.back()) <= ' ') said.pop_back();
  for (char& c : said) {
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') c = '?';
  }
  return size * count;
}

/// What a server said of a login, fit for a log. One that echoes what it refuses must not put the
/// secret there, plain or as it was sent (RFC 4616, RFC 7628, quoted for IMAP's LOGIN).
std::string without_secrets(const std::string& said, const std::string& password) {
  std::string quoted;
  for (const char c : password)
    quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  for (const auto& secret : {password, quoted, to_base64(password)}) {
    if (!password.empty() && said.find(secret) != std::string::npos) return {};
  }
  std::string told;
  std::string word;
  const auto finish = [&] {
    told += word.size() >= k_least_hidden ? "…" : word;
    word.clear();
  };
  for (const char c : said) {
    const bool of_base64 = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
    if (of_base64) {
      if (c != '=' && word.ends_with('=')) finish();  // padding ends a word
      word += c;
      continue;
    }
    finish();
    told += c;
  }
  finish();
  return std::string(clip_utf8(told, k_longest_said));
}

std::string url_of(const MailServer& server) {
  const bool imap = server.protocol == MailServer::Protocol::imap;
  const bool tls = server.security == MailServer::Security::tls;
  const bool bare_v6 = server.host.find(':') != std::string::npos && !server.host.starts_with('[');
  return std::string(imap ? "imap" : "smtp") + (tls ? "s" : "") + "://" +
         (bare_v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

void set_login(CURL* handle, const MailServer& server) {
  if (server.login == MailServer::Login::none) return;
  curl_easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
  if (server.login == MailServer::Login::xoauth2) {
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, server.password.c_str());
    curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
  } else {
    curl_easy_setopt(handle, CURLOPT_PASSWORD, server.password.c_str());
  }
}

/// Says "later" rather than "no" (RFC 5530 §3, RFC 4954 §6).
bool is_passing_refusal(const std::string& said, long status) {
  if (status >= 400 && status < 500) return true;
  for (const auto* code : {"[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"}) {
    if (said.find(code) != std::string::npos) return true;
  }
  return said.starts_with("* BYE");
}

class CurlMail final : public Mail {
 public:
  Result<std::unique_ptr<Pipe>> connect(const MailServer& server) override {
    const auto peer = server.host + ":" + std::to_string(server.port);
    auto handle = TRY(prepare_connection(server.host, server.timeout_ms, server.ca_file));
    std::string said;
    const auto url = url_of(server);
    auto* const raw = handle.get();
    curl_easy_setopt(raw, CURLOPT_URL, url.c_str());
    curl_easy_setopt(raw, CURLOPT_PROTOCOLS_STR, "imap,imaps,smtp,smtps");
    curl_easy_setopt(raw, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout_ms.count()));
    curl_easy_setopt(raw, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                     std::max(1L, static_cast<long>(server.timeout_ms.count() / 1000)));
    curl_easy_setopt(
        raw, CURLOPT_USE_SSL,
        static_cast<long>(server.security == MailServer::Security::plain ? CURLUSESSL_NONE
                                                                         : CURLUSESSL_ALL));
    curl_easy_setopt(raw, CURLOPT_HEADERFUNCTION, remember_line);
    curl_easy_setopt(raw, CURLOPT_HEADERDATA, &said);
    set_login(raw, server);
    const auto code = curl_easy_perform(raw);
    if (code != CURLE_OK) return refusal(raw, code, server, peer, said);
    curl_easy_setopt(raw, CURLOPT_HEADERFUNCTION, nullptr);
    curl_easy_setopt(raw, CURLOPT_HEADERDATA, nullptr);
    return make_curl_pipe(std::move(handle), peer);
  }

 private:
  static tl::unexpected<Error> refusal(CURL* handle, CURLcode code, const MailServer& server,
                                       const std::string& peer, std::string said) {
    said = without_secrets(said, server.password);
    const auto quoted = said.empty() ? std::string() : " (it said: " + said + ")";
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    // Also with its greeting, before any login.
    if (asks_for_patience(said)) {
      return fail(Remedy::throttled, peer + " takes no more logins for a while" + quoted,
                  k_mail_patience);
    }
    switch (code) {
      case CURLE_LOGIN_DENIED:
        if (is_passing_refusal(said, status)) {
          return fail(Remedy::retry, peer + " takes no logins just now" + quoted);
        }
        return fail(Remedy::reconfigure, peer + " refused the login of " + server.user +
                                             "; check user and password" + quoted);
      case CURLE_USE_SSL_FAILED:
        return fail(Remedy::reconfigure,
                    peer + " does not offer STARTTLS; check port and security" + quoted);
      default:
        return not_connected(code, server.host, peer, server.ca_file, quoted);
    }
  }
};

}  // namespace

// Not "over quota": that is one recipient's mailbox.
bool asks_for_patience(std::string_view said) {
  const auto lower = to_lower_ascii(said);
  for (const std::string_view word : {"[limit]", "[throttled]", "too many", "rate limit", "throttl",
                                      "sending quota", "sending limit", "slow down"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

std::unique_ptr<Mail> make_mail() {
  return std::make_unique<CurlMail>();
}

}  // namespace kanal
