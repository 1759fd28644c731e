#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/webhook/messages.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;

// A request of another system as it is kept; who signed it may still be anybody's fool.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ChannelName channel("putr");
  // The first byte says whether the office's form is one of its own.
  if (size == 0) return 0;
  webhook::FieldPaths fields;
  if ((data[0] & 1U) != 0) fields.text = "data.text.0";
  const std::string_view raw(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto& note : webhook::explain_payload(raw, fields)) {
    must(is_utf8(note.value) && is_utf8(note.field));
  }
  const auto post = webhook::read_payload(raw, channel, fields);
  if (!post) {
    must(is_utf8(post.error().message) && post.error().remedy == Remedy::drop);
    return 0;
  }
  must(!post->id.empty() && !post->author.id.empty() && !post->text.empty());
  const auto& hints = post->hints;
  for (const auto& text :
       {post->text, post->id.value(), post->author.id.value(), post->author.name,
        post->author.phone, post->author.email, hints.subject, hints.category, hints.agency,
        hints.thread_token, post->place ? post->place->address : std::string()}) {
    must(is_utf8(text) && text.find('\0') == std::string::npos);
  }
  // Only an answer names a message of ours, and it is nobody's but the channel's.
  must(hints.thread_token.empty() || post->author.id.value() == channel.value());
  const auto again = webhook::read_payload(post->payload, channel, fields);
  must(again && again->id == post->id && again->text == post->text);
  return 0;
}
