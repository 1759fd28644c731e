#include "connectors/twitter/sender.hpp"

#include <algorithm>
#include <iterator>

#include "connectors/twitter/answers.hpp"
#include "connectors/twitter/translate.hpp"
#include "connectors/twitter/upload.hpp"
#include "connectors/twitter/weight.hpp"
#include "core/deadline.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

constexpr int k_pages_of_own_posts = 3;
constexpr std::size_t k_most_correspondents = 10'000;
constexpr std::size_t k_most_tries = 10'000;
constexpr std::chrono::minutes k_silence_lasts{10};
constexpr std::chrono::minutes k_until_caps_are_asked_again{15};
/// A limit of X on direct messages is waited for so long by what goes no other way.
constexpr std::chrono::hours k_longest_wait{12};
/// How far the far side's clock may be from ours.
constexpr std::chrono::minutes k_clocks_apart{10};
/// What X has taken stands among our posts by then.
constexpr std::chrono::minutes k_longest_until_shown{2};

bool mentions(const HttpReply& reply, std::string_view words) {
  return to_lower_ascii(detail_of(reply)).find(words) != std::string::npos;
}

tl::unexpected<Error> may_not(const HttpReply& reply) {
  return fail(Remedy::reconfigure,
              "This credential may not post: " + detail_of(reply) +
                  ". Give the app the permission to read, write and send direct messages, then "
                  "make its keys again.");
}

/// A limit on direct messages keeps no public answer back.
Error of_messages(Error error) {
  error.of_this_alone = error.of_this_alone || error.remedy == Remedy::throttled;
  return error;
}

/// By its number alone answers to it find their report: it is looked for.
tl::unexpected<Error> unnamed() {
  return fail(Remedy::uncertain, "X took the answer and did not say its number.");
}

std::string id_in(const HttpReply& reply, std::string_view key) {
  const auto json = Json::parse(reply.body);
  const auto* data = json ? json->find("data") : nullptr;
  return data != nullptr ? data->text(key) : std::string();
}

}  // namespace

/// The media ids of what proves the outcome; what X does not take is left out.
Result<std::vector<std::string>> Sender::upload_pictures(const Reply& reply) {
  constexpr std::size_t k_most_pictures = 4;
  std::vector<std::string> ids;
  // What goes with words for the reporter alone is for nobody else either.
  const bool for_all = !reply.confidential && reply.public_text.empty();
  if (!for_all || !tells_the_outcome(reply.reached)) return ids;
  for (const auto& attachment : reply.attachments) {
    if (ids.size() == k_most_pictures) break;
    auto id = upload_picture(api_, attachment);
    if (id) ids.push_back(std::move(*id));
    if (!id && id.error().remedy != Remedy::drop) return tl::unexpected(std::move(id.error()));
  }
  return ids;
}

Result<Receipt> Sender::send_publicly(const Reply& reply, const std::string& text,
                                      const Account& account) {
  TRY(afford(price_of(text)));
  JsonWriter body;
  body.begin_object().member("text", text).key("reply").begin_object();
  // plan_answer sends nothing this way that answers no post.
  body.member("in_reply_to_tweet_id", reply.in_reply_to->value());
  body.end_object();
  const auto pictures = TRY(upload_pictures(reply));
  if (!pictures.empty()) {
    body.key("media").begin_object().key("media_ids").begin_array();
    for (const auto& id : pictures) body.value(id);
    body.end_array().end_object();
  }
  body.end_object();
  auto answer = api_.post("tweets", "/2/tweets", body.take());
  if (!answer) {
    if (answer.error().remedy == Remedy::uncertain) doubt(reply, text);
    return tl::unexpected(std::move(answer).error());
  }
  const auto& told = *answer;
  if (told.status == 200 || told.status == 201) {
    const auto id = id_in(told, "id");
    if (!id.empty()) return posted_publicly(text, ExternalId(id));
    doubt(reply, text);
    return unnamed();
  }
  if (refuses_client(told)) return may_not(told);
  if (told.status == 403 && mentions(told, "duplicate"))
    return judge_duplicate(reply, text, account);
  if (told.status == 403 && mentions(told, "deleted")) {
    return fail(Remedy::withhold, std::string(withheld::k_no_post));
  }
  if (told.status == 403 && (mentions(told, "not allowed") || mentions(told, "not permitted"))) {
    if (TRY(is_open(reply))) {
      auto sent = send_directly(reply, message_text(reply));
      if (sent || may_wait(reply, sent.error())) return sent;
    }
    if (mentions(told, "not been mentioned")) {
      return fail(Remedy::withhold, std::string(withheld::k_not_called));
    }
    return fail(Remedy::drop, "X does not let us answer there: " + detail_of(told));
  }
  if (told.status == 403 && mentions(told, "forbidden for this endpoint")) return may_not(told);
  return fail(Remedy::drop, "X refuses the answer: " + detail_of(told) + " (" +
                                std::to_string(told.status) + ")");
}

