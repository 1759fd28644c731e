#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace kanal {

/// A certificate for 127.0.0.1, signed by itself, and its key: in files and in a context for a
/// server.
class OwnCertificate {
 public:
  /// `key`: taken over.
  explicit OwnCertificate(EVP_PKEY* key = EVP_EC_gen("P-256"))
      : key_(key), certificate_(X509_new()) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_set_version(certificate_, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    auto* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("far side"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key_, EVP_sha256());
    path_ = write([this](FILE* file) { PEM_write_X509(file, certificate_); });
    key_path_ = write([this](FILE* file) {
      PEM_write_PrivateKey(file, key_, nullptr, nullptr, 0, nullptr, nullptr);
    });
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
  }
  OwnCertificate(const OwnCertificate&) = delete;
  OwnCertificate& operator=(const OwnCertificate&) = delete;
  ~OwnCertificate() {
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
    std::filesystem::remove(path_);
    std::filesystem::remove(key_path_);
  }
  [[nodiscard]] SSL_CTX* context() const { return context_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& key_path() const { return key_path_; }

 private:
  template <class Print>
  static std::string write(Print print) {
    auto name = (std::filesystem::temp_directory_path() / "kanal-pem-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    if (file < 0) std::abort();
    auto* stream = ::fdopen(file, "w");
    print(stream);
    std::fclose(stream);
    return name;
  }

  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
  std::string path_;
  std::string key_path_;
};

}  // namespace kanal
