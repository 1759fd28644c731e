#include "router/pipeline.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>

#include "core/text.hpp"
#include "format/json.hpp"
#include "router/meeting.hpp"
#include "router/moves.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_title_bytes = 100;

// What a post says: another subject makes another matter of the same words.
std::string key_of(const Post& post) {
  std::string key = post.author.id.value();
  key += '\n';
  key += matter_of(post.hints.subject);
  key += '\n';
  key += post.text;
  return key;
}

bool differ(const Post& one, const Post& other) {
  return (one.posted_at != other.posted_at || one.hints.edition != other.hints.edition) &&
         (one.text != other.text || digests_of_files(one) != digests_of_files(other));
}

/// Puts a change back as it was unless it was kept: a stage may throw half-way.
class Attempt {
 public:
  explicit Attempt(Change& change)
      : change_(change),
        before_(change.after),
        entries_(change.entries.size()),
        replies_(change.replies.size()) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    if (kept_) return;
    change_.after = std::move(before_);
    change_.entries.resize(entries_);
    change_.replies.resize(replies_);
  }
  [[nodiscard]] const Report& before() const { return before_; }
  void keep() { kept_ = true; }

 private:
  Change& change_;
  Report before_;
  std::size_t entries_;
  std::size_t replies_;
  bool kept_ = false;
};

// Whether it goes by its edition's id, as its first words are known.
bool is_edition(const Post& post) {
  return !post.hints.edition.empty() && post.id.value() == post.hints.edition;
}

// Whether the post joins a report that is not its author's alone.
bool others(const Evidence& evidence) {
  return evidence.followed || evidence.guest;
}

// A point inside a number, an address or after a short form ("Jl. Ahmad Yani") ends nothing.
bool ends_sentence(std::string_view text, std::size_t mark) {
  constexpr std::array<std::string_view, 24> short_forms{
      "jl", "jln", "gg",  "no",  "nomor", "rs",  "rsu",  "rsud", "rp", "yth", "bpk", "ibu",
      "dr", "drs", "dra", "kec", "kab",   "kel", "desa", "ds",   "br", "st",  "tgl", "pkl"};
  if (mark + 1 < text.size() && text[mark + 1] != ' ') return false;
  if (text[mark] != '.') return true;
  const auto before = text.substr(0, mark);
  const auto word = before.substr(before.find_last_of(" (") + 1);
  return word.size() > 1 && std::ranges::none_of(short_forms, [&](std::string_view form) {
           return equals_ignoring_case(word, form);
         });
}

std::string suggestion_by(const Routes::Route& route) {
  if (route.agency.empty() || route.dispose) return {};
  return "suggested: " + route.agency.value() + " (" + route.rule + ")";
}

std::string_view first_sentence(std::string_view text) {
  constexpr std::size_t least_bytes = 20;
  for (auto mark = text.find_first_of(".!?", least_bytes); mark != std::string_view::npos;
       mark = text.find_first_of(".!?", mark + 1)) {
    if (ends_sentence(text, mark)) return text.substr(0, mark);
  }
  return text;
}

}  // namespace

ChannelRules for_import(ChannelRules rules) {
  rules.replies = false;
  rules.tells_offices = false;
  rules.imports = true;
  return rules;
}

bool hides_more(const Hints& hints, const Report& report) {
  return (hints.anonymous && !report.anonymous) || (hints.confidential && !report.confidential);
}

bool Meeting::repeats(Filed& filed, const Evidence& evidence) {
  const auto earlier_id = by_id_.find(filed.post.id.value());
  bool known = evidence.known;
  const bool taken = known ? evidence.another
                           : earlier_id != by_id_.end() &&
                                 differ(decided_.batch.filed[earlier_id->second].post, filed.post);
  if (taken && !filed.post.hints.edition.empty()) {
    known = evidence.apart_known;
    filed.post.in_reply_to = std::exchange(filed.post.id, apart_id(filed.post));
    note("deduplicate", "its id is known with other words", "told apart",
         "its author has changed the post");
  } else if (taken && around_.channel.sender_ids) {
    known = evidence.apart_known;
    filed.post.id = apart_id(filed.post);
    note("deduplicate", "its id is another message's", "told apart",
         "their times differ, and their texts or files");
  }
  if (known) {
    filed.fate = Fate::repeated;
    filed.reason = "the same message is stored already";
    note("deduplicate", "its id is known", "repeated", filed.reason);
    return true;
  }
  const auto found = by_id_.find(filed.post.id.value());
  if (found == by_id_.end()) return false;
  const auto& earlier = decided_.batch.filed[found->second];
  filed.fate = Fate::repeated;
  filed.reason = "the same message stands earlier in the batch";
  // It brings nothing to a change: the store would take that for old evidence.
  filed.report = earlier.report;
  note("deduplicate", "its id came twice", "repeated", filed.reason);
  return true;
}

