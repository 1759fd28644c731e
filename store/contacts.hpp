#pragma once

#include <unordered_map>
#include <vector>

#include "store/pool.hpp"
#include "store/store.hpp"

namespace kanal {

/// Those to be told about each of the reports.
std::unordered_map<ReportId, std::vector<Contact>> read_contacts(sql::Work& work,
                                                                 const sql::Column& reports);

}  // namespace kanal
