#pragma once

#include <string_view>

#include "core/clock.hpp"
#include "core/report.hpp"
#include "store/pool.hpp"

namespace kanal {

/// Appends to the installation's log within an open transaction.
void record_act(sql::Work& work, Time at, const Actor& who, std::string_view act,
                std::string_view subject, std::string_view reason);

}  // namespace kanal
