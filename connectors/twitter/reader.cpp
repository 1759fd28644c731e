#include "connectors/twitter/reader.hpp"

#include <algorithm>
#include <limits>

#include "connectors/twitter/picture.hpp"
#include "core/rfc3339.hpp"

namespace kanal::twitter {
namespace {

constexpr int k_most_pages = 60;  ///< in one turn
constexpr std::size_t k_most_in_a_look = 6'000;
constexpr int k_most_pages_in_a_look = 1'200;
constexpr std::size_t k_reach = 800;
// Below the cut-off by what our own posts and deleted ones may take away.
constexpr std::size_t k_near_reach = 780;
constexpr std::size_t k_most_lookups = 100;
constexpr int k_most_steps_back = 25;
constexpr std::size_t k_most_pictures = 12;  ///< X lets a post have four
constexpr std::size_t k_most_picture_bytes = 8U << 20U;
constexpr std::string_view k_too_many = "More came at once than is read in one look";
/// An outage of pictures may keep posts back for so long.
constexpr std::chrono::minutes k_waits_for_pictures{15};
constexpr std::chrono::hours k_between_outages{1};
constexpr std::chrono::hours k_search_reach{7 * 24};
constexpr std::chrono::seconds k_search_lag{15};
/// Posts come in out of the order of their numbers for so long.
constexpr std::chrono::seconds k_still_arriving{60};

std::string_view name_of(int source) {
  constexpr std::array<std::string_view, 3> k_names = {"mentions", "search", "dm_events"};
  return k_names.at(static_cast<std::size_t>(source));
}

/// What a page brought goes behind what is there.
void append(Answer& all, Answer&& page) {
  std::ranges::move(page.tweets, std::back_inserter(all.tweets));
  std::ranges::move(page.messages, std::back_inserter(all.messages));
  std::ranges::move(page.unreadable, std::back_inserter(all.unreadable));
  std::ranges::move(page.missing, std::back_inserter(all.missing));
  all.referenced.merge(page.referenced);
  all.accounts.merge(page.accounts);
  all.media.merge(page.media);
  all.spots.merge(page.spots);
}

std::size_t size_of(const Batch& piece) {
  std::size_t bytes = 0;
  for (const auto& post : piece.posts) {
    bytes += post.text.size() + post.full_text.size() + post.payload.size();
    for (const auto& attachment : post.attachments) bytes += attachment.bytes.size();
  }
  for (const auto& each : piece.unreadable) bytes += each.payload.size();
  return bytes;
}

std::string page_size(std::int64_t most, std::int64_t least) {
  return std::to_string(std::clamp<std::int64_t>(most, least, 100));
}

tl::unexpected<Error> is_dry(const Plan& plan, Time now) {
  return fail(
      Remedy::throttled,
      plan.dry + "; reading goes on at " + print_rfc3339(plan.until) + " or when it is raised.",
      std::chrono::ceil<std::chrono::milliseconds>(plan.until - now));
}

std::vector<TweetId> numbers_in(const Answer& answer) {
  std::vector<TweetId> ids;
  for (const auto& tweet : answer.tweets) ids.push_back(tweet.id);
  for (const auto& message : answer.messages) ids.push_back(message.id);
  return ids;
}

std::string print_id(TweetId id) {
  return std::to_string(id);
}

}  // namespace

std::string search_query(const Settings& settings, bool calls) {
  std::string any;
  const auto add = [&](const std::string& term) { any += (any.empty() ? "" : " OR ") + term; };
  if (calls) add("@" + settings.handle);
  for (const auto& tag : settings.hashtags) add(tag.starts_with('#') ? tag : "#" + tag);
  if (settings.quotations) add("url:\"x.com/" + settings.handle + "/status\"");
  return "(" + any + ") -is:retweet -from:" + settings.handle;
}

TweetId& Reader::reached(Position& position, Source source) const {
  switch (source) {
    case Source::search:
      return position.found;
    case Source::messages:
      return position.messages;
    default:
      return position.mentions;
  }
}

bool Reader::wanted(Source source) const {
  switch (source) {
    case Source::search:
      return !settings_.hashtags.empty() || settings_.quotations;
    case Source::messages:
      return settings_.direct_messages;
    default:
      return true;
  }
}

Result<Answer> Reader::page(Source source, const Position& position, const Hunt& hunt,
                            std::int64_t most) {
  const auto endpoint = name_of(static_cast<int>(source));
  if (source == Source::messages) {
    Api::Parameters parameters = {{"max_results", page_size(most, 1)},
                                  {"event_types", "MessageCreate"},
                                  {"dm_event.fields",
                                   "id,text,event_type,created_at,sender_id,dm_conversation_id,"
                                   "attachments,entities"},
                                  {"expansions", "sender_id,attachments.media_keys"},
                                  {"media.fields", "media_key,preview_image_url,type,url"},
                                  {"user.fields", "name,username"}};
    if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
    return api_.read(endpoint, "/2/dm_events", parameters);
  }
  if (source == Source::search) return search(search_query(settings_, false), hunt, most);
  auto parameters = api_.post_fields();
  parameters.emplace_back("max_results", page_size(most, 5));
  if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
  if (hunt.since > 1) parameters.emplace_back("since_id", print_id(hunt.since));
  return api_.read(endpoint, "/2/users/" + position.account + "/mentions", parameters);
}

Result<Answer> Reader::search(const std::string& query, const Hunt& hunt, std::int64_t most) {
  auto parameters = api_.post_fields();
  parameters.emplace_back("max_results", page_size(most, 10));
  if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
  parameters.emplace_back("query", query);
  // A number from before its seven days is refused.
  const auto oldest = around_.clock.now() - k_search_reach + std::chrono::minutes(1);
  if (hunt.since > 1 && time_of(hunt.since) > oldest) {
    parameters.emplace_back("since_id", print_id(hunt.since));
  }
  return api_.read("search", "/2/tweets/search/recent", parameters);
}

Reader::Hunt Reader::hunt_from(TweetId since) {
  Hunt hunt;
  hunt.since = since;
  return hunt;
}

/// Whether all pages have been read.
Result<bool> Reader::turn_pages(Hunt& hunt, std::int64_t most_reads, double price_usd,
                                const Page& page) {
  for (int pages = 0; pages < k_most_pages; ++pages) {
    if (most_reads < k_least_page) return false;
    auto answer = page(most_reads);
    if (!answer) {
      // It may be our place among the pages that X no longer knows.
      if (answer.error().remedy == Remedy::reconfigure) hunt = hunt_from(hunt.since);
      return tl::unexpected(std::move(answer).error());
    }
    most_reads -=
        ledger_.count_reads(counted_as_, numbers_in(*answer), price_usd, around_.clock.now());
    const auto old = [&](const auto& each) { return each.id <= hunt.since; };
    const bool known =
        std::erase_if(answer->messages, old) + std::erase_if(answer->tweets, old) > 0;
    std::erase_if(answer->unreadable, [&](const Unreadable& each) {
      return parse_tweet_id(each.id.value()).value_or(hunt.since + 1) <= hunt.since;
    });
    hunt.token = known ? std::string() : answer->next_token;
    append(hunt.found, std::move(*answer));
    if (hunt.token.empty()) return true;
    const bool full = hunt.found.tweets.size() + hunt.found.messages.size() >= k_most_in_a_look;
    if (full || ++hunt.pages >= k_most_pages_in_a_look) return true;
  }
  return false;
}

Result<bool> Reader::look(Source source, const Position& position, const Plan& plan) {
  auto& slot = hunts_[at(source)];
  auto standing = position;
  const auto since = reached(standing, source);
  if (!slot || slot->since != since) slot = hunt_from(since);
  if (!slot->all_pages) {
    slot->all_pages =
        TRY(turn_pages(*slot, plan.most_reads, price_of(source),
                       [&](std::int64_t most) { return page(source, position, *slot, most); }));
    if (!slot->all_pages) return false;
    slot->gone = slot->found.missing;
    forget_given(source, slot->found);
    cut_at_additions(slot->found);
  }
  TRY(complete_stories(slot->found));
  if (!slot->token.empty()) {
    note_gap(source, since, slot->found, k_too_many);
  } else if (source == Source::mentions && since > 1 && slot->found.tweets.size() >= k_near_reach) {
    note_gap(source, since, slot->found,
             "X gives out the newest " + std::to_string(k_reach) + " mentions only");
  }
  hand_over(source, since, slot->found);
  if (!slot->gone.empty()) {
    Item item;
    item.source = source;
    item.id = since;
    for (const auto gone : slot->gone) {
      Signal signal;
      signal.kind = Signal::Kind::deletion;
      signal.subject = ExternalId(print_id(gone));
      item.piece.signals.push_back(std::move(signal));
    }
    ahead_.push_back(std::move(item));
  }
  slot.reset();
  return true;
}

Result<Answer> Reader::look_up(std::span<const TweetId> ids) {
  std::string asked;
  for (const auto id : ids) asked += (asked.empty() ? "" : ",") + print_id(id);
  auto parameters = api_.post_fields();
  parameters.emplace_back("ids", asked);
  auto found = TRY(api_.read("lookup", "/2/tweets", parameters));
  ledger_.count_reads(counted_as_, numbers_in(found), settings_.prices.found_usd,
                      around_.clock.now());
  return found;
}

Result<std::vector<TweetId>> Reader::read_posts(std::span<const TweetId> ids, Batch& batch) {
  std::vector<TweetId> read;
  auto found = TRY(look_up(ids));
  cut_at_additions(found);
  TRY(complete_stories(found));
  for (const auto& tweet : found.tweets) {
    auto item = item_of(tweet, found, "@" + settings_.handle);
    if (!fetch_media(item)) continue;
    read.push_back(tweet.id);
    std::ranges::move(item.piece.posts, std::back_inserter(batch.posts));
  }
  return read;
}

/// Fetches the beginnings of complaints that called us only later on.
Result<> Reader::complete_stories(Answer& answer) {
  std::set<TweetId> asked;
  for (int step = 0; step < k_most_steps_back; ++step) {
    std::vector<TweetId> wanted;
    for (const auto& tweet : answer.tweets) {
      for (const auto id : translation_.missing_of_story(tweet, answer)) {
        if (wanted.size() < k_most_lookups && !asked.contains(id) &&
            std::ranges::find(wanted, id) == wanted.end()) {
          wanted.push_back(id);
        }
      }
    }
    // Without money for it a story is told from where it called us.
    const auto room = static_cast<std::size_t>(room_for(settings_.prices.found_usd));
    if (wanted.size() > room) wanted.resize(room);
    if (wanted.empty()) return {};
    asked.insert(wanted.begin(), wanted.end());
    auto found = TRY(look_up(wanted));
    for (auto& tweet : found.tweets) {
      std::erase(wanted, tweet.id);
      answer.referenced.insert_or_assign(tweet.id, std::move(tweet));
    }
    found.tweets.clear();
    append(answer, std::move(found));
    // Whatever did not come will not come: protected, or gone without a word.
    std::ranges::copy(wanted, std::back_inserter(answer.missing));
  }
  return {};
}

void Reader::note_gap(Source source, TweetId since, const Answer& answer, std::string_view why) {
  if (answer.tweets.empty() && answer.messages.empty()) return;
  auto oldest = std::numeric_limits<TweetId>::max();
  for (const auto& each : answer.tweets) oldest = std::min(oldest, each.id);
  for (const auto& each : answer.messages) oldest = std::min(oldest, each.id);
  auto advice = "Fetch them within seven days: kanal channel backfill " + channel_.value() +
                " --from " + print_rfc3339(time_of(since));
  if (settings_.authorisation == "oauth2") {
    advice += " (with authorisation = \"oauth1\" or \"app_only\" in its settings)";
  }
  if (source == Source::messages) advice = "No command fetches direct messages: look on X.";
  Item item;
  item.source = source;
  item.id = since;
  JsonWriter payload;
  payload.begin_object();
  payload.member("after", print_id(since));
  payload.member("before", print_id(oldest)).end_object();
  item.piece.unreadable.push_back(
      {ExternalId("gap:" + print_id(since) + ":" + print_id(oldest)), payload.take(),
       std::string(why) + ": those between " + print_rfc3339(time_of(since)) + " and " +
           print_rfc3339(time_of(oldest)) + " may be missing. " + advice});
  ahead_.push_back(std::move(item));
}

Reader::Item Reader::item_of(const Tweet& tweet, const Answer& around, std::string_view entrance,
                             TweetId story) const {
  Item item;
  translation_.add(tweet, around, entrance, item.piece, story);
  note_pictures(item, around, translation_.media_of(tweet, around, story));
  if (story == 0) item.told = translation_.told_with(tweet, around);
  return item;
}

void Reader::note_pictures(Item& item, const Answer& around, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    const auto medium = around.media.find(key);
    const bool is_known = medium != around.media.end();
    if (is_known && medium->second.url.empty()) continue;
    if (is_known && item.media.size() < k_most_pictures) {
      item.media.push_back(medium->second.url);
    } else {
      ++item.missing;
    }
  }
}

