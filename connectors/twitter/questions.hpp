#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "connectors/kind.hpp"
#include "connectors/twitter/api.hpp"
#include "connectors/twitter/hunt.hpp"
#include "connectors/twitter/source.hpp"
#include "connectors/twitter/translate.hpp"

namespace kanal::twitter {

/// X takes no longer search.
inline constexpr std::size_t k_longest_query = 512;
/// X looks up no more posts at once.
inline constexpr std::int64_t k_most_lookups = 100;

/// What the recent search is asked; with `calls`, also for posts that call us.
std::string search_query(const Settings& settings, bool calls);
/// The recent search reaches back seven days, and refuses to be asked for more.
Time oldest_searchable(Time now);

/// What X is asked to read posts. What comes by `turn_pages` is counted, and asked for within the
/// caps.
class Questions {
 public:
  using Page = std::function<Result<Answer>(std::int64_t most)>;

  Questions(const ChannelName& channel, const Settings& settings, const Clock& clock, Api& api,
            Ledger& ledger, const Translation& translation)
      : counted_as_(channel.value()),
        settings_(settings),
        clock_(clock),
        api_(api),
        ledger_(ledger),
        translation_(translation) {}

  /// In whose name what is read from now on is counted.
  void count_as(std::string name) { counted_as_ = std::move(name); }
  [[nodiscard]] Plan plan(std::chrono::milliseconds usual, double price_usd) const;
  /// How many of this price may be read at all now.
  [[nodiscard]] std::int64_t room_for(double price_usd) const;
  /// Fails with a pause when the caps leave nothing to read.
  [[nodiscard]] Result<> afford(const Plan& plan) const;

  /// The next page of a source. `account`: the number of our own.
  Result<Answer> page(Source source, const std::string& account, const Hunt& hunt,
                      std::int64_t most);
  /// The next page of the recent search.
  Result<Answer> search(const std::string& query, const Hunt& hunt, std::int64_t most);
  /// The next page of what called us between two times.
  Result<Answer> search_between(Time from, Time to, const Hunt& hunt, std::int64_t most);
  /// Goes on with a hunt: whether all its pages have been read now. When X no longer knows our
  /// place among them, it begins anew.
  Result<bool> turn_pages(Hunt& hunt, std::int64_t most_reads, double price_usd, const Page& page);
  /// So many posts at most: `k_most_lookups`.
  Result<Answer> look_up(std::span<const TweetId> ids);
  /// Fetches the beginnings of complaints that called us only later on, as far as there is money.
  Result<> complete_stories(Answer& answer);

 private:
  [[nodiscard]] Api::Parameters search_for(const std::string& query, const Hunt& hunt,
                                           std::int64_t most) const;
  Result<Answer> read_search(Api::Parameters parameters);

  std::string counted_as_;
  const Settings& settings_;
  const Clock& clock_;
  Api& api_;
  Ledger& ledger_;
  const Translation& translation_;
};

}  // namespace kanal::twitter
