#pragma once

#include <string>
#include <string_view>

namespace kanal::email {

/// What the author wrote, without the quotation of earlier mails, their attribution lines and the
/// signature, in Indonesian and English. When nothing would be left, or the mail is a forwarded
/// one, what was quoted stays. Linear in the size of the text.
std::string own_words(std::string_view text, bool forwarded);

}  // namespace kanal::email
