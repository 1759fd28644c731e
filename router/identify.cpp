#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "router/answers.hpp"
#include "router/moves.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

using namespace answers;
using namespace std::string_view_literals;

// Greeting and all; what is longer is no answer of a few words.
constexpr std::size_t k_longest_letter_bytes = 1000;

// What a mark and thanks are for.
constexpr auto k_praised =
    std::to_array<std::string_view>({"work", "job", "service", "kerja", "kerjanya", "pelayanan",
                                     "pelayanannya", "layanan", "for", "the", "atas"});
// How a text goes on that says of a known matter that nothing came of it.
constexpr auto k_undone = std::to_array<std::string_view>(
    {"diperbaiki", "ditangani", "dikerjakan", "ditindaklanjuti", "ditanggapi", "diangkut",
     "dibersihkan", "ditambal", "diselesaikan", "terselesaikan", "diatasi", "teratasi", "berubah",
     "handled", "repaired"});
constexpr auto k_outcomes =
    std::to_array<std::string_view>({"tindakan", "tindak", "perubahan", "perbaikan", "penanganan",
                                     "hasil", "respon", "respons", "petugas"});
// What there is none of any more where all is well, and what has yet to be done by who writes.
constexpr auto k_complaints =
    std::to_array<std::string_view>({"keluhan", "masalah", "kendala", "komplain"});
constexpr auto k_looking = std::to_array<std::string_view>(
    {"cek", "ngecek", "mengecek", "lihat", "melihat", "periksa", "memeriksa", "coba", "tahu"});
constexpr auto k_praising_so =
    std::to_array<std::string_view>({"secepat", "sebaik", "sebagus", "seramah", "semudah",
                                     "sebersih", "serapi", "senyaman", "sepuas", "sehebat"});
constexpr auto k_wrong = std::to_array<std::string_view>(
    {"rusak", "mati", "gelap", "macet", "mampet", "bocor", "menumpuk", "kotor", "berlubang"});
constexpr auto k_own_doing =
    std::to_array<std::string_view>({"checked", "received", "seen", "tried", "looked", "been"});
// "No" before these is a number.
constexpr auto k_numbered =
    std::to_array<std::string_view>({"hp", "wa", "telp", "telepon", "rumah", "rekening", "rek",
                                     "ktp", "nik", "tiang", "resi", "polisi", "surat"});
constexpr auto k_by_whom =
    std::to_array<std::string_view>({"saya", "kami", "aku", "sempat", "sempet"});
constexpr auto k_again = std::to_array<std::string_view>({"kembali", "lagi", "again"});
constexpr auto k_report = std::to_array<std::string_view>({"laporan", "report", "saya", "my"});
constexpr auto k_giving =
    std::to_array<std::string_view>({"saya", "kami", "beri", "memberi", "berikan", "kasih",
                                     "dengan", "i", "my", "give", "it", "we"});
constexpr auto k_numbers = std::to_array<std::array<std::string_view, 2>>(
    {{"satu", "one"}, {"dua", "two"}, {"tiga", "three"}, {"empat", "four"}, {"lima", "five"}});

std::optional<int> mark_of(std::string_view word) {
  if (word.size() != 1 || word[0] < '1' || word[0] > '5') return std::nullopt;
  return word[0] - '0';
}

// "Terima kasih Tim 2": which of them it was.
bool counts_a_team(std::string_view text) {
  constexpr auto k_teams = std::to_array<std::string_view>({"tim", "team", "admin"});
  constexpr std::string_view k_marks = ",.!:;";
  const auto lower = to_lower_ascii(text);
  const auto words = words_of(lower);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto behind = words[i + 1].substr(0, words[i + 1].find_last_not_of(k_marks) + 1);
    if ((in(k_teams, words[i]) && mark_of(behind)) || (mark_of(words[i]) && in(k_teams, behind))) {
      return true;
    }
  }
  return false;
}

// One mark, with no more around it than says that it is one.
std::optional<ReplyCommand> marking(std::string_view text,
                                    const std::vector<std::string_view>& words) {
  // Any other may be a date.
  if (trim(text) == "5/5") return ReplyCommand{Event::rate, 5};
  std::optional<int> mark;
  bool named = words.size() == 1;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const bool out_of = mark && (*word == "dari" || *word == "of") && word + 1 != words.end();
    if (out_of && word[1] == "5") {
      ++word;
    } else if (!mark && mark_of(*word)) {
      mark = mark_of(*word);
    } else if (in(k_marking, *word) || (mark && in(k_numbers.at(*mark - 1U), *word))) {
      named = true;
    } else if (!is_polite(*word) && !in(k_much, *word) && !in(k_praised, *word) &&
               !in(k_giving, *word)) {
      return std::nullopt;
    }
  }
  // "5 min" may be five minutes.
  const bool meant = named || (thanks(words.begin(), words.end()) && !counts_a_team(text));
  if (!mark || !meant) return std::nullopt;
  return ReplyCommand{Event::rate, mark};
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

