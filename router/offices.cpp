#include "router/offices.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "core/visibility.hpp"
#include "format/digest.hpp"
#include "router/notice.hpp"
#include "router/replies.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

using Kind = OfficeWish::Kind;

constexpr auto k_kinds =
    std::to_array<Kind>({Kind::answer, Kind::proceed, Kind::ask, Kind::not_ours});

struct Spelling {
  std::string_view words;
  Kind kind;
};
constexpr auto k_spellings = std::to_array<Spelling>({{"proses", Kind::proceed},
                                                      {"diproses", Kind::proceed},
                                                      {"in progress", Kind::proceed},
                                                      {"selesai", Kind::answer},
                                                      {"done", Kind::answer},
                                                      {"bukan kami", Kind::not_ours},
                                                      {"not ours", Kind::not_ours},
                                                      {"tanya", Kind::ask},
                                                      {"ask", Kind::ask},
                                                      {"status", Kind::unclear}});

constexpr std::string_view k_marker_id = "== Tulis jawaban Anda di atas baris ini ==";
constexpr std::string_view k_marker_en = "== Write your answer above this line ==";

// What says that a message has arrived, and nothing about the matter.
constexpr auto k_courtesies = std::to_array<std::string_view>(
    {"ok",       "oke",      "okay",    "baik",          "siap",    "ya",         "noted",
     "terima",   "kasih",    "makasih", "trims",         "thanks",  "thank",      "you",
     "received", "diterima", "sudah",   "kami",          "pak",     "bu",         "akan",
     "segera",   "tindak",   "lanjuti", "tindaklanjuti", "we",      "will",       "follow",
     "up",       "yes",      "dan",     "and",           "laporan", "laporannya", "the",
     "report"});

// Among blanks.
constexpr std::string_view k_greetings =
    " dengan hormat salam selamat pagi siang sore malam good morning afternoon evening dear hello "
    "hi halo yth kepada bapak ibu saudara sdr pelapor reporter di tempat regards best wr wb "
    "assalamualaikum assalamu alaikum ";

enum class News { none, handed, back, added, overdue, taken };

bool is_worked_on(State state) {
  return state == State::at_agency || state == State::at_unit || state == State::in_progress ||
         state == State::reopened;
}

News news_of(const Report& after, const Entry& entry) {
  switch (entry.event) {
    case Event::verify:
    case Event::dispose:
    case Event::complete:
    case Event::restore:
    case Event::unmerge:
      return is_worked_on(after.state) ? News::handed : News::none;
    case Event::dispute:
    case Event::reopen:
      return News::back;
    case Event::comment:
      return is_worked_on(after.state) || after.state == State::answered ? News::added : News::none;
    case Event::escalate:
      return is_worked_on(after.state) ? News::overdue : News::none;
    default:
      return News::none;
  }
}

// The office that had the report is no longer to work on it, by somebody else's act.
bool is_taken(const Report& before, const Report& after) {
  if (!is_worked_on(before.state)) return false;
  const bool elsewhere = before.agency != after.agency || before.unit != after.unit;
  return elsewhere || (!is_worked_on(after.state) && after.state != State::needs_info);
}

/// One message in the office's language.
class Letter {
 public:
  Letter(const Organisation& organisation, const HandOver& way, const HandedTo& office)
      : organisation_(organisation), english_(is_english(way.language)), office_(office) {}

