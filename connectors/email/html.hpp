#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kanal::email {

/// HTML (UTF-8, hostile) as plain text: blocks become lines, lists get dashes, links keep their
/// addresses, quotations (blockquote) get "> ". Scripts, styles and comments go. Linear in the
/// size of its input, of which at most 4 MiB are read.
std::string html_to_text(std::string_view html);

struct Picture {
  std::string type;
  std::string bytes;
};
/// Takes the pictures out that stand in the HTML itself ("data:image/png;base64,…"), at most 50.
std::vector<Picture> take_pictures(std::string& html);

}  // namespace kanal::email
