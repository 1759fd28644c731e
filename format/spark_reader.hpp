#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace kanal {

/// The plain members of one record, in their order; what is empty or null is not among them.
using SparkRecord = std::vector<std::pair<std::string, std::string>>;

/// The first of that name without blanks around it; empty when there is none.
std::string_view text_of(const SparkRecord& record, std::string_view name);

/// The records of a document that others wrote (GeoReport v2 "JSON Support"): in XML every element
/// called `item`, in JSON every object that has a plain member and stands in no other such object,
/// whichever the document is. Numbers come as text. Error `drop`: it is neither, or is nested more
/// than 32 deep, or declares a document type.
Result<std::vector<SparkRecord>> read_spark(std::string_view text, std::string_view item);

}  // namespace kanal
