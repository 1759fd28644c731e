#include "connectors/twitter/twitter.hpp"

#include <algorithm>
#include <map>

#include "connectors/send_each.hpp"
#include "connectors/twitter/answers.hpp"
#include "connectors/twitter/reader.hpp"
#include "connectors/twitter/upload.hpp"
#include "connectors/twitter/weight.hpp"
#include "core/deadline.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

constexpr std::chrono::hours k_search_reach{7 * 24};
constexpr std::size_t k_most_handle = 15;
constexpr int k_pages_of_own_posts = 3;
constexpr std::size_t k_most_correspondents = 10'000;
constexpr std::chrono::minutes k_silence_lasts{10};

bool is_handle(std::string_view text) {
  return !text.empty() && text.size() <= k_most_handle &&
         std::ranges::all_of(
             text, [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); });
}

bool says(const HttpReply& reply, std::string_view words) {
  return to_lower_ascii(detail_of(reply)).find(words) != std::string::npos;
}

std::string id_in(const HttpReply& reply, std::string_view key) {
  const auto json = Json::parse(reply.body);
  const auto* data = json ? json->find("data") : nullptr;
  return data != nullptr ? data->text(key) : std::string();
}

}  // namespace

struct Twitter::Inside {
  struct Asked {
    bool has_written = false;
    Time at;
  };
  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  Authorisation authorisation;
  // Shared with the other channels of the same credential (Ledger::of).
  std::shared_ptr<Ledger> ledger;
  Api api;
  Translation translation;
  Reader reader;
  std::string account;
  /// Who has written to us by direct message, and who had not when we asked.
  std::map<std::string, Asked> correspondents;

  Inside(ChannelName name, Settings given, const Surroundings& surroundings, Authorisation who)
      : channel(std::move(name)),
        settings(std::move(given)),
        around(surroundings),
        authorisation(std::move(who)),
        ledger(Ledger::of(authorisation.fingerprint())),
        api(settings, authorisation, *ledger, around.http, around.clock),
        translation(settings, around.organisation),
        reader(channel, settings, around, api, *ledger, translation) {}

  Result<> find_account(const std::string& known);
  Result<std::optional<Batch>> renew_token(Position& position);
  Result<Receipt> send(const Reply& reply);
  Result<Receipt> send_publicly(const Reply& reply, const std::string& text);
  Result<std::vector<std::string>> upload_pictures(const Reply& reply);
  Result<Receipt> send_directly(const Reply& reply, const std::string& text);
  Result<bool> has_written(const std::string& address);
  void know(const std::string& address, bool has_written);
  Result<std::vector<Message>> read_conversation(const std::string& address,
                                                 const std::string& most);
  /// Our answer, if it was posted.
  struct Search {
    std::optional<Receipt> found;
    bool all_seen = true;  ///< that nothing was found is proof
  };
  Result<Search> find_answer(const Reply& reply);
  Result<Receipt> judge_duplicate(const Reply& reply, const std::string& text);
  Result<std::optional<Receipt>> find_message(const Reply& reply, const std::string& text);
};

Result<> Twitter::Inside::find_account(const std::string& known) {
  if (account.empty()) account = known;
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
  if (auto renewed = TRY(inside.renew_token(position))) return std::move(*renewed);
  TRY(inside.find_account(position.account));
  position.account = inside.account;
  Batch batch;
  if (since.value.empty()) {
    // A start point is worth keeping before anything is read.
    batch.more = true;
  } else {
    auto read = inside.reader.read(position, budget);
    const bool spent = inside.ledger->of_channel(inside.channel.value(), now) != position.spent;
    // Answers that were sent while reading rests are counted too.
    if (!read && !spent) return tl::unexpected(std::move(read.error()));
    if (read) batch = std::move(*read);
    for (const auto& post : batch.posts) {
      if (post.id.value().starts_with(k_message_prefix)) inside.know(post.author.id.value(), true);
    }
  }
  position.spent = inside.ledger->of_channel(inside.channel.value(), now);
  batch.next = print_position(position);
  return batch;
}

