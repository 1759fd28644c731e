#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace kanal {

/// Whether TLS could be served with the PEM chain of one file and the private key of the other.
Result<> check_certificate(const std::string& certificate_file, const std::string& key_file);

/// Until when the first certificate of that chain is valid. Fails where TLS could not be served.
Result<Time> certificate_end(const std::string& certificate_file, const std::string& key_file);

/// The certificate that a server presents, which others renew on disk while it runs. One thread.
class Certificate {
 public:
  Certificate(std::string certificate_file, std::string key_file);
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate();

  [[nodiscard]] bool is_given() const { return !certificate_file_.empty(); }
  Result<> load();
  /// Loads what is on disk once either file has changed. What cannot be used, as when only one of
  /// them is new so far, leaves the earlier one in its place and is said in the log, once.
  void renew();
  /// For the next connection; none before it is loaded.
  [[nodiscard]] boost::asio::ssl::context* context() const { return context_.get(); }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  [[nodiscard]] Stamp stamp() const;

  std::string certificate_file_;
  std::string key_file_;
  Stamp loaded_;
  Stamp told_;  ///< of what was said to be unusable, once
  std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace kanal
