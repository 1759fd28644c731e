#pragma once

#include <span>
#include <string>
#include <string_view>

#include "connectors/email/mime.hpp"
#include "connectors/email/tokens.hpp"

namespace kanal::email {

/// The header that marks a mail as ours, whatever a server does to the others.
inline constexpr std::string_view k_loop_header = "x-loop";

/// Whether a token, a Message-ID or a report's number shows that a mail answers one of ours.
enum class Answers { ours, others };

/// Why a mail looks written by a machine or by ourselves (RFC 3834 §2); empty when a person seems
/// to have written it. `ours`: our own addresses, in lower case. What people write too (a subject,
/// `Precedence: bulk`) counts only of an answer to us.
std::string why_automatic(const ParsedMail& mail, const Tokens& tokens,
                          std::span<const std::string> ours, Answers answers);

/// Why a mail that a person may have written must not be answered by a machine (RFC 3834 §2): it
/// comes by a list, asks for silence, or begins as machines do; empty when it may be. A list that
/// is one of `ours` is only the way in.
std::string why_unanswered(const ParsedMail& mail, std::span<const std::string> ours);

/// Whether it came by a list that one of those addresses is: "List-Id: <lapor.contoh.go.id>" (RFC
/// 2919), "List-Post: <mailto:lapor@contoh.go.id>" (RFC 2369).
bool is_list_of(const ParsedMail& mail, std::span<const std::string> addresses);

}  // namespace kanal::email
