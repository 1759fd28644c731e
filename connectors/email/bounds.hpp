#pragma once

#include <string_view>

#include "core/result.hpp"

namespace kanal::email {

/// Refuses, as `drop`, the bytes of a mail that its parser could not hold: it keeps a kilobyte of
/// each part and each header before anybody can count them, and calls itself for each group of
/// addresses within another (RFC 5322 §3.4). No mail that people send is near these bounds.
Result<> check_bounds(std::string_view raw);

}  // namespace kanal::email
