#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/smpp/message.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;
using namespace kanal::smpp;

// One message's user data, by every meaning that an operator may give to its coding: the header
// (TS 23.040 §9.2.3.24), the national tables that it names, and the text behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array k_alphabets = {Alphabet::gsm7, Alphabet::latin1, Alphabet::ascii,
                                      Alphabet::ucs2, Alphabet::utf8};
  constexpr std::size_t k_settings = 3;
  if (size < k_settings) return 0;
  Codings codings;
  codings.of_0 = k_alphabets.at(data[0] % k_alphabets.size());
  codings.of_1 = k_alphabets.at(data[0] / k_alphabets.size() % k_alphabets.size());
  Message message;
  message.esm_class = data[1];
  message.data_coding = data[2];
  message.text.assign(reinterpret_cast<const char*>(data) + k_settings, size - k_settings);
  const auto content = content_of(message);
  must(content.bytes.size() <= message.text.size());
  must(content.bytes.empty() || message.text.ends_with(content.bytes));
  if (content.part) {
    must(content.part->number >= 1 && content.part->number <= content.part->total);
  }
  must(is_utf8(decode(content.bytes, message.data_coding, content.shift, codings)));
  return 0;
}
