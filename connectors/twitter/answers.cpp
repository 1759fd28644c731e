#include "connectors/twitter/answers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/twitter/translate.hpp"
#include "connectors/twitter/weight.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

// X refuses the same text twice, so the line carries the second of the post that it answers.
std::string neutral_line(const Reply& reply, TweetId parent, std::chrono::minutes utc_offset) {
  const auto at = std::chrono::floor<std::chrono::seconds>(time_of(parent) + utc_offset);
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  const auto stamp = fmt::format("{}/{} {:02}.{:02}.{:02}", static_cast<unsigned>(date.day()),
                                 static_cast<unsigned>(date.month()), clock.hours().count(),
                                 clock.minutes().count(), clock.seconds().count());
  return reply.language == "en" ? "Thank you, we have received your message (" + stamp + ")."
                                : "Terima kasih, pesan Anda sudah kami terima (" + stamp + ").";
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
  constexpr std::size_t k_most_message_bytes = 8'000;
  auto whole = std::string(clip_utf8(trim(reply.text), k_most_message_bytes));
  if (reply.in_reply_to && reply.in_reply_to->value().starts_with(k_message_prefix)) {
    return {Way::directly, std::move(whole), {}};
  }
  const auto parent = answered_post(reply);
  if (!parent) {
    return {Way::directly_if_open, std::move(whole), withheld::k_no_post};
  }
  if (reply.confidential) {
    if (reply.earlier == 0 && settings.answers_per_report > 0) {
      return {Way::publicly, neutral_line(reply, *parent, utc_offset), {}};
    }
    return {Way::directly_if_open, std::move(whole), withheld::k_confidential};
  }
  // The last one is kept for the outcome.
  const auto most = settings.answers_per_report;
  const auto limit = tells_the_outcome(reply.reached) || most < 2 ? most : most - 1;
  if (reply.earlier < limit) return {Way::publicly, fit(whole), {}};
  return {Way::directly_if_open, std::move(whole), withheld::k_enough};
}

bool is_that_answer(const Tweet& tweet, TweetId parent, std::string_view text) {
  if (tweet.reference(Reference::Kind::replied_to) != parent) return false;
  auto said = tweet.text;
  for (const auto& link : tweet.links) {
    const auto at = said.find(link.url);
    if (at != std::string::npos)
      said.replace(at, link.url.size(), link.is_media ? "" : link.expanded);
  }
  return trim(without_names(unescape(said))) == trim(without_names(text));
}

}  // namespace kanal::twitter
