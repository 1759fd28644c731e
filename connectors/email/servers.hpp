#pragma once

#include "config/keys.hpp"
#include "connectors/email/settings.hpp"
#include "core/result.hpp"
#include "net/mail_pipe.hpp"

namespace kanal::email {

/// The server that mail is read from, or that it is sent by, and how to log in to it; whom to log
/// in as is imap's where smtp does not say. Fails when the password cannot be had.
Result<MailServer> server_of(const Settings& settings, MailServer::Protocol protocol,
                             const Keys& keys);

}  // namespace kanal::email
