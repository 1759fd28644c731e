#pragma once

#include <string_view>

namespace kanal {

/// The text of the organisation that is shipped as an example (config/shipped/organisation.toml).
std::string_view shipped_organisation();

}  // namespace kanal