  [[nodiscard]] std::string_view say(std::string_view indonesian, std::string_view english) const {
    return english_ ? english : indonesian;
  }
  void line(std::string_view text) {
    text_ += text;
    text_ += '\n';
  }
  void field(std::string_view name, std::string_view value) {
    if (!value.empty()) line(std::string(name) + ": " + std::string(value));
  }
  void begin() {
    line(say(k_marker_id, k_marker_en));
    line("");
  }
  void tell(News news, const Report& report, const View& seen);
  void take_back(const Report& after, const View& seen);
  [[nodiscard]] std::string_view why_taken(const Report& after) const;
  void options(const Report& report);
  [[nodiscard]] std::string_view language() const { return english_ ? "en" : "id"; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void opening(News news, const Report& report);
  void complaint(const View& seen);
  [[nodiscard]] std::string_view option(Kind kind) const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string held_by(const Report& report, std::string_view at) const;

  const Organisation& organisation_;
  bool english_;
  HandedTo office_;
  std::string text_;
};

std::string Letter::name() const {
  if (const auto* unit = organisation_.unit(office_.unit)) return unit->name;
  const auto* agency = organisation_.agency(office_.agency);
  return agency == nullptr ? std::string() : agency->name;
}

// Whose it is when that is not whom the letter is for.
std::string Letter::held_by(const Report& report, std::string_view at) const {
  const auto* unit = organisation_.unit(report.unit);
  if (unit == nullptr || report.unit == office_.unit) return {};
  return std::string(at) + unit->name;
}

void Letter::opening(News news, const Report& report) {
  const auto number = "#" + grouped(report.code);
  switch (news) {
    case News::handed:
      line(english_
               ? "Report " + number + " is passed to " + name() + " to be worked on."
               : "Laporan " + number + " diteruskan kepada " + name() + " untuk ditindaklanjuti.");
      break;
    case News::back:
      line(english_ ? "The reporter says that report " + number + " is not solved."
                    : "Pelapor menyatakan laporan " + number + " belum selesai.");
      break;
    case News::added:
      line(english_ ? "The reporter adds to report " + number + "."
                    : "Pelapor menambahkan keterangan pada laporan " + number + ".");
      break;
    case News::overdue:
      line(english_
               ? "Report " + number + " is past its deadline" + held_by(report, " at ") + "."
               : "Laporan " + number + held_by(report, " di ") + " sudah melewati batas waktunya.");
      break;
    case News::taken:
      line(english_ ? "Report " + number + " is no longer yours to work on."
                    : "Laporan " + number + " tidak lagi perlu Anda tindaklanjuti.");
      break;
    case News::none:
      break;
  }
  if (report.due_at && news != News::overdue && news != News::taken) {
    field(say("Batas waktu", "Deadline"),
          print_day(*report.due_at, organisation_, language(), false));
  }
  line("");
}

void Letter::complaint(const View& seen) {
  field(say("Judul", "Title"), seen.title);
  if (const auto* category = organisation_.category(seen.category)) {
    field(say("Kategori", "Category"), english_ ? category->name_en : category->name_id);
  }
  if (seen.place) {
    field(say("Tempat", "Place"), seen.place->address);
    if (seen.place->latitude && seen.place->longitude) {
      field(say("Koordinat", "Coordinates"),
            std::to_string(*seen.place->latitude) + ", " + std::to_string(*seen.place->longitude));
    }
  }
  field(say("Diterima", "Received"), print_day(seen.received_at, organisation_, language(), false));
  if (seen.anonymous) {
    line(say("Pelapor minta namanya dirahasiakan.", "The reporter asks not to be named."));
  }
  line("");
  line(seen.text);
  line("");
}

void Letter::take_back(const Report& after, const View& seen) {
  opening(News::taken, after);
  line(why_taken(after));
  line("");
  field(say("Judul", "Title"), seen.title);
}

std::string_view Letter::why_taken(const Report& after) const {
  switch (after.state) {
    case State::merged:
      return say("Laporan itu digabung dengan laporan lain.", "It was merged with another report.");
    case State::archived:
      return say("Laporan itu diarsipkan.", "It was archived.");
    case State::rejected:
      return say("Laporan itu dinyatakan tidak dapat diproses.", "It was rejected.");
    case State::answered:
      return say("Laporan itu sudah dijawab lewat konsol.", "It was answered in the console.");
    default:
      return say("Laporan itu dialihkan ke instansi atau unit lain.",
                 "It was passed to another agency or unit.");
  }
}

void Letter::tell(News news, const Report& report, const View& seen) {
  begin();
  opening(news, report);
  const auto words = seen.history.empty() || news == News::handed || news == News::overdue
                         ? std::string()
                         : seen.history.back().words;
  if (!words.empty()) {
    line(words);
    line("");
  }
  if (seen.confidential && seen.text.empty()) {
    line(say("Laporan ini rahasia: isinya tidak dikirim lewat surel dan dibaca di konsol.",
             "This report is confidential: its words are not mailed, and are read in the "
             "console."));
    line("");
  } else if (news != News::added) {
    complaint(seen);
  }
  options(report);
}

std::string_view Letter::option(Kind kind) const {
  switch (kind) {
    case Kind::answer:
      return say(
          "- Tulis jawabannya: laporan dinyatakan selesai ditangani, dan pelapor membacanya.",
          "- Write the answer: the work counts as done, and the reporter reads it.");
    case Kind::proceed:
      return say(
          "- Baris pertama PROSES: sedang dikerjakan. Keterangan di bawahnya dibaca pelapor.",
          "- First line IN PROGRESS: it is being worked on. The reporter reads what stands "
          "below.");
    case Kind::ask:
      return say("- Baris pertama TANYA, lalu pertanyaannya: diteruskan kepada pelapor.",
                 "- First line ASK, then the question: it goes to the reporter.");
    case Kind::not_ours:
      return say("- Baris pertama BUKAN KAMI, lalu alasannya: laporan dikembalikan.",
                 "- First line NOT OURS, then the reason: the report is given back.");
    case Kind::unclear:
      break;
  }
  return {};
}

void Letter::options(const Report& report) {
  const auto possible = [&](Kind kind) {
    return office_command(report, office_, {kind, "?"}).has_value();
  };
  if (std::ranges::none_of(k_kinds, possible)) return;
  line(say("Cara menjawab: balas surat ini.", "How to answer: reply to this email."));
  for (const auto kind : k_kinds) {
    if (possible(kind)) line(option(kind));
  }
}

std::string subject_of(const Letter& letter, News news, const View& seen) {
  std::string subject;
  switch (news) {
    case News::back:
      subject = letter.say("Belum selesai", "Not solved");
      break;
    case News::added:
      subject = letter.say("Keterangan tambahan", "More about it");
      break;
    case News::overdue:
      subject = letter.say("Lewat batas waktu", "Overdue");
      break;
    case News::taken:
      subject = letter.say("Tidak lagi pada Anda", "No longer yours");
      break;
    default:
      subject = letter.say("Laporan untuk ditindaklanjuti", "A report to work on");
  }
  return seen.title.empty() ? subject : subject + ": " + seen.title;
}

std::string address_of(const HandOver& way) {
  return way.address.empty() ? way.channel.value() : way.address;
}

Owed owed_to(const HandedTo& office, const HandOver& way, Letter& letter, Time now) {
  Owed owed;
  owed.channel = way.channel;
  owed.office = office;
  owed.address = address_of(way);
  owed.language = letter.language();
  owed.text = letter.take();
  owed.due_at = now;
  return owed;
}

std::string_view name(News news) {
  constexpr std::array<std::string_view, 6> names{"none",  "handed",  "back",
                                                  "added", "overdue", "taken"};
  return names.at(static_cast<std::size_t>(news));
}

std::vector<std::string_view> possible_kinds(const Report& report, const HandedTo& office) {
  constexpr std::array<std::string_view, 4> names{"answer", "proceed", "not_ours", "ask"};
  std::vector<std::string_view> possible;
  for (const auto kind : k_kinds) {
    if (office_command(report, office, {kind, "?"})) {
      possible.push_back(names.at(static_cast<std::size_t>(kind)));
    }
  }
  return possible;
}

std::string_view first_line(std::string_view text) {
  return trim(text.substr(0, text.find('\n')));
}

std::string_view without_end(std::string_view line) {
  while (!line.empty() && std::string_view(" .:,;!-*").find(line.back()) != line.npos) {
    line.remove_suffix(1);
  }
  while (!line.empty() && line.front() == '*') line.remove_prefix(1);
  return line;
}

// Our own message, however the mail program put it below the answer, and the line that leads to it.
std::string_view above_our_message(std::string_view text) {
  const auto marker = std::min(text.find(k_marker_id), text.find(k_marker_en));
  if (marker == std::string_view::npos) return trim(text);
  const auto line = text.rfind('\n', marker);
  text = trim(text.substr(0, line == std::string_view::npos ? 0 : line));
  for (;;) {
    const auto start = text.rfind('\n');
    const auto last = trim(text.substr(start == std::string_view::npos ? 0 : start + 1));
    if (last.empty() || !(last.front() == '>' || last.back() == ':')) return text;
    text = start == std::string_view::npos ? std::string_view() : trim(text.substr(0, start));
  }
}

bool is_courtesy(std::string_view text) {
  std::string word;
  const auto known = [&] {
    return word.empty() || std::ranges::count(k_courtesies, word) > 0 ||
           k_greetings.find(' ' + word + ' ') != std::string_view::npos;
  };
  for (const char each : text) {
    const bool letter = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                        static_cast<unsigned char>(each) >= 0x80 || (each >= '0' && each <= '9');
    if (letter) {
      word += static_cast<char>(each >= 'A' && each <= 'Z' ? each - 'A' + 'a' : each);
      continue;
    }
    if (!known()) return false;
    word.clear();
  }
  return known();
}

// "Segera kami cek" is not the last word, and nor is a machine's "we will get back to you".
bool is_promise(std::string_view text) {
  constexpr std::size_t k_longest_bytes = 400;
  constexpr auto k_signs =
      std::to_array<std::string_view>({"akan", "segera", "nanti", "will", "shall", "soon"});
  if (text.size() > k_longest_bytes) return false;
  const auto words = as_words(text);
  for (const auto word : split(words, ' ')) {
    if (std::ranges::find(k_signs, word) != k_signs.end()) return true;
  }
  return false;
}

void tell_who_had_it(Change& change, const Report& before, const Organisation& organisation) {
  const auto office = handed_to(before, organisation);
  if (!office || !is_taken(before, change.after)) return;
  const auto& way = *organisation.hand_over(*office);
  auto seen = view(before, {}, Viewer::officer(office->actor()), Output::office);
  if (!seen.visible) return;
  seen.state = change.after.state;
  Letter letter(organisation, way, *office);
  const std::string why(letter.why_taken(change.after));
  letter.take_back(change.after, seen);
  auto owed = owed_to(*office, way, letter, change.after.updated_at);
  if (way.by != "email") owed.text = print_notice({name(News::taken), why, seen, {}});
  owed.step = change.after.steps;
  owed.subject = subject_of(letter, News::taken, seen);
  change.replies.push_back(std::move(owed));
}

std::optional<Owed> letter_about(News news, const Change& change, const HandedTo& office,
                                 const Organisation& organisation) {
  const auto& after = change.after;
  const auto* way = organisation.hand_over(office);
  if (way == nullptr) return std::nullopt;
  const auto seen =
      view(after, {&change.entries.back(), 1}, Viewer::officer(office.actor()), Output::office);
  if (!seen.visible) return std::nullopt;
  Letter letter(organisation, *way, office);
  letter.tell(news, after, seen);
  auto owed = owed_to(office, *way, letter, after.updated_at);
  if (way->by != "email") {
    const auto& said = seen.history.empty() ? std::string() : seen.history.back().words;
    owed.text = print_notice({name(news), said, seen, possible_kinds(after, office)});
  }
  owed.step = after.steps;
  owed.subject = subject_of(letter, news, seen);
  return owed;
}

// Of the message that it answers, so that the same one sent again is answered once.
int unmoved_step(const ExternalId& id) {
  const auto bytes = digest(Hash::sha256, id.value());
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  constexpr auto k_count = static_cast<std::uint32_t>(k_first_unmoved_step);
  return k_first_unmoved_step + static_cast<int>(number % k_count);
}

}  // namespace

