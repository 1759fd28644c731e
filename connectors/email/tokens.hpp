#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/keys.hpp"
#include "core/id.hpp"

namespace kanal::email {

/// What we write into outgoing mail and believe when it comes back: each carries a keyed hash
/// (Purpose::thread), so that nobody else can make one. Case does not count, for servers change it.
class Tokens {
 public:
  explicit Tokens(const Keys& keys) : keys_(keys) {}

  /// A reply's key in the characters of an atom, signed; for Message-ID, ENVID and the return path.
  [[nodiscard]] std::string sign_key(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> verify_key(std::string_view signed_key) const;
  /// The reply's key when the Message-ID is one of ours.
  [[nodiscard]] std::optional<std::string> key_of_message_id(std::string_view message_id) const;

  /// A report's number, signed; for the reply address.
  [[nodiscard]] std::string sign_report(ReportId report) const;
  [[nodiscard]] std::optional<ReportId> verify_report(std::string_view token) const;

 private:
  [[nodiscard]] std::string hash(std::string_view what, std::string_view of) const;
  const Keys& keys_;
};

/// The report's number at the front of a reply's key ("report.step…"); none: 0.
ReportId report_of_key(std::string_view key);

/// `name@domain` taken apart; empty parts when it is no address.
struct Address {
  std::string local;
  std::string domain;
  [[nodiscard]] std::string text() const { return local + '@' + domain; }
};
Address split_address(std::string_view address);
/// Only printable ASCII that can stand in an SMTP command and a header without quoting.
bool is_plain_address(std::string_view address);

}  // namespace kanal::email
