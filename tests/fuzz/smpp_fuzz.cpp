#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/smpp/assemble.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;
using namespace kanal::smpp;

namespace {

bool is_clean(std::string_view text) {
  return is_utf8(text) && text.find('\0') == std::string_view::npos;
}

}  // namespace

// A stream of an SMSC: cut into units, each read, all put together; at the end nothing waits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = Keys::of_seed("fuzz");
  const Reading reading;
  // A cursor that is not of ours, or torn.
  (void)parse_state(Cursor{{reinterpret_cast<const char*>(data), size}}, keys, Time());
  Framer framer;
  framer.feed({reinterpret_cast<const char*>(data), size});
  std::vector<Incoming> all;
  while (true) {
    auto pdu = framer.next();
    if (!pdu || !*pdu) break;
    (void)parse_bind((*pdu)->body);
    Incoming incoming;
    incoming.raw = {(*pdu)->command, (*pdu)->body};
    if (const auto message = parse_message((*pdu)->command, (*pdu)->body)) {
      if (const auto notice = notice_of(*message)) must(is_clean(notice->state));
      // What is printed is read as it was, but for a text longer than the standard lets it be.
      constexpr std::size_t k_longest = 254;
      const auto again = parse_message(Command::deliver_sm, print(*message));
      must(again && again->text == message->text.substr(0, k_longest) &&
           again->source.digits == message->source.digits);
    }
    incoming.fingerprint = fingerprint(incoming.raw, keys);
    all.push_back(std::move(incoming));
  }
  std::vector<const Incoming*> incoming;
  for (const auto& each : all) incoming.push_back(&each);
  Cursor cursor;
  Time now{std::chrono::seconds(1'700'000'000)};
  std::size_t posts = 0;
  for (int turn = 0; turn < 2; ++turn) {
    const auto state = parse_state(cursor, keys, now);
    must(state.has_value());
    const auto made = assemble(cursor, *state, incoming, {}, {}, now, reading, keys);
    must(made.taken == incoming.size() || made.batch.more);
    for (const auto& post : made.batch.posts) {
      must(!post.id.empty());
      must(is_clean(post.text) && is_clean(post.author.id.value()) &&
           is_clean(post.hints.entrance) && is_clean(post.author.phone));
      ++posts;
    }
    must(posts <= all.size());
    cursor = made.batch.next;
    now += reading.wait_for_parts;
    incoming.clear();
  }
  const auto state = parse_state(cursor, keys, now);
  must(state && (state->held.empty() || all.size() > Budget().posts));
  return 0;
}
