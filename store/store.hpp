#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/keys.hpp"
#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/report.hpp"
#include "core/result.hpp"
#include "core/usage.hpp"

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

enum class Health : std::uint8_t {
  connecting,
  working,
  waiting,
  throttled,
  credentials_refused,
  failing,
  paused,
};
std::string_view name(Health);

/// A channel being read again from a date, beside its worker.
struct BackfillRecord {
  Time from;
  Cursor cursor;           ///< how far it has come, as its kind prints it
  std::int64_t posts = 0;  ///< read so far
  Time at;                 ///< when it last got on
  /// Whoever read has broken off: a turn takes no such time.
  [[nodiscard]] bool stands_still(Time now) const { return now - at > std::chrono::minutes(10); }
};

struct ChannelRecord {
  ChannelName name;
  Cursor cursor;
  Health health = Health::connecting;
  Time health_since;
  std::string said;  ///< by the far side, or what else is wrong; what to do is the health's to say
  bool paused = false;
  std::optional<Time> last_success;
  std::optional<Time> last_post;
  std::int64_t posts_today = 0;
  std::int64_t posts_usual = 0;        ///< median of the same time of day over the last fortnight
  std::optional<Time> canary_sent;     ///< the newest test message to itself
  std::optional<Time> canary_missing;  ///< the first that was sent since one last arrived
  std::optional<Time> canary_seen;     ///< when one last arrived
  Usage usage;                         ///< as its worker last knew it
  Cursor used_apart;                   ///< beside its worker, as its kind prints it (Metered)
  /// Messages to the offices that reports are with now which failed, or have long been in doubt,
  /// and which nobody has given up.
  std::int64_t offices_untold = 0;
  std::optional<BackfillRecord> backfill;  ///< until it has come to its end
};

/// Somebody whose messages are screened.
struct BlockedSender {
  ReporterId reporter;
  ChannelName channel;
  Time since;
  OfficerId by;
  std::string reason;
  PostId newest_post;
};

struct OutboxRecord {
  Reply reply;
  ReplyState state = ReplyState::owed;
  int attempts = 0;
  int earlier_attempts = 0;  ///< of them, those before a person had it sent again
  Time due_at;
  std::optional<Time> settled_at;
  std::string detail;
  std::optional<int> segments;  ///< that it took, where a channel counts them
  int claims = 0;               ///< so far; only grows
};

/// The text messages that went out on a channel.
struct SentSegments {
  std::int64_t replies = 0;
  std::int64_t segments = 0;
};

/// A message to an office, as its far side knows it.
struct OfficeMessage {
  std::string key;
  ExternalId external_id;
  std::string language;
  std::optional<Time> reopened_at;  ///< when the report was opened again last, after an answer
};

struct OfficeMessages {
  std::vector<OfficeMessage> messages;
  bool all = true;  ///< false: there are more than were asked for
};

/// How the sending of a claimed reply ended, or what was found out of one in doubt. Nothing happens
/// when it was claimed again since.
struct Settlement {
  OutboxId id;
  ReplyState state = ReplyState::sent;
  ExternalId external_id;
  std::string detail;
  std::optional<Time> retry_at;  ///< with ReplyState::owed
  bool counts = true;            ///< as an attempt
  int segments = 0;              ///< that it took; 0: not counted
  bool in_private = false;       ///< Receipt::in_private
  /// OutboxRecord::claims of what was looked at; none: this process's own claim.
  std::optional<int> claims = {};
};

/// What a person decides about a reply that waits for one.
enum class Verdict : std::uint8_t { went_out, send_again, give_up };