bool Meeting::stops(Filed& filed, const Evidence& evidence) {
  auto [fate, reason, canary, is_support] = screen(filed.post, evidence);
  if (!canary.empty()) decided_.batch.canaries.push_back(std::move(canary));
  const bool stopped = fate != Fate::report;
  note("screen", stopped ? reason : "nothing against it",
       stopped ? std::string(name(fate)) : "pass", stopped ? reason : "");
  filed.fate = fate;
  filed.reason = std::move(reason);
  if (!is_support) return stopped;
  filed.passes_on = passed_on(filed, evidence);
  if (filed.passes_on) {
    note("support", "the post that it passes on is known", "counted",
         "once for each person, never for its reporter");
  } else {
    note("support", "the post that it passes on is not known", "none", "it belongs to no report");
  }
  return stopped;
}

PostId Meeting::passed_on(const Filed& filed, const Evidence& evidence) const {
  if (evidence.passes_on) return evidence.passes_on;
  for (const auto& id : filed.post.hints.passes_on) {
    for (const auto* known : {&by_id_, &by_told_}) {
      const auto found = known->find(id.value());
      if (found == known->end()) continue;
      const auto& original = decided_.batch.filed[found->second];
      if (original.fate == Fate::repeated) continue;
      return original.passes_on ? original.passes_on : PostId(-1 - std::int64_t(found->second));
    }
  }
  return {};
}

bool Meeting::says_the_same(Filed& filed, const Evidence& evidence) {
  constexpr std::size_t k_least_bytes = 12;
  // Whoever is told that a text is there already gets the way to that report.
  if (!filed.post.author.proven || filed.post.text.size() < k_least_bytes) return false;
  const auto found = by_text_.find(key_of(filed.post));
  if (!evidence.same_text && found == by_text_.end()) return false;
  note("deduplicate",
       evidence.same_text ? "the author sent this text within a week"
                          : "the author sent this text a moment ago",
       "joined", "the same author said the same; counted once");
  const auto* earlier = found == by_text_.end() ? nullptr : &decided_.batch.filed[found->second];
  const auto& report =
      evidence.same_text ? *evidence.same_text : decided_.batch.changes[*earlier->change].after;
  const bool same_files = evidence.same_text
                              ? evidence.same_files
                              : digests_of_files(earlier->post) == digests_of_files(filed.post);
  const bool waits = report.state == State::needs_info || report.state == State::answered;
  if (waits || !same_files || hides_more(filed.post.hints, report)) {
    auto now = evidence;
    now.followed = evidence.same_text_merged;
    if (!held_back(filed, now, report)) {
      join(filed, evidence.same_text ? change_of(report) : *earlier->change, now,
           !evidence.same_text);
    }
    return true;
  }
  filed.fate = Fate::joined;
  filed.reason = "same author and text";
  filed.report = report.id;
  if (!evidence.same_text) filed.change = earlier->change;
  return true;
}

bool Meeting::held_back(Filed& filed, const Evidence& evidence, const Report& report) {
  if (!has_room(report, filed.post, !others(evidence), around_.now)) {
    filed.reason = "its report has as many messages as it can take";
    note("join", "the report's history has " + std::to_string(report.steps) + " lines", "held",
         filed.reason);
  } else if (others(evidence) && hides_more(filed.post.hints, report)) {
    filed.reason = "it asks not to be shown, and the report is somebody else's";
    note("join", "the report is shown to others", "held", filed.reason);
  } else {
    return false;
  }
  filed.fate = Fate::held;
  filed.report = report.id;
  return true;
}