void Reader::hand_over(Source source, TweetId since, const Answer& answer) {
  const auto before = ahead_.size();
  const auto entrance = source == Source::mentions ? "@" + settings_.handle : std::string("search");
  std::vector<Item> items;
  for (const auto& tweet : answer.tweets) {
    auto item = item_of(tweet, answer, entrance);
    item.source = source;
    item.id = item.number = tweet.id;
    const bool calls = source == Source::mentions && !item.piece.posts.empty();
    const auto* hints = calls ? &item.piece.posts.front().hints : nullptr;
    const bool begins = calls && hints->passed_on.empty() && hints->automatic.empty();
    if (begins && !tweet.author.empty()) {
      const auto root = tweet.conversation == 0 ? tweet.identity() : tweet.conversation;
      item.story = Story{tweet.identity(), root, tweet.author};
    }
    items.push_back(std::move(item));
  }
  for (const auto& message : answer.messages) {
    Item item;
    item.source = source;
    item.id = item.number = message.id;
    translation_.add(message, answer, item.piece);
    note_pictures(item, answer, message.media);
    items.push_back(std::move(item));
  }
  for (const auto& each : answer.unreadable) {
    Item item;
    item.source = source;
    item.number = parse_tweet_id(each.id.value()).value_or(0);
    item.id = std::max(item.number, since);
    item.piece.unreadable.push_back(each);
    items.push_back(std::move(item));
  }
  // A number from the future would make us deaf to all that comes until then.
  const auto likely = first_tweet_id_of(around_.clock.now() + std::chrono::days(1));
  for (auto& item : items) {
    if (item.id > likely) item.id = since;
  }
  std::ranges::stable_sort(items, {}, &Item::id);
  ahead_.insert(ahead_.end(), std::make_move_iterator(items.begin()),
                std::make_move_iterator(items.end()));
  if (ahead_.size() == before) return;
  ahead_of_[at(source)] = since;
}

