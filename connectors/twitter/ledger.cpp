#include "connectors/twitter/ledger.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

namespace kanal::twitter {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr double k_micro = 1'000'000;
// A morning of many complaints is not slowed down at once.
constexpr double k_slack = 0.25;
constexpr double k_left_for_searches = 0.2;
constexpr milliseconds k_slowest{3'600'000};
constexpr double k_least_money_usd = 0.01;
// Whole prices that are left must not be lost to binary fractions.
constexpr double k_rounding = 1e-6;
constexpr std::size_t k_most_remembered = 200'000;

// The headers of each limit, and what is put behind an endpoint's name for it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> k_windows = {
    {{"x-rate-limit-", ""},
     {"x-app-limit-24hour-", "/day of the app"},
     {"x-user-limit-24hour-", "/day of the account"}}};

sys_days day_of(Time now) {
  return std::chrono::floor<days>(now);
}

std::int64_t month_of(Time now) {
  const std::chrono::year_month_day date{day_of(now)};
  return static_cast<int>(date.year()) * 12LL + static_cast<unsigned>(date.month()) - 1;
}

Time next_day(Time now) {
  return Time(day_of(now) + days(1));
}

Time next_month(Time now) {
  const std::chrono::year_month_day date{day_of(now)};
  return Time(sys_days((date.year() / date.month() + std::chrono::months(1)) / 1));
}

/// A cap and how far its time has come.
struct Span {
  double used = 0;
  double cap = 0;  ///< 0: none
  Time from;
  Time to;
  std::string_view what;
  bool is_money = false;

  [[nodiscard]] double left() const { return cap - used; }
  [[nodiscard]] double passed(Time now) const {
    return std::chrono::duration<double>(now - from) / std::chrono::duration<double>(to - from);
  }
};

Time month_start(Time now) {
  const std::chrono::year_month_day date{day_of(now)};
  return Time(sys_days(date.year() / date.month() / 1));
}

double usd(std::int64_t microdollars) {
  return static_cast<double>(microdollars) / k_micro;
}

/// The month's last, as it is over last.
std::array<Span, 2> money_spans(const Spent& spent, const Caps& caps, Time now) {
  return {Span{usd(spent.microdollars_today), caps.cost_per_day_usd, Time(day_of(now)),
               next_day(now), "caps.cost_per_day_usd", true},
          Span{usd(spent.microdollars_this_month), caps.cost_per_month_usd, month_start(now),
               next_month(now), "caps.cost_per_month_usd", true}};
}

std::vector<Span> reading_spans(const Spent& spent, const Caps& caps, Time now) {
  std::vector<Span> spans;
  const auto add = [&](double used, double cap, bool by_day, std::string_view what) {
    if (cap <= 0) return;
    spans.push_back({used, cap, by_day ? Time(day_of(now)) : month_start(now),
                     by_day ? next_day(now) : next_month(now), what});
  };
  add(static_cast<double>(spent.reads_today), static_cast<double>(caps.reads_per_day), true,
      "caps.reads_per_day");
  add(static_cast<double>(spent.reads_this_month), static_cast<double>(caps.reads_per_month), false,
      "caps.reads_per_month");
  std::ranges::copy_if(money_spans(spent, caps, now), std::back_inserter(spans),
                       [](const Span& span) { return span.cap > 0; });
  return spans;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::int64_t micro(double usd) {
  return std::llround(usd * k_micro);
}

}  // namespace

Spent as_of(Spent spent, Time now) {
  // A clock that is set back across midnight grants no cap twice. Further ahead than that it was
  // wrong.
  const auto is_of = [](std::int64_t counted, std::int64_t current) {
    return counted == current || counted == current + 1;
  };
  const auto today = day_of(now).time_since_epoch().count();
  if (!is_of(spent.day, today)) {
    spent.reads_today = spent.posts_today = 0;
    spent.rechecks_today = spent.microdollars_today = 0;
    spent.day = today;
  }
  if (!is_of(spent.month, month_of(now))) {
    spent.reads_this_month = spent.posts_this_month = spent.microdollars_this_month = 0;
    spent.month = month_of(now);
  }
  return spent;
}

