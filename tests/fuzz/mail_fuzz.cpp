#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/email/translate.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

namespace {

using namespace kanal;

email::Settings mailbox_settings() {
  email::Settings ours;
  ours.address = "lapor@kanal.test";
  ours.also_ours = {"aduan@kanal.test"};
  ours.plus_addresses = true;
  return ours;
}

bool is_clean(std::string_view text) {
  return is_utf8(text) && text.find('\0') == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = Keys::of_seed("fuzz");
  static const email::Translation translation(mailbox_settings(), keys);
  const std::string raw(reinterpret_cast<const char*>(data), size);
  Batch batch;
  translation.add(raw, std::nullopt, batch);
  must(batch.posts.size() + batch.unreadable.size() <= 1);
  for (const auto& post : batch.posts) {
    must(!post.id.value().empty() && is_clean(post.id.value()));
    must(is_clean(post.text) && is_clean(post.full_text) && is_clean(post.hints.subject));
    must(is_clean(post.author.name) && is_clean(post.author.email));
    must(post.hints.thread_token.empty());
    for (const auto& attachment : post.attachments) must(is_clean(attachment.name));
  }
  for (const auto& unreadable : batch.unreadable) {
    must(!unreadable.id.value().empty() && !unreadable.reason.empty());
  }
  return 0;
}
