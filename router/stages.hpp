#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/organisation.hpp"
#include "core/lifecycle.hpp"
#include "core/post.hpp"
#include "core/report.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

// The stages of the pipeline, each a function from values to values; decide() calls them, and the
// casework for what a reporter says on a page.
namespace kanal {

/// Letters and digits in their plain forms (full-width, bold and the like become ordinary ones),
/// composed (NFC), without zero-width and direction marks, blanks single. Numbers written in odd
/// ways ("O8-twelve") stay as they are. Doing it again changes nothing.
std::string normalise_text(std::string_view text);
/// The same on one line.
std::string normalise_line(std::string_view text);
/// All of a post's words; also finds its language and the tracking code that it names.
void normalise(Post& post);

/// The tracking code that stands in a text, however it is grouped; empty when there is none.
std::string code_in(std::string_view text);

/// " jalan berlubang di depan ": lower case, single blanks, one at each end, no punctuation; what
/// whole words are looked for in.
std::string as_words(std::string_view text);
bool has_words(std::string_view words, std::string_view wanted);

struct Screening {
  Fate fate = Fate::report;  ///< report: go on
  std::string reason;
  std::string canary = {};  ///< the token of a test message of ours
  bool is_support = false;  ///< of whatever it passes on
};
/// Loops and automatic mail, blocked senders, nothing said, and what a person should look at.
Screening screen(const Post& post, const Evidence& evidence);

enum class Belonging : std::uint8_t { alone, joins, held };
struct Identified {
  Belonging belonging = Belonging::alone;
  const Report* report = nullptr;  ///< of the evidence; when it joins or is held
  std::string evidence;
  std::string reason;
};
/// Whether the post asks to be kept from others in a way that the report is not.
bool hides_more(const Hints& hints, const Report& report);
/// Of the author's reports that wait for them, the one that they were told of last; or none.
const Report* told_last(const Evidence& evidence);
/// Whose report the post is about. Who only quotes a number gets a report of their own.
Identified identify(const Post& post, const Evidence& evidence, const ChannelRules& channel);

/// What a reporter's answer asks for when it is one of the short commands, in either language.
struct ReplyCommand {
  Event event = Event::comment;
  std::optional<int> rating = {};
  std::string_view reason = {};  ///< k_asks_nothing, where that is so
  bool too_late = false;         ///< it asks to reopen what stays closed
};
/// Nothing when the text is ordinary writing. The report's own code may stand before or after it,
/// and below it what letters end with, as the author's name.
std::optional<ReplyCommand> reply_command(std::string_view text, const TrackingCode& code,
                                          std::string_view author = {});
/// Whether a reporter only asks how the report stands ("STATUS"), in either language.
bool asks_for_status(std::string_view text, const TrackingCode& code, std::string_view author = {});
/// Whether a number stands in the text, be it a report's or not.
bool names_a_number(std::string_view text);
/// The same question with any number, as who has mistyped theirs asks it.
bool asks_about_a_number(std::string_view text);
/// Whether the post is no more than a verdict, a mark or thanks: it begins no matter of its own.
bool is_mere_answer(const Post& post);
/// Whether it is thanks and nothing else, which ask for no answer.
bool is_mere_thanks(const Post& post);
/// What a message asks of the service itself, whoever has a report or none.
struct Plea {
  enum class Kind : std::uint8_t {
    stop,   ///< to be sent nothing any more
    start,  ///< to be sent everything again
    help,
    status,  ///< how a report stands
  };
  Kind kind = Kind::help;
  std::string_view language;  ///< of its word; empty where both languages have it
};
/// Nothing when there is more to the post than the word.
std::optional<Plea> plea_of(const Post& post);
/// What it is answered with, save `status`; `silent`: whether its author wants nothing sent.
Wording answer_to(Plea::Kind plea, bool silent);

/// What the post does to the report that it joins. Not `theirs`: whoever follows the report or was
/// put to it may say that it is not solved, but not for all that it is.
ReplyCommand reply_event(const Report& report, const Post& post, bool theirs, Time now);
/// Whether a report that is_full still takes it: what moves the report does, as officers act
/// between such moves.
bool has_room(const Report& report, const Post& post, bool theirs, Time now);

/// The organisation's rules, made ready to be looked up many times.
class Routes {
 public:
  explicit Routes(const Organisation& organisation);
  struct Route {
    AgencyId agency;
    UnitId unit;
    CategoryId category;
    KindId kind;
    bool dispose = false;
    std::string rule;  ///< what decided: "chosen", a rule's name, "category", "prefix"
    StageNote classified;
    StageNote routed;
  };
  /// The chosen agency, else the first rule that fits, else the category's usual agency.
  [[nodiscard]] Route find(const Post& post, const ChannelRules& channel) const;

 private:
  struct Rule {
    const RoutingRule* rule;
    std::vector<std::string> keywords;
    std::string prefix;
    std::string place;
  };
  struct Keyword {
    std::size_t category;  ///< index into the organisation's
    std::string words;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  /// What people call an office at the beginning of a text.
  struct Prefix {
    std::string words;
    AgencyId agency;
    UnitId unit;
    friend bool operator==(const Prefix&, const Prefix&) = default;
  };
  void read_prefixes();
  [[nodiscard]] const Agency* named_agency(std::string_view name) const;
  [[nodiscard]] const Category* named_category(std::string_view name) const;
  [[nodiscard]] const Rule* fitting(const Post& post, const ChannelRules& channel,
                                    std::string_view words) const;
  [[nodiscard]] const Category* category_of(std::string_view words, std::string& keyword) const;

  const Organisation& organisation_;
  std::vector<Rule> rules_;
  std::vector<Keyword> keywords_;
  std::unordered_map<std::string, std::vector<std::size_t>, Hash, std::equal_to<>> by_first_word_;
  std::vector<Prefix> prefixes_;  ///< the longest first
};

/// What a report is called in lists: the subject, or the beginning of the text.
std::string title_of(const Post& post);

/// The notes as the JSON that is stored with a post.
std::string print_notes(const std::vector<StageNote>& notes);

}  // namespace kanal
