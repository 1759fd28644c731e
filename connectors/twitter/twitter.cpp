#include "connectors/twitter/twitter.hpp"

#include <algorithm>
#include <set>

#include "connectors/probe_steps.hpp"
#include "connectors/send_each.hpp"
#include "connectors/twitter/answers.hpp"
#include "connectors/twitter/past.hpp"
#include "connectors/twitter/reader.hpp"
#include "connectors/twitter/sender.hpp"
#include "core/deadline.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

constexpr std::size_t k_most_handle = 15;
// Shorter than a day, so that a round that takes its time still ends within one.
constexpr std::chrono::hours k_between_rounds{20};
// A poll that reads nothing costs nothing, and takes care of the token and the account.
constexpr std::chrono::minutes k_longest_rest{15};
// X compares numbers as such, the store as text, which is the same from here (May 2018) on.
constexpr TweetId k_first_of_19_digits = 1'000'000'000'000'000'000;

// What its author deletes is to be gone here within a day.
Meter round_meter(Time since, Time now) {
  Meter meter;
  meter.what = "recheck_hours";
  meter.used = static_cast<double>(std::chrono::floor<std::chrono::hours>(now - since).count());
  meter.most = 24;
  return meter;
}

bool is_handle(std::string_view text) {
  return !text.empty() && text.size() <= k_most_handle &&
         std::ranges::all_of(
             text, [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); });
}

}  // namespace

struct Twitter::Inside {
  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  Authorisation authorisation;
  // Shared with the other channels of the same credential (Ledger::of).
  std::shared_ptr<Ledger> ledger;
  Api api;
  Translation translation;
  Questions questions;
  Items items;
  Pictures pictures;
  Reader reader;
  Past past;
  Sender sender;
  std::string account;
  /// What kept a poll from reading whose account was worth keeping; said at the next.
  std::optional<Error> unsaid;
  Cursor given_out;  ///< with the batch that was read last
  /// Later versions that were read and stored, and those of the latest recheck, with its position.
  std::set<TweetId> versions_stored;
  std::vector<TweetId> versions_read;
  Cursor rechecked;
  /// The round of asking after stored posts that was begun last, and whether it is over.
  Time round_began;
  bool round_is_over = true;

  Inside(ChannelName name, Settings given, const Surroundings& surroundings, Authorisation who)
      : channel(std::move(name)),
        settings(std::move(given)),
        around(surroundings),
        authorisation(std::move(who)),
        ledger(Ledger::of(authorisation.fingerprint())),
        api(settings, authorisation, *ledger, around.http, around.clock),
        translation(settings, around.organisation),
        questions(channel, settings, around.clock, api, *ledger, translation),
        items(channel, settings, around.clock, translation),
        pictures(api, around.clock),
        reader(settings, around.clock, questions, items, pictures, translation),
        past(settings, around.clock, questions, items, pictures),
        sender(channel, settings, around, authorisation, api, *ledger) {}

  Result<> find_account();
  Result<std::string> known_account() {
    TRY(find_account());
    return account;
  }
  /// By which credential and name the account is found.
  [[nodiscard]] std::string account_of() const {
    return authorisation.fingerprint() + '@' + to_lower_ascii(settings.handle);
  }
  Result<std::optional<Batch>> renew_token(Position& position);
  /// What a back-fill uses up stands under a name of its own.
  static std::string name_apart(const ChannelName& of) { return of.value() + " (back-fill)"; }
  [[nodiscard]] bool shares(const ChannelName& other, const Position& stored) const {
    return other == channel || stored.account_of.starts_with(authorisation.fingerprint() + '@');
  }
  void note_round(const Position& position) {
    round_began = position.round_began;
    round_is_over = position.checked.empty();
  }
  [[nodiscard]] std::int64_t room_for_rechecks(Time now) const {
    return plan_rechecks(ledger->total(now), settings.caps, settings.prices.found_usd, now);
  }
  /// Since when stored posts are asked after in a round that is not over, or that cannot begin.
  [[nodiscard]] std::optional<Time> round_since(Time now) const {
    const bool waits = settings.recheck_days > 0 && round_began != Time{} &&
                       now >= round_began + k_between_rounds && room_for_rechecks(now) == 0;
    return round_is_over && !waits ? std::nullopt : std::optional(round_began);
  }
  /// What stored posts have been changed to, when what stood in the mentions did not tell.
  void read_later_versions(const Answer& stored, std::span<const ExternalId> ids, Batch& batch);
  [[nodiscard]] TweetId oldest_to_recheck(Time now) const {
    return std::max(first_tweet_id_of(now - std::chrono::days(settings.recheck_days)),
                    k_first_of_19_digits);
  }
};

