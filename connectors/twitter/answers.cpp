#include "connectors/twitter/answers.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "connectors/twitter/translate.hpp"
#include "connectors/twitter/weight.hpp"
#include "core/language.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

std::string stamp_of(Time time, std::chrono::minutes utc_offset) {
  const auto at = std::chrono::floor<std::chrono::seconds>(time + utc_offset);
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  return fmt::format(" ({}/{} {:02}.{:02}.{:02})", static_cast<unsigned>(date.day()),
                     static_cast<unsigned>(date.month()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string stamped(std::string_view text, Time time, std::chrono::minutes utc_offset) {
  const auto stamp = stamp_of(time, utc_offset);
  return fit(text, k_most_weight - weigh(stamp)) + stamp;
}

// X takes no two answers of the same words: the time of what they answer tells them apart.
std::string neutral_line(const Reply& reply, TweetId parent, std::chrono::minutes utc_offset) {
  return (is_english(reply.language) ? "Thank you, we have received your message"
                                     : "Terima kasih, pesan Anda sudah kami terima") +
         stamp_of(time_of(parent), utc_offset) + ".";
}

std::string words_for_all(const Reply& reply) {
  return reply.public_text.empty() ? message_text(reply) : std::string(trim(reply.public_text));
}

// What is posted of a reply that is not confidential.
std::string public_words(const Reply& reply, TweetId parent, std::chrono::minutes utc_offset) {
  const bool asks = reply.asks && !reply.public_text.empty();
  // What answers a word for the service is the same for everybody, and for each time.
  const bool is_often_said = asks || !reply.report;
  const auto words = words_for_all(reply);
  return is_often_said ? stamped(words, time_of(parent), utc_offset) : fit(words);
}

std::string words_as_typed(std::string said, const std::vector<Link>& links) {
  for (const auto& link : links) {
    const auto at = said.find(link.url);
    if (at == std::string::npos) continue;
    said.replace(at, link.url.size(), link.is_media ? std::string() : link.expanded);
  }
  return words_alone(unescape(said));
}

std::string without_names(std::string_view text) {
  text = trim(text);
  while (text.starts_with('@')) {
    const auto end = text.find_first_of(" \n");
    if (end == std::string_view::npos) return {};
    text = trim(text.substr(end));
  }
  return std::string(text);
}

}  // namespace

std::string message_text(const Reply& reply) {
  constexpr std::size_t k_most_message_bytes = 8'000;
  return std::string(clip_utf8(trim(reply.text), k_most_message_bytes));
}

bool tells_the_outcome(State reached) {
  switch (reached) {
    case State::answered:
    case State::closed:
    case State::merged:
    case State::archived:
    case State::rejected:
      return true;
    default:
      return false;
  }
}

std::optional<TweetId> answered_post(const Reply& reply) {
  return reply.in_reply_to ? parse_tweet_id(reply.in_reply_to->value()) : std::nullopt;
}

Outgoing plan_answer(const Reply& reply, const Settings& settings,
                     std::chrono::minutes utc_offset) {
  using Way = Outgoing::Way;
  Outgoing out;
  out.whole = message_text(reply);
  const auto parent = answered_post(reply);
  const auto unless_open = [&](std::string_view why) {
    out.way = Way::directly_if_open;
    out.why = why;
    return out;
  };
  if (reply.in_reply_to && reply.in_reply_to->value().starts_with(k_message_prefix)) {
    out.way = Way::directly;
    return out;
  }
  if (!parent) return unless_open(withheld::k_no_post);
  if (reply.uncalled) return unless_open(withheld::k_not_called);
  const auto most = settings.answers_per_report;
  if (reply.confidential) {
    if (reply.earlier > 0 || most == 0) return unless_open(withheld::k_confidential);
    out.shown = neutral_line(reply, *parent, utc_offset);
    return out;
  }
  // The last one is kept for the outcome. A question is no answer, and is not counted as one.
  const auto limit = tells_the_outcome(reply.reached) || most < 2 ? most : most - 1;
  const bool asks = reply.asks && !reply.public_text.empty() && most > 0;
  if (reply.earlier >= limit && !asks) {
    return unless_open(reply.earlier < most ? withheld::k_kept_for_outcome : withheld::k_enough);
  }
  out.shown = public_words(reply, *parent, utc_offset);
  if (!reply.public_text.empty()) out.way = Way::directly_or_publicly;
  return out;
}

std::vector<Appearance> appearances(const Outgoing& planned, const Settings& settings) {
  using Way = Outgoing::Way;
  std::vector<Appearance> ways;
  const bool shown = planned.way == Way::publicly || planned.way == Way::directly_or_publicly;
  const bool may_open = settings.direct_messages && planned.way != Way::publicly;
  if (planned.way == Way::directly || may_open) {
    Appearance message{.text = planned.whole};
    message.way = planned.way == Way::directly ? Appearance::Way::directly
                                               : Appearance::Way::directly_if_open;
    message.unless = planned.why;
    ways.push_back(std::move(message));
  }
  if (shown) {
    ways.push_back({.way = Appearance::Way::publicly,
                    .text = planned.shown,
                    .weight = weigh(planned.shown),
                    .most_weight = k_most_weight});
  }
  if (ways.empty()) ways.push_back({.unless = planned.why});
  return ways;
}

std::vector<std::string> public_texts(const Reply& reply, std::chrono::minutes utc_offset) {
  const auto parent = answered_post(reply);
  std::vector<std::string> texts{public_words(reply, parent.value_or(0), utc_offset)};
  std::ranges::move(told_apart(reply, utc_offset), std::back_inserter(texts));
  // The line says nothing of the step: behind an earlier one it is that one's.
  if (parent && reply.earlier == 0) texts.push_back(neutral_line(reply, *parent, utc_offset));
  return texts;
}

std::vector<std::string> told_apart(const Reply& reply, std::chrono::minutes utc_offset) {
  const auto words = words_for_all(reply);
  return {stamped(words, time_of(answered_post(reply).value_or(0)), utc_offset),
          stamped(words, reply.owed_at, utc_offset)};
}

bool is_that_answer(const Tweet& tweet, TweetId parent, std::string_view text) {
  return tweet.reference(Reference::Kind::replied_to) == parent && says(tweet, text);
}

bool says(const Tweet& tweet, std::string_view text) {
  return without_names(words_as_typed(tweet.text, tweet.links)) == without_names(words_alone(text));
}

bool is_that_message(const Message& message, std::string_view text) {
  return words_as_typed(message.text, message.links) == words_alone(text);
}

}  // namespace kanal::twitter
