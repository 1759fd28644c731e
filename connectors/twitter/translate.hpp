#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/twitter/settings.hpp"
#include "connectors/twitter/tweet.hpp"
#include "core/post.hpp"

namespace kanal::twitter {

/// Turns what the API shows into posts. Pure; the same answer always gives the same posts.
class Translation {
 public:
  Translation(const Settings& settings, const Organisation& organisation);

  /// The number of our own account, once it is known.
  void set_account(std::string id) { account_ = std::move(id); }

  /// Adds what `tweet` is to the batch. Nothing when it is our own. `around` holds what it refers
  /// to. `story`: the post that it goes on from without calling us; its words stand alone then, and
  /// otherwise take those before them along that did not call us.
  void add(const Tweet& tweet, const Answer& around, std::string_view entrance, Batch& batch,
           TweetId story = 0) const;
  void add(const Message& message, const Answer& around, Batch& batch) const;

  /// The posts to be looked up for a whole story: who tells a complaint over several posts often
  /// calls us only in the last one. X shows the nearest one without its pictures, and none further
  /// back. Empty when `around` holds all of it.
  [[nodiscard]] std::vector<TweetId> missing_of_story(const Tweet& tweet,
                                                      const Answer& around) const;
  /// The keys of what is attached to the post and to those whose words it takes along, as told.
  [[nodiscard]] std::vector<std::string> media_of(const Tweet& tweet, const Answer& around,
                                                  TweetId story = 0) const;
  /// Whether it goes on below a post of the same author, and does not call us itself.
  [[nodiscard]] bool goes_on(const Tweet& tweet, const Answer& around) const;
  /// The posts whose words a post that calls us takes along.
  [[nodiscard]] std::vector<TweetId> told_with(const Tweet& tweet, const Answer& around) const;
  [[nodiscard]] bool is_ours(const std::string& author, const Answer& around) const;

 private:
  [[nodiscard]] bool calls_us(const Tweet& tweet) const;
  [[nodiscard]] bool quotes_us(const Tweet& tweet, const Answer& around) const;
  [[nodiscard]] bool is_searched_for(const Tweet& tweet, const Answer& around) const;
  [[nodiscard]] const Tweet* told_before(const Tweet& tweet, const Answer& around) const;
  [[nodiscard]] std::vector<const Tweet*> story(const Tweet& tweet, const Answer& around) const;
  /// The same of what may only go on from another, which stands alone.
  [[nodiscard]] std::vector<const Tweet*> told_in(const Tweet& tweet, const Answer& around,
                                                  TweetId story_id) const;
  [[nodiscard]] std::string payload_of(const Tweet& tweet, const std::vector<const Tweet*>& told,
                                       const Answer& around, TweetId story_id) const;
  [[nodiscard]] std::string words(const Tweet& tweet) const;
  [[nodiscard]] Hints hints_of(const Tweet& tweet, const std::vector<const Tweet*>& told,
                               const Answer& around, const std::string& own_words) const;
  void name_author(Author& author, const Answer& around, Hints& hints) const;
  /// Those that the hashtag names, or a unit of theirs.
  [[nodiscard]] std::set<std::string> agencies_called(const std::string& tag) const;
  [[nodiscard]] std::string agency_of(const std::vector<const Tweet*>& told) const;

  std::string handle_;  ///< in lower case
  std::string account_;
  std::vector<std::string> bots_;
  std::vector<std::string> hashtags_;  ///< without their sign, in lower case
  const Organisation& organisation_;
};

/// The member of a payload that names the story which its post goes on from.
inline constexpr std::string_view k_story_member = "goes_on_from";

/// Behind this the id of a direct message stands, to keep it apart from posts.
inline constexpr std::string_view k_message_prefix = "dm:";

}  // namespace kanal::twitter
