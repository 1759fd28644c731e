#pragma once

#include "core/visibility.hpp"
#include "store/store.hpp"

namespace kanal {

/// Others' reports are no part of an office's lists: who asks for another office's gets none.
void keep_to_office(ReportFilter& filter, const Viewer& viewer);

}  // namespace kanal
