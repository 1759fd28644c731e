#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "config/secret.hpp"

namespace kanal::twitter {

/// What may be used up, so that a bad day does not cost a month's money. 0: no limit of ours.
struct Caps {
  std::int64_t reads_per_day = 5'000;
  std::int64_t reads_per_month = 100'000;
  std::int64_t rechecks_per_day = 1'000;
  std::int64_t posts_per_day = 500;
  std::int64_t posts_per_month = 10'000;
  double cost_per_day_usd = 0;
  double cost_per_month_usd = 0;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(reads_per_day, Field{.key = "reads_per_day",
                               .about = "Posts and messages read in a day (UTC); 0: any number.",
                               .least = 0,
                               .most = 100'000'000});
    visit(reads_per_month, Field{.key = "reads_per_month",
                                 .about = "The same in a calendar month.",
                                 .least = 0,
                                 .most = 1'000'000'000});
    visit(rechecks_per_day,
          Field{.key = "rechecks_per_day",
                .about = "Of a day's reads, those that ask whether stored posts still stand.",
                .least = 0,
                .most = 100'000'000});
    visit(posts_per_day, Field{.key = "posts_per_day",
                               .about = "Answers sent in a day, public and direct.",
                               .least = 0,
                               .most = 1'000'000});
    visit(posts_per_month, Field{.key = "posts_per_month",
                                 .about = "The same in a calendar month.",
                                 .least = 0,
                                 .most = 10'000'000});
    visit(cost_per_day_usd, Field{.key = "cost_per_day_usd",
                                  .about = "Money in a day (UTC), by the prices below; 0: any sum.",
                                  .least = 0,
                                  .most = 10'000'000});
    visit(cost_per_month_usd, Field{.key = "cost_per_month_usd",
                                    .about = "The same in a calendar month.",
                                    .least = 0,
                                    .most = 10'000'000});
  }
};

/// Pay-per-use prices; X changes them, so they are settings.
struct Prices {
  double mention_usd = 0.001;
  double found_usd = 0.005;
  double message_usd = 0.010;
  double answer_usd = 0.010;
  double answer_with_link_usd = 0.200;
  double sent_message_usd = 0.015;

