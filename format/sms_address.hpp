#pragma once

#include <string>
#include <string_view>

namespace kanal {

/// Who sent a short message.
struct SmsSender {
  std::string id;  ///< E.164; short codes, names and unknown numbers as they came
  /// False for short codes and names: no person, and no way back.
  bool is_answerable = false;
};
SmsSender sms_sender(std::string_view written, std::string_view region);

/// Whether an answer can go there: digits alone behind a '+' or none, and at least eight of them;
/// with fewer it is a service's number anywhere.
bool is_answerable_number(std::string_view number);

/// Why such a sender's messages are treated as a machine's.
inline constexpr std::string_view k_sms_unanswerable = "the sender is a short code or a name";

}  // namespace kanal