Sender::Tries& Sender::tries_of(const Reply& reply) {
  if (tries_.size() >= k_most_tries && !tries_.contains(reply.key)) tries_.clear();
  return tries_[reply.key];
}

// How long that takes to show is counted anew.
void Sender::doubt(const Reply& reply, const std::string& text) {
  auto& tries = tries_of(reply);
  tries.in_doubt.insert(text);
  tries.refused_at.reset();
}

/// Counts an answer that stands there, whenever it was posted.
Receipt Sender::posted_publicly(std::string_view text, ExternalId id) {
  ledger_.count_post(channel_.value(), price_of(text), around_.clock.now());
  return {std::move(id), true};
}

Receipt Sender::sent_directly(const std::string& id) {
  ledger_.count_post(channel_.value(), settings_.prices.sent_message_usd, around_.clock.now());
  Receipt receipt{ExternalId(std::string(k_message_prefix) + id), true};
  receipt.in_private = true;
  return receipt;
}

Result<Receipt> Sender::send_directly(const Reply& reply, const std::string& text) {
  if (!parse_tweet_id(reply.address)) {
    return fail(Remedy::drop, "There is no account to send a direct message to.");
  }
  TRY(afford(settings_.prices.sent_message_usd));
  JsonWriter body;
  body.begin_object().member("text", text).end_object();
  const auto told =
      api_.post("dm", "/2/dm_conversations/with/" + reply.address + "/messages", body.take());
  if (!told) return tl::unexpected(of_messages(told.error()));
  if (told->status == 200 || told->status == 201) {
    const auto id = id_in(*told, "dm_event_id");
    if (id.empty()) return unnamed();
    return sent_directly(id);
  }
  if (refuses_client(*told)) {
    auto refused = may_not(*told);
    refused.value().of_this_alone = true;
    return refused;
  }
  // They may have closed their messages, or blocked us.
  know(reply.address, false);
  return fail(Remedy::drop, "X refuses the direct message: " + detail_of(*told) + " (" +
                                std::to_string(told->status) + ")");
}

/// Whether the citizen has opened a conversation of direct messages with us.
Result<bool> Sender::has_written(const std::string& address) {
  if (!settings_.direct_messages || !parse_tweet_id(address)) return false;
  const auto now = around_.clock.now();
  const auto known = correspondents_.find(address);
  if (known != correspondents_.end()) {
    const auto& [has_written, at] = known->second;
    if (has_written || (now >= at && now - at < k_silence_lasts)) return has_written;
  }
  // Whoever cannot be asked about is not waited for: it would keep public steps back.
  if (room_for_messages() == 0) return false;
  // Each message that is read costs: mostly the newest few tell.
  for (const std::int64_t most : {5, 20}) {
    const auto answer = TRY(read_conversation(address, most));
    const bool written = std::ranges::any_of(
        answer.messages, [&](const Message& message) { return message.sender == address; });
    if (!written && !answer.next_token.empty()) continue;
    know(address, written);
    return written;
  }
  know(address, false);
  return false;
}

/// The same, as far as it is worth waiting for.
Result<bool> Sender::is_open(const Reply& reply) {
  auto open = has_written(reply.address);
  if (open) return open;
  auto error = of_messages(std::move(open).error());
  if (!may_wait(reply, error)) return false;
  return tl::unexpected(std::move(error));
}

/// Steps are told in their order, so that what may only go as a direct message holds up the public
/// ones behind it.
bool Sender::may_wait(const Reply& reply, const Error& error) const {
  if (!error.of_this_alone) return true;
  return error.remedy == Remedy::throttled && around_.clock.now() - reply.owed_at < k_longest_wait;
}

void Sender::know(const std::string& address, bool has_written) {
  if (correspondents_.size() >= k_most_correspondents) correspondents_.clear();
  correspondents_[address] = {has_written, around_.clock.now()};
}

