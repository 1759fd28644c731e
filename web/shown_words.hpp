#pragma once

#include <string>

#include "store/store.hpp"

namespace kanal {

/// What a message or a reply says, as officers read it: without the keys of reporters' own links.
struct ShownWords {
  std::string subject;
  std::string text;
};
ShownWords shown_words(const PostRecord& post);
ShownWords shown_words(const Reply& reply);

}  // namespace kanal
