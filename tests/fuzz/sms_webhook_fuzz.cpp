#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/raw_request.hpp"
#include "connectors/sms_gateway/translate.hpp"
#include "connectors/sms_gateway/verify.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;
using namespace kanal::sms_gateway;

// A request as it is kept, or as it was saved from the wire: of any provider, of none signed by us.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = Keys::of_seed("fuzz");
  constexpr Time k_now{std::chrono::seconds(1'772'420'400)};
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  auto kept = parse_payload(raw);
  if (!kept) kept = Kept{read_raw_request(raw), k_now};
  Trust trust;
  trust.secrets = {"a secret that stands in no corpus"};
  for (const auto scheme : {Scheme::path, Scheme::twilio, Scheme::vonage, Scheme::vonage_jwt,
                            Scheme::bird, Scheme::standard}) {
    trust.scheme = scheme;
    auto delivery = kept->delivery;
    for (const auto* name : {"authorization", "messagebird-signature-jwt", "x-twilio-signature",
                             "webhook-id", "webhook-signature", "webhook-timestamp"}) {
      delivery.headers.emplace_back(name, kept->delivery.query);
    }
    must(!verify(delivery, trust, k_now));
  }
  for (std::size_t index = 0; index < k_providers.size(); ++index) {
    auto delivery = kept->delivery;
    delivery.headers.emplace_back("webhook-id", kept->delivery.query);
    const auto received = translate(delivery, {static_cast<Provider>(index), "ID"}, keys, k_now);
    for (const auto& post : received.posts) {
      must(!post.id.empty() && !post.author.id.empty());
      for (const auto& text : {post.text, post.author.id.value(), post.id.value(),
                               post.hints.entrance, post.author.phone}) {
        must(is_utf8(text) && text.find('\0') == std::string::npos);
      }
      must(post.posted_at <= k_now);
      must(parse_payload(post.payload).has_value());
    }
    for (const auto& signal : received.signals) {
      must(is_utf8(signal.reply_key) && is_utf8(signal.detail) && is_utf8(signal.subject.value()));
    }
  }
  return 0;
}
