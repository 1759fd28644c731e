#pragma once

#include <string>
#include <string_view>

#include "core/usage.hpp"
#include "format/json.hpp"

namespace kanal {

/// {"pace_ms","usual_ms","shared_with","meters":[{"what","used","most","left","starts_anew",
/// "is_money"}]}
void write_usage(JsonWriter& out, const Usage& usage);
/// Empty when it is none.
Usage parse_usage(std::string_view json);

}  // namespace kanal
