#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/imap_grammar.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/mail_pipe.hpp"

namespace kanal::email {

/// One IMAP4rev1 session (RFC 3501) with a folder selected. One thread. Any error of the session
/// (not of one command) leaves it unusable: make a new one. Commands may be sent before earlier
/// ones are answered (§5.5): all go by UID, and none changes what another gives.
class Imap {
 public:
  struct Folder {
    std::uint32_t uid_validity = 0;
    std::optional<Uid> uid_next;
    std::uint32_t exists = 0;
    bool read_only = false;
  };
  struct Listing {
    Uid uid = 0;
    std::uint64_t size_bytes = 0;
    std::optional<Time> arrived;
  };
  struct Fetched {
    Uid uid = 0;
    bool whole = true;  ///< false: more bytes came than may be kept
    std::string bytes;
  };

  Imap(std::unique_ptr<Pipe> pipe, std::chrono::milliseconds timeout_ms)
      : pipe_(std::move(pipe)), timeout_ms_(timeout_ms) {}

  /// Asks for the server's abilities and selects the folder.
  Result<Folder> open(std::string_view folder);
  /// Sizes and times of the mails from `first` to `last` (both meant) by rising UID, and of the
  /// newest one there is, whatever its UID. `look`: notice new mail first, which costs a round
  /// trip and is idle right after `open`.
  Result<std::vector<Listing>> list(Uid first, Uid last, bool look);
  Result<std::vector<Uid>> search(std::string_view criteria);
  /// Bodies, without marking them as read; `most_bytes` each. A mail that has gone is left out.
  Result<std::vector<Fetched>> fetch(std::span<const Uid> uids, std::size_t most_bytes);
  /// Asks for what the next `fetch` of just these mails gives, so that they are on their way
  /// meanwhile. They wait with the system, not in our memory, until something else is asked for.
  Result<> fetch_ahead(std::span<const Uid> uids, std::size_t most_bytes);
  [[nodiscard]] bool fetches_ahead() const { return ahead_.has_value(); }
  Result<std::vector<Fetched>> fetch_headers(Uid uid, std::size_t most_bytes);
  Result<> mark_seen(std::span<const Uid> uids);
  /// As `mark_seen`; what comes of it is for `marked` to say.
  Result<> mark_seen_ahead(std::span<const Uid> uids);
  /// Waits for the answers to all marks that were not waited for; the first error of them.
  Result<> marked();
  /// MOVE (RFC 6851) or what comes closest to it; makes the folder when there is none.
  Result<> move(std::span<const Uid> uids, std::string_view folder);
  [[nodiscard]] bool can_idle() const { return has("IDLE"); }
  /// Sits on IDLE (RFC 2177) until something happens, the time is up, or `wake` can be read (-1:
  /// none): true when something did.
  Result<bool> idle(std::chrono::milliseconds wait, int wake = -1);
  Result<> noop();
  /// Says goodbye without waiting.
  void close();
  /// False after an error that ended the session.
  [[nodiscard]] bool alive() const { return alive_; }

 private:
  using Untagged = std::function<Result<>(ImapResponse&)>;
  /// A fetch that is asked for and not yet called for.
  struct Ahead {
    std::string tag;
    std::vector<Uid> uids;
    std::size_t most_bytes = 0;
    std::vector<Fetched> mails;
    std::optional<Result<>> outcome;
  };

  /// When a command's answers began to be waited for.
  struct Begun {
    std::chrono::steady_clock::time_point at;
    std::uint64_t kept_bytes = 0;  ///< of mails, until then
  };

  [[nodiscard]] bool has(std::string_view ability) const;
  /// Keeps `most_literal_bytes` of a literal, and little more of all that one response has.
  Result<ImapResponse> read_response(std::size_t most_literal_bytes);
  Result<> send(const std::string& command);
  /// Sends a command and hands its untagged responses on; the error of a NO is `drop`.
  Result<> run(const std::string& command, const Untagged& untagged,
               std::size_t most_literal_bytes = 0);
  Result<> finish(const std::string& tag, const Untagged& untagged, std::size_t most_literal_bytes);
  std::string next_tag();
  static std::optional<Fetched> read_body(ImapResponse& response);
  void keep_if_wanted(Fetched mail, std::span<const Uid> uids, std::vector<Fetched>& mails);
  static Result<> outcome_of(std::string_view line, const std::string& tag);
  /// Whether a response belongs to a command that was not waited for.
  bool take_for_others(ImapResponse& response);
  [[nodiscard]] Begun begin() const;
  /// The next response, or nothing when it belonged to a command that was not waited for. Fails
  /// when a command takes too long for the mails that it brought, whatever else the server says.
  Result<std::optional<ImapResponse>> read_one(const Begun& begun, std::size_t most_literal_bytes);
  /// The fetch that was asked for ahead, when it is over.
  Result<Ahead> finish_ahead();
  Result<std::vector<Fetched>> fetch_items(std::span<const Uid> uids, std::string_view items,
                                           std::size_t most_bytes);
  tl::unexpected<Error> lost(Error error);

  std::unique_ptr<Pipe> pipe_;
  std::chrono::milliseconds timeout_ms_;
  std::string abilities_;
  unsigned number_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::optional<Ahead> ahead_;
  std::vector<std::string> marking_;  ///< tags without an answer yet
  Result<> marked_;
  bool alive_ = true;
};

}  // namespace kanal::email
