#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"
#include "core/usage.hpp"

namespace kanal {

/// How much one turn may take. `wait`: a connector whose source can push (IMAP IDLE) may sit on it
/// so long for the first post; others return at once.
struct Budget {
  std::size_t posts = 200;
  std::size_t bytes = 8U << 20U;
  std::chrono::milliseconds wait{0};
  /// A descriptor of the caller's that can be read once waiting is to end; -1: none.
  int wake = -1;
};

/// Translates a channel's bytes to posts and replies to its bytes. Called by one thread at a time:
/// holds no locks. Must not retry, schedule, store, sleep beyond `Budget::wait`, or read a clock
/// that was not handed to it.
class Connector {
 public:
  virtual ~Connector() = default;
  /// What is new since the cursor, oldest first. Asking twice with the same cursor is harmless.
  virtual Result<Batch> poll(const Cursor& since, Budget budget) = 0;
  /// The batch is stored: now, and only now, the source may be told. A failure here is logged and
  /// repeated with the next batch; the posts are known by then and change nothing.
  virtual Result<> committed(const Batch& /*batch*/) { return {}; }
  /// The channel is not ours to work for now (it was paused, or another node has it): what is held
  /// open is let go, and what was read and is not committed stays with the source.
  virtual void rest() {}
  /// One result a reply, in the same order. `Remedy::uncertain` if it may have gone out. None is
  /// begun after its `begin_before`.
  virtual std::vector<Result<Receipt>> send(std::span<const Reply> replies) = 0;
};

/// The request of a webhook, as the web room hands it on.
struct Delivery {
  std::string method;
  std::string path;                                          ///< below /in/{channel}
  std::string query;                                         ///< undecoded
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  std::string peer;  ///< address of the caller
};

/// What a webhook's caller is told, after the posts are stored.
struct Answer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

struct Received {
  std::vector<Post> posts;
  std::vector<Unreadable> unreadable;
  std::vector<Signal> signals;
  Answer answer;
};

/// Ability: the source pushes. `receive` is called from many threads at once and changes nothing;
/// an error becomes a refusal (drop: 400, reconfigure: 403, throttled: 429, retry: 503).
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual Result<Received> receive(const Delivery& delivery) const = 0;
  /// The longest body that it takes. Longer ones are refused before they are read: whoever sends
  /// them has not been asked for a signature yet.
  [[nodiscard]] virtual std::uint64_t most_body_bytes() const { return 256U << 10U; }
};

/// Ability: can find out whether a doubtful reply went out. Nothing: it did not.
class Confirmer {
 public:
  virtual ~Confirmer() = default;
  virtual Result<std::optional<Receipt>> confirm(const Reply& reply) = 0;
};

/// Ability: knows what its far side bills or limits. Called by the channel's own thread.
class Metered {
 public:
  virtual ~Metered() = default;
  [[nodiscard]] virtual Usage usage() const = 0;
  /// What a channel of this kind had used by its stored position. It counts where both share a
  /// credential, also while nobody polls that one here. Before the channels' threads start.
  virtual void recall(const ChannelName& channel, const Cursor& stored) = 0;
  /// The same of what was used beside that channel's thread, also while the threads run. Doing it
  /// again changes nothing.
  virtual void recall_apart(const ChannelName& channel, const Cursor& used) = 0;
  /// What `back-fill` has used in this process besides what was recalled, as `recall_apart` takes
  /// it.
  [[nodiscard]] virtual Cursor used_apart() const = 0;
};

/// Ability: can ask its source whether messages that are stored still stand there. Both calls by
/// the channel's own thread, between polls.
class Rechecker {
 public:
  /// Ids between the two, in the order of their text. `most` 0: none now.
  struct Wish {
    ExternalId after;
    ExternalId before;
    int most = 0;
  };
  virtual ~Rechecker() = default;
  [[nodiscard]] virtual Wish wanted(const Cursor& since) const = 0;
  /// Signals of those that are gone, posts that were changed, and a cursor behind the last. No ids:
  /// there are no more between the two.
  virtual Result<Batch> recheck(const Cursor& since, std::span<const ExternalId> ids) = 0;
};