/// The media ids of what proves the outcome; what X does not take is left out.
Result<std::vector<std::string>> Twitter::Inside::upload_pictures(const Reply& reply) {
  constexpr std::size_t k_most_pictures = 4;
  std::vector<std::string> ids;
  if (reply.confidential || !tells_the_outcome(reply.reached)) return ids;
  for (const auto& attachment : reply.attachments) {
    if (ids.size() == k_most_pictures) break;
    auto id = upload_picture(api, attachment);
    if (id) ids.push_back(std::move(*id));
    if (!id && id.error().remedy != Remedy::drop) return tl::unexpected(std::move(id.error()));
  }
  return ids;
}

Result<Receipt> Twitter::Inside::send_publicly(const Reply& reply, const std::string& text) {
  const auto parent = answered_post(reply);
  JsonWriter body;
  body.begin_object().member("text", std::string_view(text)).key("reply").begin_object();
  body.member("in_reply_to_tweet_id", std::string_view(std::to_string(parent.value_or(0))));
  body.end_object();
  const auto pictures = TRY(upload_pictures(reply));
  if (!pictures.empty()) {
    body.key("media").begin_object().key("media_ids").begin_array();
    for (const auto& id : pictures) body.value(std::string_view(id));
    body.end_array().end_object();
  }
  body.end_object();
  const auto told = TRY(api.post("tweets", "/2/tweets", body.take()));
  const auto& prices = settings.prices;
  if (told.status == 200 || told.status == 201) {
    ledger->count_post(channel.value(),
                       has_link(text) ? prices.answer_with_link_usd : prices.answer_usd,
                       around.clock.now());
    return Receipt{ExternalId(id_in(told, "id")), true};
  }
  if (told.status == 403 && says(told, "duplicate")) return judge_duplicate(reply, text);
  if (told.status == 403 && says(told, "deleted")) {
    return fail(Remedy::withhold, std::string(withheld::k_no_post));
  }
  if (told.status == 403 && (says(told, "not allowed") || says(told, "not permitted"))) {
    if (TRY(has_written(reply.address))) return send_directly(reply, reply.text);
    if (says(told, "not been mentioned")) {
      return fail(Remedy::withhold, std::string(withheld::k_not_called));
    }
    return fail(Remedy::drop, "X does not let us answer there: " + detail_of(told));
  }
  if (told.status == 403 && says(told, "forbidden for this endpoint")) {
    return fail(Remedy::reconfigure, "This credential may not post: " + detail_of(told));
  }
  return fail(Remedy::drop, "X refuses the answer: " + detail_of(told) + " (" +
                                std::to_string(told.status) + ")");
}

Result<Receipt> Twitter::Inside::send_directly(const Reply& reply, const std::string& text) {
  if (!parse_tweet_id(reply.address)) {
    return fail(Remedy::drop, "There is no account to send a direct message to.");
  }
  JsonWriter body;
  body.begin_object().member("text", std::string_view(text)).end_object();
  const auto told =
      TRY(api.post("dm", "/2/dm_conversations/with/" + reply.address + "/messages", body.take()));
  if (told.status == 200 || told.status == 201) {
    ledger->count_post(channel.value(), settings.prices.sent_message_usd, around.clock.now());
    return Receipt{ExternalId(std::string(k_message_prefix) + id_in(told, "dm_event_id")), true};
  }
  return fail(Remedy::drop, "X refuses the direct message: " + detail_of(told) + " (" +
                                std::to_string(told.status) + ")");
}

