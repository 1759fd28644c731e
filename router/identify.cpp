#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "router/moves.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

using namespace std::string_view_literals;

constexpr auto k_confirming = std::to_array<std::string_view>(
    {"ya", "sudah", "selesai", "tuntas", "beres", "yes", "solved", "done", "fixed"});
constexpr auto k_thanking =
    std::to_array<std::string_view>({"terima", "kasih", "terimakasih", "makasih", "trims", "thanks",
                                     "thank", "bagus", "mantap", "great", "good"});
constexpr auto k_addressing = std::to_array<std::string_view>(
    {"pak", "bapak", "bu", "ibu", "mas", "mbak", "min", "kak", "you"});
// Behind thanks; by themselves they say how much of something there is.
constexpr auto k_much =
    std::to_array<std::string_view>({"banyak", "sekali", "a", "lot", "very", "much"});
constexpr auto k_disputing =
    std::to_array<std::string_view>({"belum", "no", "tidak", "not", "blm", "unsolved"});
constexpr auto k_solved = std::to_array<std::string_view>(
    {"selesai", "tuntas", "beres", "solved", "done", "fixed", "yet"});
// How a text goes on that says of a known matter that nothing came of it.
constexpr auto k_undone = std::to_array<std::string_view>(
    {"diperbaiki", "ditangani", "dikerjakan", "ditindaklanjuti", "ditanggapi", "diangkut",
     "dibersihkan", "ditambal", "berubah", "handled", "repaired"});
constexpr auto k_outcomes =
    std::to_array<std::string_view>({"tindakan", "tindak", "perubahan", "perbaikan", "penanganan",
                                     "hasil", "respon", "respons", "petugas"});
constexpr auto k_opening = std::to_array<std::string_view>({"buka", "open", "reopen"});
constexpr auto k_again = std::to_array<std::string_view>({"kembali", "lagi", "again"});
constexpr auto k_report = std::to_array<std::string_view>({"laporan", "report", "saya", "my"});
constexpr auto k_asking = std::to_array<std::string_view>({"status", "cek", "check"});
constexpr auto k_marking =
    std::to_array<std::string_view>({"nilai", "rating", "rate", "bintang", "stars", "star"});

constexpr auto k_signing =
    std::to_array<std::string_view>({"salam", "hormat", "wassalam", "wasalam", "ttd", "regards",
                                     "sincerely", "yours", "cheers", "--"});
constexpr auto k_beside_signing = std::to_array<std::string_view>(
    {"best", "kind", "warm", "faithfully", "saya", "kami", "hangat", "banyak"});
// What no name begins with: somebody goes on.
constexpr auto k_but =
    std::to_array<std::string_view>({"tapi", "tetapi", "namun", "masih", "but", "still"});

