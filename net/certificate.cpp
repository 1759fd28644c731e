#include "net/certificate.hpp"

#include <ctime>

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

namespace kanal {

using boost::asio::ssl::context;

namespace {

using Context = std::unique_ptr<context>;

Result<Context> context_of(const std::string& certificate_file, const std::string& key_file) {
  auto tls = std::make_unique<context>(context::tls_server);
  boost::system::error_code error;
  tls->set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 |
                       context::no_tlsv1 | context::no_tlsv1_1,
                   error);
  tls->use_certificate_chain_file(certificate_file, error);
  if (error) {
    return fail(Remedy::reconfigure,
                "the certificate " + certificate_file + " cannot be used: " + error.message());
  }
  tls->use_private_key_file(key_file, context::pem, error);
  if (error) {
    return fail(Remedy::reconfigure,
                "the private key " + key_file + " cannot be used: " + error.message());
  }
  // A key of another kind than the certificate's is taken without a word.
  if (::SSL_CTX_check_private_key(tls->native_handle()) != 1) {
    return fail(Remedy::reconfigure,
                "the private key " + key_file + " is not that of " + certificate_file);
  }
  return tls;
}

}  // namespace

Result<> check_certificate(const std::string& certificate_file, const std::string& key_file) {
  TRY(context_of(certificate_file, key_file));
  return {};
}

Result<Time> certificate_end(const std::string& certificate_file, const std::string& key_file) {
  const auto tls = TRY(context_of(certificate_file, key_file));
  const auto* const until = ::X509_get0_notAfter(::SSL_CTX_get0_certificate(tls->native_handle()));
  std::tm parts{};
  if (::ASN1_TIME_to_tm(until, &parts) != 1) {
    return fail(Remedy::reconfigure, "the certificate " + certificate_file + " has no end");
  }
  return Time(std::chrono::seconds(::timegm(&parts)));
}

Certificate::Certificate(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

Certificate::~Certificate() = default;

Certificate::Stamp Certificate::stamp() const {
  std::error_code missing;
  return {std::filesystem::last_write_time(certificate_file_, missing),
          std::filesystem::last_write_time(key_file_, missing)};
}

Result<> Certificate::load() {
  // Before they are read: what is written meanwhile is for the next look.
  const auto found = stamp();
  context_ = TRY(context_of(certificate_file_, key_file_));
  loaded_ = found;
  return {};
}

void Certificate::renew() {
  const auto found = stamp();
  if (found == loaded_) return;
  // Tried at every look, as files may be half written: their times are no finer than a tick.
  const auto loaded = load();
  if (loaded) {
    spdlog::info("the certificate {} was read anew", certificate_file_);
  } else if (found != told_) {
    spdlog::warn("{}; the earlier one stays", loaded.error().message);
  }
  told_ = found;
}

}  // namespace kanal