Result<> Reader::fetch_media(Item& item) {
  if (item.piece.posts.empty()) return {};
  const auto now = around_.clock.now();
  auto& post = item.piece.posts.front();
  while (!item.media.empty()) {
    auto bytes = api_.fetch_medium(item.media.front(), k_most_picture_bytes);
    const auto remedy = bytes ? Remedy::drop : bytes.error().remedy;
    if (remedy == Remedy::retry || remedy == Remedy::uncertain || remedy == Remedy::throttled) {
      if (now - pictures_missed_at_ >= k_between_outages) pictures_away_since_.reset();
      if (!pictures_away_since_) pictures_away_since_ = now;
      pictures_missed_at_ = now;
      if (now - *pictures_away_since_ < k_waits_for_pictures) {
        return fail(Remedy::retry, "X gives out no pictures now: " + bytes.error().message,
                    bytes.error().retry_after);
      }
      item.missing += item.media.size();
      break;
    }
    item.media.erase(item.media.begin());
    if (bytes) pictures_away_since_.reset();
    const auto type = bytes ? picture_type(*bytes) : std::string_view();
    if (type.empty()) {
      ++item.missing;
      continue;
    }
    Attachment attachment;
    attachment.name =
        "x-" + std::to_string(post.attachments.size() + 1) + std::string(extension_of(type));
    attachment.type = type;
    attachment.size_bytes = bytes->size();
    attachment.bytes = std::move(*bytes);
    post.attachments.push_back(std::move(attachment));
  }
  item.media.clear();
  if (item.missing == 0) return {};
  // No words of the author's, unless there are none that could say that something came.
  const auto note = note_of_missing(item.missing, post.language);
  if (post.full_text.empty()) post.full_text = post.text;
  post.full_text += (post.full_text.empty() ? "" : "\n") + note;
  if (post.text.empty() && post.attachments.empty()) post.text = note;
  return {};
}