std::int64_t Sender::room_for_messages() const {
  const auto now = around_.clock.now();
  return room_for_reads(ledger_.total(now), settings_.caps, settings_.prices.message_usd, now);
}

/// The newest messages between the account and us; they are billed, within the caps.
Result<Answer> Sender::read_conversation(const std::string& address, std::int64_t most) {
  const auto now = around_.clock.now();
  const auto room = room_for_messages();
  if (room == 0) {
    return fail(Remedy::throttled, "The caps leave nothing to read direct messages with.",
                k_until_caps_are_asked_again);
  }
  auto answer = api_.read("dm_with", "/2/dm_conversations/with/" + address + "/dm_events",
                          {{"max_results", std::to_string(std::min(most, room))},
                           {"dm_event.fields", "id,event_type,sender_id,text,entities"}});
  // Where there is no conversation there are no messages.
  if (!answer && answer.error().remedy == Remedy::drop) return Answer{};
  if (!answer) return answer;
  std::vector<TweetId> ids;
  for (const auto& message : answer->messages) ids.push_back(message.id);
  ledger_.count_reads(channel_.value(), ids, settings_.prices.message_usd, now);
  return answer;
}

Result<> Sender::afford(double price_usd) const {
  const auto now = around_.clock.now();
  const auto pause = pause_of_sending(ledger_.total(now), settings_.caps, price_usd, now);
  if (!pause) return {};
  Error error{
      Remedy::throttled,
      pause->why + "; answers go on at " + print_rfc3339(pause->until) + " or when it is raised.",
      std::chrono::ceil<std::chrono::milliseconds>(pause->until - now)};
  error.of_this_alone = pause->of_this_alone;
  return tl::unexpected(std::move(error));
}

double Sender::price_of(std::string_view text) const {
  return has_link(text) ? settings_.prices.answer_with_link_usd : settings_.prices.answer_usd;
}

Result<Receipt> Sender::send(const Reply& reply, const Account& account) {
  auto sent = send_as_planned(reply, account);
  if (sent) tries_.erase(reply.key);
  return sent;
}

Result<Receipt> Sender::send_as_planned(const Reply& reply, const Account& account) {
  TRY(afford(0));
  if (authorisation_.is_app_only()) {
    return fail(Remedy::reconfigure,
                "A bearer token of an app cannot answer: use oauth1 or oauth2.");
  }
  const auto planned = plan_answer(reply, settings_, utc_offset_of(around_.organisation.time_zone));
  using Way = Outgoing::Way;
  if (planned.way == Way::publicly) return send_publicly(reply, planned.shown, account);
  if (planned.way == Way::directly) return send_directly(reply, planned.whole);
  const bool may_be_shown = planned.way == Way::directly_or_publicly;
  const auto open = is_open(reply);
  if (open && *open) {
    auto sent = send_directly(reply, planned.whole);
    const bool is_refused = !sent && sent.error().remedy == Remedy::drop;
    const bool is_settled = sent || may_wait(reply, sent.error());
    if (is_settled && !(is_refused && may_be_shown)) return sent;
  }
  if (may_be_shown) return send_publicly(reply, planned.shown, account);
  if (!open) return tl::unexpected(open.error());
  return fail(Remedy::withhold, std::string(planned.why));
}

/// Our own posts since the reply came to be owed: if it went out it is among them. `repeats`: words
/// that X takes for a repeat, of whatever we have posted.
Result<Sender::Search> Sender::find_answer(const Reply& reply, TweetId parent,
                                           const Account& account, std::string_view repeats) {
  const auto texts = public_texts(reply, utc_offset_of(around_.organisation.time_zone));
  const auto own = TRY(account());
  const auto since = std::max(parent, first_tweet_id_of(reply.owed_at - k_clocks_apart));
  Search search;
  std::string token;
  for (int page = 0; page < k_pages_of_own_posts; ++page) {
    const auto now = around_.clock.now();
    const auto room =
        room_for_reads(ledger_.total(now), settings_.caps, settings_.prices.mention_usd, now);
    if (room == 0) {
      search.all_seen = false;
      return search;
    }
    Api::Parameters parameters = {
        {"max_results", std::to_string(std::clamp<std::int64_t>(room, k_least_page, 100))}};
    // What it repeats may be older.
    if (repeats.empty()) parameters.emplace_back("since_id", std::to_string(since));
    if (!token.empty()) parameters.emplace_back("pagination_token", token);
    const Bill bill{channel_.value(), settings_.prices.mention_usd};
    const auto answer =
        TRY(api_.read_posts("own_posts", "/2/users/" + own + "/tweets", parameters, bill));
    std::vector<TweetId> ids;
    for (const auto& tweet : answer.tweets) ids.push_back(tweet.id);
    ledger_.count_reads(bill.channel, ids, bill.price_usd, now);
    for (const auto& tweet : answer.tweets) {
      search.says_elsewhere = search.says_elsewhere || (!repeats.empty() && says(tweet, repeats));
      if (!repeats.empty() && tweet.id <= since) continue;
      const auto said = std::ranges::find_if(
          texts, [&](const std::string& text) { return is_that_answer(tweet, parent, text); });
      if (said != texts.end()) {
        search.found = posted_publicly(*said, ExternalId(std::to_string(tweet.id)));
        return search;
      }
    }
    token = answer.next_token;
    search.all_seen = token.empty() || (!ids.empty() && std::ranges::min(ids) <= since);
    if (token.empty() || (search.all_seen && search.says_elsewhere)) break;
  }
  return search;
}

