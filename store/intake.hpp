#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/report.hpp"

// What a batch of posts is judged by, and what it becomes.
namespace kanal {

/// What became of a post. `repeated` is the same message again; `joined` belongs to an existing
/// report; `screened` and `held` say why in the reason and can be turned into a report by a person.
/// `office` is what an office said about a report that was handed over to it; `errand` is for the
/// service itself (STOP, HELP).
enum class Fate : std::uint8_t {
  report,
  joined,
  repeated,
  screened,
  held,
  quarantined,
  office,
  errand
};
std::string_view name(Fate);

/// How a post was found to belong to a report.
enum class ThreadBy : std::uint8_t { none, token, reference, code };

/// The id under which a post is stored when another message has its own: that of its edition, else
/// that id, `#` and a digest of the text and the files.
ExternalId apart_id(const Post& post);

/// What a post's files are, whatever their order and names: their SHA-256s, sorted, in one.
/// They are known once `gather` needed them or `commit` took them.
std::string digests_of_files(const Post& post);

/// Channel and address of somebody to be told about a report.
struct Contact {
  ReporterId reporter;
  ChannelName channel;
  std::optional<ExternalId> newest_post;
  bool suspended = false;  ///< its address bounced
  std::string who;         ///< equal for one address on one channel, whoever left it; a keyed hash
  ReportId report;         ///< the report that they wrote about
  std::string subject;     ///< of what was sent them first about it; empty: nothing was
  bool follows = false;    ///< that report was merged into the one asked for
  bool quiet = false;      ///< all that they wrote there was imported
};

/// Those to be told of what a batch's posts may do to reports, by report.
using Contacts = std::unordered_map<ReportId, std::vector<Contact>>;

/// Longer texts are no mere answers ("BELUM pak", "5"), and Evidence::latest is not looked for.
inline constexpr std::size_t k_longest_mere_answer_bytes = 40;

/// What the past knows about one post, gathered for a whole batch in a constant number of queries.
struct Evidence {
  bool known = false;        ///< (channel, external id) is stored
  bool another = false;      ///< and so it is, but of another time or edition, with another text
                             ///< or files
  bool apart_known = false;  ///< (channel, apart_id) is stored
  ReporterId reporter;       ///< the author, if seen before on this channel
  std::string who;           ///< the author, as Contact::who has it
  bool blocked = false;
  bool silent = false;        ///< they want nothing sent
  std::string language;       ///< of their newest message, where this one is too short to tell
  int replies_last_hour = 0;  ///< automatic replies sent to the author
  int reports_last_hour = 0;  ///< that the author began
  ThreadBy thread_by = ThreadBy::none;
  std::optional<Report> thread;  ///< the report that the post answers
  bool thread_is_own = false;    ///< its reporter is the author
  bool guest = false;            ///< it is not, but an officer put the author's words to it
  ReportId followed;             ///< the author's report, if it was merged into `thread`
  int thread_replies_last_hour = 0;
  std::optional<Report> named;      ///< whose number the post names, if it is not `thread`
  bool named_is_own = false;        ///< the author is its reporter, or one of its contacts
  std::optional<Report> asked;      ///< of the author's, the one that was asked for data last
  std::optional<Report> answered;   ///< of the author's, the one that was answered last
  std::optional<Report> latest;     ///< of the author's, the newest, for a short post
  ReportId latest_merged;           ///< the author's own one, if it was merged into `latest`
  std::optional<Report> same_text;  ///< the author's report with the same text and subject, within
                                    ///< a week, that nobody has put an end to
  bool same_files = false;          ///< and it came with the same files
  ReportId same_text_merged;        ///< the author's own one, if it was merged into `same_text`
  std::optional<HandedTo> handed;   ///< the post names a message of ours to that office
  PostId passes_on;                 ///< the stored one that the post passes on
  std::optional<Report> supported;  ///< the report that it belongs to, if it does
  /// One for the whole batch, as it may bring thousands of posts to a report of thousands.
  std::shared_ptr<const Contacts> contacts;
};

/// A reply owed, once by its key (core/reply.hpp).
struct Owed {
  ReportId report;  ///< whose thread it goes out in; none: the change's own
  int step = 0;
  ChannelName channel;
  ReporterId to;        ///< none: the author of the post that is being filed
  std::string address;  ///< when `to` is none and it is not the author's id (an e-mail on a form)
  std::optional<HandedTo> office;  ///< it goes there, to `address`, and to nobody of the report's
  std::optional<ExternalId> in_reply_to;
  std::string language;
  std::string subject;
  std::string text;
  std::string public_text;    ///< Reply::public_text
  bool confidential = false;  ///< what it tells of is, though its thread is of no report
  bool acknowledgement = false;
  std::string withheld;  ///< why it is only kept, and not sent
  Time due_at;
};

/// One report's change: what it is afterwards, and the lines that say how. `expected_steps` 0 makes
/// a new report, whose id must come from `reserve_reports`. The store computes hashes, numbers the
/// lines from expected_steps + 1, and fills in what only the commit knows: a line's `post` of
/// PostId(-1 - i) becomes the post filed[i], and a reporter's line without a post takes the next of
/// the posts that name this change; a report without a reporter takes the first one's author.
struct Change {
  Report after;
  int expected_steps = 0;
  bool reworded = false;  ///< `after.text` is not what it was, which nothing else changes
  std::vector<Entry> entries;
  std::vector<Owed> replies;
};

/// What a post asks of the service itself.
struct Errand {
  bool was_silent = false;     ///< by the evidence; refused as `outdated` if it is no longer so
  bool silent = false;         ///< from now on nothing is sent to the author, save `answer`
  std::optional<Owed> answer;  ///< about no report
};

/// A post and where it went.
struct Filed {
  Post post;
  ReporterId author;  ///< if the evidence knew them; none: they are looked for, and filed if new
  Fate fate = Fate::report;
  std::string reason;
  std::optional<std::size_t> change;  ///< index into IntakeBatch::changes
  ReportId report;                    ///< for `repeated` and links without a change
  TrackingCode code;                  ///< for `held`: of the report that is made of it
  /// The post that it only passes on, as support for whatever report that belongs to; one of the
  /// same batch as Change has a line's.
  PostId passes_on;
  std::optional<Errand> errand;
  std::string stages;  ///< JSON: what each stage saw and decided
};

/// The right to write for a channel; a stale epoch is refused.
struct Lease {
  ChannelName channel;
  std::int64_t epoch = 0;
};

/// All that one turn of a channel becomes; committed together or not at all.
struct IntakeBatch {
  ChannelName channel;
  std::optional<Lease> lease;
  std::optional<Cursor> next;
  std::vector<Filed> filed;
  std::vector<Change> changes;
  std::vector<Unreadable> unreadable;
  std::vector<Signal> signals;
  std::vector<std::string> canaries;  ///< tokens of test messages that arrived
  bool quiet = false;                 ///< imported: no clock tells the authors anything
};

struct Committed {
  std::vector<bool> stored;  ///< one a post, in order; false: it was there already
  std::size_t reports = 0;
  std::size_t replies = 0;
};

/// Why a commit did not happen: nothing was written.
enum class Refusal : std::uint8_t {
  outdated,     ///< a report has moved on (or a tracking code was taken): gather again
  stale_lease,  ///< another node has the channel
};
struct CommitOutcome {
  std::optional<Refusal> refusal;
  Committed committed;
};

}  // namespace kanal