std::optional<HandedTo> handed_to(const Report& report, const Organisation& organisation) {
  const HandedTo office{report.agency, report.unit};
  if (organisation.hand_over(office) == nullptr) return std::nullopt;
  return office;
}

void tell_office(Change& change, const Report& before, const Organisation& organisation) {
  if (change.entries.empty()) return;
  tell_who_had_it(change, before, organisation);
  const auto& after = change.after;
  const auto news = news_of(after, change.entries.back());
  if (news == News::none) return;
  std::vector<HandedTo> told{{after.agency, after.unit}};
  // Of what is late the agency above the unit hears, too.
  if (news == News::overdue && !after.unit.empty()) told.push_back({after.agency, {}});
  for (const auto& office : told) {
    auto owed = letter_about(news, change, office, organisation);
    if (owed) change.replies.push_back(std::move(*owed));
  }
}

bool is_superior_told(const Change& change) {
  return !change.after.unit.empty() && std::ranges::any_of(change.replies, [](const Owed& owed) {
    return owed.office && owed.office->unit.empty();
  });
}

std::optional<std::string> address_of(const Organisation& organisation, const HandedTo& office,
                                      const ChannelName& channel) {
  const auto* way = organisation.hand_over(office);
  if (way == nullptr || way->channel != channel) return std::nullopt;
  return address_of(*way);
}