std::optional<std::size_t> Meeting::earlier_of_batch(const Filed& filed) const {
  const auto look = [&](const ExternalId& id) -> std::optional<std::size_t> {
    const auto found = by_id_.find(id.value());
    const auto told = by_told_.find(id.value());
    if (found == by_id_.end() && told == by_told_.end()) return std::nullopt;
    const auto place = found != by_id_.end() ? found->second : told->second;
    const auto& earlier = decided_.batch.filed[place];
    const bool is_of_it = earlier.fate == Fate::report || earlier.fate == Fate::joined;
    if (earlier.post.author.id != filed.post.author.id || !is_of_it || !earlier.change) {
      return std::nullopt;
    }
    return place;
  };
  if (filed.post.in_reply_to) {
    if (const auto earlier = look(*filed.post.in_reply_to)) return earlier;
  }
  for (const auto& reference : filed.post.hints.references) {
    if (const auto earlier = look(reference)) return earlier;
  }
  const auto newest = newest_of_.find(filed.post.author.id.value());
  const bool is_of_it =
      newest != newest_of_.end() && filed.post.author.proven && is_mere_answer(filed.post);
  return is_of_it ? std::optional(newest->second) : std::nullopt;
}

std::size_t Meeting::change_of(const Report& report) {
  const auto [found, fresh] =
      by_report_.try_emplace(report.id.value(), decided_.batch.changes.size());
  if (fresh) {
    Change change;
    change.after = report;
    change.expected_steps = report.steps;
    decided_.batch.changes.push_back(std::move(change));
  }
  return found->second;
}

void Meeting::begin(Filed& filed, const Evidence& evidence) {
  const auto& post = filed.post;
  const auto route = routes_.find(post, around_.channel);
  const auto located = post.place && post.place->latitude && post.place->longitude;
  note("locate", post.place ? (located ? "coordinates" : "an address") : "nothing said",
       located      ? "a point"
       : post.place ? "an address"
                    : "none",
       "as given");
  decided_.notes.back().push_back(route.classified);
  decided_.notes.back().push_back(route.routed);

  Change change;
  auto& report = change.after;
  report.id = fresh_ids_[used_++];
  report.code = code_;
  report.channel = around_.channel.name;
  report.reporter = evidence.reporter;
  report.title = title_of(post);
  report.text = post.text;
  report.language = post.language;
  report.place = post.place;
  report.category = route.category;
  report.kind = route.kind;
  report.anonymous = post.hints.anonymous;
  report.confidential = post.hints.confidential;
  report.received_at = around_.now;
  Command command;
  command.event = Event::receive;
  command.reason = suggestion_by(route);
  const auto before = report;
  auto entry = move_report(report, command, around_.organisation, around_.now);
  if (!entry) std::abort();  // The table always lets a report be received.
  entry->post = place_of_next();
  change.entries.push_back(std::move(*entry));
  filed.fate = Fate::report;
  filed.change = decided_.batch.changes.size();
  filed.report = report.id;

  std::string more;
  auto wording = Wording::received;
  auto acknowledged = report;
  if (route.dispose) dispose(change, route, wording);
  if (wording == Wording::agency && around_.channel.length != Length::full) {
    // There is room for one of the two.
    acknowledged = report;
  } else if (wording == Wording::agency) {
    const Occasion passed_on{wording, before, report, {}, {}, {}};
    more = tell(passed_on, post.language, around_.channel, around_.organisation).text;
    // Nobody has yet to verify it.
    acknowledged.due_at.reset();
    wording = Wording::received;
  }
  owe(filed, change, evidence, {wording, before, acknowledged, {}, {}, {}}, more);
  by_report_[report.id.value()] = decided_.batch.changes.size();
  decided_.batch.changes.push_back(std::move(change));
}

// The report was made of a later part of the same message: these words begin it and say where it
// belongs, unless somebody has taken it up.
std::optional<Routes::Route> Meeting::put_before(const Filed& filed, const Evidence& evidence,
                                                 Change& change) {
  auto& report = change.after;
  const bool names_it = !evidence.thread || (evidence.thread_by == ThreadBy::reference &&
                                             evidence.thread->id == report.id);
  Post later;
  later.text = report.text;
  // An erased one has no words, and is given none.
  const bool untouched =
      report.state == State::received && !report.text.empty() && report.title == title_of(later);
  if (!filed.post.hints.opens || !names_it || others(evidence) || !untouched) return std::nullopt;
  auto whole = filed.post;
  whole.text += '\n' + report.text;
  auto route = routes_.find(whole, around_.channel);
  decided_.notes.back().push_back(route.classified);
  decided_.notes.back().push_back(route.routed);
  report.title = title_of(whole);
  report.text = std::move(whole.text);
  report.category = route.category;
  report.kind = route.kind;
  change.reworded = true;
  return route;
}

