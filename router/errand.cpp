#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "core/visibility.hpp"
#include "router/answers.hpp"
#include "router/meeting.hpp"

namespace kanal {

namespace {

using Kind = Plea::Kind;

struct Word {
  std::string_view word;
  Kind kind;
  std::string_view language;  // empty where both languages have it
};

// What networks ask of everybody who sends (CTIA Messaging Principles §5.1.3), and what Indonesian
// ones do; CANCEL and BATAL are missing, as they may well be said of a report.
constexpr auto k_words = std::to_array<Word>({
    {"stop", Kind::stop, {}},
    {"stopall", Kind::stop, {}},
    {"stop all", Kind::stop, "en"},
    {"berhenti", Kind::stop, "id"},
    {"unreg", Kind::stop, "id"},
    {"unsub", Kind::stop, {}},
    {"unsubscribe", Kind::stop, "en"},
    {"quit", Kind::stop, "en"},
    {"end", Kind::stop, "en"},
    {"mulai", Kind::start, "id"},
    {"start", Kind::start, "en"},
    {"unstop", Kind::start, "en"},
    {"bantuan", Kind::help, "id"},
    {"help", Kind::help, "en"},
    {"info", Kind::help, {}},
});

std::string_view language_of_question(const Post& post) {
  const auto words = as_words(post.text);
  return has_words(words, "cek") ? "id" : has_words(words, "check") ? "en" : "";
}

std::string_view reason_of(Kind kind) {
  switch (kind) {
    case Kind::stop:
      return "asked for silence";
    case Kind::start:
      return "asked for messages again";
    case Kind::help:
      return "asked for help";
    case Kind::status:
      return "asked how a report stands";
  }
  return {};
}

// Who sees a report in their own thread sees it as its reporter, everybody else as the public.
struct Asked {
  const Report* report = nullptr;
  bool theirs = false;
};

// Whether the text asks about another report than the one that it answers. Of one that was merged
// into that, it is the same one.
bool asks_about_another(const Post& post, const Evidence& evidence) {
  const auto gist = answers::gist_of(post.text, {}, post.author.name);
  if (!evidence.thread || !asks_about_a_number(gist)) return false;
  if (code_in(gist) == evidence.thread->code.value()) return false;
  if (!evidence.named) return true;
  const auto& named = *evidence.named;
  return named.id != evidence.followed && named.merged_into != evidence.thread->id;
}

Asked asked_about(const Post& post, const Evidence& evidence) {
  const bool another = asks_about_another(post, evidence);
  const bool in_thread = evidence.thread_is_own || evidence.followed || evidence.guest;
  if (evidence.thread && in_thread && !another) {
    return {&*evidence.thread, evidence.thread_is_own && !evidence.followed};
  }
  const bool is_of_thread = evidence.thread && !another;
  const auto& named = is_of_thread ? evidence.thread : evidence.named;
  if (named) {
    const bool is_theirs = evidence.reporter && named->reporter == evidence.reporter;
    if (is_theirs || (!is_of_thread && evidence.named_is_own)) return {&*named, true};
    const bool shown = view(*named, {}, Viewer::anyone(), Output::reply).visible;
    return {shown ? &*named : nullptr, false};
  }
  if (names_a_number(post.text)) return {};
  if (const auto* waiting = told_last(evidence)) return {waiting, true};
  if (evidence.latest) return {&*evidence.latest, !evidence.latest_merged};
  return {};
}

}  // namespace

std::optional<Plea> plea_of(const Post& post) {
  constexpr std::size_t k_longest = 40;
  constexpr std::size_t k_longest_question = 60;
  constexpr std::size_t k_longest_letter = 300;
  const auto text = trim(post.text);
  const bool has_more = !post.attachments.empty() || post.place;
  if (has_more || text.size() > k_longest_letter) return std::nullopt;
  // Whatever a mail that says no more is called.
  const auto gist = answers::gist_of(text, {}, post.author.name);
  if (gist.size() <= k_longest_question && asks_about_a_number(gist)) {
    return Plea{Kind::status, language_of_question(post)};
  }
  if (!post.hints.subject.empty() || text.size() > k_longest) return std::nullopt;
  const auto words = as_words(text);
  const auto found = std::ranges::find(k_words, trim(words), &Word::word);
  if (found != k_words.end()) return Plea{found->kind, found->language};
  const TrackingCode code(post.hints.tracking_code);
  if (!asks_for_status(text, code, post.author.name)) return std::nullopt;
  return Plea{Kind::status, language_of_question(post)};
}

Wording answer_to(Plea::Kind plea, bool silent) {
  switch (plea) {
    case Kind::stop:
      return silent ? Wording::none : Wording::stopped;
    case Kind::start:
      return silent ? Wording::resumed : Wording::help;
    case Kind::help:
    case Kind::status:
      return silent ? Wording::none : Wording::help;
  }
  return Wording::none;
}

// A message without a subject line (a text message, a direct one) may be for the service itself; a
// letter only asks about a number.
bool Meeting::runs_errand(Filed& filed, const Evidence& evidence) {
  const auto& post = filed.post;
  const auto& hints = post.hints;
  const bool is_letter = around_.channel.length == Length::full;
  if ((is_letter && !around_.channel.authors) || !post.author.proven) return false;
  if (!hints.automatic.empty() || !hints.passed_on.empty() || !hints.suspicion.empty()) {
    return false;
  }
  auto plea = plea_of(post);
  const bool asks = plea && plea->kind == Kind::status && names_a_number(post.text);
  if (is_letter && !asks) return false;
  // To nothing that we have told them: they are told what can be said here.
  const bool in_others = evidence.thread && evidence.thread_by != ThreadBy::token &&
                         !evidence.thread_is_own && !evidence.guest;
  const bool has_none = !evidence.thread && told_last(evidence) == nullptr && !evidence.latest &&
                        !newest_of_.contains(post.author.id.value());
  const bool of_nothing = in_others || has_none;
  if (!plea && of_nothing && is_mere_answer(post)) plea = Plea{Kind::help, post.language};
  if (!plea || (plea->kind == Kind::status && (evidence.handed || hints.from_office))) return false;
  run_errand(filed, evidence, *plea);
  return true;
}

void Meeting::run_errand(Filed& filed, const Evidence& evidence, const Plea& plea) {
  const auto& post = filed.post;
  const auto& channel = around_.channel;
  const auto& author = post.author.id.value();
  auto& silent = silent_.try_emplace(author, evidence.silent).first->second;
  auto wording = answer_to(plea.kind, silent);
  if (plea.kind == Kind::stop || plea.kind == Kind::start) silent = plea.kind == Kind::stop;
  const auto asked = plea.kind == Kind::status ? asked_about(post, evidence) : Asked{};
  if (asked.report != nullptr && wording != Wording::none) wording = standing(asked.report->state);
  const bool is_unknown =
      plea.kind == Kind::status && asked.report == nullptr && names_a_number(post.text);
  if (is_unknown && wording != Wording::none) wording = Wording::unknown;
  if (asked.theirs) filed.report = asked.report->id;
  filed.fate = Fate::errand;
  filed.errand = Errand{evidence.silent, silent, {}};
  filed.reason = reason_of(plea.kind);
  auto& owed = replies_to_[author];
  // That silence was asked for is confirmed to those who had all their replies, too.
  const int most = channel.replies_per_hour + (wording == Wording::stopped ? 1 : 0);
  const bool answers = wording != Wording::none && channel.replies && !evidence.blocked &&
                       !is_mere_thanks(post) && post.hints.unanswered.empty() &&
                       evidence.replies_last_hour + owed < most;
  note("errand",
       plea.kind == Kind::status ? "the message only asks"
                                 : "the message is one word for the service",
       filed.reason, answers ? "answered once" : "nothing is sent");
  if (!answers) return;
  ++owed;
  const auto language = plea.language == "id" || evidence.language.empty()
                            ? plea.language
                            : std::string_view(evidence.language);
  const Report none;
  auto report = asked.report != nullptr ? *asked.report : none;
  // What can no longer be reopened is not offered to be.
  if (!may_reopen(report, Role::reporter, around_.now)) report.reopenings = k_most_reopenings;
  const Occasion occasion{wording, report, report, {}, {}, {}};
  auto worded = asked.report == nullptr || asked.theirs
                    ? tell(occasion, language, channel, around_.organisation)
                    : tell_follower(occasion, language, channel, around_.organisation);
  Owed answer;
  answer.channel = channel.name;
  answer.in_reply_to = post.id;
  answer.language = language;
  answer.subject = std::move(worded.subject);
  answer.text = std::move(worded.text);
  answer.confidential = report.confidential;
  answer.acknowledgement = true;
  answer.due_at = around_.now;
  filed.errand->answer = std::move(answer);
}

}  // namespace kanal
