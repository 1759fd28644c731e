#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "core/post.hpp"
#include "core/report.hpp"
#include "core/wording.hpp"
#include "store/store.hpp"

namespace kanal {

/// What one stage saw, decided and why; for `kanal trace`, the console and the stored record.
struct StageNote {
  std::string stage;
  std::string evidence;
  std::string decision;
  std::string reason;
};

/// How a channel wants its posts treated.
struct ChannelRules {
  ChannelName name;
  std::string kind;
  bool replies = true;           ///< imports never reply
  bool imports = false;          ///< posts of the past, whose authors no clock tells anything
  bool tells_offices = true;     ///< that a report is handed over to them, or goes on
  Length length = Length::full;  ///< which wordings fit
  ChannelName notify_by;         ///< the channel that mails go out by, for addresses left on a form
  int replies_per_hour = 5;      ///< cap per author
  bool sender_ids = false;       ///< posts' ids are the senders' choice, so that two may have one
  std::string public_url;        ///< base of tracking links
  bool authors = true;           ///< false: whoever writes only says who they are (a form)
  bool links = true;             ///< false: replies name the report's number only
  bool in_public = false;        ///< anybody can read the replies
  /// The reporter's own way to a confidential report's page, for channels that nobody else reads;
  /// without it such a report gets no link. Pure.
  std::function<std::string(const TrackingCode&)> own_link;
};

/// The channel's rules for posts of the past: nobody is told anything of them.
ChannelRules for_import(ChannelRules rules);

struct Surround {
  const Organisation& organisation;
  const ChannelRules& channel;
  Time now;
  /// Of the channels that others are told by; without it only the one that the posts came by is.
  std::function<std::optional<ChannelRules>(const ChannelName&)> rules = {};
};

/// What the pipeline makes of a batch. Pure: the same evidence gives the same decision.
/// Posts of one batch that belong together (same thread, same author and text) meet here.
struct Decided {
  IntakeBatch batch;
  std::vector<std::vector<StageNote>> notes;  ///< one list a post
};

/// `fresh_ids` holds enough reserved report ids for every new post to become a report, `codes` a
/// tracking code for each post, for whatever is made of it.
Decided decide(std::vector<Post> posts, std::span<const Evidence> evidence, const Surround& around,
               std::span<const ReportId> fresh_ids, std::span<const TrackingCode> codes);

}  // namespace kanal
