#pragma once

#include <string_view>

#include "config/organisation.hpp"
#include "core/result.hpp"
#include "store/intake.hpp"

namespace kanal {

/// An officers' note on `report` that leads to `other`, as a change of its own; the error says why
/// `who` may not write one.
Result<Change> leading_note(const Report& report, const Report& other, std::string_view reason,
                            const Actor& who, const Organisation& organisation, Time now);

}  // namespace kanal
