#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal::email {

/// What the server that took a mail in found out about its sender (RFC 8601).
inline constexpr std::string_view k_findings = "authentication-results";

struct Header {
  std::string name;   ///< in lower case
  std::string value;  ///< unfolded and decoded; of Authentication-Results as it came
};

struct Mailbox {
  std::string address;  ///< in lower case
  std::string name;
};

/// A mail taken apart; all text is valid UTF-8 without NUL. Ids are without angle brackets.
struct ParsedMail {
  std::vector<Header> headers;  ///< in the order of the mail, at most 1,000
  std::string message_id;
  std::vector<std::string> in_reply_to;
  std::vector<std::string> references;  ///< oldest first
  std::string from;                     ///< in lower case; empty when there is none
  std::string from_name;
  bool one_author = false;  ///< `from` is the only mailbox of the only From
  /// Whom X-Original-From, or else Reply-To, names besides From: the author of what a list or a
  /// form sends in its own name.
  std::optional<Mailbox> behind_from;
  std::vector<std::string> recipients;  ///< Delivered-To and the like first, then To and Cc
  std::string subject;
  std::optional<Time> date;
  std::string text;  ///< of the body: plain, or made of the HTML
  std::vector<Attachment> attachments;
  bool is_report = false;        ///< multipart/report
  std::string delivery_status;   ///< RFC 3464
  std::string disposition;       ///< RFC 8098
  std::vector<Header> returned;  ///< headers of the mail that a report is about

  /// The first header of that (lower case) name, empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
};

/// Takes any bytes apart as far as they go; refuses only what has no header at all, what has more
/// than 500 parts, and what `check_bounds` refuses. No part is dropped: what is not body text is an
/// attachment.
Result<ParsedMail> parse_mail(std::string_view raw);

/// Fields of a header block ("Name: value"), unfolded; for delivery reports and bare headers. What
/// stands behind its first 256 KiB is not looked at.
std::vector<Header> parse_fields(std::string_view block);
/// The content of the first `<…>` (or word) and the following ones of an id header.
std::vector<std::string> message_ids(std::string_view value);
/// What the bytes show, or the declared type where they show nothing.
std::string content_type(std::string_view bytes, std::string_view declared);

}  // namespace kanal::email