struct ReportFilter {
  std::vector<State> states;
  std::optional<AgencyId> agency;
  std::optional<UnitId> unit;
  std::vector<CategoryId> categories;  ///< any of them
  std::optional<ChannelName> channel;
  std::vector<TrackingCode> codes;  ///< any of them
  std::optional<Time> received_from;
  std::optional<Time> received_before;
  std::optional<Time> moved_from;  ///< something stands in its history since
  std::optional<Time> moved_before;
  std::string words;  ///< full text, or a tracking code
  bool overdue_only = false;
  bool public_only = false;           ///< not confidential, verified
  bool without_confidential = false;  ///< for who must not find those by their words
  std::int64_t before_id = 0;         ///< for the next page
  int most = 50;
  /// Newest first; or what falls due first, then what has no clock, paged by `skip`.
  enum class Order : std::uint8_t { newest, due } order = Order::newest;
  int skip = 0;
};

/// A stored post, without its author's identity.
struct PostRecord {
  PostId id;
  ChannelName channel;
  ExternalId external_id;
  ReporterId author;
  Fate fate = Fate::report;
  std::string reason;
  ReportId report;
  std::string text;
  std::string full_text;
  std::string subject;
  std::string stages;
  std::vector<Attachment> attachments;  ///< name, type, size, sha256
  Time posted_at;
  Time received_at;
  bool erased = false;
  bool confidential = false;  ///< it asks to be, and is no part of a report, which would say so
  TrackingCode code;          ///< of the report that is made of it, if it was held
  bool quiet = false;         ///< it was imported, and nobody is told of it
};

struct PostFilter {
  std::optional<ChannelName> channel;
  std::optional<Fate> fate;
  std::string sender;       ///< exact identity (address, number, handle): looked up by keyed hash
  std::string external_id;  ///< Message-ID and the like
  TrackingCode code;  ///< of the report that it belongs to, or that is made of it if it was held
  std::string words;
  bool without_confidential = false;  ///< none of confidential reports, none that is so itself
  std::int64_t before_id = 0;
  int most = 50;
};

struct QuarantineRecord {
  QuarantineId id;
  ChannelName channel;
  ExternalId external_id;
  std::string reason;
  std::string payload;  ///< empty in lists
  std::uint64_t size_bytes = 0;
  Time at;
  std::optional<Time> replayed_at;
  std::optional<Time> discarded_at;
  std::string discarded_by;  ///< an officer's user name; empty: a command
  std::string discarded_why;
  std::vector<Attachment> attachments;  ///< name, type, size, sha256; empty in lists
  bool quiet = false;                   ///< imported: nobody is told of what is made of it
  [[nodiscard]] bool waits() const { return !replayed_at && !discarded_at; }
};

struct QuarantineFilter {
  std::optional<ChannelName> channel = {};
  int most = 50;
  bool waiting_only = false;
  std::string external_id = {};  ///< as PostFilter has it
  std::int64_t before_id = 0;    ///< for the next page
};

struct Officer {
  OfficerId id;
  std::string user;
  std::string name;
  Role role = Role::monitor;
  AgencyId agency;
  UnitId unit;
  std::string password_hash;  ///< argon2id, encoded
  bool disabled = false;
  std::optional<Time> locked_until;  ///< the latest lock of a place that failed; only read
};

/// Failed sign-ins under one key (a keyed hash of the account, of where it was tried from, or of
/// both): from the `free`th on each locks the key, for a minute, then two, four, an hour at most.
/// They are forgotten when none came for so long.
struct SignInBound {
  Digest key{};
  bool of_account = true;  ///< else of a place, whatever the account
  int free = 1;
  std::chrono::hours forgotten_after{24};
};

struct StoreOptions {
  std::string url;                    ///< libpq connection string
  std::filesystem::path attachments;  ///< directory of files named by their SHA-256
  std::size_t connections = 8;
};

