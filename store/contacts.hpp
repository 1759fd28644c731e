#pragma once

#include "store/pool.hpp"
#include "store/store.hpp"

namespace kanal {

/// Those to be told about each of the reports.
Contacts read_contacts(sql::Work& work, const sql::Column& reports);

}  // namespace kanal
