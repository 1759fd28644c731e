#include "connectors/twitter/pictures.hpp"

#include <utility>

#include "connectors/twitter/picture.hpp"

namespace kanal::twitter {
namespace {

constexpr std::size_t k_most_picture_bytes = 8U << 20U;
/// An outage of pictures may keep posts back for so long.
constexpr std::chrono::minutes k_waits_for_pictures{15};
constexpr std::chrono::hours k_between_outages{1};

bool may_pass(Remedy remedy) {
  return remedy == Remedy::retry || remedy == Remedy::uncertain || remedy == Remedy::throttled;
}

/// Whether the bytes are a picture.
bool attach(Post& post, std::string bytes) {
  const auto type = picture_type(bytes);
  if (type.empty()) return false;
  Attachment attachment;
  attachment.name =
      "x-" + std::to_string(post.attachments.size() + 1) + std::string(extension_of(type));
  attachment.type = type;
  attachment.size_bytes = bytes.size();
  attachment.bytes = std::move(bytes);
  post.attachments.push_back(std::move(attachment));
  return true;
}

// No words of the author's, unless there are none that could say that something came.
void say_missing(Post& post, std::size_t count) {
  const auto note = note_of_missing(count, post.language);
  if (post.full_text.empty()) post.full_text = post.text;
  post.full_text += (post.full_text.empty() ? "" : "\n") + note;
  if (post.text.empty() && post.attachments.empty()) post.text = note;
}

}  // namespace

Result<> Pictures::fetch(Item& item) {
  if (item.piece.posts.empty()) return {};
  auto& post = item.piece.posts.front();
  while (!item.media.empty()) {
    auto bytes = api_.fetch_medium(item.media.front(), k_most_picture_bytes);
    if (!bytes && may_pass(bytes.error().remedy)) {
      TRY(wait_for(bytes.error()));
      item.missing += item.media.size();
      break;
    }
    item.media.erase(item.media.begin());
    if (bytes) away_since_.reset();
    if (!bytes || !attach(post, std::move(*bytes))) ++item.missing;
  }
  item.media.clear();
  // What does not fit this batch comes by here again.
  if (const auto missing = std::exchange(item.missing, 0); missing > 0) say_missing(post, missing);
  return {};
}

/// Fails for as long as the outage may keep posts back.
Result<> Pictures::wait_for(const Error& error) {
  const auto now = clock_.now();
  if (now - missed_at_ >= k_between_outages) away_since_.reset();
  if (!away_since_) away_since_ = now;
  missed_at_ = now;
  if (now - *away_since_ >= k_waits_for_pictures) return {};
  return fail(Remedy::retry, "X gives out no pictures now: " + error.message, error.retry_after);
}

}  // namespace kanal::twitter