/// Whether there is more to give out at once; the error when nothing could be.
Result<bool> Reader::give_out(Budget budget, Batch& batch,
                              const std::function<void(const Item&)>& gone) {
  std::size_t bytes = 0;
  bool any = false;
  while (!ahead_.empty() && batch.posts.size() < std::max<std::size_t>(budget.posts, 1)) {
    auto& item = ahead_.front();
    if (auto fetched = fetch_media(item); !fetched) {
      if (!any) return tl::unexpected(std::move(fetched).error());
      return false;
    }
    const auto cost = size_of(item.piece);
    if (bytes > 0 && bytes + cost > budget.bytes) break;
    bytes += cost;
    any = true;
    std::ranges::move(item.piece.posts, std::back_inserter(batch.posts));
    std::ranges::move(item.piece.unreadable, std::back_inserter(batch.unreadable));
    std::ranges::move(item.piece.signals, std::back_inserter(batch.signals));
    gone(item);
    ahead_.pop_front();
  }
  return !ahead_.empty();
}

void Reader::start_over(const Position& position) {
  if (stretch_) forget_ahead();
  auto standing = position;
  bool moved = !std::exchange(unstored_, {}).empty();
  if (moved) additions_.clear();
  for (const auto source : k_sources) {
    const auto stands = reached(standing, source);
    const auto ahead_of = ahead_of_[at(source)];
    moved = moved || (ahead_of != 0 && ahead_of != stands);
    if (given_[at(source)].behind != stands) given_[at(source)] = {stands, {}};
  }
  if (!moved) return;
  // Another has moved the position, or our last batch was not stored.
  forget_ahead();
  due_ = {};
}

