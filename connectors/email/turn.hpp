#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/email/imap.hpp"
#include "connectors/email/last_read.hpp"
#include "connectors/email/settings.hpp"
#include "connectors/email/translate.hpp"
#include "connectors/email/upcoming.hpp"

namespace kanal::email {

/// The mails of one turn: they are all fetched, and translated then, so that the session can be put
/// to use in between. What it is given outlives it.
class Turn {
 public:
  Turn(Imap& session, std::uint32_t uid_validity, const Settings& settings,
       const Translation& translation, LastRead& last_read, std::vector<Chosen> mails)
      : session_(session),
        uid_validity_(uid_validity),
        settings_(settings),
        translation_(translation),
        last_read_(last_read),
        mails_(std::move(mails)) {}

  /// The error is the session's, or the server wants a pause: what it will not give out, it names.
  Result<> fetch();
  /// What was fetched, once.
  Batch translate();
  [[nodiscard]] const std::vector<Chosen>& mails() const { return mails_; }
  /// What the server did not give out: to be left unmarked.
  [[nodiscard]] const std::vector<Uid>& refused() const { return refused_; }
  /// All others.
  [[nodiscard]] std::vector<Uid> to_mark() const;

 private:
  [[nodiscard]] std::size_t most_bytes() const {
    return static_cast<std::size_t>(settings_.most_mail_bytes);
  }
  Result<> fetch_whole();
  Result<> fetch_by_itself(Uid uid);
  Result<> fetch_headers();
  Result<> miss(Uid uid, const std::string& why);
  std::vector<Imap::Fetched>::iterator find(Uid uid);

  Imap& session_;
  std::uint32_t uid_validity_;
  const Settings& settings_;
  const Translation& translation_;
  LastRead& last_read_;
  std::vector<Chosen> mails_;
  std::vector<Imap::Fetched> fetched_;  ///< by rising UID
  std::vector<Uid> refused_;
  Batch batch_;
};

}  // namespace kanal::email