// It may be this answer, sent before without our knowing, or the same words as somewhere else.
Result<Receipt> Sender::judge_duplicate(const Reply& reply, const std::string& text,
                                        const Account& account) {
  const auto search = find_answer(reply, answered_post(reply).value_or(0), account, text);
  if (search && search->found) return *search->found;
  const bool all_seen = search && search->all_seen;
  const bool says_elsewhere = search && search->says_elsewhere;
  if (!all_seen) {
    return fail(Remedy::uncertain, "X says that this was posted, and it could not be looked for");
  }
  const auto now = around_.clock.now();
  auto& tries = tries_of(reply);
  if (!says_elsewhere || !tries.in_doubt.empty()) {
    // Sent in other words before what was taken shows, it would stand there twice.
    tries.refused_at = std::min(tries.refused_at.value_or(now), now);
    if (now - *tries.refused_at < k_longest_until_shown) {
      auto later = fail(Remedy::retry, "X says that this was posted, and does not show it yet");
      later.value().of_this_alone = true;
      return later;
    }
  }
  // The report's own number is in no answer to somebody else.
  const auto& number = reply.code.value();
  const bool is_its_own = !number.empty() && text.find(number) != std::string::npos;
  if (!says_elsewhere && is_its_own && tries.in_doubt.contains(text)) {
    return Receipt{ExternalId("duplicate:" + reply.key), true};
  }
  if (!reply.confidential) {
    const auto others = told_apart(reply, utc_offset_of(around_.organisation.time_zone));
    const auto tried = std::ranges::find(others, text);
    const auto next = tried == others.end() ? others.begin() : std::next(tried);
    if (next != others.end()) return send_publicly(reply, *next, account);
  }
  return fail(Remedy::drop,
              "X refuses the answer as a repeat of another one: answer in other words");
}

Result<Sender::Search> Sender::find_message(const Reply& reply) {
  constexpr std::int64_t k_most = 100;
  const auto answer = TRY(read_conversation(reply.address, k_most));
  const auto since = first_tweet_id_of(reply.owed_at - k_clocks_apart);
  bool all_seen = answer.next_token.empty();
  for (const auto& message : answer.messages) {
    all_seen = all_seen || message.id < since;
    if (message.id < since || message.sender == reply.address) continue;
    if (!is_that_message(message, message_text(reply))) continue;
    return Search{sent_directly(std::to_string(message.id)), true};
  }
  return Search{std::nullopt, all_seen};
}

// By all the ways that it may have gone: what decided between them may have changed since.
Result<std::optional<Receipt>> Sender::confirm(const Reply& reply, const Account& account) {
  const auto found = [&](std::optional<Receipt> receipt) {
    tries_.erase(reply.key);
    return receipt;
  };
  const auto unseen = [] {
    return fail(Remedy::uncertain, "It could not be looked for among all that we have sent.");
  };
  const auto parent = answered_post(reply);
  if (parent) {
    auto search = TRY(find_answer(reply, *parent, account));
    if (search.found) return found(std::move(search.found));
    if (!search.all_seen) return unseen();
  }
  const bool by_message = !parent || settings_.direct_messages;
  if (!by_message || !parse_tweet_id(reply.address)) return std::optional<Receipt>();
  auto search = TRY(find_message(reply));
  if (search.found) return found(std::move(search.found));
  if (!search.all_seen) return unseen();
  return std::optional<Receipt>();
}

}  // namespace kanal::twitter
