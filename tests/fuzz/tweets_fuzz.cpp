#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/organisation.hpp"
#include "connectors/twitter/translate.hpp"
#include "connectors/twitter/weight.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;
using namespace kanal::twitter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Organisation offices;
  static const Settings settings = [] {
    Settings made;
    made.handle = "kanal";
    return made;
  }();
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto answer = parse_answer(body);
  if (!answer) return 0;
  const Translation translation(settings, offices);
  Batch batch;
  for (const auto& tweet : answer->tweets) {
    translation.add(tweet, *answer, "@kanal", batch);
    (void)translation.missing_of_story(tweet, *answer);
  }
  for (const auto& message : answer->messages) translation.add(message, *answer, batch);
  for (const auto& post : batch.posts) {
    must(!post.id.empty());
    must(!post.author.id.empty());
    must(is_utf8(post.text) && is_utf8(post.full_text));
    must(post.text.find('\0') == std::string::npos);
    must(weigh(fit(post.text)) <= k_most_weight);
    // What is kept can be read again.
    const auto again = parse_answer(post.payload);
    must(again && again->tweets.size() + again->messages.size() == 1);
  }
  return 0;
}
