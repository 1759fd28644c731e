#pragma once

#include <span>
#include <string>
#include <string_view>

#include "connectors/email/mime.hpp"
#include "connectors/email/tokens.hpp"

namespace kanal::email {

/// The header that marks a mail as ours, whatever a server does to the others.
inline constexpr std::string_view k_loop_header = "x-loop";

/// Why a mail looks written by a machine or by ourselves (RFC 3834 §2); empty when a person seems
/// to have written it. `ours`: our own addresses, in lower case.
std::string why_automatic(const ParsedMail& mail, const Tokens& tokens,
                          std::span<const std::string> ours);

/// Why a mail that a person may have written must not be answered by a machine (RFC 3834 §2): it
/// comes by a list, or asks for silence; empty when it may be. A list that is one of `ours` is only
/// the way in.
std::string why_unanswered(const ParsedMail& mail, std::span<const std::string> ours);

}  // namespace kanal::email
