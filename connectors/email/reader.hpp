#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "connectors/connector.hpp"
#include "connectors/email/breaks.hpp"
#include "connectors/email/cursor.hpp"
#include "connectors/email/imap.hpp"
#include "connectors/email/last_read.hpp"
#include "connectors/email/marks.hpp"
#include "connectors/email/settings.hpp"
#include "connectors/email/translate.hpp"
#include "connectors/email/upcoming.hpp"
#include "connectors/kind.hpp"

namespace kanal::email {

/// Reads a folder by IMAP, over one session that stays open between calls. Losing it loses nothing
/// but time. `settings`, `around` and `translation` outlive it.
class Reader {
 public:
  Reader(ChannelName channel, const Settings& settings, const Surroundings& around,
         const Translation& translation)
      : channel_(std::move(channel)),
        settings_(settings),
        around_(around),
        translation_(translation),
        last_read_(around.spool.empty() ? std::filesystem::path()
                                        : std::filesystem::path(around.spool) += ".reading"),
        upcoming_(settings, breaks_),
        marks_(settings) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// As Connector::poll.
  Result<Batch> poll(const Cursor& since, Budget budget);
  /// As Connector::committed: marks the mails of the batch.
  Result<> committed(const Batch& batch);
  /// As Backfill::backfill. Its places are positions too: their `begun` is where the channel's own
  /// reading goes on, which nothing is read from.
  Result<Batch> backfill(const Backfill::Stretch& stretch, const Cursor& since, Budget budget);
  /// Logs in and opens the folder, unless there is a session that is not known to have ended.
  Result<> connect();
  /// Lists the newest mail.
  Result<> try_listing();
  /// Ends the session; the next call makes a new one.
  void close();

 private:
  [[nodiscard]] bool is_connected() const { return session_ && session_->alive(); }
  Result<Batch> poll_once(const Cursor& since, Budget budget);
  Result<Position> position_of(const Cursor& since);
  Result<Position> place_in(const Backfill::Stretch& stretch, const Cursor& since);
  Result<Position> start_of_folder();
  [[nodiscard]] bool is_of_this_folder(const std::optional<Position>& position) const;
  Result<Batch> read_listed(Position position, Budget budget);

  ChannelName channel_;
  const Settings& settings_;
  const Surroundings& around_;
  const Translation& translation_;
  LastRead last_read_;
  std::unique_ptr<Imap> session_;
  Imap::Folder folder_;
  Breaks breaks_;
  Upcoming upcoming_;
  Marks marks_;
  bool is_settled_ = false;  ///< what an earlier run left unmarked
};

}  // namespace kanal::email