Plan plan_reading(const Spent& spent, const Caps& caps, milliseconds usual, double price_usd,
                  Time now) {
  Plan plan;
  plan.pace = usual;
  plan.most_reads = std::numeric_limits<std::int64_t>::max();
  for (const auto& span : reading_spans(spent, caps, now)) {
    const auto least = span.is_money ? std::max(k_least_money_usd, k_least_page * price_usd)
                                     : static_cast<double>(k_least_page);
    if (span.left() < least) {
      if (span.to > plan.until) {
        plan.dry = std::string(span.what) + " is used up";
        plan.until = span.to;
      }
      continue;
    }
    if (!span.is_money) {
      plan.most_reads = std::min(plan.most_reads, static_cast<std::int64_t>(span.left()));
    } else if (price_usd > 0) {
      plan.most_reads = std::min(plan.most_reads,
                                 static_cast<std::int64_t>(span.left() / price_usd + k_rounding));
    }
    if (span.left() < span.cap * k_left_for_searches) plan.searches = false;
    const double ahead = span.used / span.cap - span.passed(now) - k_slack;
    if (ahead <= 0) continue;
    // What is left, in the pages that it is asked for in, over the time that is left.
    const auto looks =
        std::max(span.is_money ? span.left() / span.cap * 1000 : span.left() / 10.0, 1.0);
    const auto stretched = std::chrono::duration_cast<milliseconds>((span.to - now) / looks);
    plan.pace = std::max(plan.pace, std::min(stretched, k_slowest));
  }
  return plan;
}

std::int64_t room_for_reads(const Spent& spent, const Caps& caps, double price_usd, Time now) {
  const auto plan = plan_reading(spent, caps, milliseconds(0), price_usd, now);
  return plan.dry.empty() ? plan.most_reads : 0;
}

std::int64_t plan_rechecks(const Spent& spent, const Caps& caps, double price_usd, Time now) {
  const auto plan = plan_reading(spent, caps, milliseconds(0), price_usd, now);
  if (!plan.dry.empty() || !plan.searches) return 0;
  if (caps.rechecks_per_day == 0) return plan.most_reads;
  return std::clamp<std::int64_t>(caps.rechecks_per_day - spent.rechecks_today, 0, plan.most_reads);
}

std::vector<Meter> meters_of(const Spent& spent, const Caps& caps, Time now) {
  std::vector<Meter> meters;
  const auto add = [&](std::string_view what, std::int64_t used, std::int64_t most, Time anew) {
    Meter meter;
    meter.what = what;
    meter.used = static_cast<double>(used);
    meter.most = static_cast<double>(most);
    meter.starts_anew = anew;
    meters.push_back(std::move(meter));
  };
  const auto day = next_day(now);
  const auto month = next_month(now);
  add("caps.reads_per_day", spent.reads_today, caps.reads_per_day, day);
  add("caps.reads_per_month", spent.reads_this_month, caps.reads_per_month, month);
  add("caps.rechecks_per_day", spent.rechecks_today, caps.rechecks_per_day, day);
  add("caps.posts_per_day", spent.posts_today, caps.posts_per_day, day);
  add("caps.posts_per_month", spent.posts_this_month, caps.posts_per_month, month);
  for (const auto& span : money_spans(spent, caps, now)) {
    Meter money;
    money.what = span.what;
    money.used = span.used;
    money.most = span.cap;
    money.starts_anew = span.to;
    money.is_money = true;
    meters.push_back(std::move(money));
  }
  return meters;
}

std::optional<Pause> pause_of_sending(const Spent& spent, const Caps& caps, double price_usd,
                                      Time now) {
  std::optional<Pause> pause;
  const auto check = [&](double used, double cap, std::string_view what, Time until) {
    if (cap <= 0 || used < cap) return;
    if (!pause || until > pause->until) pause = {std::string(what) + " is used up", until};
  };
  check(static_cast<double>(spent.posts_today), static_cast<double>(caps.posts_per_day),
        "caps.posts_per_day", next_day(now));
  check(static_cast<double>(spent.posts_this_month), static_cast<double>(caps.posts_per_month),
        "caps.posts_per_month", next_month(now));
  const auto money = money_spans(spent, caps, now);
  for (const auto& span : money) check(span.used, span.cap, span.what, span.to);
  if (pause) return pause;
  for (const auto& span : money) {
    if (span.cap <= 0 || span.used + price_usd <= span.cap + k_rounding) continue;
    pause = Pause{std::string(span.what) + " leaves too little for this answer", span.to, true};
  }
  return pause;
}

std::shared_ptr<Ledger> Ledger::of(const std::string& credential) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Ledger>> all;
  const std::scoped_lock lock(mutex);
  auto& slot = all[credential];
  auto ledger = slot.lock();
  if (!ledger) slot = ledger = std::make_shared<Ledger>();
  return ledger;
}