/// A message to an office that the far side took, of a report that is still with that office.
struct Outstanding {
  std::string key;  ///< Reply::key
  ExternalId id;    ///< what the far side calls it: Receipt::id
  std::string language;
  /// When the report was opened again last, after an answer.
  std::optional<Time> reopened_at = {};
};

/// Ability: the far side says what becomes of a message only when it is asked. Takes the place of
/// `poll`, with the same promises; `sent`: the newest message of each report.
class Follower {
 public:
  virtual ~Follower() = default;
  virtual Result<Batch> follow(std::span<const Outstanding> sent, const Cursor& since,
                               Budget budget) = 0;
};

/// Ability: keeps a pace of its own in asking its source, which may be quicker than its caller's.
class Paced {
 public:
  virtual ~Paced() = default;
  /// For how long `poll` or `follow` would ask nothing yet. Nothing: no pace says when to ask.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> rests_for() const = 0;
};

/// Ability: read from a date, for `kanal channel backfill`.
class Backfill {
 public:
  struct Stretch {
    Time from;
    /// Where the channel's own reading stands. What a source holds behind it is left to that, which
    /// answers it.
    Cursor until = {};
  };
  virtual ~Backfill() = default;
  /// As `poll`, in a place of its own: `since` is empty at first, and then what the turn before
  /// said is next. What is stored is told to `committed`.
  virtual Result<Batch> backfill(const Stretch& stretch, const Cursor& since, Budget budget) = 0;
};

/// A reply as it arrives in one of the ways that it may go.
struct Appearance {
  enum class Way : std::uint8_t {
    plain,             ///< the only one that the channel has
    publicly,          ///< where everybody reads it
    directly,          ///< as a message that nobody else reads
    directly_if_open,  ///< the same where the reporter has written one before
  };
  Way way = Way::plain;
  std::string text = {};
  std::size_t segments = 0;  ///< text messages that it takes; 0 on channels that do not count them
  std::size_t weight = 0;  ///< of `most_weight`, by the channel's own count; 0: nothing is weighed
  std::size_t most_weight = 0;
  std::string_view unless =
      {};  ///< why it is withheld else, and takes no other way (core/reply.hpp)
};

/// Ability: shows what it would send, by what it sends with; the likeliest way first. Pure: called
/// from any thread.
class Previewer {
 public:
  virtual ~Previewer() = default;
  [[nodiscard]] virtual std::vector<Appearance> preview(const Reply& reply) const = 0;
};

/// One line of a connection test, in the order tried.
struct ProbeStep {
  std::string what;
  bool passed = false;
  std::string detail;  ///< what to do about it when it failed
};

/// Ability: the round trip that a new admin would want. Sends a real message only when
/// `send_to` is not empty.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual std::vector<ProbeStep> probe(std::string_view send_to) = 0;
};

/// Ability: read one raw message from a file, for `kanal trace` and for replay from quarantine.
/// Pure; the same bytes always give the same posts.
class Translator {
 public:
  virtual ~Translator() = default;
  virtual Result<Batch> translate(std::string_view raw) const = 0;
};

/// What one field of a raw message becomes.
struct FieldNote {
  std::string field;    ///< as the sender names it; empty: it has none of that
  std::string becomes;  ///< what it is here ("text", "author.id"); empty: it is not looked at
  std::string value;
  std::string problem;  ///< what is wrong with it, or missing
};

/// Ability: says field by field how a raw message is read, for `kanal trace`; also of one that is
/// refused. Pure.
class Explainer {
 public:
  virtual ~Explainer() = default;
  virtual std::vector<FieldNote> explain(std::string_view raw) const = 0;
};

}  // namespace kanal