Result<> Twitter::Inside::find_account() {
  if (account.empty()) {
    const auto body =
        TRY(api.get("account",
                    authorisation.is_app_only() ? "/2/users/by/username/" + settings.handle
                                                : std::string("/2/users/me"),
                    {}));
    const auto json = Json::parse(body);
    const auto* data = json ? json->find("data") : nullptr;
    const auto id = data != nullptr ? data->text("id") : std::string();
    if (!parse_tweet_id(id)) {
      return fail(Remedy::reconfigure, "X does not say whose account this is.");
    }
    if (!equals_ignoring_case(data->text("username"), settings.handle)) {
      return fail(Remedy::reconfigure, "The credential belongs to @" +
                                           scrub_utf8(clip_utf8(data->text("username"), 30)) +
                                           ", not to @" + settings.handle + ".");
    }
    account = id;
  }
  translation.set_account(account);
  return {};
}

/// A batch that only carries the new token, to be committed before it is used.
Result<std::optional<Batch>> Twitter::Inside::renew_token(Position& position) {
  authorisation.adopt(position.sealed_token);
  const auto now = around.clock.now();
  if (!authorisation.wants_renewal(now)) return std::optional<Batch>();
  position.sealed_token = TRY(authorisation.renew(around.http, now));
  Batch batch;
  batch.next = print_position(position);
  batch.more = true;
  return batch;
}

// What cannot be read now is in the next round.
void Twitter::Inside::read_later_versions(const Answer& stored, std::span<const ExternalId> ids,
                                          Batch& batch) {
  // A post can be changed for an hour; whoever is behind with asking has so long to find it.
  constexpr std::chrono::days k_looked_at_anew{7};
  const auto now = around.clock.now();
  const auto oldest = first_tweet_id_of(now - k_looked_at_anew);
  versions_stored.erase(versions_stored.begin(), versions_stored.lower_bound(oldest));
  std::vector<TweetId> later;
  for (const auto& tweet : stored.tweets) {
    const auto newest = tweet.versions.back();
    const ExternalId id(std::to_string(newest));
    const bool is_known = newest <= tweet.id || std::ranges::find(ids, id) != ids.end() ||
                          versions_stored.contains(newest);
    if (is_known || newest < oldest) continue;
    if (std::ranges::find(later, newest) == later.end()) later.push_back(newest);
  }
  const auto room =
      room_for_reads(ledger->total(now), settings.caps, settings.prices.found_usd, now);
  if (std::ssize(later) > room) later.resize(static_cast<std::size_t>(room));
  if (later.empty()) return;
  auto read = reader.read_posts(later, batch);
  if (read) versions_read = std::move(*read);
}