  template <class Visitor>
  void describe(Visitor& visit) {
    const auto price = [&](double& value, std::string_view key, std::string_view about) {
      visit(value, Field{.key = key, .about = about, .least = 0, .most = 1000});
    };
    price(mention_usd, "mention_usd", "Reading one mention (an \"owned read\").");
    price(found_usd, "found_usd", "Reading one post that a search found or a thread needs.");
    price(message_usd, "message_usd", "Reading one direct message.");
    price(answer_usd, "answer_usd", "One public answer to somebody who called us.");
    price(answer_with_link_usd, "answer_with_link_usd", "The same with a link in it.");
    price(sent_message_usd, "sent_message_usd", "Sending one direct message.");
  }
};

/// One [channel.NAME] of kind twitter.
struct Settings {
  std::string handle;
  std::string api_url = "https://api.x.com";
  std::string authorisation = "oauth1";
  Secret consumer_key;
  Secret consumer_secret;
  Secret access_token;
  Secret access_secret;
  Secret bearer_token;
  std::string client_id;
  Secret client_secret;
  Secret refresh_token;
  std::string dialect = "tweets";
  std::string start_from = "now";
  std::vector<std::string> hashtags;
  bool quotations = true;
  bool direct_messages = false;
  std::vector<std::string> bots;
  std::int64_t recheck_days = 30;
  std::int64_t answers_per_report = 2;
  std::chrono::seconds mentions_every_s{30};
  std::chrono::seconds search_every_s{300};
  std::chrono::seconds messages_every_s{90};
  std::chrono::seconds follow_s{600};
  std::chrono::seconds timeout_s{30};
  Caps caps;
  Prices prices;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(handle, Field{.key = "handle",
                        .about = "The account that people call, without the @.",
                        .required = true,
                        .example = "kanal"});
    visit(api_url, Field{.key = "api_url", .about = "Where the API is."});
    visit(
        authorisation,
        Field{.key = "authorisation",
              .about = "oauth1: four keys that never expire; oauth2: a refresh token that is "
                       "renewed by itself; app_only: a bearer token that reads and cannot answer.",
              .choices = {"oauth1", "oauth2", "app_only"}});
    visit(consumer_key, Field{.key = "consumer_key", .about = "oauth1: the app's key."});
    visit(consumer_secret, Field{.key = "consumer_secret", .about = "oauth1: the app's secret."});
    visit(access_token, Field{.key = "access_token", .about = "oauth1: the account's token."});
    visit(access_secret, Field{.key = "access_secret", .about = "oauth1: the token's secret."});
    visit(bearer_token, Field{.key = "bearer_token", .about = "app_only: the app's bearer token."});
    visit(client_id, Field{.key = "client_id", .about = "oauth2: the app's client id."});
    visit(client_secret,
          Field{.key = "client_secret", .about = "oauth2: its secret; none for a public client."});
    visit(refresh_token,
          Field{.key = "refresh_token",
                .about = "oauth2: the first refresh token (scope offline.access). Later ones are "
                         "kept with the channel's position; a new one here takes their place."});
    visit(dialect, Field{.key = "dialect",
                         .about = "Which names requests use: tweet.fields, or post.fields of the "
                                  "description since August 2026. Answers are read in both.",
                         .choices = {"tweets", "posts"}});
    visit(
        start_from,
        Field{.key = "start_from",
              .about = "Where reading starts the first time: \"now\", \"all\" (the newest 800) or "
                       "a date (\"2026-01-31\")."});
    visit(hashtags, Field{.key = "hashtags",
                          .about = "Posts with one of these are read too, though they do not call "
                                   "us; they cannot be answered. Every post found costs money."});
    visit(quotations,
          Field{.key = "quotations",
                .about = "Posts that quote ours are searched for too, which costs what is found."});
    visit(direct_messages, Field{.key = "direct_messages",
                                 .about = "Direct messages are read, and answered there."});
    visit(bots, Field{.key = "bots", .about = "Accounts that are never heard, without the @."});
    visit(recheck_days,
          Field{.key = "recheck_days",
                .about = "Posts of so many days are asked after once a day, and erased here when "
                         "their authors have deleted them; 0: never. Every look costs a read.",
                .least = 0,
                .most = 3'650});
    visit(
        answers_per_report,
        Field{.key = "answers_per_report",
              .about = "Public answers to one report; the last of several is kept for its outcome, "
                       "and that something is missing is told besides them. What goes beyond is "
                       "sent as a direct message if the citizen has opened one, else it stands on "
                       "the tracking page alone.",
              .least = 0,
              .most = 20});
    visit(mentions_every_s, Field{.key = "mentions_every_s",
                                  .about = "Seconds between looks for mentions; 0: as often "
                                           "as the bridge comes by: every 15, and whenever "
                                           "anything else of the channel is looked for.",
                                  .least = 0,
                                  .most = 86'400});
    visit(search_every_s, Field{.key = "search_every_s",
                                .about = "Seconds between searches.",
                                .least = 0,
                                .most = 86'400});
    visit(messages_every_s, Field{.key = "messages_every_s",
                                  .about = "Seconds between looks for direct messages.",
                                  .least = 0,
                                  .most = 86'400});
    visit(follow_s, Field{.key = "follow_s",
                          .about = "For so many seconds after a post that calls us, what its "
                                   "author adds below it is searched for, at the pace of "
                                   "search_every_s; 0: never. Every post found costs money.",
                          .least = 0,
                          .most = 86'400});
    visit(timeout_s,
          Field{.key = "timeout_s", .about = "How long a call may take.", .least = 1, .most = 300});
    visit(caps, Field{.key = "caps", .about = "What may be used up in a day and a month."});
    visit(prices, Field{.key = "prices", .about = "What X charges, to keep the account by."});
  }
};

}  // namespace kanal::twitter
