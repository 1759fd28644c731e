#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/post.hpp"
#include "core/report.hpp"
#include "store/intake.hpp"

// What lists and pages ask for, and what they get.
namespace kanal {

struct ReportFilter {
  std::vector<State> states;
  bool or_unheard = false;  ///< besides those states: what Store::unheard tells
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

/// Somebody whose messages are screened.
struct BlockedSender {
  ReporterId reporter;
  ChannelName channel;
  Time since;
  OfficerId by;
  std::string reason;
  PostId newest_post;
};

}  // namespace kanal
