#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/twitter/settings.hpp"
#include "connectors/twitter/tweet.hpp"
#include "core/reply.hpp"

namespace kanal::twitter {

/// Where a reply goes, and what it says there.
struct Outgoing {
  enum class Way {
    publicly,              ///< as an answer to the post
    directly,              ///< as a direct message, in answer to one
    directly_if_open,      ///< as a direct message if the citizen has written one, else nowhere
    directly_or_publicly,  ///< the same, else what of it is for all
  };
  Way way = Way::publicly;
  std::string whole;     ///< what a direct message says
  std::string shown;     ///< what everybody may read; empty: nothing
  std::string_view why;  ///< for `directly_if_open`: why not publicly (core/reply.hpp)
};

/// X wants few answers and only to who called: the first acknowledges, the last public one tells
/// the outcome, all between go by direct message, but for a question, since its clock runs. Of a
/// confidential report the public sees one neutral line, and what is said to the reporter alone it
/// never sees. Pure.
Outgoing plan_answer(const Reply& reply, const Settings& settings, std::chrono::minutes utc_offset);

/// What becomes of it, as far as can be known before it is sent. Pure.
std::vector<Appearance> appearances(const Outgoing& planned, const Settings& settings);

/// All that the public may have been told in the reply's place, whatever has become of the report
/// since: by it a doubtful answer is found again.
std::vector<std::string> public_texts(const Reply& reply, std::chrono::minutes utc_offset);

/// The public words with a time behind them, for when a post of ours says them already: that of the
/// post that is answered, as several people are told the same step, then that of the reply, as one
/// may be told several steps in the same words.
std::vector<std::string> told_apart(const Reply& reply, std::chrono::minutes utc_offset);

/// What a direct message says of it.
std::string message_text(const Reply& reply);

/// Whether the reply says how the report ended, and may bring pictures that prove it.
bool tells_the_outcome(State reached);

/// The post of a reply's `in_reply_to`; nothing for direct messages and what is no post.
std::optional<TweetId> answered_post(const Reply& reply);

/// Whether a post of ours is that answer. X puts the names of those answered before it, and
/// shortens its links.
bool is_that_answer(const Tweet& tweet, TweetId parent, std::string_view text);
/// Whether it says the same, whatever it answers.
bool says(const Tweet& tweet, std::string_view text);
/// Whether a direct message of ours is that answer.
bool is_that_message(const Message& message, std::string_view text);

}  // namespace kanal::twitter