void Meeting::dispose(Change& change, const Routes::Route& route, Wording& wording) {
  Command command;
  command.event = Event::verify;
  command.agency = route.agency;
  command.reason = "rule: " + route.rule;
  const auto before = change.after;
  auto entry = move_report(change.after, command, around_.organisation, around_.now);
  if (!entry) return;
  change.entries.push_back(std::move(*entry));
  const auto tell = [&] {
    if (around_.channel.tells_offices) tell_office(change, before, around_.organisation);
  };
  // One of the two hears of it, as after two acts by hand: the unit, or the agency above it.
  const bool unit_hears = around_.organisation.hand_over({route.agency, route.unit}) != nullptr;
  if (route.unit.empty() || !unit_hears) tell();
  if (!route.unit.empty()) {
    command.event = Event::dispose;
    command.unit = route.unit;
    auto further = move_report(change.after, command, around_.organisation, around_.now);
    if (further) change.entries.push_back(std::move(*further));
    if (unit_hears) tell();
  }
  wording = Wording::agency;
}

void Meeting::join(Filed& filed, std::size_t index, const Evidence& evidence, bool born_here) {
  standing_ = {evidence.followed, evidence.guest};
  auto& change = decided_.batch.changes[index];
  Attempt attempt(change);
  const auto& before = attempt.before();
  const auto asked = reply_event(change.after, filed.post, !others(evidence), around_.now);
  Command command;
  command.event = asked.event;
  command.rating = asked.rating;
  command.actor.role = Role::reporter;
  command.words = filed.post.text;
  command.reason = is_edition(filed.post) ? k_changed_by_author : asked.reason;
  command.other = evidence.followed;
  if (filed.post.hints.anonymous) command.anonymous = true;
  if (filed.post.hints.confidential) command.confidential = true;
  const auto move = find_move(before.state, command.event, Role::reporter, !before.agency.empty());
  auto entry = move_report(change.after, command, around_.organisation, around_.now);
  filed.fate = Fate::joined;
  filed.change = index;
  filed.report = change.after.id;
  if (!entry) {
    note("join", entry.error().message, "kept", "the report does not move");
    attempt.keep();
    return;
  }
  entry->post = place_of_next();
  const auto route = put_before(filed, evidence, change);
  if (route) entry->reason = suggestion_by(*route);
  if (route && entry->reason.empty()) entry->reason = k_began_later;
  change.entries.push_back(std::move(*entry));
  if (around_.channel.tells_offices) tell_office(change, before, around_.organisation);
  note("join", "the report is " + std::string(name(before.state)), std::string(name(asked.event)),
       asked.event == Event::comment ? "an addition" : "what the text asks for");
  auto wording = move ? move->wording : Wording::none;
  if (asks_for_status(filed.post.text, before.code, filed.post.author.name))
    wording = standing(before.state);
  if (asked.too_late) wording = Wording::too_late;
  if (route && route->dispose) dispose(change, *route, wording);
  const bool quiet = born_here || evidence.thread_replies_last_hour > 0 || !change.replies.empty();
  if (wording == Wording::none && !quiet && !is_mere_thanks(filed.post)) wording = Wording::joined;
  owe(filed, change, evidence, {wording, before, change.after, {}, {}, {}}, {});
  if (!around_.channel.imports) {
    tell_others(change, before, command, evidence,
                Writer{around_.channel.name, evidence.reporter, evidence.who});
  }
  attempt.keep();
}

