// A day of 50,000 mentions caught up as fast as paging allows: processor time a post, and how much
// of it goes into parsing X's answers, into the rest of the connector, and into intake and store.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/twitter/tweet.hpp"
#include "connectors/twitter/twitter.hpp"
#include "connectors/twitter/x_fixture.hpp"
#include "router/intake.hpp"
#include "store/private_server.hpp"
#include "store/store.hpp"
#include "tests/support/no_mail.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program

constexpr std::size_t k_mentions = 50'000;
// X gives out the newest 800; who looks in time never meets that end.
constexpr std::size_t k_between_looks = 700;

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

template <class T>
T the(Result<T> result) {
  must(result.has_value(), result ? "" : result.error().message);
  return std::move(*result);
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string mention(twitter::TweetId id, std::size_t index) {
  const auto number = std::to_string(index);
  const auto text_id = std::to_string(id);
  JsonWriter out;
  out.begin_object().member("id", text_id);
  out.member("author_id", std::to_string(4'000'000 + index / 3));
  out.member("text", std::string_view("@kanal Jalan berlubang di lokasi nomor " + number +
                                      " sudah dua minggu, berbahaya bagi pengendara &amp; pejalan "
                                      "kaki https://t.co/abc" +
                                      number));
  out.member("created_at", "2026-03-02T03:04:05.000Z").member("lang", "in");
  out.member("conversation_id", text_id);
  out.key("edit_history_tweet_ids").begin_array().value(text_id).end_array();
  out.key("entities").begin_object().key("mentions").begin_array().begin_object();
  out.member("start", 0).member("end", 6).member("username", "kanal").member("id", "1000");
  out.end_object().end_array().key("urls").begin_array().begin_object();
  out.member("url", std::string_view("https://t.co/abc" + number));
  out.member("expanded_url", "https://contoh.id/peta").end_object().end_array().end_object();
  return out.end_object().take();
}

/// X in memory; keeps what it answered, and what that cost.
class CountedX final : public Http {
 public:
  twitter::MemoryX x;
  std::vector<std::string> answers;
  double cpu = 0;
  Result<HttpReply> fetch(const HttpCall& call) override {
    const auto start = cpu_seconds();
    auto reply = x.fetch(call);
    x.calls.clear();
    if (reply) answers.push_back(reply->body);
    cpu += cpu_seconds() - start;
    return reply;
  }
};

}  // namespace

int main() {
  auto path = (std::filesystem::temp_directory_path() / "kanal-bench-x-XXXXXX").string();
  must(::mkdtemp(path.data()) != nullptr, "no temporary directory");
  const std::filesystem::path directory = path;
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  {
    ManualClock clock(SystemClock().now());
    const auto keys = Keys::of_seed("bench");
    const auto organisation = Organisation::shipped();
    auto server = the(PrivateServer::open(directory / "postgres"));
    const auto store = the(Store::open({server->url(), directory / "attachments", 4}, keys, clock));
    Intake intake(*store, organisation, clock);
    const ChannelName name("x");
    ChannelRules rules;
    rules.name = name;
    rules.kind = "twitter";
    rules.replies = false;
    intake.know(rules);
    CountedX x;
    test::NoMail mail;
    const Surroundings around{clock, keys, organisation, x, mail, {}};
    ::setenv("KANAL_BENCH_X", "secret", 1);
    twitter::Settings settings;
    settings.handle = "kanal";
    settings.start_from = "all";
    settings.mentions_every_s = std::chrono::seconds(0);
    for (auto* secret : {&settings.consumer_key, &settings.consumer_secret, &settings.access_token,
                         &settings.access_secret}) {
      *secret = Secret("env:KANAL_BENCH_X");
    }
    settings.caps.reads_per_day = settings.caps.reads_per_month = 0;
    const auto channel = the(twitter::Twitter::create(name, settings, around));

    const auto first = twitter::first_tweet_id_of(clock.now() - std::chrono::hours(24));
    double reading = 0;
    double storing = 0;
    std::size_t posts = 0;
    Cursor cursor;
    for (std::size_t index = 0; index < k_mentions;) {
      x.x.mentions.clear();
      for (std::size_t i = 0; i < k_between_looks && index < k_mentions; ++i, ++index) {
        const auto id = first + (index << 32U) / 50;
        x.x.mentions.emplace_back(id, mention(id, index));
      }
      for (bool more = true; more;) {
        auto start = cpu_seconds();
        auto batch = the(channel->poll(cursor, {}));
        reading += cpu_seconds() - start;
        more = batch.more;
        cursor = batch.next;
        posts += batch.posts.size();
        start = cpu_seconds();
        (void)the(intake.ingest(name, std::move(batch), std::nullopt));
        storing += cpu_seconds() - start;
      }
    }
    must(posts == k_mentions, std::to_string(posts) + " posts were read");
    reading -= x.cpu;
    const auto start = cpu_seconds();
    std::size_t parsed = 0;
    for (const auto& answer : x.answers) parsed += the(twitter::parse_answer(answer)).tweets.size();
    const auto parsing = cpu_seconds() - start;
    must(parsed == k_mentions, std::to_string(parsed) + " posts were parsed");

    const auto whole = reading + storing;
    std::printf("%zu mentions, looks of %zu, %zu answers of X\n", k_mentions, k_between_looks,
                x.answers.size());
    std::printf("processor time a post: %.1f us (its database's server not counted)\n",
                whole / k_mentions * 1e6);
    std::printf("share of parsing %.2f, of the connector else %.2f, of intake and store %.2f\n",
                parsing / whole, (reading - parsing) / whole, storing / whole);
    std::printf("connector over parsing alone: %.2f\n", reading / parsing);
    std::printf("a day is caught up in %.4f of a day's processor time\n", whole / 86'400);
  }
  std::error_code error;
  std::filesystem::remove_all(directory, error);
}