// "Belum pernah secepat ini", "Belum ada keluhan lagi", "Belum saya cek": nothing is wrong, or it
// is not known yet.
bool is_content(std::string_view text, const std::vector<std::string_view>& words) {
  const auto end = words.end();
  const auto next =
      std::find_if(words.begin() + 1, end, [](auto word) { return !is_polite(word); });
  if (next == end || stands_apart(text, words[0])) return false;
  const auto after = next + 1 == end ? std::string_view() : next[1];
  const auto holds = [&](const auto& list) {
    return std::any_of(next, end, [&](auto word) { return in(list, word); });
  };
  if (holds(k_but) || holds(k_wrong) || holds(k_disputing)) return false;
  const bool thanked = thanks(next, end);
  if (*next == "lama") return !holds(k_again) && (after == "ini" || thanked);
  // "Belum kami lihat perbaikannya".
  const bool misses = std::any_of(next, end, [](std::string_view word) {
    return word.ends_with("nya") && in(k_outcomes, word.substr(0, word.size() - 3));
  });
  if (holds(k_undone) || holds(k_outcomes) || (misses && !thanked)) return false;
  if (*next == "pernah") return in(k_praising_so, after);
  if (*next == "ada") return in(k_complaints, after);
  const auto verb = std::find_if(next, end, [](auto word) { return !in(k_by_whom, word); });
  return verb != next && verb != end && in(k_looking, *verb) &&
         std::find(verb + 1, end, "ada") == end;
}

// "No, thank you"; who goes on to say that something is wrong declines nothing.
bool declines(std::string_view text, const std::vector<std::string_view>& words) {
  constexpr auto k_thanks = std::to_array<std::string_view>(
      {"terima", "terimakasih", "makasih", "trims", "thank", "thanks"});
  const bool refuses = words[0] == "no" || words[0] == "tidak";
  if (!refuses || words.size() < 2 || !in(k_thanks, words[1])) return false;
  text.remove_prefix(std::min(text.size(), words[0].size()));
  return (text.starts_with(',') || text.starts_with(' ')) &&
         std::none_of(words.begin() + 1, words.end(),
                      [](auto word) { return in(k_but, word) || in(k_disputing, word); });
}

// "Not yet" by itself, or before a mark or what is wanted; "not yet received my card" is new.
bool says_solved(std::string_view text, Words::const_iterator word, Words::const_iterator end) {
  if (word == end || !in(k_solved, *word)) return false;
  if (*word != "yet" || word + 1 == end || in(k_solved, word[1]) || in(k_undone, word[1])) {
    return true;
  }
  const auto at = to_lower_ascii(text).find("yet");
  return at != std::string::npos && at + 3 < text.size() &&
         ".,:;!\n-"sv.find(text[at + 3]) != std::string_view::npos;
}

// "No: 12/2026" heads a letter, "No HP 0812" and "No. 5" are numbers.
bool is_short_for_number(std::string_view text, const std::vector<std::string_view>& words) {
  auto behind = trim(text.substr(std::min(text.size(), words[0].size())));
  const bool dotted = behind.starts_with('.');
  if (behind.starts_with(':')) {
    behind = trim(behind.substr(1));
    return behind.empty() || behind[0] == '-' || (behind[0] >= '0' && behind[0] <= '9');
  }
  const bool goes_on = text.size() > words[0].size() && text[words[0].size()] == ' ';
  return (dotted || goes_on) && words.size() > 1 &&
         (in(k_numbered, words[1]) || is_number(words[1]));
}

// "BELUM" is hardly said in passing at the start of a text; "no" is, unless it stands apart.
bool disputes(std::string_view text, const std::vector<std::string_view>& words) {
  if (words[0] == "belum" || words[0] == "blm") return !is_content(text, words);
  if (!in(k_disputing, words[0]) || declines(text, words)) return false;
  // "Not yet received my card" is about who writes.
  const bool of_theirs = words.size() > 2 && words[1] == "yet" && in(k_own_doing, words[2]);
  if (words[0] == "not" && words.size() > 1 && !of_theirs &&
      (in(k_solved, words[1]) || in(k_undone, words[1]))) {
    return true;
  }
  const bool short_form =
      is_polite_or(words.begin() + 1, words.end(), [](auto word) { return in(k_solved, word); });
  if (short_form && (words.size() > 1 || words[0] != "not")) return true;
  // "Tidak, sudah kering" says the contrary.
  const bool goes_on = std::any_of(words.begin() + 1, words.end(), [](auto word) {
    return in(k_but, word) || in(k_disputing, word);
  });
  if (words[0] == "tidak") return goes_on && stands_apart(text, words[0]);
  if (words[0] != "no" || is_short_for_number(text, words)) return false;
  return text.starts_with("NO ") || stands_apart(text, words[0]);
}