Twitter::Twitter(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Twitter::~Twitter() = default;

Result<std::unique_ptr<Twitter>> Twitter::create(ChannelName channel, Settings settings,
                                                 const Surroundings& around) {
  auto authorisation = TRY(Authorisation::create(settings, around.keys));
  return std::unique_ptr<Twitter>(new Twitter(std::make_unique<Inside>(
      std::move(channel), std::move(settings), around, std::move(authorisation))));
}

Result<Batch> Twitter::poll(const Cursor& since, Budget budget) {
  auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  auto known = parse_position(since);
  if (!known && !since.value.empty()) {
    return fail(Remedy::reconfigure, "channel " + inside.channel.value() +
                                         ": its stored position is not that of an X account; was "
                                         "its kind changed?");
  }
  auto position = known.value_or(Position{});
  if (position.mentions == 0) {
    const auto start = parse_start(inside.settings.start_from, now);
    if (!start) return fail(Remedy::reconfigure, "start_from is not a date");
    position.mentions = *start;
  }
  if (position.found == 0) position.found = position.mentions;
  if (position.messages == 0) position.messages = position.mentions;
  inside.ledger->adopt(inside.channel.value(), position.spent, now);
  inside.note_round(position);
  if (auto renewed = TRY(inside.renew_token(position))) return std::move(*renewed);
  const auto account_of = inside.account_of();
  if (inside.account.empty() && position.account_of == account_of) {
    inside.account = position.account;
  }
  TRY(inside.find_account());
  position.account = inside.account;
  position.account_of = account_of;
  if (inside.unsaid) return tl::unexpected(*std::exchange(inside.unsaid, std::nullopt));
  Batch batch;
  if (since.value.empty()) {
    // A start point is worth keeping before anything is read.
    batch.more = true;
  } else {
    auto read = inside.reader.read(position, budget);
    // That a day began is no news to keep: it would hide for one poll that X is away.
    const bool spent =
        inside.ledger->of_channel(inside.channel.value(), now) != as_of(position.spent, now);
    // Answers that were sent while reading rests are counted too.
    if (!read) {
      auto& error = read.error();
      error.retry_after = std::min<std::chrono::milliseconds>(error.retry_after, k_longest_rest);
      if (!spent) return tl::unexpected(std::move(error));
      inside.unsaid = std::move(error);
    } else {
      batch = std::move(*read);
    }
    for (const auto& post : batch.posts) {
      if (post.id.value().starts_with(k_message_prefix))
        inside.sender.know(post.author.id.value(), true);
    }
  }
  position.spent = inside.ledger->of_channel(inside.channel.value(), now);
  batch.next = print_position(position);
  inside.given_out = batch.next;
  return batch;
}

Result<> Twitter::committed(const Batch& batch) {
  auto& inside = *inside_;
  if (batch.next == inside.given_out) inside.reader.stored();
  if (batch.next == inside.rechecked) {
    const auto read = std::exchange(inside.versions_read, {});
    inside.versions_stored.insert(read.begin(), read.end());
  }
  return {};
}

std::vector<Result<Receipt>> Twitter::send(std::span<const Reply> replies) {
  auto& inside = *inside_;
  return send_each(replies, inside.around.clock, [&](const Reply& reply) {
    return inside.sender.send(reply, [&] { return inside.known_account(); });
  });
}

Result<std::optional<Receipt>> Twitter::confirm(const Reply& reply) {
  auto& inside = *inside_;
  return inside.sender.confirm(reply, [&] { return inside.known_account(); });
}

Result<Batch> Twitter::translate(std::string_view raw) const {
  const auto answer = TRY(parse_answer(raw));
  Batch batch;
  const auto entrance = "@" + inside_->settings.handle;
  const auto json = Json::parse(raw);
  const auto story = json ? parse_tweet_id(json->text(k_story_member)) : std::nullopt;
  for (const auto& tweet : answer.tweets) {
    inside_->translation.add(tweet, answer, entrance, batch, story.value_or(0));
  }
  for (const auto& message : answer.messages) inside_->translation.add(message, answer, batch);
  if (batch.posts.empty() && answer.tweets.empty() && answer.messages.empty()) {
    return fail(Remedy::drop, answer.unreadable.empty() ? "there is no post in it"
                                                        : answer.unreadable.front().reason);
  }
  batch.unreadable = answer.unreadable;
  std::ranges::stable_sort(batch.posts, {}, &Post::posted_at);
  return batch;
}

Result<Batch> Twitter::backfill(const Stretch& stretch, const Cursor& since, Budget budget) {
  constexpr std::chrono::hours k_window{1};
  auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  if (inside.authorisation.wants_renewal(now)) {
    return fail(Remedy::reconfigure,
                "With oauth2 only the running bridge may renew its token: back-fill with "
                "authorisation = \"app_only\" or \"oauth1\".");
  }
  TRY(inside.find_account());
  // An hour, the last that was given out of it, and, for who watches, how many pages were read.
  const auto stands = split(since.value, ' ');
  auto start = parse_rfc3339(stands.front()).value_or(stretch.from);
  auto after = stands.size() > 1 ? parse_tweet_id(stands[1]).value_or(0) : 0;
  // Not of an hour that is under way, which is to stay the same.
  const auto oldest = oldest_searchable(now);
  if (since.value.empty() || start + k_window <= oldest) {
    start = std::chrono::floor<std::chrono::seconds>(std::max(start, oldest));
    after = 0;
  }
  const auto end = std::min(start + k_window, now);
  inside.questions.count_as(Inside::name_apart(inside.channel));
  auto read = inside.past.read(start, end, after, budget);
  inside.questions.count_as(inside.channel.value());
  if (!read) {
    read.error().message += " (read up to " + print_rfc3339(start) + ")";
    return read;
  }
  auto& batch = *read;
  batch.next = {batch.more ? print_rfc3339(start) + ' ' + std::to_string(after) + ' ' +
                                 std::to_string(inside.past.pages_read())
                           : print_rfc3339(end)};
  batch.more = batch.more || end < now;
  return read;
}

void Twitter::recall(const ChannelName& channel, const Cursor& stored) {
  const auto& inside = *inside_;
  const auto position = parse_position(stored);
  if (!position || !inside.shares(channel, *position)) return;
  inside.ledger->adopt(channel.value(), position->spent, inside.around.clock.now());
}

void Twitter::recall_apart(const ChannelName& channel, const Cursor& used) {
  const auto& inside = *inside_;
  const auto position = parse_position(used);
  if (!position || !inside.shares(channel, *position)) return;
  inside.ledger->adopt(Inside::name_apart(channel), position->spent, inside.around.clock.now());
}

Cursor Twitter::used_apart() const {
  const auto& inside = *inside_;
  Position position;
  position.account_of = inside.account_of();
  position.spent =
      inside.ledger->of_channel(Inside::name_apart(inside.channel), inside.around.clock.now());
  return print_position(position);
}

Usage Twitter::usage() const {
  const auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  const auto total = inside.ledger->total(now);
  const auto& settings = inside.settings;
  Usage usage;
  usage.meters = meters_of(total, settings.caps, now);
  if (const auto since = inside.round_since(now)) usage.meters.push_back(round_meter(*since, now));
  std::ranges::move(inside.ledger->windows(now), std::back_inserter(usage.meters));
  usage.usual = settings.mentions_every_s;
  const auto plan =
      plan_reading(total, settings.caps, usage.usual, settings.prices.mention_usd, now);
  usage.pace =
      plan.dry.empty() ? plan.pace : std::chrono::ceil<std::chrono::milliseconds>(plan.until - now);
  usage.shared_with = inside.ledger->others(inside.channel.value());
  return usage;
}

std::optional<std::chrono::milliseconds> Twitter::rests_for() const {
  return inside_->reader.rests_for();
}

Rechecker::Wish Twitter::wanted(const Cursor& since) const {
  const auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  const auto position = parse_position(since);
  if (!position || inside.settings.recheck_days == 0 || inside.authorisation.wants_renewal(now)) {
    return {};
  }
  if (position->checked.empty() && now < position->round_began + k_between_rounds) return {};
  Wish wish;
  wish.most = static_cast<int>(std::min(k_most_lookups, inside.room_for_rechecks(now)));
  const auto oldest = inside.oldest_to_recheck(now);
  wish.after = ExternalId(std::max(std::to_string(oldest), position->checked));
  wish.before = ExternalId(std::to_string(first_tweet_id_of(now)));
  return wish;
}

Result<Batch> Twitter::recheck(const Cursor& since, std::span<const ExternalId> ids) {
  auto& inside = *inside_;
  // Those of a round that was not stored are not in this one's batch.
  inside.versions_read.clear();
  const auto now = inside.around.clock.now();
  auto position = parse_position(since).value_or(Position{});
  if (position.checked.empty()) position.round_began = now;
  position.checked = ids.empty() ? std::string() : ids.back().value();
  inside.note_round(position);
  Batch batch;
  std::string asked;
  const auto oldest = inside.oldest_to_recheck(now);
  for (const auto& id : ids) {
    if (parse_tweet_id(id.value()).value_or(0) >= oldest)
      asked += (asked.empty() ? "" : ",") + id.value();
  }
  if (!asked.empty()) {
    const auto answer = TRY(inside.api.read("lookup", "/2/tweets", {{"ids", asked}}));
    std::vector<TweetId> read;
    for (const auto& tweet : answer.tweets) read.push_back(tweet.id);
    inside.ledger->count_reads(inside.channel.value(), read, inside.settings.prices.found_usd, now);
    inside.ledger->count_rechecks(inside.channel.value(), std::ssize(ids), now);
    for (const auto gone : answer.missing) {
      Signal signal;
      signal.kind = Signal::Kind::deletion;
      signal.subject = ExternalId(std::to_string(gone));
      if (std::ranges::find(ids, signal.subject) != ids.end()) batch.signals.push_back(signal);
    }
    inside.read_later_versions(answer, ids, batch);
  }
  position.spent = inside.ledger->of_channel(inside.channel.value(), now);
  batch.next = print_position(position);
  inside.rechecked = batch.next;
  return batch;
}

std::vector<Appearance> Twitter::preview(const Reply& reply) const {
  const auto& settings = inside_->settings;
  const auto offset = utc_offset_of(inside_->around.organisation.time_zone);
  return appearances(plan_answer(reply, settings, offset), settings);
}

std::vector<ProbeStep> Twitter::probe(std::string_view send_to) {
  auto& inside = *inside_;
  std::vector<ProbeStep> steps;
  if (inside.authorisation.wants_renewal(inside.around.clock.now())) {
    // Renewing here would end the token that the running bridge holds.
    steps.push_back({"ask whose account it is", true,
                     "not tried: with oauth2 only the running bridge uses its token; see the "
                     "channel's health"});
    return steps;
  }
  if (!note_step(steps, "ask X whose account it is (@" + inside.settings.handle + ")",
                 inside.find_account())) {
    return steps;
  }
  note_step(steps, "read mentions",
            inside.api.read_posts("mentions", "/2/users/" + inside.account + "/mentions",
                                  {{"max_results", "5"}},
                                  {inside.channel.value(), inside.settings.prices.mention_usd}));
  const auto left = inside.ledger->calls_left("mentions", inside.around.clock.now());
  if (left) {
    steps.back().detail += std::to_string(*left) + " calls are left in this quarter of an hour";
  }
  if (send_to.empty()) return steps;
  if (send_to.starts_with('@')) send_to.remove_prefix(1);
  const auto found = inside.api.get(
      "account", "/2/users/by/username/" + std::string(is_handle(send_to) ? send_to : "-"), {});
  const auto json = found ? Json::parse(*found) : tl::unexpected(found.error());
  const auto* data = json ? json->find("data") : nullptr;
  Reply reply;
  reply.address = data != nullptr ? data->text("id") : std::string();
  note_step(steps, "send a direct message",
            inside.sender.send_directly(
                reply, "Kanal: percobaan / test " + print_rfc3339(inside.around.clock.now())));
  return steps;
}

WrongSettings wrong_settings(const Settings& settings) {
  WrongSettings wrong;
  if (!is_handle(settings.handle)) {
    wrong.emplace_back("handle", "must be an account's name without the @ (\"lapor1708\")");
  }
  if (!settings.api_url.starts_with("https://") && !is_local(settings.api_url)) {
    wrong.emplace_back("api_url", "must begin with https://");
  }
  if (settings.api_url.ends_with('/')) wrong.emplace_back("api_url", "must not end with a slash");
  const auto need = [&](const Secret& secret, const char* key) {
    if (secret.empty()) wrong.emplace_back(key, "is missing (\"env:NAME\" or \"file:PATH\")");
  };
  if (settings.authorisation == "oauth1") {
    need(settings.consumer_key, "consumer_key");
    need(settings.consumer_secret, "consumer_secret");
    need(settings.access_token, "access_token");
    need(settings.access_secret, "access_secret");
  } else if (settings.authorisation == "oauth2") {
    if (settings.client_id.empty()) wrong.emplace_back("client_id", "is missing");
    need(settings.refresh_token, "refresh_token");
  } else {
    need(settings.bearer_token, "bearer_token");
    if (settings.direct_messages) {
      wrong.emplace_back("direct_messages", "cannot be read with app_only");
    }
  }
  if (!parse_start(settings.start_from, Time{})) {
    wrong.emplace_back("start_from", "must be \"now\", \"all\" or a date (\"2026-01-31\")");
  }
  for (std::size_t i = 0; i < settings.hashtags.size(); ++i) {
    const std::string_view tag = settings.hashtags[i];
    const bool clean = !tag.empty() && tag.find_first_of(" \"()") == std::string_view::npos;
    if (!clean) {
      wrong.emplace_back("hashtags[" + std::to_string(i) + "]", "must be one word");
    }
  }
  if (search_query(settings, true).size() > k_longest_query) {
    wrong.emplace_back("hashtags", "are too many: X takes 512 characters to search for");
  }
  return wrong;
}

}  // namespace kanal::twitter
