#pragma once

#include <vector>

#include "connectors/email/imap.hpp"

namespace kanal::email {

/// A mail within whose headers so many sessions in a row broke is named by its number alone.
inline constexpr int k_breaks_in_headers = 8;

/// The mails within which the session broke, so that no mail keeps those behind it back for ever.
class Breaks {
 public:
  /// The session broke while these, by rising UID, were read.
  void note(const std::vector<Uid>& mails);
  /// Whether the mails behind this one are read one by one, to find out which of them it is.
  [[nodiscard]] bool one_by_one_behind(Uid last) const;
  /// How many sessions in a row broke within a mail that is to be fetched no more; 0: it is.
  [[nodiscard]] int given_up_after(Uid mail) const;
  void forget() { *this = {}; }

 private:
  Uid first_ = 0;
  Uid last_ = 0;
  int in_a_row_ = 0;  ///< that broke at `first_`
};

}  // namespace kanal::email
