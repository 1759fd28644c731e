#pragma once

#include <cstdint>
#include <string_view>

#include "core/lifecycle.hpp"

namespace kanal::site {

/// Who reads of a report: its reporter, or anyone.
enum class Reader : std::uint8_t { reporter, anyone };
/// What a citizen calls a state, and what comes next in it.
std::string_view state_words(State state, Reader reader, std::string_view language);
std::string_view next_words(State state, Reader reader, std::string_view language);
/// What the box for a reply asks for in a state, and its button.
std::string_view reply_words(State state, std::string_view language);
std::string_view reply_button(State state, std::string_view language);
/// What a reporter reads once they have done this on the page; empty for anything else.
std::string_view done_words(std::string_view act, std::string_view language);

}  // namespace kanal::site
