#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "core/clock.hpp"

// What connectors share by which offices' own systems are handed reports.
namespace kanal {

/// What the router tells an office's system of a report (router/notice.hpp), read again.
struct OfficeNotice {
  std::string news;   ///< "handed", "back", "added", "overdue", "taken", or why nothing was done
  std::string words;  ///< what the reporter adds, or why it is taken
  std::string title;
  std::string text;
  std::string category;
  std::string due_at;
  std::string received_at;
  bool anonymous = false;
  std::optional<Place> place;
};
/// Nothing when the text is none.
std::optional<OfficeNotice> read_office_notice(std::string_view text);

/// What an office's system says of a report that it was handed.
struct OfficeWord {
  std::string id;     ///< the same for the same word, however often it is read
  std::string key;    ///< Reply::key of the message that it answers
  std::string event;  ///< "answer", "proceed", "ask", "not_ours" or "unclear"
  std::string words;
  Time at;
};
/// The post by which it moves the report, its payload what `read_office_word` reads. Error `drop`:
/// the key or the event is none.
Result<Post> post_of(const OfficeWord& word, const ChannelName& channel);
Result<OfficeWord> read_office_word(std::string_view payload);

/// A round of questions about many messages: one that fails is stepped over, so that it silences
/// none of the others.
class Questions {
 public:
  void heard() { heard_ = true; }
  void failed(Error error);
  /// Whether to ask no more: the far side wants a pause, the settings are wrong, or several have
  /// failed and nothing was heard.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool any_heard() const { return heard_; }
  /// What ended the round, or failed first when nothing was heard.
  [[nodiscard]] Result<> outcome() const;

 private:
  std::optional<Error> failure_;
  int failures_ = 0;
  bool heard_ = false;
  bool ended_ = false;
};

/// How far each message to an office has been followed at the far side; what a Follower's cursor
/// holds.
class Followed {
 public:
  struct Mark {
    int words = 0;                  ///< how many have been read that move the report
    std::string newest;             ///< digest of what was read last
    std::string request;            ///< what the far side calls the report, when it said so later
    std::int64_t left_at_s = 0;     ///< since when the report is with no office; 0: it is with one
    std::int64_t open_since_s = 0;  ///< the reopening after which it was seen unanswered there
  };
  static Followed read(const Cursor& cursor);
  [[nodiscard]] Cursor print() const;
  /// Forgets what has been with no office for longer than a report can be opened again, and at once
  /// of what nothing was read.
  void keep(std::span<const Outstanding> sent, Time now);
  Mark& operator[](const ExternalId& id) { return marks_[id.value()]; }
  /// Whether `said` is not what was read last; then it is from now on.
  static bool is_news(Mark& mark, std::string_view said);
  /// The same of what was said at `said_at`: an answer from before the report was opened again is
  /// none, and one from after it is, though it is in the same words, once the far side was seen to
  /// have it open: a time that moves may be no more than our own word of the reopening.
  static bool is_news(Mark& mark, const Outstanding& about, const OfficeWord& word,
                      std::optional<Time> said_at);

 private:
  std::map<std::string, Mark> marks_;
};

}  // namespace kanal