OfficeWish read_office_wish(std::string_view text) {
  text = above_our_message(text);
  const auto line = first_line(text);
  const auto rest = trim(text.substr(std::min(text.size(), line.size())));
  const auto colon = line.find(':');
  for (const auto& [words, kind] : k_spellings) {
    if (equals_ignoring_case(without_end(line), words)) return {kind, std::string(rest)};
    if (colon != std::string_view::npos &&
        equals_ignoring_case(without_end(line.substr(0, colon)), words)) {
      return {kind, std::string(trim(text.substr(colon + 1)))};
    }
    // "Proses lelang sudah selesai" is no command, and may not be meant as the last word either.
    const bool begins = line.size() > words.size() && line[words.size()] == ' ' &&
                        equals_ignoring_case(line.substr(0, words.size()), words);
    if (begins && kind != Kind::answer) return {Kind::unclear, std::string(text)};
  }
  // What ends in a comma or colon has lost what was meant to follow.
  const bool goes_on = text.ends_with(',') || text.ends_with(':');
  if (is_courtesy(text) || is_promise(text) || text.ends_with('?') || goes_on)
    return {Kind::unclear, std::string(text)};
  return {Kind::answer, std::string(text)};
}

std::optional<Command> office_command(const Report& report, const HandedTo& office,
                                      const OfficeWish& wish) {
  std::vector<Event> events;
  switch (wish.kind) {
    case Kind::answer:
      events = {Event::answer};
      break;
    case Kind::proceed:
      events = {Event::accept, Event::interim};
      break;
    case Kind::ask:
      events = {Event::hold, Event::interim};
      break;
    case Kind::not_ours:
      events = {Event::give_back};
      break;
    case Kind::unclear:
      break;
  }
  const bool theirs =
      office.unit.empty() ? report.agency == office.agency : report.unit == office.unit;
  if (!theirs) return std::nullopt;
  Command command;
  command.actor = office.actor();
  command.words = wish.words;
  for (const auto event : events) {
    const bool bare = event == Event::accept;
    if (trim(wish.words).empty() && !bare) continue;
    if (!find_move(report.state, event, command.actor.role, !report.agency.empty())) continue;
    command.event = event;
    command.asks = wish.kind == Kind::ask;
    return command;
  }
  return std::nullopt;
}

