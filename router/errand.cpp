#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "router/stages.hpp"

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

}  // namespace

std::optional<Plea> plea_of(const Post& post) {
  constexpr std::size_t k_longest = 40;
  const auto text = trim(post.text);
  const bool alone = post.attachments.empty() && post.hints.subject.empty() && !post.place;
  if (!alone || text.size() > k_longest) return std::nullopt;
  const auto words = as_words(text);
  const auto found = std::ranges::find(k_words, trim(words), &Word::word);
  if (found == k_words.end()) return std::nullopt;
  return Plea{found->kind, found->language};
}

Wording answer_to(Plea::Kind plea, bool silent) {
  switch (plea) {
    case Kind::stop:
      return silent ? Wording::none : Wording::stopped;
    case Kind::start:
      return silent ? Wording::resumed : Wording::help;
    case Kind::help:
      return silent ? Wording::none : Wording::help;
  }
  return Wording::none;
}

}  // namespace kanal
