#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/post.hpp"
#include "net/http_server.hpp"
#include "store/store.hpp"

namespace kanal {

/// Those that a page shows rather than gives away.
bool is_picture(const Attachment& attachment);

/// What pages call it: what came without a name of its own is "Foto 1.jpg", or "Photo 1.jpg".
std::string file_words(const Attachment& attachment, std::string_view language);

/// The files among a form's parts, as they came.
std::vector<Attachment> files_of(const Request& request);

/// A style sheet, script or the like that is built in.
Response asset_answer(std::string_view name, std::string_view type);

/// The file itself, for whoever may see it: a picture to be shown, anything else to be saved. The
/// sender's name for it is only ever a suggestion, and never decides how it is treated.
Response file_answer(const Store& store, const Attachment& attachment);

}  // namespace kanal