void Reader::stored() {
  for (const auto& [source, id] : std::exchange(unstored_, {})) {
    if (id == 0) continue;
    auto& given = given_[at(source)];
    if (id > given.behind) given.ids.insert(id);
  }
}

void Reader::forget_given(Source source, Answer& answer) {
  const auto& ids = given_[at(source)].ids;
  const auto known = [&](const auto& each) { return ids.contains(each.id); };
  std::erase_if(answer.tweets, known);
  std::erase_if(answer.messages, known);
  std::erase_if(answer.unreadable, [&](const Unreadable& each) {
    return ids.contains(parse_tweet_id(each.id.value()).value_or(0));
  });
}

// What was given out long enough ago is passed at last.
void Reader::settle(Position& position) {
  const auto settled = first_tweet_id_of(around_.clock.now() - k_still_arriving);
  for (const auto source : k_sources) {
    auto& stands = reached(position, source);
    auto& given = given_[at(source)];
    if (ahead_.empty() && !hunts_[at(source)] && !given.ids.empty()) {
      stands = std::max(stands, std::min(*given.ids.rbegin(), settled));
    }
    given.behind = stands;
    given.ids.erase(given.ids.begin(), given.ids.upper_bound(stands));
  }
}

double Reader::price_of(Source source) const {
  switch (source) {
    case Source::search:
      return settings_.prices.found_usd;
    case Source::messages:
      return settings_.prices.message_usd;
    default:
      return settings_.prices.mention_usd;
  }
}

std::int64_t Reader::room_for(double price_usd) const {
  const auto now = around_.clock.now();
  return room_for_reads(ledger_.total(now), settings_.caps, price_usd, now);
}

Result<bool> Reader::try_source(Source source, const Position& position) {
  const auto now = around_.clock.now();
  const auto usual = source == Source::mentions ? settings_.mentions_every_s
                     : source == Source::search ? settings_.search_every_s
                                                : settings_.messages_every_s;
  const auto plan = plan_reading(ledger_.total(now), settings_.caps, usual, price_of(source), now);
  due(source) = now + plan.pace;
  if (!plan.dry.empty()) return is_dry(plan, now);
  if (source == Source::search && !plan.searches) return true;
  auto over = TRY(look(source, position, plan));
  if (!over) due(source) = now;
  return over;
}

Reader::Looked Reader::look_around(const Position& position) {
  const auto now = around_.clock.now();
  Looked looked;
  std::optional<Error> standing;
  bool all_stand = true;
  auto next = Time::max();
  for (const auto source : k_sources) {
    if (!wanted(source)) continue;
    auto& trouble = troubles_[at(source)];
    if (ahead_.empty() && now >= due(source)) {
      const auto over = try_source(source, position);
      trouble = over ? std::nullopt : std::optional(over.error());
      looked.unfinished = looked.unfinished || (over && !*over);
      // Its own matter: the others are read on. What passes is for the caller to wait for.
      const bool passes = trouble && trouble->remedy == Remedy::retry;
      if (trouble) due(source) = passes ? now : std::max(due(source), now + trouble->retry_after);
      if (trouble && !looked.trouble) looked.trouble = trouble;
    }
    if (!trouble) all_stand = false;
    if (trouble && !standing) standing = trouble;
    next = std::min(next, due(source));
  }
  if (all_stand && !looked.trouble) looked.trouble = standing;
  if (looked.trouble && looked.trouble->retry_after.count() > 0) {
    looked.trouble->retry_after =
        std::chrono::ceil<std::chrono::milliseconds>(std::max(next, now) - now);
  }
  return looked;
}

