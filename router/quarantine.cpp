#include "router/quarantine.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/post_json.hpp"
#include "router/casework.hpp"
#include "router/leading_note.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

constexpr int k_most_keepings = 4;
constexpr std::string_view k_parted = "a message of it became a report of its own";

using Rules = std::function<std::optional<ChannelRules>(const ChannelName&)>;

// Posts without a raw form of their own are kept in ours, and imported ones came in it. The files
// that it names are not touched again: they were read then, or never.
Result<Batch> translate_own(const std::string& payload) {
  PostReader reader;
  auto labelled = TRY(reader.read(payload));
  Batch batch;
  batch.posts.push_back(std::move(labelled.post));
  for (auto& attachment : batch.posts.front().attachments) attachment.file.clear();
  return batch;
}

// Of an import also what its channel would bring is read; what neither can read lacks what a line
// must have.
Result<Batch> translate(const std::string& payload, const Translator* translator, bool imported) {
  auto own = translate_own(payload);
  if (own || translator == nullptr) return own;
  auto read = translator->translate(payload);
  const bool is_read = read && read->unreadable.empty() && !read->posts.empty();
  return is_read || !imported ? std::move(read) : std::move(own);
}

// Only bytes, or a file of the spool, are there to be stored.
bool lacks_its_file(const Attachment& attachment) {
  return attachment.bytes.empty() && attachment.file.empty() && attachment.sha256.empty();
}

// The post as its channel would bring it, its files being stored already.
Result<Post> read_again(Store& store, const PostRecord& record, const Translator* translator) {
  const auto payload = TRY(store.payload(record.id));
  Post post;
  if (payload.empty()) {
    post.text = record.text;
    post.full_text = record.full_text;
    post.hints.subject = record.subject;
  } else {
    auto batch = TRY(translate(payload, translator, record.quiet));
    if (batch.posts.size() != 1) return fail(Remedy::drop, "the message can no longer be read");
    post = std::move(batch.posts.front());
  }
  post.id = record.external_id;
  post.posted_at = record.posted_at;
  post.attachments = record.attachments;
  return post;
}

// What asks to be hidden and is not their own to hide in becomes a report of its own, and so does
// what a full one does not take. What it goes on from may have become a report since.
Result<Evidence> evidence_of(Store& store, const PostRecord& record, const Post& post,
                             const Evidence& now, Time at) {
  const auto takes = [&](const Report& report, bool theirs) {
    return has_room(report, post, theirs, at);
  };
  Evidence evidence;
  evidence.reporter = record.author;
  evidence.who = now.who;
  const bool joins = now.thread && (now.thread_is_own || now.guest) &&
                     takes(*now.thread, now.thread_is_own && !now.followed);
  if (!record.report && joins) {
    evidence.thread = now.thread;
    evidence.thread_by = now.thread_by;
    evidence.thread_is_own = now.thread_is_own;
    evidence.guest = now.guest;
    evidence.followed = now.followed;
    evidence.contacts = now.contacts;
    return evidence;
  }
  if (record.report) evidence.thread = TRY(store.report(record.report));
  if (!evidence.thread) return evidence;
  evidence.thread = TRY(root_of(store, std::move(*evidence.thread)));
  if (evidence.thread->id != record.report) evidence.followed = record.report;
  const bool is_others = evidence.thread->reporter != record.author;
  const bool hides = is_others && hides_more(post.hints, *evidence.thread);
  if (hides || !takes(*evidence.thread, !is_others && !evidence.followed)) {
    evidence.followed = {};
    evidence.thread.reset();
    return evidence;
  }
  evidence.thread_by = ThreadBy::token;
  evidence.thread_is_own = evidence.thread->reporter == record.author;
  evidence.guest = !evidence.thread_is_own;
  const auto id = evidence.thread->id;
  evidence.contacts = std::make_shared<const Contacts>(Contacts{{id, TRY(store.contacts(id))}});
  return evidence;
}

// What was said in confidence stays so, also where the author's own report was merged into the one
// that it joined.
Result<> keep_hidden(Store& store, PostId post, const Report& left, Hints& hints) {
  const auto hide_as = [&](const Report& report) {
    hints.anonymous = hints.anonymous || report.anonymous;
    hints.confidential = hints.confidential || report.confidential;
  };
  hide_as(left);
  for (const auto& line : TRY(store.history(left.id))) {
    if (line.post != post || !line.other) continue;
    if (const auto own = TRY(store.report(line.other))) hide_as(*own);
  }
  return {};
}

