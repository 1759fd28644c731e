#include "net/certificate.hpp"

#include <boost/asio/ssl/context.hpp>

namespace kanal {

using boost::asio::ssl::context;

Result<> use_certificate(context& tls, const std::string& certificate_file,
                         const std::string& key_file) {
  boost::system::error_code error;
  tls.use_certificate_chain_file(certificate_file, error);
  if (error) {
    return fail(Remedy::reconfigure,
                "the certificate " + certificate_file + " cannot be used: " + error.message());
  }
  tls.use_private_key_file(key_file, context::pem, error);
  if (error) {
    return fail(Remedy::reconfigure,
                "the private key " + key_file + " cannot be used: " + error.message());
  }
  return {};
}

Result<> check_certificate(const std::string& certificate_file, const std::string& key_file) {
  context tls(context::tls_server);
  return use_certificate(tls, certificate_file, key_file);
}

}  // namespace kanal