Owed explain_to_office(const Report& report, const HandedTo& office, const HandOver& way,
                       const Post& post, const Organisation& organisation, bool unclear, Time now) {
  Letter letter(organisation, way, office);
  letter.begin();
  const auto number = "#" + grouped(report.code);
  const bool theirs = handed_to(report, organisation) == office;
  letter.line(is_english(letter.language())
                  ? "We have not acted on your reply about report " + number + "."
                  : "Balasan Anda tentang laporan " + number + " belum kami proses.");
  letter.line(!theirs   ? letter.say("Laporan itu tidak lagi ada pada Anda.",
                                     "That report is no longer with you.")
              : unclear ? letter.say("Maksudnya belum jelas bagi kami.",
                                     "It is not clear to us what is meant.")
                        : letter.say("Langkah itu tidak mungkin pada tahap ini.",
                                     "That step is not possible at this stage."));
  letter.line("");
  if (theirs) letter.options(report);
  auto owed = owed_to(office, way, letter, now);
  if (way.by != "email") {
    const auto seen = view(report, {}, Viewer::officer(office.actor()), Output::office);
    owed.text = print_notice({!theirs   ? "not_yours"
                              : unclear ? "unclear"
                                        : "not_possible",
                              post.text, seen, possible_kinds(report, office)});
  }
  owed.step = unmoved_step(post.id);
  owed.in_reply_to = post.id;
  owed.subject = answer_to(post.hints.subject);
  owed.acknowledgement = true;
  return owed;
}

}  // namespace kanal
