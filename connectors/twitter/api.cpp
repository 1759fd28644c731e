#include "connectors/twitter/api.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::twitter {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_most_answer_bytes = 8U << 20U;
constexpr std::size_t k_most_detail_bytes = 200;
constexpr milliseconds k_least_wait{1'000};
// Values of the setting `dialect`.
constexpr std::string_view k_tweets = "tweets";
constexpr std::string_view k_posts = "posts";

tl::unexpected<Error> wait_until(std::string_view endpoint, Time until, Time now) {
  const auto wait = std::chrono::duration_cast<milliseconds>(until - now) + k_least_wait;
  return fail(Remedy::throttled,
              "X allows no more calls of \"" + std::string(endpoint) + "\" for " +
                  std::to_string(std::chrono::ceil<std::chrono::minutes>(wait).count()) + " min.",
              std::max(wait, k_least_wait));
}

std::string_view host_of(std::string_view url) {
  const auto start = url.find("://");
  if (start == std::string_view::npos) return {};
  url.remove_prefix(start + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

Api::Parameters post_fields(std::string_view dialect) {
  Api::Parameters all;
  if (dialect == k_posts) {
    all = {{"post.fields", "attachments,conversation_id,created_at,entities,geo,lang,note_post"},
           {"expansions",
            "author_id,referenced_posts,attachments.media_keys,geo.place_id,in_reply_to_user_id"}};
  } else {
    all = {
        {"tweet.fields",
         "attachments,author_id,conversation_id,created_at,entities,geo,in_reply_to_user_id,lang,"
         "note_tweet,referenced_tweets"},
        {"expansions",
         "author_id,referenced_tweets.id,referenced_tweets.id.author_id,"
         "attachments.media_keys,geo.place_id"}};
  }
  all.emplace_back("media.fields", "alt_text,media_key,preview_image_url,type,url");
  all.emplace_back("place.fields", "full_name,geo");
  all.emplace_back("user.fields", "name,username");
  return all;
}

/// The time of a post stands in no answer unasked, and in every one that was asked for it.
bool knows_our_fields(const Answer& answer) {
  return std::ranges::any_of(answer.tweets,
                             [](const Tweet& tweet) { return tweet.created_at.has_value(); });
}

}  // namespace

std::string detail_of(const HttpReply& reply) {
  const auto json = Json::parse(reply.body);
  std::string detail;
  if (json) {
    detail = json->text("detail");
    const auto* errors = json->find("errors");
    if (detail.empty() && errors != nullptr && !errors->array.empty()) {
      detail = errors->array.front().text("message");
    }
    if (detail.empty()) detail = json->text("title");
  }
  if (detail.empty()) detail = "status " + std::to_string(reply.status);
  detail = scrub_utf8(clip_utf8(detail, k_most_detail_bytes));
  std::ranges::replace_if(
      detail, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  // It ends a sentence of ours.
  while (detail.ends_with('.')) detail.pop_back();
  return detail;
}

bool refuses_client(const HttpReply& reply) {
  constexpr std::array<std::string_view, 3> k_problems = {
      "/oauth1-permissions", "/client-forbidden", "/unsupported-authentication"};
  if (reply.status != 403) return false;
  const auto json = Json::parse(reply.body);
  const auto type = json ? json->text("type") : std::string();
  return std::ranges::any_of(k_problems,
                             [&](std::string_view problem) { return type.ends_with(problem); });
}

Result<HttpReply> Api::call(std::string_view endpoint, HttpCall call) {
  const auto now = clock_.now();
  if (const auto until = ledger_.closed_until(endpoint, now)) {
    return wait_until(endpoint, *until, now);
  }
  call.timeout_ms = settings_.timeout_s;
  call.most_bytes = k_most_answer_bytes;
  call.allow_private = is_local(settings_.api_url);
  TRY(authorisation_.sign(call, now));
  auto reply = TRY(http_.fetch(call));
  ledger_.note_limits(endpoint, reply, now);
  switch (reply.status) {
    case 401:
      authorisation_.expire(now);
      return fail(Remedy::reconfigure,
                  "X does not take our credential (401). Check the keys, that the app may read, "
                  "write and send direct messages, and that this machine's clock is right.");
    case 402:
      return fail(Remedy::reconfigure,
                  "X wants payment (402): " + detail_of(reply) +
                      ". Buy credits or raise the spending limit in the developer console "
                      "(console.x.com, Billing).");
    case 429: {
      const auto until =
          ledger_.closed_until(endpoint, now).value_or(now + std::chrono::minutes(15));
      return wait_until(endpoint, until, now);
    }
    default:
      return reply;
  }
}

Result<std::string> Api::get(std::string_view endpoint, const std::string& path,
                             const Parameters& parameters) {
  HttpCall request;
  request.url = settings_.api_url + path;
  char mark = '?';
  for (const auto& [name, value] : parameters) {
    request.url += mark + percent_encode(name) + "=" + percent_encode(value);
    mark = '&';
  }
  auto reply = call(endpoint, std::move(request));
  if (!reply) {
    auto& error = reply.error();
    if (error.remedy == Remedy::uncertain) error.remedy = Remedy::retry;
    return tl::unexpected(std::move(error));
  }
  if (reply->status == 200) return std::move(reply->body);
  if (reply->status >= 500) {
    return fail(Remedy::retry, "X is in trouble (status " + std::to_string(reply->status) + ").");
  }
  const auto what =
      std::string(endpoint) + ": " + detail_of(*reply) + " (" + std::to_string(reply->status) + ")";
  if (reply->status == 404) return fail(Remedy::drop, what);
  auto refused = fail(Remedy::reconfigure, what);
  refused.value().of_this_alone = true;
  return refused;
}

Result<Answer> Api::read(std::string_view endpoint, const std::string& path,
                         const Parameters& parameters) {
  return parse_answer(TRY(get(endpoint, path, parameters)));
}

Result<Answer> Api::read_posts(std::string_view endpoint, const std::string& path,
                               Parameters parameters, const Bill& bill) {
  const auto ask = [&](std::string_view dialect) {
    auto all = parameters;
    std::ranges::move(post_fields(dialect), std::back_inserter(all));
    return read(endpoint, path, all);
  };
  auto& dialect_here =
      dialects_.try_emplace(std::string(endpoint), settings_.dialect).first->second;
  const auto other = dialect_here == k_posts ? k_tweets : k_posts;
  const auto keep_to = [&](std::string_view dialect) {
    dialect_here = dialect;
    if (dialect == settings_.dialect || std::exchange(told_dialect_, true)) return;
    spdlog::warn("channel {}: X does not know the fields of dialect = \"{}\"; set \"{}\"",
                 bill.channel, settings_.dialect, dialect);
  };
  // Where a window allows one call alone, the other names have the next one.
  const auto give_way = [&](const Error& error) {
    if (error.remedy == Remedy::throttled) dialect_here = other;
  };
  auto first = ask(dialect_here);
  // Names that it does not know it ignores, or refuses the whole for.
  if (!first && first.error().of_this_alone && first.error().message.ends_with("(400)")) {
    auto second = ask(other);
    if (!second) give_way(second.error());
    if (!second || !(second->tweets.empty() || knows_our_fields(*second))) return first;
    if (!second->tweets.empty()) keep_to(other);
    return second;
  }
  auto answer = TRY(std::move(first));
  if (answer.tweets.empty()) return answer;
  if (knows_our_fields(answer)) {
    keep_to(std::string(dialect_here));
    return answer;
  }
  auto again = ask(other);
  if (again && knows_our_fields(*again)) {
    keep_to(other);
    return again;
  }
  if (!again) give_way(again.error());
  std::vector<TweetId> ids;
  for (const auto& tweet : answer.tweets) ids.push_back(tweet.id);
  ledger_.count_reads(bill.channel, ids, bill.price_usd, clock_.now());
  if (!again && !again.error().of_this_alone) return again;
  auto misread =
      fail(Remedy::reconfigure,
           "X gives posts without their time, whether they are asked for by the names of "
           "dialect = \"tweets\" or \"posts\": it has renamed its fields once more. Look for "
           "a newer Kanal; no posts are read until then.");
  misread.value().of_this_alone = true;
  return misread;
}

Result<HttpReply> Api::post(std::string_view endpoint, const std::string& path, std::string body,
                            const std::string& type) {
  HttpCall request;
  request.method = "POST";
  request.url = settings_.api_url + path;
  request.headers.emplace_back("Content-Type", type);
  request.body = std::move(body);
  auto reply = TRY(call(endpoint, std::move(request)));
  if (reply.status >= 500) {
    return fail(Remedy::uncertain, "X failed while it was told to post (status " +
                                       std::to_string(reply.status) + ").");
  }
  return reply;
}

Result<std::string> Api::fetch_medium(const std::string& url, std::size_t most_bytes) {
  const auto host = host_of(url);
  const bool own =
      url.starts_with("https://") && (host == "twimg.com" || host.ends_with(".twimg.com"));
  const bool same = host == host_of(settings_.api_url);
  if (!own && !same) return fail(Remedy::drop, "a picture stands on a host that is not X's");
  HttpCall request;
  request.url = url;
  request.timeout_ms = settings_.timeout_s;
  request.most_bytes = most_bytes;
  request.allow_private = same && is_local(settings_.api_url);
  auto reply = TRY(http_.fetch(request));
  if (reply.status != 200) {
    const bool later = reply.status == 408 || reply.status == 429 || reply.status >= 500;
    return fail(later ? Remedy::retry : Remedy::drop,
                "a picture is not given out (status " + std::to_string(reply.status) + ")");
  }
  return std::move(reply.body);
}

}  // namespace kanal::twitter
