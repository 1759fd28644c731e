#pragma once

#include <string>
#include <string_view>

namespace kanal::email {

/// Text of a mail as valid UTF-8 without NUL. `declared` is what the mail says its charset is; when
/// that is unknown, missing or plainly wrong, the best guess is taken. Nothing is ever refused.
std::string decode_charset(std::string_view bytes, std::string_view declared);

}  // namespace kanal::email
