#pragma once

#include <string>
#include <string_view>

#include "store/pool.hpp"

namespace kanal {

/// Brings the text index of reports, or of posts, near to the newest. The intake does not write it;
/// whoever searches does, a bounded piece at a time.
Result<> index_reports(sql::Pool& pool);
Result<> index_posts(sql::Pool& pool);

/// Words to look for, in a length that a search bears.
std::string clip_words(std::string_view words);

}  // namespace kanal
