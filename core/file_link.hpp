#pragma once

#include <string>
#include <string_view>

namespace kanal {

/// The line of a text that says where its author keeps a picture or a file of theirs: for officers,
/// as files that come along are.
std::string picture_link(std::string_view url);
std::string file_link(std::string_view url);
/// A text without such lines.
std::string without_file_links(std::string_view text);

}  // namespace kanal
