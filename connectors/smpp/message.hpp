#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/smpp/pdu.hpp"
#include "core/post.hpp"
#include "format/gsm7.hpp"
#include "format/sms.hpp"

// What a message says: its parts, its alphabet, its receipt. Pure.
namespace kanal::smpp {

enum class Alphabet : std::uint8_t { gsm7, latin1, ascii, ucs2, utf8 };
std::optional<Alphabet> alphabet_of(std::string_view name);

/// What an operator means by the codings that the standard leaves open (§5.2.19).
struct Codings {
  Alphabet of_0 = Alphabet::gsm7;
  Alphabet of_1 = Alphabet::ascii;
};

/// Which part of a longer message it is: by UDH (TS 23.040 §9.2.3.24.1 and .8) or sar_*
/// (§5.3.2.22).
struct Part {
  std::uint32_t reference = 0;
  int total = 1;
  int number = 1;
};

struct Content {
  std::string_view bytes;  ///< of the message: without header
  std::optional<Part> part;
  gsm7::Shift shift;
};
/// A header that is broken or names an impossible part leaves the message whole.
Content content_of(const Message& message);

/// UTF-8 without NUL; never fails.
std::string decode(std::string_view bytes, std::uint8_t data_coding, gsm7::Shift shift,
                   const Codings& codings);

/// What becomes of what we sent.
struct Notice {
  std::string id;                    ///< as the SMSC wrote it
  std::optional<Signal::Kind> kind;  ///< nothing: still on its way
  std::string state;
  bool permanent = false;  ///< there is no such subscriber
};
/// By the optional parameters, else the text of Appendix B. Nothing for ordinary messages.
std::optional<Notice> notice_of(const Message& message);

/// How an SMSC writes message ids; many answer in one way and report in another.
enum class IdForm : std::uint8_t { text, hex, decimal };
/// The same string for the same id: the number in decimal, or as it is where it is no number.
std::string canonical_id(std::string_view id, IdForm form);

/// A text made ready to submit: one message a segment.
struct Encoded {
  std::uint8_t data_coding = 0;
  std::vector<std::string> segments;
};
/// At most so many segments, though an SMSC may not have the alphabet that the text was cut for.
Encoded encode(const SmsText& sms, std::size_t most_segments, const Codings& codings);

}  // namespace kanal::smpp
