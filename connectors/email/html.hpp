#pragma once

#include <string>
#include <string_view>

namespace kanal::email {

/// HTML (UTF-8, hostile) as plain text: blocks become lines, lists get dashes, links keep their
/// addresses, quotations (blockquote) get "> ". Scripts, styles and comments go. Linear in the
/// size of its input, of which at most 4 MiB are read.
std::string html_to_text(std::string_view html);

}  // namespace kanal::email
