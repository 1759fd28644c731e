#pragma once

#include <string>

#include "core/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace kanal {

/// Has TLS served with the PEM chain of one file and the private key of the other.
Result<> use_certificate(boost::asio::ssl::context& tls, const std::string& certificate_file,
                         const std::string& key_file);
/// Whether that could be done.
Result<> check_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace kanal