/// Whether the citizen has opened a conversation of direct messages with us.
Result<bool> Twitter::Inside::has_written(const std::string& address) {
  if (!settings.direct_messages || !parse_tweet_id(address)) return false;
  const auto now = around.clock.now();
  const auto known = correspondents.find(address);
  if (known != correspondents.end() &&
      (known->second.has_written || now - known->second.at < k_silence_lasts)) {
    return known->second.has_written;
  }
  const auto answer = read_conversation(address, "20");
  if (!answer && answer.error().remedy != Remedy::drop) return tl::unexpected(answer.error());
  const auto messages = answer.value_or(std::vector<Message>());
  const bool written = std::ranges::any_of(
      messages, [&](const Message& message) { return message.sender == address; });
  know(address, written);
  return written;
}

void Twitter::Inside::know(const std::string& address, bool has_written) {
  if (correspondents.size() >= k_most_correspondents) correspondents.clear();
  correspondents[address] = {has_written, around.clock.now()};
}

/// The newest messages between the account and us; they are billed.
Result<std::vector<Message>> Twitter::Inside::read_conversation(const std::string& address,
                                                                const std::string& most) {
  auto answer =
      TRY(api.read("dm_with", "/2/dm_conversations/with/" + address + "/dm_events",
                   {{"max_results", most}, {"dm_event.fields", "id,event_type,sender_id,text"}}));
  ledger->count_reads(channel.value(), std::ssize(answer.messages), settings.prices.message_usd,
                      around.clock.now());
  return std::move(answer.messages);
}

Result<Receipt> Twitter::Inside::send(const Reply& reply) {
  const auto now = around.clock.now();
  if (const auto pause = pause_of_sending(ledger->total(now), settings.caps, now)) {
    return fail(
        Remedy::throttled,
        pause->why + "; answers go on at " + print_rfc3339(pause->until) + " or when it is raised.",
        std::chrono::ceil<std::chrono::milliseconds>(pause->until - now));
  }
  if (authorisation.is_app_only()) {
    return fail(Remedy::reconfigure,
                "A bearer token of an app cannot answer: use oauth1 or oauth2.");
  }
  const auto planned = plan_answer(reply, settings, utc_offset_of(around.organisation.time_zone));
  switch (planned.way) {
    case Outgoing::Way::publicly:
      return send_publicly(reply, planned.text);
    case Outgoing::Way::directly:
      return send_directly(reply, planned.text);
    case Outgoing::Way::directly_if_open:
      break;
  }
  if (TRY(has_written(reply.address))) return send_directly(reply, planned.text);
  return fail(Remedy::withhold, std::string(planned.why));
}

std::vector<Result<Receipt>> Twitter::send(std::span<const Reply> replies) {
  return send_each(replies, [this](const Reply& reply) { return inside_->send(reply); });
}

/// Our own posts since the one that was answered: a reply that went out is among them.
Result<Twitter::Inside::Search> Twitter::Inside::find_answer(const Reply& reply) {
  const auto parent = answered_post(reply);
  if (!parent) return Search{};
  const auto text = plan_answer(reply, settings, utc_offset_of(around.organisation.time_zone)).text;
  TRY(find_account({}));
  std::string token;
  for (int page = 0; page < k_pages_of_own_posts; ++page) {
    auto parameters = api.post_fields();
    parameters.emplace_back("max_results", "100");
    parameters.emplace_back("since_id", std::to_string(*parent));
    if (!token.empty()) parameters.emplace_back("pagination_token", token);
    const auto answer = TRY(api.read("own_posts", "/2/users/" + account + "/tweets", parameters));
    ledger->count_reads(channel.value(), static_cast<std::int64_t>(answer.tweets.size()),
                        settings.prices.mention_usd, around.clock.now());
    for (const auto& tweet : answer.tweets) {
      if (is_that_answer(tweet, *parent, text)) {
        return Search{Receipt{ExternalId(std::to_string(tweet.id)), true}};
      }
    }
    token = answer.next_token;
    if (token.empty()) break;
  }
  return Search{std::nullopt, token.empty()};
}

