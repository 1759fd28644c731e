#pragma once

#include <filesystem>
#include <string>

#include "app/home.hpp"
#include "core/result.hpp"

namespace kanal::app {

/// Makes the directory that holds everything this process's own until it ends, however it ends;
/// refused while a bridge, or `kanal database`, works there.
Outcome<> hold_directory(const std::filesystem::path& data);

/// Tells other commands that work in the bridge's directory where it listens ("127.0.0.1:8080"),
/// until this process ends, however it ends.
Result<> tell_address(const std::filesystem::path& data, const std::string& address);
void forget_address(const std::filesystem::path& data);

/// Where the bridge of that directory listens; empty while none accepts requests.
std::string running_address(const std::filesystem::path& data);

}  // namespace kanal::app
