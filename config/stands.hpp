#pragma once

#include <filesystem>

#include "core/result.hpp"

namespace kanal {

/// Whether something stands at the path; an error (`reconfigure`) where that cannot be looked at.
Result<bool> stands(const std::filesystem::path& path);

}  // namespace kanal