bool reopens(std::string_view text, const std::vector<std::string_view>& words) {
  if (!in(k_opening, words[0])) return false;
  if (words.size() == 1 || in(k_but, words[1]) || stands_apart(text, words[0])) return true;
  // "Buka lagi, terima kasih" speaks of the road, and so does "Buka kembali jalan Melati".
  constexpr std::size_t k_few_words = 3;
  const auto behind = text.find_first_of(",.;!\n"sv);
  const bool marked =
      behind != std::string_view::npos && words_of(as_words(text.substr(0, behind))).size() == 2;
  const bool means_it = marked || words.size() <= k_few_words ||
                        std::any_of(words.begin() + 2, words.end(), [](auto word) {
                          return in(k_report, word) || in(k_but, word) || in(k_wrong, word) ||
                                 in(k_undone, word) || in(k_disputing, word);
                        });
  const bool again = in(k_again, words[1]) && means_it && !thanks(words.begin() + 2, words.end());
  return (again && text.find('?') == std::string_view::npos) || text.starts_with("BUKA ") ||
         text.starts_with("OPEN ");
}

// Where nothing but the time says which report is meant: who says no more than that it is not done
// speaks of what they were answered; who goes on to say what there is none of ("Belum ada air…")
// begins a matter of their own.
bool speaks_of_the_answered(std::string_view text) {
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  if (words.empty()) return false;
  const auto next =
      std::find_if(words.begin() + 1, words.end(), [](auto word) { return !is_polite(word); });
  if (next == words.end() || in(k_undone, *next)) return true;
  if (says_solved(text, next, words.end())) return true;
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
  const auto text = gist_of(post.text, code, post.author.name);
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
  if (command && (command->event != Event::dispute ||
                  speaks_of_the_answered(gist_of(post.text, newest.code, post.author.name)))) {
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

std::optional<ReplyCommand> reply_command(std::string_view written, const TrackingCode& code,
                                          std::string_view author) {
  constexpr std::size_t k_looked_at = 200;
  const auto text = gist_of(clip_utf8(written, k_longest_letter_bytes), code, author);
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

bool asks_for_status(std::string_view written, const TrackingCode& code, std::string_view author) {
  constexpr std::size_t k_longest = 60;
  if (written.size() > k_longest_letter_bytes) return false;
  const auto text = gist_of(written, code, author);
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
  const auto& hints = post.hints;
  const bool alone = post.attachments.empty() && hints.subject.empty() && !post.place;
  // What nobody told us may be about anything.
  const bool to_us = !hints.goes_on && !hints.uncalled && !hints.from_office;
  if (!alone || !to_us || post.text.size() > k_longest_mere_answer_bytes) return false;
  const auto text = gist_of(post.text, {}, post.author.name);
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
  if (!is_mere_answer(post)) return false;
  const auto plain = as_words(gist_of(post.text, {}, post.author.name));
  const auto words = words_of(plain);
  return thanks(words.begin(), words.end()) &&
         is_polite_or(words.begin(), words.end(), [](auto) { return false; });
}

ReplyCommand reply_event(const Report& report, const Post& post, bool theirs, Time now) {
  const bool asks = asks_for_status(post.text, report.code, post.author.name);
  const bool asks_nothing = report.state == State::answered && post.attachments.empty() &&
                            (asks || !takes_up_again(post, report.code));
  ReplyCommand comment{Event::comment, {}, asks_nothing ? k_asks_nothing : std::string_view()};
  if (asks) return comment;
  const auto can = [&](Event event) {
    return find_move(report.state, event, Role::reporter, !report.agency.empty()).has_value();
  };
  if (report.state == State::archived || report.state == State::rejected) {
    const auto again = can(Event::appeal) ? Event::appeal : Event::complete;
    return {theirs && takes_up_again(post, report.code) ? again : Event::comment};
  }
  if (can(Event::complete)) {
    const bool says = !trim(post.text).empty() || !post.attachments.empty();
    return {theirs && says ? Event::complete : Event::comment};
  }
  constexpr std::size_t k_longest_beside_files = 40;
  const bool says_little =
      post.text.size() <= k_longest_letter_bytes &&
      gist_of(post.text, report.code, post.author.name).size() < k_longest_beside_files;
  const auto command = post.attachments.empty() || says_little
                           ? reply_command(post.text, report.code, post.author.name)
                           : std::nullopt;
  if (command) {
    if (command->event == Event::reopen || command->event == Event::dispute) {
      if (can(command->event) && command->event == Event::dispute) return *command;
      if (can(Event::dispute)) return {Event::dispute};
      comment.too_late = can(Event::reopen) && !may_reopen(report, Role::reporter, now);
      if (theirs && can(Event::reopen) && !comment.too_late) return {Event::reopen};
    } else if (theirs && can(command->event)) {
      return *command;
    }
  }
  return comment;
}

bool has_room(const Report& report, const Post& post, bool theirs, Time now) {
  if (!is_full(report)) return true;
  const auto event = reply_event(report, post, theirs, now).event;
  // Another mark moves nothing.
  const bool is_marked = report.state == State::closed && report.rating;
  return event != Event::comment && !(event == Event::rate && is_marked);
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
