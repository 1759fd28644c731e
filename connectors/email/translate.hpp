#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/mime.hpp"
#include "connectors/email/settings.hpp"
#include "connectors/email/tokens.hpp"
#include "core/post.hpp"

namespace kanal::email {

/// Turns the bytes of a mail into a post, a signal or an unreadable message. Pure.
class Translation {
 public:
  Translation(const Settings& settings, const Keys& keys);

  /// Adds what `raw` is to the batch. `arrived`: when the mail server took it, if that is known.
  void add(std::string raw, std::optional<Time> arrived, Batch& batch) const;
  /// A mail that was not fetched whole; of what was, the headers are kept.
  [[nodiscard]] Unreadable oversized(std::string headers, std::uint64_t size_bytes) const;
  /// A mail within which the connection broke so many times, and of which no more is known.
  [[nodiscard]] Unreadable unfinished(std::string headers, std::uint64_t size_bytes,
                                      int breaks) const;
  /// A mail that the bridge has ended over again and again.
  [[nodiscard]] Unreadable fatal(std::string mail) const;

 private:
  [[nodiscard]] Unreadable by_headers(std::string mail, const std::string& why,
                                      std::string_view more) const;
  struct Recipient {
    std::string entrance;
    std::optional<ReportId> report;
    std::optional<std::string> answered_key;
    std::optional<std::string> return_key;
  };
  [[nodiscard]] Recipient recipient_of(const ParsedMail& mail) const;
  /// Whether its author is who it says, as far as nobody else is asked.
  bool name_author(ParsedMail& mail) const;
  void fill_thread(const ParsedMail& mail, const Recipient& recipient, Hints& hints) const;
  [[nodiscard]] Post post_of(ParsedMail mail, std::string raw, const Recipient& recipient,
                             std::optional<Time> arrived) const;

  std::vector<std::string> ours_;
  std::vector<std::string> forwarders_;
  Tokens tokens_;
  std::string authserv_id_;
};

/// The Message-ID, or a hash of the bytes when there is none to go by.
ExternalId id_of(std::string_view message_id, std::string_view raw);
/// A tracking code behind '#' or in brackets.
std::string tracking_code_in(std::string_view text);

}  // namespace kanal::email