template <std::size_t Count>
bool in(const std::array<std::string_view, Count>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string_view> words_of(std::string_view words) {
  std::vector<std::string_view> found;
  for (const auto word : split(words, ' ')) {
    if (!word.empty()) found.push_back(word);
  }
  return found;
}

using Words = std::vector<std::string_view>;

bool is_polite(std::string_view word) {
  return in(k_thanking, word) || in(k_addressing, word);
}

bool thanks(Words::const_iterator from, Words::const_iterator end) {
  return std::any_of(from, end, [](auto word) { return in(k_thanking, word); });
}

/// Nothing but politeness, and what `also` takes besides.
template <class Also>
bool is_polite_or(Words::const_iterator from, Words::const_iterator end, Also also) {
  bool thanked = false;
  return std::all_of(from, end, [&](auto word) {
    thanked = thanked || in(k_thanking, word);
    return is_polite(word) || (thanked && in(k_much, word)) || also(word);
  });
}

bool is_number(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> mark_of(std::string_view word) {
  if (word.size() != 1 || word[0] < '1' || word[0] > '5') return std::nullopt;
  return word[0] - '0';
}

// The text without the report's own number, however it is grouped.
std::string_view without_code(std::string_view text, const TrackingCode& code) {
  text = trim(text);
  if (code.empty()) return text;
  auto rest = text;
  if (rest.starts_with('#')) rest.remove_prefix(1);
  for (const auto& form : {code.value(), grouped(code)}) {
    if (rest.starts_with(form)) return trim(rest.substr(form.size()));
    if (rest.ends_with(form)) {
      rest.remove_suffix(form.size());
      if (rest.ends_with('#')) rest.remove_suffix(1);
      return trim(rest);
    }
  }
  return text;
}

bool may_be_name(std::string_view line) {
  constexpr std::size_t k_most_words = 4;
  const auto words = words_of(line);
  return words.size() <= k_most_words && line.find_first_of("!?") == std::string_view::npos &&
         std::ranges::all_of(words, [](std::string_view word) {
           const auto lower = to_lower_ascii(word);
           const char first = word.front();
           const bool small = first >= 'a' && first <= 'z';
           return !small && !in(k_disputing, lower) && !in(k_but, lower) && !in(k_asking, lower);
         });
}

bool names(std::string_view line, std::string_view author) {
  const auto known = as_words(author);
  const auto plain = as_words(line);
  const auto words = words_of(plain);
  return !words.empty() &&
         std::ranges::all_of(words, [&](auto word) { return has_words(known, word); });
}

enum class Ending { none, thanks, signing };

// "Salam," and "Hormat saya, Budi", but also no more than thanks.
Ending ending_of(std::string_view line, std::string_view author) {
  auto ending = Ending::thanks;
  std::string_view rest;
  for (auto word : words_of(line)) {
    const auto at = word.data() - line.data();
    while (!word.empty() && (word.back() == ',' || word.back() == '.')) word.remove_suffix(1);
    const auto lower = to_lower_ascii(word);
    const bool known = is_polite(lower) || in(k_beside_signing, lower);
    if (in(k_signing, lower)) {
      ending = Ending::signing;
    } else if (!known) {
      rest = line.substr(static_cast<std::size_t>(at));
      break;
    }
  }
  if (line.empty() || rest.size() == line.size()) return Ending::none;
  const bool ends =
      rest.empty() || names(rest, author) || (ending == Ending::signing && may_be_name(rest));
  return ends ? ending : Ending::none;
}

// A short text without what letters end with: "Salam,\nBudi", thanks, or the author's mere name.
std::string_view without_sign_off(std::string_view text, std::string_view author) {
  constexpr std::size_t k_longest = 300;
  constexpr std::size_t k_most_lines = 4;
  if (text.size() > k_longest) return text;
  const auto lines = split(text, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto ending = ending_of(lines[i], author);
    const bool begins = ending != Ending::none || names(lines[i], author);
    if (!begins || lines.size() - i > k_most_lines) continue;
    const bool ends = std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(i) + 1, lines.end(),
                                  [&](auto line) {
                                    return trim(line).empty() || names(line, author) ||
                                           (ending == Ending::signing && may_be_name(line));
                                  });
    if (ends) return trim(text.substr(0, static_cast<std::size_t>(lines[i].data() - text.data())));
  }
  return text;
}

std::optional<ReplyCommand> marking(std::string_view text,
                                    const std::vector<std::string_view>& words) {
  const auto none = [](auto) { return false; };
  const auto first = mark_of(words[0]);
  if (first && words.size() == 1) return ReplyCommand{Event::rate, first};
  const auto rest = words.begin() + 1;
  // "5 min" may be five minutes.
  if (first && thanks(rest, words.end()) && is_polite_or(rest, words.end(), none)) {
    return ReplyCommand{Event::rate, first};
  }
  if (words.size() != 2) return std::nullopt;
  // Any other may be a date.
  if (trim(text) == "5/5") return ReplyCommand{Event::rate, first};
  for (const auto& [word, digit] : {std::pair{words[0], words[1]}, std::pair{words[1], words[0]}}) {
    const auto mark = mark_of(digit);
    if (mark && in(k_marking, word)) return ReplyCommand{Event::rate, mark};
  }
  return std::nullopt;
}

// A word with which a text begins, and which the rest does not go on from: "NO, it is dark".
bool stands_apart(std::string_view text, std::string_view word) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of("\"'#"sv)));
  if (!equals_ignoring_case(text.substr(0, word.size()), word)) return false;
  const auto rest = text.substr(word.size());
  const auto mark = rest.find_first_not_of(' ');
  if (mark == std::string_view::npos) return true;
  // "Buka - masih rusak", but not "No -5".
  return mark == 0 ? ".,:;!\n-"sv.find(rest[0]) != std::string_view::npos
                   : rest.substr(mark).starts_with("- ");
}

// "BELUM" is never said in passing at the start of a text; "no" is, unless it stands apart.
bool disputes(std::string_view text, const std::vector<std::string_view>& words) {
  if (words[0] == "belum" || words[0] == "blm") return true;
  if (!in(k_disputing, words[0])) return false;
  const bool short_form =
      is_polite_or(words.begin() + 1, words.end(), [](auto word) { return in(k_solved, word); });
  if (short_form && (words.size() > 1 || words[0] != "not")) return true;
  // "Tidak, sudah kering" says the contrary.
  const bool goes_on = std::any_of(words.begin() + 1, words.end(), [](auto word) {
    return in(k_but, word) || in(k_disputing, word);
  });
  if (words[0] == "tidak") return goes_on && stands_apart(text, words[0]);
  if (words[0] != "no") return false;
  return text.starts_with("NO ") || (stands_apart(text, words[0]) && !text.starts_with("No."));
}