void Ledger::adopt(const std::string& channel, const Spent& spent, Time now) {
  const std::scoped_lock lock(mutex_);
  auto& own = channels_[channel];
  const auto known = as_of(own, now);
  own = as_of(spent, now);
  own.reads_today = std::max(own.reads_today, known.reads_today);
  own.reads_this_month = std::max(own.reads_this_month, known.reads_this_month);
  own.posts_today = std::max(own.posts_today, known.posts_today);
  own.posts_this_month = std::max(own.posts_this_month, known.posts_this_month);
  own.rechecks_today = std::max(own.rechecks_today, known.rechecks_today);
  own.microdollars_today = std::max(own.microdollars_today, known.microdollars_today);
  own.microdollars_this_month =
      std::max(own.microdollars_this_month, known.microdollars_this_month);
}

std::int64_t Ledger::count_reads(const std::string& channel, std::span<const std::uint64_t> ids,
                                 double price_usd, Time now) {
  const std::scoped_lock lock(mutex_);
  const auto today = day_of(now).time_since_epoch().count();
  if (read_day_ != today) read_.clear();
  read_day_ = today;
  std::int64_t count = 0;
  for (const auto id : ids) {
    if (read_.contains(id)) continue;
    if (read_.size() < k_most_remembered) read_.insert(id);
    ++count;
  }
  auto& own = channels_[channel] = as_of(channels_[channel], now);
  own.reads_today += count;
  own.reads_this_month += count;
  own.microdollars_today += count * micro(price_usd);
  own.microdollars_this_month += count * micro(price_usd);
  return count;
}

void Ledger::count_rechecks(const std::string& channel, std::int64_t count, Time now) {
  const std::scoped_lock lock(mutex_);
  auto& own = channels_[channel] = as_of(channels_[channel], now);
  own.rechecks_today += count;
}

void Ledger::count_post(const std::string& channel, double price_usd, Time now) {
  const std::scoped_lock lock(mutex_);
  auto& own = channels_[channel] = as_of(channels_[channel], now);
  ++own.posts_today;
  ++own.posts_this_month;
  own.microdollars_today += micro(price_usd);
  own.microdollars_this_month += micro(price_usd);
}

Spent Ledger::of_channel(const std::string& channel, Time now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = channels_.find(channel);
  return as_of(found == channels_.end() ? Spent{} : found->second, now);
}

Spent Ledger::total(Time now) const {
  const std::scoped_lock lock(mutex_);
  auto all = as_of({}, now);
  for (const auto& [name, spent] : channels_) {
    const auto one = as_of(spent, now);
    all.reads_today += one.reads_today;
    all.reads_this_month += one.reads_this_month;
    all.posts_today += one.posts_today;
    all.posts_this_month += one.posts_this_month;
    all.microdollars_today += one.microdollars_today;
    all.microdollars_this_month += one.microdollars_this_month;
    all.rechecks_today += one.rechecks_today;
  }
  return all;
}

void Ledger::note_limits(std::string_view endpoint, const HttpReply& reply, Time now) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [prefix, suffix] : k_windows) {
    const std::chrono::minutes longest(suffix.empty() ? 20 : 25 * 60);
    const std::string name(prefix);
    const auto left = number_of(reply.header(name + "remaining"));
    const auto resets = number_of(reply.header(name + "reset"));
    if (!left || !resets || *resets < 0 || *resets > 4'102'444'800) continue;
    const auto at = std::min(Time(std::chrono::seconds(*resets)), now + longest);
    const auto key = std::string(endpoint) + std::string(suffix);
    const auto most = number_of(reply.header(name + "limit")).value_or(0);
    windows_.insert_or_assign(key, Window{*left, at, most});
  }
}

std::vector<Meter> Ledger::windows(Time now) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Meter> meters;
  for (const auto& [endpoint, window] : windows_) {
    if (window.resets <= now || window.most < window.left) continue;
    Meter meter;
    meter.what = endpoint;
    meter.used = static_cast<double>(window.most - window.left);
    meter.most = static_cast<double>(window.most);
    meter.starts_anew = window.resets;
    meters.push_back(std::move(meter));
  }
  return meters;
}

std::string Ledger::others(const std::string& channel) const {
  const std::scoped_lock lock(mutex_);
  std::string names;
  for (const auto& [name, spent] : channels_) {
    if (name != channel) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

std::optional<Time> Ledger::closed_until(std::string_view endpoint, Time now) const {
  const std::scoped_lock lock(mutex_);
  std::optional<Time> until;
  for (const auto& [prefix, suffix] : k_windows) {
    const auto found = windows_.find(std::string(endpoint) + std::string(suffix));
    if (found == windows_.end() || found->second.left > 0 || found->second.resets <= now) continue;
    if (!until || found->second.resets > *until) until = found->second.resets;
  }
  return until;
}

std::optional<std::int64_t> Ledger::calls_left(std::string_view endpoint, Time now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = windows_.find(endpoint);
  if (found == windows_.end() || found->second.resets <= now) return std::nullopt;
  return found->second.left;
}

}  // namespace kanal::twitter
