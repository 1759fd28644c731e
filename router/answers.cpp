#include "router/answers.hpp"

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "router/stages.hpp"

namespace kanal::answers {

namespace {

// "Good" and "day" only ever stand beside others of these.
constexpr auto k_greeting = std::to_array<std::string_view>(
    {"halo", "hallo", "hello", "hai",   "hi",      "hey",     "hei",       "selamat",
     "pagi", "siang", "sore",  "malam", "good",    "morning", "afternoon", "evening",
     "day",  "maaf",  "mohon", "sorry", "permisi", "punten",  "dengan",    "hormat"});
constexpr auto k_blessing = std::to_array<std::string_view>(
    {"assalamualaikum", "asalamualaikum", "assalamuallaikum", "assalamu", "alaikum",
     "waalaikumsalam", "assalam", "ass", "aslm", "wr", "wb", "warahmatullahi", "wabarakatuh",
     "salam", "sejahtera", "om", "swastiastu", "swastyastu", "shalom"});
constexpr auto k_greeted = std::to_array<std::string_view>(
    {"bpk", "saudara", "sdr", "petugas", "semua", "all", "there", "di", "tempat"});
// Behind these a line names whom it is for, be there a comma or not.
constexpr auto k_for = std::to_array<std::string_view>({"yth", "kepada", "dear"});
/// How a text may come to the word that says what it says.
struct Opening {
  std::string_view written;
  std::string_view meant;
};
constexpr auto k_openings = std::to_array<Opening>({{"masih belum", "belum"},
                                                    {"masih blm", "belum"},
                                                    {"still not", "not"},
                                                    {"it is not", "not"},
                                                    {"it is still not", "not"},
                                                    {"it's not", "not"},
                                                    {"it's still not", "not"},
                                                    {"its not", "not"},
                                                    {"it isn't", "not"},
                                                    {"isn't", "not"},
                                                    {"it has not been", "not"},
                                                    {"it hasn't been", "not"},
                                                    {"this is not", "not"}});

constexpr auto k_signing =
    std::to_array<std::string_view>({"salam", "hormat", "wassalam", "wasalam", "ttd", "regards",
                                     "sincerely", "yours", "cheers", "--"});
constexpr auto k_beside_signing = std::to_array<std::string_view>(
    {"best", "kind", "warm", "faithfully", "saya", "kami", "hangat", "banyak"});

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

bool may_be_addressee(std::string_view text, std::size_t most_words) {
  const auto plain = as_words(text);
  const auto words = words_of(plain);
  return !words.empty() && words.size() <= most_words && may_be_name(text) &&
         std::ranges::none_of(words, [](auto word) {
           return is_number(word) || in(k_confirming, word) || in(k_opening, word) ||
                  in(k_marking, word) || in(k_solved, word);
         });
}

// "Maaf belum sempat ke sana" is no verdict.
bool excuses(std::string_view behind) {
  constexpr auto k_unable = std::to_array<std::string_view>({"sempat", "sempet", "bisa", "dapat"});
  constexpr std::size_t k_shortest_passive = 5;
  const auto plain = as_words(behind);
  const auto words = words_of(plain);
  if (words.empty() || !in(k_unable, words[0])) return false;
  const auto verb = words.size() > 1 ? words[1] : std::string_view();
  // "Belum bisa dilewati" is said of the matter, and "belum dapat air" of what is missing.
  if (words[0] == "dapat") return verb == "ke" || verb.starts_with("me");
  return verb.size() < k_shortest_passive || !verb.starts_with("di");
}

// "Maaf pak, belum sempat ke sana" neither.
bool excuses_itself(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) return false;
  const auto first = to_lower_ascii(words[0]);
  const auto end = static_cast<std::size_t>(words[0].data() - text.data()) + words[0].size();
  return (first == "belum" || first == "blm") && excuses(text.substr(end));
}

// How many bytes at the head are a greeting, or the like: "Selamat siang pak,", "Dear Sir", "Yth.
// Dinas PUTR". It ends with a mark, with its line, or where the answer stands right behind it.
std::size_t salutation_bytes(std::string_view text) {
  constexpr std::string_view k_ends = ",.!:";
  constexpr std::size_t k_most_names = 4;
  constexpr std::size_t k_most_names_before_more = 2;
  const auto line = text.substr(0, text.find('\n'));
  bool greets = false;
  bool names_whom = false;
  bool apologises = false;
  std::size_t end = 0;
  for (const auto written : words_of(line)) {
    const auto at = static_cast<std::size_t>(written.data() - line.data());
    auto word = to_lower_ascii(written.substr(0, written.find_last_not_of(k_ends) + 1));
    std::erase(word, '\'');
    const bool whom = in(k_for, word);
    const bool greeting = whom || in(k_greeting, word) || in(k_blessing, word);
    if (!greeting && !in(k_addressing, word) && !in(k_greeted, word)) {
      if (!greets) return 0;
      const bool answers = word == "belum" || word == "blm" || word == "masih";
      if (answers && !(apologises && excuses(line.substr(at + written.size())))) return at;
      const auto comma = line.find(',', at);
      if (comma == std::string_view::npos && !names_whom) return 0;
      const auto after = comma == std::string_view::npos ? line.size() : comma + 1;
      const auto most = after == line.size() ? k_most_names : k_most_names_before_more;
      const auto name = line.substr(at, comma == std::string_view::npos ? comma : comma - at);
      return may_be_addressee(name, most) ? after : 0;
    }
    greets = greets || greeting;
    names_whom = names_whom || whom;
    apologises = apologises || word == "maaf" || word == "mohon" || word == "sorry";
    end = at + written.size();
    // "Yth." is a short form.
    const bool is_over = !whom && k_ends.find(written.back()) != std::string_view::npos;
    if (is_over) return apologises && excuses_itself(trim(text.substr(end))) ? 0 : end;
  }
  return end;
}

std::string_view without_salutation(std::string_view text) {
  constexpr int k_most_greetings = 5;
  auto rest = trim(text);
  for (int i = 0; i < k_most_greetings; ++i) {
    const auto bytes = salutation_bytes(rest);
    if (bytes == 0) break;
    rest = trim(rest.substr(bytes));
  }
  return rest.empty() ? text : rest;
}

std::string with_straight_apostrophes(std::string_view text) {
  constexpr std::string_view k_curly = "’";
  std::string straight;
  straight.reserve(text.size());
  for (auto at = text.find(k_curly); at != std::string_view::npos; at = text.find(k_curly)) {
    straight.append(text.substr(0, at)) += '\'';
    text.remove_prefix(at + k_curly.size());
  }
  return straight.append(text);
}

std::optional<char> mark_at(std::string_view text, bool at_end) {
  const auto words = words_of(text);
  if (words.empty()) return std::nullopt;
  const auto word = at_end ? words.back() : words.front();
  const bool is_mark = word.size() == 1 && word[0] >= '1' && word[0] <= '5';
  return is_mark ? std::optional(word[0]) : std::nullopt;
}

// Stars are a mark as words tell it: "4 bintang". Beside a figure of the same they say it twice.
std::string with_stars_told(std::string_view text) {
  constexpr std::size_t k_longest = 200;
  constexpr auto k_stars = std::to_array<std::string_view>({"⭐", "★", "🌟"});
  constexpr auto k_between = std::to_array<std::string_view>({" ", "\ufe0f"});
  if (text.size() > k_longest) return std::string(text);
  auto start = std::string_view::npos;
  for (const auto star : k_stars) start = std::min(start, text.find(star));
  if (start == std::string_view::npos) return std::string(text);
  const auto before = text.substr(0, start);
  auto after = text.substr(start);
  int count = 0;
  const auto skip = [&](const auto& signs) {
    const auto sign =
        std::ranges::find_if(signs, [&](std::string_view each) { return after.starts_with(each); });
    if (sign == signs.end()) return false;
    after.remove_prefix(sign->size());
    return true;
  };
  for (bool goes_on = true; goes_on;) {
    const bool star = skip(k_stars);
    count += star ? 1 : 0;
    goes_on = star || skip(k_between);
  }
  if (count > 5) return std::string(text);
  const auto figure = mark_at(before, true) ? mark_at(before, true) : mark_at(after, false);
  const bool twice = figure && (count == 1 || *figure == '0' + count);
  // Behind words one star may be an ornament, and a few that shine: "Terima kasih 🌟🌟".
  const auto said = as_words(before);
  const auto words = words_of(said);
  const bool marks =
      words.empty() || std::ranges::any_of(words, [](auto word) { return in(k_marking, word); });
  const bool shine = text.find("🌟") != std::string_view::npos;
  if (!figure && !marks && (count == 1 || (shine && count < 5))) return std::string(text);
  const auto told = twice ? " " : std::to_string(count) + " bintang ";
  return std::string(trim(std::string(before) + told + std::string(after)));
}

}  // namespace

std::string gist_of(std::string_view written, const TrackingCode& code, std::string_view author) {
  const auto straight = with_straight_apostrophes(written);
  const auto text = without_salutation(without_code(straight, code));
  auto gist = with_stars_told(without_sign_off(without_code(text, code), author));
  for (const auto& opening : k_openings) {
    const auto size = opening.written.size();
    const bool ends =
        gist.size() == size || (gist.size() > size && as_words(gist.substr(size, 1)) == " ");
    if (ends && equals_ignoring_case(std::string_view(gist).substr(0, size), opening.written)) {
      return std::string(opening.meant) + gist.substr(size);
    }
  }
  return gist;
}

Words words_of(std::string_view words) {
  std::vector<std::string_view> found;
  for (const auto word : split(words, ' ')) {
    if (!word.empty()) found.push_back(word);
  }
  return found;
}

bool is_number(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace kanal::answers
