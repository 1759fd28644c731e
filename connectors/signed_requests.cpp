#include "connectors/signed_requests.hpp"

namespace kanal {

Result<std::vector<std::string>> reveal_secrets(const SignedRequests& requests, const Keys& keys) {
  std::vector<std::string> secrets{TRY(requests.secret.reveal(&keys))};
  if (!requests.earlier_secret.empty()) {
    secrets.push_back(TRY(requests.earlier_secret.reveal(&keys)));
  }
  return secrets;
}

}  // namespace kanal
