#include "web/shown_words.hpp"

#include "core/visibility.hpp"

namespace kanal {

ShownWords shown_words(const PostRecord& post) {
  return {without_own_keys(post.subject), without_own_keys(post.text)};
}

ShownWords shown_words(const Reply& reply) {
  return {without_own_keys(reply.subject), without_own_keys(reply.text)};
}

}  // namespace kanal