void Meeting::weigh(Filed& filed, const Evidence& evidence) {
  if (repeats(filed, evidence) || runs_errand(filed, evidence) || stops(filed, evidence)) return;
  if (evidence.handed && evidence.thread) {
    hear_office(filed, evidence);
    return;
  }
  if (filed.post.hints.from_office) {
    filed.fate = Fate::held;
    filed.reason = "it answers a message to an office that we did not send";
    note("office", "answers a message to an office", "held", filed.reason);
    return;
  }
  auto identified = identify(filed.post, evidence, around_.channel);
  const bool by_latest =
      identified.report != nullptr && evidence.latest && identified.report == &*evidence.latest;
  const auto earlier = identified.belonging == Belonging::alone || by_latest
                           ? earlier_of_batch(filed)
                           : std::nullopt;
  if (earlier) {
    note("identify", "answers a message of this batch", "joins", "the same author goes on");
    const auto place = *decided_.batch.filed[*earlier].change;
    const auto& change = decided_.batch.changes[place];
    const bool born_here = change.expected_steps == 0;
    auto now = evidence;
    now.followed = standings_[*earlier].followed;
    now.guest = standings_[*earlier].guest;
    if (!held_back(filed, now, change.after)) join(filed, place, now, born_here);
  } else {
    note("identify", identified.evidence,
         identified.belonging == Belonging::joins  ? "joins"
         : identified.belonging == Belonging::held ? "held"
                                                   : "alone",
         identified.reason);
    if (identified.belonging == Belonging::held) {
      filed.fate = Fate::held;
      filed.reason = identified.reason;
      filed.report = identified.report->id;
    } else if (identified.belonging == Belonging::joins) {
      std::optional<Evidence> of_newest;
      if (by_latest) {
        of_newest = evidence;
        of_newest->followed = evidence.latest_merged;
      }
      const auto& now = of_newest ? *of_newest : evidence;
      if (!held_back(filed, now, *identified.report)) {
        join(filed, change_of(*identified.report), now, false);
      }
    } else if (filed.post.hints.goes_on) {
      filed.fate = Fate::held;
      filed.reason = "its author did not call us, and what it goes on from is no report";
    } else if (!says_the_same(filed, evidence)) {
      begin(filed, evidence);
    }
  }
}

void Meeting::take(Post post, std::size_t index, const TrackingCode& code) {
  code_ = code;
  decided_.notes.emplace_back();
  Filed filed;
  filed.post = std::move(post);
  const auto& evidence = evidence_[index];
  standing_ = {};
  normalise(filed.post);
  note("normalise", std::to_string(filed.post.text.size()) + " bytes of text",
       filed.post.language.empty() ? "language unknown" : "language " + filed.post.language, "");
  const auto changes = decided_.batch.changes.size();
  const auto used = used_;
  try {
    weigh(filed, evidence);
  } catch (const std::exception& exception) {
    // Kept whole, for a person to look at.
    decided_.batch.changes.resize(std::min(changes, decided_.batch.changes.size()));
    std::erase_if(by_report_, [&](const auto& each) { return each.second >= changes; });
    filed.fate = Fate::held;
    filed.reason = std::string("the pipeline failed: ") + exception.what();
    filed.change.reset();
    used_ = used;
  }
  if (filed.fate == Fate::held && !filed.post.hints.from_office && !evidence.handed) {
    filed.code = code_;
  }
  filed.stages = print_notes(decided_.notes.back());
  const auto place = decided_.batch.filed.size();
  by_id_.try_emplace(filed.post.id.value(), place);
  for (const auto& id : filed.post.hints.told) by_told_.try_emplace(id.value(), place);
  if (filed.fate == Fate::report) {
    ++reports_of_[filed.post.author.id.value()];
    newest_of_[filed.post.author.id.value()] = place;
    by_text_.try_emplace(key_of(filed.post), place);
  }
  decided_.batch.filed.push_back(std::move(filed));
  standings_.push_back(standing_);
}

std::string title_of(const Post& post) {
  auto title = std::string_view(post.hints.subject);
  if (title.empty()) {
    title = post.text;
    title = first_sentence(title.substr(0, title.find('\n')));
  }
  const auto clipped = clip_utf8(title, k_title_bytes);
  if (clipped.size() == title.size()) return std::string(title);
  const auto blank = clipped.rfind(' ');
  const bool at_word = blank != std::string_view::npos && blank > k_title_bytes / 2;
  return std::string(at_word ? clipped.substr(0, blank) : clipped) + "…";
}

std::string print_notes(const std::vector<StageNote>& notes) {
  JsonWriter json;
  json.begin_array();
  for (const auto& note : notes) {
    json.begin_object();
    json.member("stage", note.stage);
    json.member("evidence", note.evidence);
    json.member("decision", note.decision);
    json.member("reason", note.reason);
    json.end_object();
  }
  json.end_array();
  return json.take();
}

Decided decide(std::vector<Post> posts, std::span<const Evidence> evidence, const Surround& around,
               std::span<const ReportId> fresh_ids, std::span<const TrackingCode> codes) {
  Meeting meeting(evidence, around, fresh_ids);
  for (std::size_t i = 0; i < posts.size(); ++i) meeting.take(std::move(posts[i]), i, codes[i]);
  auto decided = std::move(meeting).finish();
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    decided.batch.filed[i].author = evidence[i].reporter;
  }
  decided.batch.channel = around.channel.name;
  decided.batch.quiet = around.channel.imports;
  return decided;
}

}  // namespace kanal