Result<std::optional<Report>> try_to_promote(Store& store, const Organisation& organisation,
                                             ChannelRules channel, const Clock& clock,
                                             const Translator* translator, PostId id,
                                             const Actor& who, const Rules& rules, bool parts,
                                             bool with_its_code) {
  const auto record = TRY(store.post(id));
  if (!record) return fail(Remedy::drop, "There is no such message.");
  if (record->erased) return fail(Remedy::drop, "This message was erased.");
  if (parts && record->fate != Fate::joined) {
    return fail(Remedy::drop, "This message is no addition to a report.");
  }
  if (!parts && record->fate != Fate::screened && record->fate != Fate::held) {
    return fail(Remedy::drop, "This message belongs to a report already.");
  }
  auto post = TRY(read_again(store, *record, translator));
  if (record->quiet) channel = for_import(std::move(channel));
  channel.replies = channel.replies && post.hints.automatic.empty();
  post.hints.automatic.clear();
  post.hints.passed_on.clear();
  post.hints.passes_on.clear();
  post.hints.suspicion.clear();
  post.hints.goes_on = false;
  if (post.text.empty() && post.hints.subject.empty()) post.hints.subject = "(tanpa teks)";
  const auto gathered = TRY(store.gather(record->channel, {&post, 1}));
  if (post.hints.from_office || gathered.front().handed) {
    return fail(Remedy::drop,
                "It answers a message to an office and did not come from it: enter on the report's "
                "page what holds true of it.");
  }
  std::vector<Evidence> evidence(1);
  std::optional<Report> left;
  if (parts) {
    left = TRY(store.report(record->report));
    if (!left) return fail(Remedy::drop, "There is no such message.");
    evidence[0].reporter = record->author;
    evidence[0].who = gathered.front().who;
    TRY(keep_hidden(store, id, *left, post.hints));
    // What it answered is called so, and not what it says.
    if (matter_of(post.hints.subject) != trim(post.hints.subject)) post.hints.subject.clear();
    if (post.text.empty() && post.hints.subject.empty()) post.hints.subject = "(tanpa teks)";
  } else {
    evidence[0] = TRY(evidence_of(store, *record, post, gathered.front(), clock.now()));
  }
  const auto ids = TRY(store.reserve_reports(1));
  const std::vector codes{with_its_code && !record->code.empty() ? record->code
                                                                 : draw_tracking_codes(1).front()};
  std::vector<Post> posts;
  posts.push_back(std::move(post));
  auto decided =
      decide(std::move(posts), evidence, {organisation, channel, clock.now(), rules}, ids, codes);
  const auto& filed = decided.batch.filed.front();
  if (!filed.change) return fail(Remedy::drop, "No report can be made of it: " + filed.reason);
  auto& change = decided.batch.changes.at(*filed.change);
  if (change.expected_steps == 0) change.after.reporter = record->author;
  if (!change.entries.empty() && change.expected_steps == 0) {
    auto& line = change.entries.front();
    line.actor = who;
    const auto suggested = std::move(line.reason);
    line.reason = "by an officer; was " + std::string(name(record->fate)) +
                  (record->reason.empty() ? "" : ": " + record->reason);
    if (!suggested.empty()) line.reason += "; " + suggested;
    if (left) line.other = left->id;
  }
  std::optional<Change> former;
  if (left) {
    auto note = leading_note(*left, change.after, k_parted, who, organisation, clock.now());
    if (note) former = std::move(*note);
  }
  const auto outcome = TRY(store.adopt(id, record->fate, filed.fate, change, former));
  if (outcome.refusal) return std::optional<Report>();
  return std::optional(std::move(change.after));
}

Result<Report> make_report(Store& store, const Organisation& organisation,
                           const ChannelRules& channel, const Clock& clock,
                           const Translator* translator, PostId post, const Actor& who,
                           const Rules& rules, bool parts) {
  for (int tries = 0; tries < k_most_keepings; ++tries) {
    // Another report may have come to bear it.
    const bool with_its_code = tries + 1 < k_most_keepings;
    auto done = TRY(try_to_promote(store, organisation, channel, clock, translator, post, who,
                                   rules, parts, with_its_code));
    if (done) return std::move(*done);
  }
  return fail(Remedy::retry, "The message is being dealt with by others: look again.");
}

}  // namespace

Result<Ingested> replay(Store& store, Intake& intake, QuarantineId id,
                        const Translator* translator) {
  const auto record = TRY(store.quarantined(id));
  if (!record) return fail(Remedy::drop, "there is no such message in quarantine");
  auto translated = translate(record->payload, translator, record->quiet);
  // What a source might send better another time stays as it is here.
  if (!translated) return fail(Remedy::drop, translated.error().message);
  auto batch = std::move(*translated);
  // Of many messages those that cannot be read go to quarantine by themselves.
  if (batch.posts.empty() && batch.signals.empty()) {
    return fail(Remedy::drop, batch.unreadable.empty() ? "there is no post in it"
                                                       : batch.unreadable.front().reason);
  }
  batch.next = {};
  batch.quiet = record->quiet;
  // Its files are stored already.
  if (batch.posts.size() == 1 && !record->attachments.empty()) {
    batch.posts[0].attachments = record->attachments;
  }
  for (const auto& post : batch.posts) {
    if (std::ranges::any_of(post.attachments, lacks_its_file)) {
      return fail(Remedy::drop,
                  "the files that it names were not kept: import the line again with its files");
    }
  }
  const bool has_signals = !batch.signals.empty();
  auto ingested = TRY(intake.ingest(record->channel, std::move(batch), std::nullopt));
  const bool is_stored = has_signals || std::ranges::any_of(ingested.filings, [](const auto& each) {
                           return each.fate != Fate::quarantined;
                         });
  if (!is_stored) {
    return fail(Remedy::drop, ingested.filings.empty() ? "it could not be stored"
                                                       : ingested.filings.front().reason);
  }
  TRY(store.mark_replayed(id));
  return ingested;
}

Result<Report> promote(Store& store, const Organisation& organisation, const ChannelRules& channel,
                       const Clock& clock, const Translator* translator, PostId post,
                       const Actor& who, const Rules& rules) {
  return make_report(store, organisation, channel, clock, translator, post, who, rules, false);
}

Result<Report> part(Store& store, const Organisation& organisation, const ChannelRules& channel,
                    const Clock& clock, const Translator* translator, PostId post, const Actor& who,
                    const Rules& rules) {
  return make_report(store, organisation, channel, clock, translator, post, who, rules, true);
}

}  // namespace kanal
