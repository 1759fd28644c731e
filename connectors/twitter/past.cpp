#include "connectors/twitter/past.hpp"

#include <algorithm>

namespace kanal::twitter {

Result<Batch> Past::read(Time from, Time to, TweetId& after, Budget budget) {
  Batch batch;
  if (queued_ != Stretch{from, after}) {
    queue_.clear();
    queued_.reset();
    batch.more = !TRY(fetch(from, to, after));
    if (batch.more) return batch;
    // A picture that fails now does not have all of it asked for anew.
    queued_ = {from, after};
  }
  TRY(queue_.give_out(budget, batch, [&](const Item& item) { after = std::max(after, item.id); }));
  queued_ = {from, after};
  batch.more = !queue_.is_empty();
  // It may be asked for again, and there may be more in it by then.
  if (!batch.more) queued_.reset();
  return batch;
}

Result<bool> Past::fetch(Time from, Time to, TweetId after) {
  // A time from before its seven days is refused, and another one between two pages too.
  if (!hunting_ || hunting_->from != from) {
    hunting_ = Hunting{from, std::max(from, oldest_searchable(clock_.now())), {}};
  }
  auto& hunt = hunting_->hunt;
  if (!hunt.all_pages) hunt.all_pages = TRY(turn_page(to));
  if (!hunt.all_pages) return false;
  TRY(questions_.complete_stories(hunt.found));
  if (hunt.was_too_much()) {
    queue_.add(items_.of_gap(Source::search, first_tweet_id_of(from), hunt.found, k_too_much));
  }
  queue_.add(items_.of_answer(Source::search, 0, hunt.found));
  queue_.drop_up_to(after);
  hunting_.reset();
  return true;
}

// A page at a time, so that what it costs is in the account before the next one.
Result<bool> Past::turn_page(Time to) {
  constexpr std::int64_t k_page = 100;
  const auto price_usd = price_of(Source::search, settings_);
  const auto plan = questions_.plan({}, price_usd);
  TRY(questions_.afford(plan));
  auto& hunt = hunting_->hunt;
  return questions_.turn_pages(
      hunt, std::min(plan.most_reads, k_page), price_usd, [&](std::int64_t most) {
        return questions_.search_between(hunting_->asked_from, to, hunt, most);
      });
}

}  // namespace kanal::twitter
