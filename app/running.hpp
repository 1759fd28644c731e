#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace kanal::app {

/// Tells other commands that work in the bridge's directory where it listens ("127.0.0.1:8080"),
/// until this process ends, however it ends.
Result<> tell_address(const std::filesystem::path& data, const std::string& address);
void forget_address(const std::filesystem::path& data);

/// Where the bridge of that directory listens; empty while none accepts requests.
std::string running_address(const std::filesystem::path& data);

}  // namespace kanal::app