/// What was put off by a clock that has since been set back would be put off for that long.
void Reader::heed_clock() {
  const auto now = around_.clock.now();
  if (now < looked_at_) {
    due_ = {};
    follow_due_ = {};
    pictures_away_since_.reset();
  }
  looked_at_ = now;
}

Result<Batch> Reader::read(Position& position, Budget budget) {
  heed_clock();
  start_over(position);
  auto looked = look_around(position);
  follow_stories(position, looked);
  if (ahead_.empty() && looked.trouble) return tl::unexpected(std::move(*looked.trouble));
  Batch batch;
  const auto settled = first_tweet_id_of(around_.clock.now() - k_still_arriving);
  const bool more = TRY(give_out(budget, batch, [&](const Item& item) {
    take_note_of(item, position);
    auto& place = reached(position, item.source);
    place = std::max(place, std::min(item.id, settled));
    const bool is_empty =
        item.piece.posts.empty() && item.piece.unreadable.empty() && item.piece.signals.empty();
    if (item.number != 0) {
      // Nobody stores what brings nothing (our own posts): it is done with.
      if (is_empty) given_[at(item.source)].ids.insert(item.number);
      if (!is_empty) unstored_.emplace_back(item.source, item.number);
    }
    auto& ahead_of = ahead_of_[at(item.source)];
    if (ahead_of != 0) ahead_of = place;
  }));
  if (ahead_.empty()) ahead_of_ = {};
  settle(position);
  batch.more = more || looked.unfinished;
  return batch;
}

// A page at a time, so that what it costs is in the account before the next one.
Result<bool> Reader::fetch_between(Time from, Time to, TweetId after) {
  constexpr std::int64_t k_page = 100;
  const auto now = around_.clock.now();
  // A time from before its seven days is refused, and another one between two pages too.
  const auto oldest = now - k_search_reach + std::chrono::minutes(1);
  if (!between_ || between_->from != from) between_ = Between{from, std::max(from, oldest), {}};
  auto& hunt = between_->hunt;
  const auto page = [&](std::int64_t most) {
    const auto whole = [](Time time) {
      return print_rfc3339(Time(std::chrono::floor<std::chrono::seconds>(time)));
    };
    auto parameters = api_.post_fields();
    parameters.emplace_back("query", search_query(settings_, true));
    parameters.emplace_back("max_results", page_size(most, 10));
    parameters.emplace_back("start_time", whole(between_->asked_from));
    if (to + k_search_lag < now) parameters.emplace_back("end_time", whole(to));
    if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
    return api_.read("search", "/2/tweets/search/recent", parameters);
  };
  if (!hunt.all_pages) {
    const auto plan =
        plan_reading(ledger_.total(now), settings_.caps, {}, settings_.prices.found_usd, now);
    if (!plan.dry.empty()) return is_dry(plan, now);
    hunt.all_pages = TRY(turn_pages(hunt, std::min<std::int64_t>(plan.most_reads, k_page),
                                    settings_.prices.found_usd, page));
    if (!hunt.all_pages) return false;
  }
  TRY(complete_stories(hunt.found));
  if (!hunt.token.empty())
    note_gap(Source::search, first_tweet_id_of(from), hunt.found, k_too_many);
  hand_over(Source::search, 0, hunt.found);
  std::erase_if(ahead_, [&](const Item& item) { return item.number != 0 && item.number <= after; });
  between_.reset();
  return true;
}

Result<Batch> Reader::read_between(Time from, Time to, TweetId& after, Budget budget) {
  Batch batch;
  if (stretch_ != Stretch{from, after}) {
    forget_ahead();
    batch.more = !TRY(fetch_between(from, to, after));
    if (batch.more) return batch;
  }
  TRY(give_out(budget, batch, [&](const Item& item) { after = std::max(after, item.id); }));
  stretch_ = {from, after};
  batch.more = !ahead_.empty();
  return batch;
}

void Reader::forget_ahead() {
  ahead_.clear();
  ahead_of_ = {};
  stretch_.reset();
}

}  // namespace kanal::twitter
