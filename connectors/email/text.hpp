#pragma once

#include <string>
#include <string_view>

namespace kanal::email {

/// What the author wrote. Of an answer (`answers`) the quotation of earlier mails, their
/// attribution lines and the signature go, in Indonesian and English, and what it forwards stays.
/// Of any other mail nothing goes but an end that cannot be anything else: a signature below the
/// standard's mark (RFC 3676 §4.3), a telephone's line. When nothing would be left, all stays, but
/// for an answer that is a marked quotation under its attribution and nothing else: that says
/// nothing. Linear in the size of the text.
std::string own_words(std::string_view text, bool answers);

}  // namespace kanal::email
