#pragma once

#include <string>
#include <string_view>

namespace kanal::email {

/// A text of "format=flowed" with its paragraphs as one line each, and its quotations marked as
/// before (RFC 3676 §4). `delsp`: the blank at which a line was broken is no part of the text.
std::string unflow(std::string_view text, bool delsp);

}  // namespace kanal::email
