#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace kanal {

/// Who wrote a post, as its channel knows them. `id` is what replies and look-ups go by (the mail
/// address in lower case, the number in E.164, the account's number); all of it is personal data.
struct Author {
  ExternalId id;
  std::string handle;
  std::string name;
  std::string phone;
  std::string email;
  /// false: anybody can say so (a form asks nobody to prove a mail address). Such a post joins no
  /// report by its author alone, and its sender learns nothing of another post.
  bool proven = true;
};

/// WGS 84 degrees and what people call the place; either may be missing.
struct Place {
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string address;
};

/// A file that came with a post: held in memory (`bytes`) or spooled by the receiver (`file`, owned
/// by the post until the store takes it over). `type` is what the content shows, not what was said.
struct Attachment {
  std::string name;
  std::string type;
  std::string bytes;
  std::filesystem::path file;
  std::uint64_t size_bytes = 0;
  std::string sha256;  ///< 64 hex digits; filled in by the store
};

/// What a post says about itself besides its text. None of it is trusted; stages weigh it.
struct Hints {
  std::string subject;
  std::string category;
  std::string agency;
  std::string kind;
  bool anonymous = false;
  bool confidential = false;
  /// Ids of earlier messages that the post names, nearest first (References, reply chain).
  std::vector<ExternalId> references;
  /// Ids of the same author's earlier messages whose words are within this one (a complaint told
  /// over several posts): whoever names one of them means this message, and what is taken back of
  /// them takes it along.
  std::vector<ExternalId> told;
  /// A token that only we could have given out (HMAC checked by the connector): names a report by
  /// its number, or the very message of ours that the post answers by its key (core/reply.hpp).
  std::string thread_token;
  /// A tracking code that stands in the subject or text; counts only with the reporter's identity.
  std::string tracking_code;
  /// The form or address the post came in by.
  std::string entrance;
  /// Why the post looks written by a machine (RFC 3834 §2); such a post is never answered.
  std::string automatic;
  /// Why no machine may answer the post (RFC 3834 §2), though a person may have written it (it came
  /// by a list, it asks for silence, its sender is refuted).
  std::string unanswered;
  /// Why the post only passes on what others said (a retweet, a bare quotation): support for it,
  /// not a report.
  std::string passed_on;
  /// The ids that the post which it passes on may be known by; they are all of one.
  std::vector<ExternalId> passes_on;
  /// It says that it answers a message of ours to an office: nobody's complaint, whatever its
  /// words.
  bool from_office = false;
  /// The id of these words, where authors may change a post that keeps the id of its first ones;
  /// empty: they are the first. Once those are stored, the new ones go on from them.
  std::string edition;
  /// Its words stand before those of the messages that it names: it is the first part of what came
  /// in parts, in whatever order.
  bool opens = false;
  /// It came where messages name no earlier ones, so that it may answer any question of ours.
  bool threadless = false;
  /// Its author did not call us with it, and gets no answer of ours below it: answers stand below
  /// what did.
  bool uncalled = false;
  /// It only goes on from what is stored, and is no report by itself.
  bool goes_on = false;
  /// Why a person should look before this becomes a report (honeypot, filled in too fast).
  std::string suspicion;
};

/// One message of a channel, translated. Everything is UTF-8, valid, without NUL.
struct Post {
  ExternalId id;
  std::optional<ExternalId> in_reply_to;
  Author author;
  std::string text;       ///< what the author wrote, without quotation and signature
  std::string full_text;  ///< all of it; empty when it is the same as `text`
  std::string language;   ///< BCP 47 ("id", "en"); empty when unknown
  std::vector<Attachment> attachments;
  std::optional<Place> place;
  Hints hints;
  Time posted_at;
  std::string payload;  ///< the raw message as it came, for the record and for replay
};

/// A message that a connector could fetch and not understand; goes to quarantine as it is.
struct Unreadable {
  ExternalId id;
  std::string payload;
  std::string reason;
};

/// What a channel tells about messages that are known already.
struct Signal {
  enum class Kind { delivered, failed, delayed, deletion };
  Kind kind = Kind::delivered;
  std::string reply_key;  ///< for receipts and bounces: Reply::key of the outbox row
  /// For deletions: the post. For receipts without a reply_key: what Receipt::id was.
  ExternalId subject;
  std::string detail;
  bool permanent = false;  ///< a failure that repeats (5.x.x): suspend the address on that report
};

/// How far a channel has been read; opaque to all but its connector. Empty: from the start point
/// that the channel's settings name.
struct Cursor {
  std::string value;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// One turn's reading: oldest first, `next` covers all of it. `more`: ask again at once.
struct Batch {
  std::vector<Post> posts;
  std::vector<Unreadable> unreadable;
  std::vector<Signal> signals;
  Cursor next;
  bool more = false;
  /// The source pushes and wants to be served: the worker comes again at once and waits there.
  bool listens = false;
  bool quiet = false;  ///< of an import: nobody is told anything of it
};

}  // namespace kanal