/// PostgreSQL: everything that Kanal keeps. Thread-safe; each call takes a connection of the pool
/// and gives it back. Errors: `retry` when the database is away or refuses for the moment (nothing
/// was written; `of_this_alone`: it took too long, and less at once may not), `uncertain` only when
/// the connection broke during a COMMIT, `drop` for what would fail again.
class Store {
 public:
  /// Connects and brings the schema up to date.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, const Keys& keys,
                                             const Clock& clock);
  ~Store();

  // Intake
  /// Whether any of the posts may be answered: only then what happened lately is counted.
  enum class Answering : bool { no, maybe };
  /// Sets the digests of posts' files where another message may have the same id.
  Result<std::vector<Evidence>> gather(const ChannelName& channel, std::span<Post> posts,
                                       Answering answering = Answering::maybe);
  Result<std::vector<ReportId>> reserve_reports(std::size_t count);
  /// The report that a stored post belongs to; of one that is held, the code of the one that is
  /// made of it.
  struct FiledUnder {
    ReportId report;
    TrackingCode code;
  };
  /// One for each of a channel's posts, in their order; empty where there is none.
  Result<std::vector<FiledUnder>> filed_under(const ChannelName& channel,
                                              std::span<const ExternalId> ids);
  /// Takes over attachments (written and synced first), then writes all in one transaction.
  Result<CommitOutcome> commit(IntakeBatch& batch);

  // Reports
  /// Takes over files that a line is to name: written and synced, `sha256` and `size_bytes` set.
  Result<> keep(std::span<Attachment> files);
  /// Writes one officer's or timer's act; refused as `outdated` when the report has moved on. Files
  /// of its lines were kept before.
  Result<CommitOutcome> write(std::span<const Change> changes);
  /// The same for a screened or held post that becomes (or joins) the change's report; refused as
  /// `outdated` also when somebody else has dealt with the post.
  Result<CommitOutcome> adopt(PostId post, Fate fate, const Change& change);
  /// What the change's newest step would owe, as `claim` would hand it out; nothing is written.
  /// Nothing at all when the report has moved on.
  Result<std::vector<Reply>> rehearse(const Change& change);
  Result<std::optional<Report>> report(ReportId id);
  Result<std::optional<Report>> report(const TrackingCode& code);
  Result<std::vector<Entry>> history(ReportId id);
  /// Of many reports, in their order.
  Result<std::vector<std::vector<Entry>>> histories(std::span<const ReportId> ids);
  Result<std::vector<PostRecord>> posts_of(ReportId id);
  Result<std::vector<OutboxRecord>> replies_of(ReportId id);
  /// How many people passed on posts of each report, or of those that were merged into it, besides
  /// their reporters; in the order of `reports`.
  Result<std::vector<int>> supports(std::span<const Report> reports);
  Result<std::vector<Report>> find_reports(const ReportFilter& filter);
  /// How many there are, up to `filter.most` (counting stops there).
  Result<int> count_reports(const ReportFilter& filter);
  /// Reports whose timer has run out, oldest first; those marked `overdue` only while they wait for
  /// the reporter (completion, silence), as their offices have been told. `after`: those behind it.
  Result<std::vector<Report>> due(Time now, int most, const Report* after = nullptr);
  /// Walks the report's hash chain; the error names the first step that does not fit.
  Result<> verify(ReportId id);
  /// Reports that came before `received_before`, are still worked on (or ought to be) and whose
  /// history has no line of `advise`, in the order of their numbers; those behind `after`.
  Result<std::vector<Report>> unsolved(Time received_before, int most, ReportId after);
  /// Who the reporter is; that `who` looked, and why, is recorded in the same transaction.
  Result<Author> identity(ReporterId reporter, const Actor& who, std::string_view why);
  /// From now on what they send is screened, or no longer; recorded with the reason. False, and
  /// nothing is written, when it was so already.
  Result<bool> block(ReporterId reporter, bool blocked, const Actor& who, std::string_view why);
  Result<std::optional<BlockedSender>> blocked(ReporterId reporter);
  /// Those who were blocked last stand first. `after`: those behind this one.
  Result<std::vector<BlockedSender>> blocked_senders(int most, ReporterId after = {});
  /// Those to be told about a report.
  Result<std::vector<Contact>> contacts(ReportId id);
  /// Erases a post's words, payload and attachments; its lines in the history stay.
  Result<> erase_post(PostId id, std::string_view reason);

  // Looking for a message
  Result<std::vector<PostRecord>> find_posts(const PostFilter& filter);
  /// Held posts that nobody has dealt with, of the newest `most`; those that were erased wait for
  /// nobody.
  struct Held {
    int open = 0;
    int confidential = 0;  ///< they, or the reports that they belong to
  };
  Result<Held> count_held(int most);
  Result<std::optional<PostRecord>> post(PostId id);
  Result<std::string> payload(PostId id);
  /// Ids of a channel's posts that are not erased, between the two, in the order of their text.
  Result<std::vector<ExternalId>> ids_between(const ChannelName& channel, const ExternalId& after,
                                              const ExternalId& before, int most);
  /// The file that holds an attachment.
  [[nodiscard]] std::filesystem::path attachment_file(const Attachment& attachment) const;
  /// Newest first, a thousand at most.
  Result<std::vector<QuarantineRecord>> quarantine(const QuarantineFilter& filter);
  /// How many there are, up to `filter.most` (counting stops there).
  Result<int> count_quarantined(const QuarantineFilter& filter);
  Result<std::optional<QuarantineRecord>> quarantined(QuarantineId id);
  Result<> mark_replayed(QuarantineId id);
  /// Screens out a held post, or sets a quarantined message aside, because `who` says so; recorded
  /// with the reason, in the same transaction. It stays where it is, and can still be taken up.
  Result<> discard(PostId post, const Actor& who, std::string_view why);
  Result<> discard(QuarantineId id, const Actor& who, std::string_view why);

  // Channels
  Result<ChannelRecord> channel(const ChannelName& name);
  Result<std::vector<ChannelRecord>> channels();
  /// Of all that ever were, also by imports.
  Result<std::vector<ChannelName>> channel_names();
  /// False, and nothing is written, when another node has taken the channel since `lease`. `reads`:
  /// whatever the trouble is, reading goes well, so that the channel is not stale.
  Result<bool> save_health(const ChannelName& name, Health health, std::string_view said,
                           const std::optional<Lease>& lease = {}, bool reads = false);
  Result<bool> save_usage(const ChannelName& name, const Usage& usage,
                          const std::optional<Lease>& lease = {});
  Result<> set_paused(const ChannelName& name, bool paused);
  Result<> save_used_apart(const ChannelName& name, const Cursor& used);
  /// Nothing: it has come to its end.
  Result<> save_backfill(const ChannelName& name, const std::optional<BackfillRecord>& backfill);
  /// The token of a test message that is to be sent now; nothing while the last one is younger than
  /// `every`. Whoever asks next gets none, so that several nodes send one.
  Result<std::optional<std::string>> next_canary(const ChannelName& name,
                                                 std::chrono::seconds every);
  /// It could not be sent: the next may be at once. No token: none is missed any more.
  Result<> withdraw_canary(const ChannelName& name, std::string_view token);
  /// Takes or renews the channel for `node`; nothing while another node holds it.
  Result<std::optional<Lease>> lease(const ChannelName& name, std::string_view node,
                                     std::chrono::milliseconds duration);

  // Outbox
  Result<std::vector<Reply>> claim(const ChannelName& channel, std::string_view node, int most,
                                   std::chrono::milliseconds lease);
  Result<> settle(std::span<const Settlement> settlements);
  /// Decides about those of `ids` that are in doubt and, to be sent again, those that failed, which
  /// for offices can be given up too; how many. Sent again, a reply has all its attempts once more,
  /// and its address counts again if it had bounced. Recorded with who decided, in the same
  /// transaction.
  Result<int> decide(std::span<const OutboxId> ids, Verdict verdict, const Actor& who);
  /// Rows whose lease ran out while sending, and all that `restarted` had begun (a node of that
  /// name, which has just started and sends nothing yet): they become `uncertain`.
  Result<std::vector<Reply>> expire_claims(const ChannelName& channel,
                                           std::string_view restarted = {});
  /// Those that came before their reply and that nothing came of for long, of all channels.
  Result<> forget_receipts();
  Result<std::vector<OutboxRecord>> outbox(const std::optional<ChannelName>& channel,
                                           const std::optional<ReplyState>& state, int most,
                                           OutboxId before = {});
  /// Of replies settled since; channels that count no segments are not in it.
  Result<std::map<ChannelName, SentSegments>> sent_segments(Time since);
  /// What the channel's far side took for an office, by the ids that it gave, of reports that are
  /// there now and not closed: the newest of each report, those of the newest `most` reports,
  /// newest first.
  Result<OfficeMessages> with_offices(const ChannelName& channel, int most);

  // Officers and sessions
  /// A line of the installation's log: who did what to what.
  struct Act {
    Actor who;
    std::string_view act;
    std::string_view subject;
  };
  /// Written together with the line, if there is one. A new password forgets failed sign-ins; being
  /// disabled ends all sessions and tokens.
  Result<OfficerId> save_officer(const Officer& officer, const std::optional<Act>& act = {});
  /// These write what they say and nothing else of the officer, so that two who act at once do not
  /// undo each other's acts.
  Result<> set_disabled(OfficerId officer, bool disabled, const Act& act);
  Result<> set_password(OfficerId officer, std::string_view password_hash, const Act& act);
  /// Name, and remit: role, agency and unit; for sessions that are open, too.
  Result<> set_remit(const Officer& officer, const Act& act);
  /// Until when one of the keys is locked; nothing when none is.
  Result<std::optional<Time>> sign_in_locked(std::span<const SignInBound> bounds);
  /// One more failed sign-in under each key; `officer`: whose account, if there is one. The newest
  /// 50,000 keys are kept.
  Result<> count_failure(std::span<const SignInBound> bounds, OfficerId officer);
  /// Forgets the key's; false when `checked` has been disabled or given another password since.
  Result<bool> clear_failures(const Officer& checked, const SignInBound& bound);
  /// False, and nothing is changed, when `checked` has been disabled or given another since.
  Result<bool> change_password(const Officer& checked, std::string_view password_hash);
  Result<std::optional<Officer>> officer(std::string_view user);
  Result<std::optional<Officer>> officer(OfficerId id);
  Result<std::vector<Officer>> officers();
  /// `token_hash`: of the cookie or bearer token; the token itself is never stored.
  Result<> save_session(const Digest& token_hash, OfficerId officer, Time until,
                        std::string_view label);
  /// One that ends no later than `parent` and with it; until when.
  Result<Time> save_session(const Digest& token_hash, const Digest& parent, Time until,
                            std::string_view label);
  /// Nothing happens when it was ended meanwhile.
  Result<> lengthen_session(const Digest& token_hash, Time until);
  Result<std::optional<Officer>> session(const Digest& token_hash);
  Result<> end_session(const Digest& token_hash);
  /// All of an officer's, or those with the label; how many there were.
  Result<int> end_sessions(OfficerId officer, std::string_view label = {});
  /// Appends to the installation's log of acts that belong to no report.
  Result<> record(const Actor& who, std::string_view act, std::string_view subject,
                  std::string_view why = {});

  /// Makes a bounded lot of the reports and posts that no search for words finds yet findable,
  /// oldest first; how many, 0 when none was left. Searches do so themselves for the newest.
  Result<std::size_t> index_words();

  /// Removes attachments' files that no post and no line names and nobody has touched for so long:
  /// what a crash between file and commit left behind. How many were removed. `turn`: only a 256th
  /// of all files, another one each turn.
  Result<std::size_t> sweep_attachments(std::chrono::hours untouched_for,
                                        std::optional<std::uint64_t> turn = {});

  /// Statements run so far, by all threads.
  [[nodiscard]] std::uint64_t statements() const;

  /// Runs `wake` (on a store thread) soon after any commit, with the channels that owe more by it
  /// or were paused or resumed; a hint. Empty: none runs from then on.
  void on_change(std::function<void(const std::set<ChannelName>& concerned)> wake);

  struct Inside;  ///< the store room's own

 private:
  explicit Store(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal
