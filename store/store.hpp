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
#include <vector>

#include "config/keys.hpp"
#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/report.hpp"
#include "core/result.hpp"
#include "store/channels.hpp"
#include "store/intake.hpp"
#include "store/officers.hpp"
#include "store/outbox.hpp"
#include "store/records.hpp"

namespace kanal {

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
  /// The same for a post of the fate `was` that becomes (or joins) the change's report; refused as
  /// `outdated` also when somebody else has dealt with the post. `former`: the change of the report
  /// that it had joined.
  Result<CommitOutcome> adopt(PostId post, Fate was, Fate fate, const Change& change,
                              const std::optional<Change>& former = {});
  /// What the change's newest step would owe, as `claim` would hand it out; nothing is written.
  /// Nothing at all when the report has moved on.
  Result<std::vector<Reply>> rehearse(const Change& change);
  Result<std::optional<Report>> report(ReportId id);
  Result<std::optional<Report>> report(const TrackingCode& code);
  Result<std::vector<Entry>> history(ReportId id);
  /// Of many reports, in their order.
  Result<std::vector<std::vector<Entry>>> histories(std::span<const ReportId> ids);
  /// By rising id; of many only the first and the newest `most`, as anybody may write to their
  /// report again and again.
  Result<std::vector<PostRecord>> posts_of(ReportId id, int most = 1000);
  Result<std::vector<OutboxRecord>> replies_of(ReportId id);
  /// How many people passed on posts of each report, or of those that were merged into it, besides
  /// their reporters; in the order of `reports`.
  Result<std::vector<int>> supports(std::span<const Report> reports);
  /// Those whose reporter wrote after the answer, and whose office has neither answered since nor
  /// noted anything; thanks and questions how it stands (k_asks_nothing) aside.
  Result<std::set<ReportId>> unheard(std::span<const Report> reports);
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
  /// Of the newest `most` replies that failed, those to people that did since, and that no officer
  /// gave up.
  Result<int> count_failed(Time since, int most);
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
