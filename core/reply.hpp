#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.hpp"
#include "core/lifecycle.hpp"
#include "core/post.hpp"
#include "core/report.hpp"

namespace kanal {

/// The step of a reply in the thread of a report that was merged is that of its root, this far
/// apart for each of so many roots from the steps of its own.
inline constexpr int k_steps_apart = 1'000'000;
inline constexpr int k_roots_apart = 2000;
/// From here on count the replies to an office by which its report does not move. They go to nobody
/// who follows one.
inline constexpr int k_first_unmoved_step = 1'000'000'000;

/// A reply owed to a reporter, or to an office that a report is handed over to, as the outbox hands
/// it to a connector.
struct Reply {
  OutboxId id;
  /// "report.step.reporter.channel", the idempotency key; in old replies "report.step.channel".
  std::string key;
  ReportId report;
  int step = 0;
  TrackingCode code;
  ChannelName channel;
  std::string address;                    ///< whom: mail address, number, account; personal data
  std::optional<ExternalId> in_reply_to;  ///< the post that it answers
  bool uncalled = false;                  ///< that post did not call us (Hints::uncalled)
  std::vector<ExternalId> references;     ///< earlier messages of the thread, oldest first
  std::string thread_token;               ///< to be carried so that the answer finds the report
  std::string language;
  std::string subject;
  std::string text;
  std::string public_text;       ///< in its place where others read it; empty: the text is for all
  bool acknowledgement = false;  ///< first answer to a post (auto-replied), else a status message
  State reached = State::received;  ///< what the report came to by the step that this tells of
  bool asks = false;                ///< that step put a question to the reporter
  /// Replies about the report that this person has had on this channel before all eyes, questions
  /// left out; 0 when it is about none.
  int earlier = 0;
  bool confidential = false;       ///< nobody but the reporter may learn of the report it tells of
  std::optional<HandedTo> office;  ///< to whom it goes; none: to a reporter
  std::vector<Attachment> attachments;  ///< `file` of each is the store's, to be read only
  Time owed_at;                         ///< when it came to be owed
  /// It is not begun any more from then on: another process may have it in hand.
  Time begin_before = Time::max();
  bool silent = false;  ///< whoever it is for wants nothing sent (Errand::stop)
};

/// What takes the place of an office's message that has not gone out when its report becomes
/// confidential.
inline constexpr std::string_view k_now_confidential_id =
    "Laporan ini kini rahasia: isinya tidak dikirim dan dibaca di konsol.";
inline constexpr std::string_view k_now_confidential_en =
    "This report is confidential now: its words are not sent, and are read in the console.";

/// The far side took a reply. `delivered`: it is final; otherwise a Signal may still tell.
struct Receipt {
  ExternalId id;
  bool delivered = false;
  int segments = 0;         ///< text messages that it took; 0 on channels that do not count them
  bool in_private = false;  ///< on a channel whose answers all can read: this one nobody else can
};

/// `withheld`: a rule of the channel or a wish of the receiver keeps it back; it stands where the
/// report is tracked.
enum class ReplyState { owed, sending, sent, delivered, failed, uncertain, withheld };
/// As they are stored and shown to programs, in the order above.
inline constexpr std::array<std::string_view, 7> k_reply_states = {
    "owed", "sending", "sent", "delivered", "failed", "uncertain", "withheld"};
constexpr std::string_view name(ReplyState state) {
  return k_reply_states.at(static_cast<std::size_t>(state));
}

/// Why a reply is withheld: what connectors say, kept with it, and worded anew for officers.
namespace withheld {
inline constexpr std::string_view k_not_called =
    "The channel lets us answer only those who called us.";
inline constexpr std::string_view k_enough = "The report has had its public answers.";
inline constexpr std::string_view k_kept_for_outcome =
    "This step is not posted: the public answer that is left is kept for the outcome.";
inline constexpr std::string_view k_confidential =
    "The report is confidential, and the channel is public.";
inline constexpr std::string_view k_no_post = "There is no post to answer.";
inline constexpr std::string_view k_author_had_theirs =
    "Its receiver had as many automatic answers within the hour as one gets.";
inline constexpr std::string_view k_thread_had_its_own =
    "The report had as many automatic answers within the hour as one gets.";
inline constexpr std::string_view k_sends_many =
    "Its receiver sends many messages, and had an answer within the hour.";
}  // namespace withheld

/// What is written to a reply that is withheld, to one that waits, and, before what stands there,
/// to one that an officer gives up.
inline constexpr std::string_view k_asked_for_silence = "whoever it was for asked for silence";
inline constexpr std::string_view k_waits_for_morning = "waits for the end of the quiet hours";
inline constexpr std::string_view k_given_up = "an officer gave it up";

}  // namespace kanal