// It may be this answer, sent before without our knowing, or the same words to somebody else.
Result<Receipt> Twitter::Inside::judge_duplicate(const Reply& reply, const std::string& text) {
  const auto search = find_answer(reply);
  if (search && search->found) return *search->found;
  if (search && search->all_seen) {
    return fail(Remedy::drop,
                "X refuses the answer as a repeat of one to somebody else: answer in other words");
  }
  const auto& number = reply.code.value();
  if (!number.empty() && text.find(number) != std::string::npos) {
    return Receipt{ExternalId("duplicate:" + reply.key), true};
  }
  return fail(Remedy::uncertain, "X says that this was posted, and it could not be looked for");
}

Result<std::optional<Receipt>> Twitter::Inside::find_message(const Reply& reply,
                                                             const std::string& text) {
  for (const auto& message : TRY(read_conversation(reply.address, "100"))) {
    if (message.sender != reply.address && trim(unescape(message.text)) == trim(text)) {
      return Receipt{ExternalId(std::string(k_message_prefix) + std::to_string(message.id)), true};
    }
  }
  return std::optional<Receipt>();
}

Result<std::optional<Receipt>> Twitter::confirm(const Reply& reply) {
  auto& inside = *inside_;
  const auto planned =
      plan_answer(reply, inside.settings, utc_offset_of(inside.around.organisation.time_zone));
  if (planned.way == Outgoing::Way::publicly) {
    auto found = TRY(inside.find_answer(reply)).found;
    if (found || !inside.settings.direct_messages) return found;
  }
  if (!parse_tweet_id(reply.address)) return std::optional<Receipt>();
  const auto& text = planned.way == Outgoing::Way::publicly ? reply.text : planned.text;
  return inside.find_message(reply, text);
}

