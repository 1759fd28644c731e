#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "connectors/email/cursor.hpp"
#include "connectors/email/imap.hpp"
#include "connectors/email/settings.hpp"
#include "core/post.hpp"

namespace kanal::email {

/// What becomes of mails in the mailbox once they are stored (`after_reading`). A mark that cannot
/// be set is owed until it can.
class Marks {
 public:
  explicit Marks(const Settings& settings) : settings_(settings) {}

  /// These went out with the batch that ends at `next`, and are not yet known to be stored.
  void given_out(const Cursor& next, std::vector<Uid> uids);
  /// That batch is stored: its mails are owed their marks.
  void stored(const Cursor& next);
  [[nodiscard]] bool any_owed() const { return !owed_.empty() || !on_their_way_.empty(); }
  /// Sets what is owed. Behind mails that are on their way, what comes of it is seen next time.
  Result<> set(Imap& session);
  /// Sets what an earlier run stored and could not mark any more. The error: the session is lost.
  Result<> settle_leftovers(Imap& session, const Position& position);
  /// Nobody knows what became of the marks that were on their way: they are owed again.
  void session_ended();
  /// The folder is another one.
  void forget();

 private:
  Result<> set_some(Imap& session, std::span<const Uid> uids);
  Result<> settle_on_their_way(Imap& session);

  const Settings& settings_;
  std::map<std::string, std::vector<Uid>> given_out_;  ///< by cursor
  std::vector<Uid> owed_;
  std::vector<Uid> on_their_way_;
};

}  // namespace kanal::email