bool reopens(std::string_view text, const std::vector<std::string_view>& words) {
  if (!in(k_opening, words[0])) return false;
  if (words.size() == 1 || in(k_but, words[1]) || stands_apart(text, words[0])) return true;
  // "Buka lagi, terima kasih" speaks of the road.
  const bool again = in(k_again, words[1]) && !thanks(words.begin() + 2, words.end());
  return (again && text.find('?') == std::string_view::npos) || text.starts_with("BUKA ") ||
         text.starts_with("OPEN ");
}

// Where nothing but the time says which report is meant: who says no more than that it is not done
// speaks of what they were answered; who goes on to say what there is none of ("Belum ada air…")
// begins a matter of their own.
bool speaks_of_the_answered(std::string_view text, const TrackingCode& code) {
  text = without_code(text, code);
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  if (words.empty()) return false;
  const auto next =
      std::find_if(words.begin() + 1, words.end(), [](auto word) { return !is_polite(word); });
  if (next == words.end() || in(k_solved, *next) || in(k_undone, *next)) return true;
  if (*next == "ada" && next + 1 != words.end() && in(k_outcomes, next[1])) return true;
  const auto end = text.find_first_of(" .,:;!?\n-"sv);
  if (end != std::string_view::npos && text[end] != ' ') return true;
  // The command as it was offered, in a text that is not all capitals.
  const auto command = text.substr(0, end);
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return std::ranges::none_of(command, lower) && std::ranges::any_of(text, lower);
}

// Thanks and a mark for what was set aside ask for nothing more; pictures without a word do.
bool takes_up_again(const Post& post, const TrackingCode& code) {
  const auto text = without_sign_off(without_code(post.text, code), post.author.name);
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  if (words.empty()) return !post.attachments.empty();
  return !marking(text, words) && !is_polite_or(words.begin(), words.end(),
                                                [](auto word) { return in(k_confirming, word); });
}

// Of the reports that wait for their author, the one that a text without a number is about: a
// verdict is about what was answered, whatever was asked meanwhile.
const Report* spoken_of(const Post& post, const Evidence& evidence, const Report& newest) {
  const auto command = reply_command(post.text, newest.code, post.author.name);
  if (command &&
      (command->event != Event::dispute || speaks_of_the_answered(post.text, newest.code))) {
    return evidence.answered ? &*evidence.answered : &newest;
  }
  return asks_for_status(post.text, newest.code, post.author.name) ? &newest : nullptr;
}

}  // namespace

const Report* told_last(const Evidence& evidence) {
  const auto& [asked, answered] = std::tie(evidence.asked, evidence.answered);
  if (!asked || !answered) return asked ? &*asked : answered ? &*answered : nullptr;
  return answered->state_since > asked->state_since ? &*answered : &*asked;
}

std::optional<ReplyCommand> reply_command(std::string_view text, const TrackingCode& code,
                                          std::string_view author) {
  text = without_sign_off(without_code(text, code), author);
  constexpr std::size_t k_looked_at = 200;
  const auto plain = as_words(clip_utf8(text, k_looked_at));
  const auto words = words_of(plain);
  if (words.empty()) return std::nullopt;
  if (const auto mark = marking(text, words)) return mark;
  if (disputes(text, words)) return ReplyCommand{Event::dispute, {}};
  if (reopens(text, words)) return ReplyCommand{Event::reopen, {}};
  constexpr std::size_t k_most_words = 6;
  const bool only =
      words.size() <= k_most_words && in(k_confirming, words[0]) &&
      text.find('?') == std::string_view::npos &&
      is_polite_or(words.begin(), words.end(), [](auto word) { return in(k_confirming, word); });
  if (only) return ReplyCommand{Event::confirm, {}};
  return std::nullopt;
}

bool asks_for_status(std::string_view text, const TrackingCode& code, std::string_view author) {
  text = without_sign_off(without_code(text, code), author);
  constexpr std::size_t k_longest = 60;
  if (text.size() > k_longest) return false;
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  if (words.empty() || !in(k_asking, words[0])) return false;
  return is_polite_or(words.begin() + 1, words.end(),
                      [&](auto word) { return in(k_report, word) || word == code.value(); });
}

bool names_a_number(std::string_view text) {
  const auto plain = as_words(text);
  return std::ranges::any_of(words_of(plain), is_number);
}

bool asks_about_a_number(std::string_view text) {
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  return names_a_number(text) && in(k_asking, words[0]) &&
         is_polite_or(words.begin() + 1, words.end(),
                      [](auto word) { return in(k_report, word) || is_number(word); });
}

