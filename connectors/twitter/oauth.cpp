#include "connectors/twitter/oauth.hpp"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <oauth.h>

namespace kanal::twitter {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

/// liboauth's list of "name=value".
class Parameters {
 public:
  explicit Parameters(const std::string& url)
      : count_(oauth_split_url_parameters(url.c_str(), &list_)) {}
  ~Parameters() { oauth_free_array(&count_, &list_); }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  void add(const std::string& parameter) {
    oauth_add_param_to_array(&count_, &list_, parameter.c_str());
  }
  std::string sign(const std::string& method, const OauthKeys& keys) {
    oauth_sign_array2_process(&count_, &list_, nullptr, OA_HMAC, method.c_str(),
                              keys.consumer_key.c_str(), keys.consumer_secret.c_str(),
                              keys.token.c_str(), keys.token_secret.c_str());
    // 6: the oauth_ parameters alone, in quotes.
    const Text header(oauth_serialize_url_sep(count_, 1, list_, const_cast<char*>(", "), 6));
    return std::string("OAuth ") + (header ? header.get() : "");
  }

 private:
  char** list_ = nullptr;
  int count_ = 0;
};

}  // namespace

std::string oauth_header(std::string_view method, const std::string& url, std::string_view form,
                         const OauthKeys& keys, const OauthMoment& moment) {
  // liboauth starts its library of hashes at the first use, and guards nothing.
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  auto whole = url;
  if (!form.empty()) whole += (url.find('?') == std::string::npos ? "?" : "&") + std::string(form);
  Parameters parameters(whole);
  parameters.add("oauth_nonce=" + moment.nonce);
  parameters.add("oauth_timestamp=" + moment.timestamp);
  return parameters.sign(std::string(method), keys);
}

}  // namespace kanal::twitter