Result<Batch> Twitter::translate(std::string_view raw) const {
  const auto answer = TRY(parse_answer(raw));
  Batch batch;
  const auto entrance = "@" + inside_->settings.handle;
  for (const auto& tweet : answer.tweets) {
    inside_->translation.add(tweet, answer, entrance, batch);
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

Result<Batch> Twitter::backfill(Time from, const Cursor& since, Budget budget) {
  constexpr std::chrono::hours k_window{1};
  auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  if (inside.authorisation.wants_renewal(now)) {
    return fail(Remedy::reconfigure,
                "With oauth2 only the running bridge may renew its token: back-fill with "
                "authorisation = \"app_only\" or \"oauth1\".");
  }
  TRY(inside.find_account({}));
  // An hour, and the last that was given out of it.
  const auto stands = split(since.value, ' ');
  auto start = parse_rfc3339(stands.front()).value_or(from);
  auto after = stands.size() > 1 ? parse_tweet_id(stands[1]).value_or(0) : 0;
  start = std::max(start, now - k_search_reach + std::chrono::minutes(1));
  const auto end = std::min(start + k_window, now);
  auto batch = TRY(inside.reader.read_between(start, end, after, budget));
  batch.next = {batch.more ? print_rfc3339(start) + ' ' + std::to_string(after)
                           : print_rfc3339(end)};
  batch.more = batch.more || end < now;
  return batch;
}

Usage Twitter::usage() const {
  const auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  const auto total = inside.ledger->total(now);
  const auto& settings = inside.settings;
  Usage usage;
  usage.meters = meters_of(total, settings.caps, now);
  std::ranges::move(inside.ledger->windows(now), std::back_inserter(usage.meters));
  usage.usual = settings.mentions_every_s;
  const auto plan = plan_reading(total, settings.caps, usage.usual, now);
  usage.pace =
      plan.dry.empty() ? plan.pace : std::chrono::ceil<std::chrono::milliseconds>(plan.until - now);
  usage.shared_with = inside.ledger->others(inside.channel.value());
  return usage;
}

Rechecker::Wish Twitter::wanted(const Cursor& since) const {
  constexpr std::int64_t k_most_lookups = 100;
  // Shorter than a day, so that a round that takes its time still ends within one.
  constexpr std::chrono::hours k_between_rounds{20};
  const auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  const auto position = parse_position(since);
  if (!position || inside.settings.recheck_days == 0 || inside.authorisation.wants_renewal(now)) {
    return {};
  }
  if (position->checked.empty() && now < position->round_began + k_between_rounds) return {};
  Wish wish;
  const auto budget = plan_rechecks(inside.ledger->total(now), inside.settings.caps, now);
  wish.most = static_cast<int>(std::min(k_most_lookups, budget));
  const auto oldest = first_tweet_id_of(now - std::chrono::days(inside.settings.recheck_days));
  wish.after = ExternalId(std::max(std::to_string(oldest), position->checked));
  wish.before = ExternalId(std::to_string(first_tweet_id_of(now)));
  return wish;
}

Result<Batch> Twitter::recheck(const Cursor& since, std::span<const ExternalId> ids) {
  auto& inside = *inside_;
  const auto now = inside.around.clock.now();
  auto position = parse_position(since).value_or(Position{});
  if (position.checked.empty()) position.round_began = now;
  position.checked = ids.empty() ? std::string() : ids.back().value();
  Batch batch;
  std::string asked;
  for (const auto& id : ids) {
    if (parse_tweet_id(id.value())) asked += (asked.empty() ? "" : ",") + id.value();
  }
  if (!asked.empty()) {
    const auto answer = TRY(inside.api.read("lookup", "/2/tweets", {{"ids", asked}}));
    const auto read = static_cast<std::int64_t>(answer.tweets.size());
    inside.ledger->count_reads(inside.channel.value(), read, inside.settings.prices.found_usd, now);
    inside.ledger->count_rechecks(inside.channel.value(), std::ssize(ids), now);
    for (const auto gone : answer.missing) {
      Signal signal;
      signal.kind = Signal::Kind::deletion;
      signal.subject = ExternalId(std::to_string(gone));
      if (std::ranges::find(ids, signal.subject) != ids.end()) batch.signals.push_back(signal);
    }
  }
  position.spent = inside.ledger->of_channel(inside.channel.value(), now);
  batch.next = print_position(position);
  return batch;
}

std::vector<ProbeStep> Twitter::probe(std::string_view send_to) {
  auto& inside = *inside_;
  std::vector<ProbeStep> steps;
  const auto step = [&](std::string what, const Result<>& result) {
    steps.push_back({std::move(what), result.has_value(), result ? "" : result.error().message});
    return result.has_value();
  };
  if (inside.authorisation.wants_renewal(inside.around.clock.now())) {
    // Renewing here would end the token that the running bridge holds.
    steps.push_back({"ask whose account it is", true,
                     "not tried: with oauth2 only the running bridge uses its token; see the "
                     "channel's health"});
    return steps;
  }
  if (!step("ask X whose account it is (@" + inside.settings.handle + ")",
            inside.find_account({}))) {
    return steps;
  }
  auto parameters = inside.api.post_fields();
  parameters.emplace_back("max_results", "5");
  auto body = inside.api.get("mentions", "/2/users/" + inside.account + "/mentions", parameters);
  auto answer = body ? parse_answer(*body) : tl::unexpected(body.error());
  step("read mentions", answer ? Result<>() : tl::unexpected(answer.error()));
  const auto left = inside.ledger->calls_left("mentions", inside.around.clock.now());
  if (left && !steps.empty()) {
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
  const auto sent = inside.send_directly(
      reply, "Kanal: percobaan / test " + print_rfc3339(inside.around.clock.now()));
  step("send a direct message", sent ? Result<>() : tl::unexpected(sent.error()));
  return steps;
}

std::vector<std::pair<std::string, std::string>> wrong_settings(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> wrong;
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
  return wrong;
}

}  // namespace kanal::twitter