bool is_mere_answer(const Post& post) {
  const auto text = without_sign_off(trim(post.text), post.author.name);
  const auto& hints = post.hints;
  const bool alone = post.attachments.empty() && hints.subject.empty() && !post.place;
  // What nobody told us may be about anything.
  const bool to_us = !hints.goes_on && !hints.uncalled && !hints.from_office;
  if (!alone || !to_us || post.text.size() > k_longest_mere_answer_bytes) return false;
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  if (words.empty()) return false;
  const bool answers = is_polite_or(words.begin(), words.end(), [](auto word) {
    return in(k_confirming, word) || in(k_disputing, word) || in(k_solved, word) ||
           in(k_opening, word) || in(k_again, word);
  });
  return answers || marking(text, words);
}

bool is_mere_thanks(const Post& post) {
  const auto plain = as_words(without_sign_off(trim(post.text), post.author.name));
  const auto words = words_of(plain);
  return is_mere_answer(post) && thanks(words.begin(), words.end()) &&
         is_polite_or(words.begin(), words.end(), [](auto) { return false; });
}

ReplyCommand reply_event(const Report& report, const Post& post, bool theirs, Time now) {
  if (asks_for_status(post.text, report.code, post.author.name)) return {Event::comment, {}};
  const auto can = [&](Event event) {
    return find_move(report.state, event, Role::reporter, !report.agency.empty()).has_value();
  };
  if (report.state == State::archived || report.state == State::rejected) {
    const auto again = can(Event::appeal) ? Event::appeal : Event::complete;
    return {theirs && takes_up_again(post, report.code) ? again : Event::comment, {}};
  }
  if (can(Event::complete)) {
    const bool says = !trim(post.text).empty() || !post.attachments.empty();
    return {theirs && says ? Event::complete : Event::comment, {}};
  }
  const auto command = post.attachments.empty() || trim(post.text).size() < 40
                           ? reply_command(post.text, report.code, post.author.name)
                           : std::nullopt;
  if (command) {
    if (command->event == Event::reopen || command->event == Event::dispute) {
      if (can(command->event) && command->event == Event::dispute) return *command;
      if (can(Event::dispute)) return {Event::dispute, {}};
      if (theirs && can(Event::reopen) && may_reopen(report, Role::reporter, now))
        return {Event::reopen, {}};
    } else if (theirs && can(command->event)) {
      return *command;
    }
  }
  return {Event::comment, {}};
}

Identified identify(const Post& post, const Evidence& evidence, const ChannelRules& channel) {
  if (!post.author.proven) {
    // The token shows that it comes by the way that the report came, whoever wrote it.
    const bool theirs = !channel.authors || evidence.thread_is_own || evidence.guest;
    if (evidence.thread && evidence.thread_by == ThreadBy::token) {
      return theirs ? Identified{Belonging::joins, &*evidence.thread, "names a token of ours",
                                 "it comes by the way that the report came"}
                    : Identified{Belonging::held, &*evidence.thread, "names a token of ours",
                                 "somebody else answers in a reporter's place"};
    }
    return {Belonging::alone, nullptr, "nobody has proven who wrote it", "a new matter"};
  }
  if (evidence.thread && evidence.thread_by != ThreadBy::none) {
    const auto by = evidence.thread_by == ThreadBy::token       ? "a token of ours"
                    : evidence.thread_by == ThreadBy::reference ? "an earlier message"
                                                                : "a report's number";
    if (evidence.thread_is_own) {
      return {Belonging::joins, &*evidence.thread, std::string("names ") + by,
              "the report is theirs"};
    }
    if (evidence.guest) {
      return {Belonging::joins, &*evidence.thread, std::string("names ") + by,
              "an officer put them to the report"};
    }
    if (evidence.thread_by == ThreadBy::token) {
      return {Belonging::held, &*evidence.thread, std::string("names ") + by,
              "somebody else answers in a reporter's place"};
    }
    return {Belonging::alone, nullptr, std::string("names ") + by,
            "the report belongs to somebody else: a report of its own"};
  }
  if (const auto* newest = told_last(evidence)) {
    if (const auto* report = spoken_of(post, evidence, *newest)) {
      return {Belonging::joins, report, "a report of theirs waits for an answer",
              "the text is an answer to it"};
    }
    const bool threads = channel.length != Length::brief && !post.hints.threadless;
    if (!threads && evidence.asked) {
      return {Belonging::joins, &*evidence.asked, "a report of theirs waits for data",
              "messages of this kind have no threads"};
    }
  }
  if (evidence.latest && is_mere_answer(post)) {
    return {Belonging::joins, &*evidence.latest, "names no report, and says nothing of a new one",
            "the text is an answer to their newest one"};
  }
  return {Belonging::alone, nullptr, "names no report", "a new matter"};
}

}  // namespace kanal
