#include "connectors/twitter/reader.hpp"

#include <algorithm>

namespace kanal::twitter {
namespace {

constexpr std::size_t k_reach = 800;
// Below the cut-off by what our own posts and deleted ones may take away.
constexpr std::size_t k_near_reach = 780;

}  // namespace

Result<Batch> Reader::read(Position& position, Budget budget) {
  heed_clock();
  start_over(position);
  auto looked = look_around(position);
  if (queue_.is_empty()) follow(position, looked.trouble);
  if (queue_.is_empty() && looked.trouble) return tl::unexpected(std::move(*looked.trouble));
  Batch batch;
  const bool more = TRY(queue_.give_out(budget, batch, [&](const Item& item) {
    following_.take_note_of(item, position);
    progress_.give_out(item, position);
  }));
  if (queue_.is_empty()) progress_.wait_no_more();
  BySource<bool> under_way;
  for (const auto source : k_sources) under_way[source] = !queue_.is_empty() || hunts_[source];
  progress_.settle(position, under_way);
  batch.more = more || looked.unfinished;
  return batch;
}

// A pace of nothing is that of whoever asks.
std::optional<std::chrono::milliseconds> Reader::rests_for() const {
  std::optional<Time> next;
  for (const auto source : k_sources) {
    const bool has_pace = usual_pace(source, settings_).count() > 0;
    if (!is_wanted(source, settings_) || !has_pace) continue;
    next = std::min(next.value_or(Time::max()), due_[source]);
  }
  const auto followed = following_.due();
  if (followed && settings_.search_every_s.count() > 0) {
    next = std::min(next.value_or(Time::max()), *followed);
  }
  if (!next) return std::nullopt;
  const auto now = clock_.now();
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(*next, now) - now);
}

/// What was put off by a clock that has since been set back would be put off for that long.
void Reader::heed_clock() {
  const auto now = clock_.now();
  if (now < looked_at_) {
    due_ = {};
    following_.be_due();
    pictures_.forget_outage();
  }
  looked_at_ = now;
}

void Reader::start_over(const Position& position) {
  const auto finding = progress_.begin(position);
  if (finding == Progress::Finding::goes_on) return;
  if (finding == Progress::Finding::not_stored) following_.forget_additions();
  queue_.clear();
  due_ = {};
}

Reader::Looked Reader::look_around(const Position& position) {
  const auto now = clock_.now();
  Looked looked;
  std::optional<Error> standing;
  bool all_stand = true;
  auto next = Time::max();
  for (const auto source : k_sources) {
    if (!is_wanted(source, settings_)) continue;
    auto& trouble = troubles_[source];
    auto& due = due_[source];
    if (queue_.is_empty() && now >= due) {
      const auto over = try_source(source, position);
      trouble = over ? std::nullopt : std::optional(over.error());
      looked.unfinished = looked.unfinished || (over && !*over);
      // Its own matter: the others are read on. What passes is for the caller to wait for.
      const bool passes = trouble && trouble->remedy == Remedy::retry;
      if (trouble) due = passes ? now : std::max(due, now + trouble->retry_after);
      if (trouble && !looked.trouble) looked.trouble = trouble;
    }
    if (!trouble) all_stand = false;
    if (trouble && !standing) standing = trouble;
    next = std::min(next, due);
  }
  if (all_stand && !looked.trouble) looked.trouble = standing;
  if (looked.trouble && looked.trouble->retry_after.count() > 0) {
    looked.trouble->retry_after =
        std::chrono::ceil<std::chrono::milliseconds>(std::max(next, now) - now);
  }
  return looked;
}

Result<bool> Reader::try_source(Source source, const Position& position) {
  const auto now = clock_.now();
  const auto plan = questions_.plan(usual_pace(source, settings_), price_of(source, settings_));
  due_[source] = now + plan.pace;
  TRY(questions_.afford(plan));
  if (source == Source::search && !plan.searches) return true;
  const bool is_over = TRY(look(source, position, plan));
  if (!is_over) due_[source] = now;
  return is_over;
}

Result<bool> Reader::look(Source source, const Position& position, const Plan& plan) {
  auto& hunt = hunts_[source];
  const auto since = reached(position, source);
  if (!hunt || hunt->since != since) hunt = hunt_from(since);
  if (!hunt->all_pages) {
    hunt->all_pages = TRY(questions_.turn_pages(
        *hunt, plan.most_reads, price_of(source, settings_),
        [&](std::int64_t most) { return questions_.page(source, position.account, *hunt, most); }));
    if (!hunt->all_pages) return false;
    hunt->gone = hunt->found.missing;
    progress_.forget_given(source, hunt->found);
    following_.cut_at_additions(hunt->found);
  }
  TRY(questions_.complete_stories(hunt->found));
  queue_found(source, *hunt);
  hunt.reset();
  return true;
}

void Reader::queue_found(Source source, const Hunt& hunt) {
  const auto& found = hunt.found;
  const auto searched_from = oldest_searchable(clock_.now());
  const bool was_away =
      source == Source::search && hunt.since > 1 && time_of(hunt.since) < searched_from;
  if (hunt.was_too_much()) {
    queue_.add(items_.of_gap(source, hunt.since, found, k_too_much));
  } else if (source == Source::mentions && hunt.since > 1 && found.tweets.size() >= k_near_reach) {
    queue_.add(
        items_.of_gap(source, hunt.since, found,
                      "X gives out the newest " + std::to_string(k_reach) + " mentions only"));
  } else if (was_away) {
    queue_.add(Items::of_unsearched(hunt.since, searched_from));
    progress_.wait(source, hunt.since);
  }
  if (auto items = items_.of_answer(source, hunt.since, found); !items.empty()) {
    queue_.add(std::move(items));
    progress_.wait(source, hunt.since);
  } else if (source == Source::search && hunt.token.empty()) {
    progress_.pass_quiet_days(source);
  }
  if (!hunt.gone.empty()) queue_.add(Items::of_deletions(source, hunt.since, hunt.gone));
}

void Reader::follow(Position& position, std::optional<Error>& trouble) {
  auto additions = following_.follow(position, trouble);
  if (additions.empty()) return;
  queue_.add(std::move(additions));
  progress_.wait(Source::mentions, position.mentions);
}

Result<std::vector<TweetId>> Reader::read_posts(std::span<const TweetId> ids, Batch& batch) {
  std::vector<TweetId> read;
  auto found = TRY(questions_.look_up(ids));
  following_.cut_at_additions(found);
  TRY(questions_.complete_stories(found));
  for (const auto& tweet : found.tweets) {
    auto item = items_.of_tweet(Source::mentions, tweet, found);
    if (!pictures_.fetch(item)) continue;
    read.push_back(tweet.id);
    std::ranges::move(item.piece.posts, std::back_inserter(batch.posts));
  }
  return read;
}

}  // namespace kanal::twitter
