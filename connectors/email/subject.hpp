#pragma once

#include <string_view>

namespace kanal::email {

/// A subject without what mail programs and gateways put in front of it: marks of answers and
/// forwards ("Re:", "TRS:", "RE[2]:") and labels that ask for nothing ("[EXTERNAL]", "***SPAM***").
struct Subject {
  std::string_view bare;
  enum class Mark { none, answer, forward };
  Mark mark = Mark::none;  ///< the first one, which is what its sender did last
};
Subject peel(std::string_view subject);

/// What the author asks for in words of its own at the front of the subject ("RAHASIA: …",
/// "[anonim] …"), in brackets at its end, or on a first line that says nothing else, in Indonesian
/// and English. Who wants their name or identity kept secret, in any sentence that says nothing
/// else, asks to be anonymous.
struct Secrecy {
  bool anonymous = false;
  bool confidential = false;
};
Secrecy secrecy_in(std::string_view subject, std::string_view text);

}  // namespace kanal::email
