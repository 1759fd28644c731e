#include "app/metrics.hpp"

#include <cstdlib>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "router/alarms.hpp"
#include "router/counters.hpp"
#include "store/test_world.hpp"

namespace kanal::app {
namespace {

using testing::World;

using LabelMap = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  LabelMap labels;
  double value = 0;
};

/// One page of the text format 0.0.4, read by its grammar.
struct Page {
  std::map<std::string, std::string> types;
  std::vector<Sample> samples;
};

bool is_name(std::string_view text, bool with_colon) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || (with_colon && c == ':');
  });
}

std::string read_value(std::string_view line, std::size_t& at) {
  std::string value;
  REQUIRE(line[at] == '"');
  for (++at; line.at(at) != '"'; ++at) {
    if (line[at] != '\\') {
      value += line[at];
      continue;
    }
    const char next = line.at(++at);
    REQUIRE((next == '\\' || next == '"' || next == 'n'));
    value += next == 'n' ? '\n' : next;
  }
  ++at;
  return value;
}

Sample read_sample(std::string_view line) {
  Sample sample;
  auto at = line.find_first_of("{ ");
  REQUIRE(at != std::string_view::npos);
  sample.name = line.substr(0, at);
  CHECK(is_name(sample.name, true));
  if (line[at] == '{') {
    ++at;
    while (line.at(at) != '}') {
      const auto equals = line.find('=', at);
      REQUIRE(equals != std::string_view::npos);
      const auto label = std::string(line.substr(at, equals - at));
      CHECK(is_name(label, false));
      at = equals + 1;
      CHECK(sample.labels.emplace(label, read_value(line, at)).second);
      if (line.at(at) == ',') ++at;
    }
    ++at;
  }
  REQUIRE(line.at(at) == ' ');
  const auto number = std::string(line.substr(at + 1));
  char* end = nullptr;
  sample.value = std::strtod(number.c_str(), &end);
  CHECK(end == number.c_str() + number.size());
  return sample;
}

Page read_page(const std::string& text) {
  REQUIRE(text.ends_with('\n'));
  Page page;
  std::string current;
  for (const auto line : split(text, '\n')) {
    INFO(line);
    if (line.empty() || line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      const auto words = split(line, ' ');
      REQUIRE(words.size() == 4);
      current = words[2];
      CHECK((words[3] == "counter" || words[3] == "gauge"));
      CHECK(page.types.emplace(current, words[3]).second);
      continue;
    }
    REQUIRE(line[0] != '#');
    auto sample = read_sample(line);
    // All lines of one name stand together, below their type.
    CHECK(sample.name == current);
    page.samples.push_back(std::move(sample));
  }
  return page;
}

std::vector<Sample> find(const Page& page, const std::string& name, const LabelMap& labels) {
  std::vector<Sample> found;
  for (const auto& sample : page.samples) {
    const bool fits = std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
      const auto at = sample.labels.find(label.first);
      return at != sample.labels.end() && at->second == label.second;
    });
    if (sample.name == name && fits) found.push_back(sample);
  }
  return found;
}

TEST_CASE("the figures are text that a scraper reads") {
  World world;
  HttpFigures http;
  http.observe(200, 10, std::chrono::microseconds(1'500'000));
  http.observe(503, 10, std::chrono::microseconds(0));
  const auto page = read_page(print_metrics(http, *world.store));
  CHECK(page.types.at("kanal_http_answers_total") == "counter");
  CHECK(find(page, "kanal_http_answers_total", {{"class", "2xx"}}).at(0).value == 1);
  CHECK(find(page, "kanal_http_answers_total", {{"class", "5xx"}}).at(0).value == 1);
  CHECK(find(page, "kanal_http_seconds_total", {}).at(0).value == Approx(1.5));
  CHECK(find(page, "kanal_database_up", {}).at(0).value == 1);
}

TEST_CASE("each figure stands once for each of its labels") {
  World world;
  HttpFigures http;
  counters().channel(ChannelName("once")).polls += 2;
  const auto page = read_page(print_metrics(http, *world.store));
  std::set<std::pair<std::string, LabelMap>> seen;
  for (const auto& sample : page.samples) {
    INFO(sample.name);
    CHECK(seen.emplace(sample.name, sample.labels).second);
    if (page.types.at(sample.name) == "counter") CHECK(sample.name.ends_with("_total"));
  }
  CHECK(find(page, "kanal_polls_total", {{"channel", "once"}}).at(0).value == 2);
}

TEST_CASE("what a channel has used is told beside how much it may") {
  World world;
  HttpFigures http;
  Usage usage;
  usage.pace = std::chrono::seconds(90);
  Meter reads;
  reads.what = "caps.reads_per_day";
  reads.used = 90;
  reads.most = 100;
  Meter money;
  money.what = "caps.cost_per_day_usd";
  money.used = 4.5;
  money.most = 5;
  money.is_money = true;
  usage.meters = {reads, money};
  REQUIRE(world.store->save_health(ChannelName("x"), Health::waiting, {}));
  REQUIRE(world.store->save_usage(ChannelName("x"), usage));
  const auto page = read_page(print_metrics(http, *world.store));
  const LabelMap labels = {{"channel", "x"}, {"what", "caps.reads_per_day"}};
  CHECK(find(page, "kanal_channel_used", labels).at(0).value == 90);
  CHECK(find(page, "kanal_channel_used_most", labels).at(0).value == 100);
  const LabelMap of_money = {{"channel", "x"}, {"what", "caps.cost_per_day_usd"}};
  CHECK(find(page, "kanal_channel_used", of_money).at(0).value == 4.5);
  CHECK(find(page, "kanal_channel_used_most", of_money).at(0).value == 5);
  CHECK(find(page, "kanal_channel_pace_seconds", {{"channel", "x"}}).at(0).value == 90);
}

TEST_CASE("the state of a channel that does not run here is no figure") {
  World world;
  HttpFigures http;
  REQUIRE(world.store->save_health(ChannelName("off"), Health::credentials_refused, {}));
  REQUIRE(world.store->save_health(ChannelName("on"), Health::working, {}));
  const auto page = read_page(print_metrics(http, *world.store, std::vector{ChannelName("on")}));
  CHECK(find(page, "kanal_channel_health", {{"channel", "off"}}).empty());
  CHECK(find(page, "kanal_channel_health", {{"channel", "on"}}).size() == 1);
}

TEST_CASE("what is held for a person is counted until somebody has dealt with it") {
  World world;
  HttpFigures http;
  auto secret = world.post("h2", "Pungutan liar");
  secret.hints.confidential = true;
  const auto held = [&] {
    return find(read_page(print_metrics(http, *world.store)), "kanal_posts_held", {}).at(0).value;
  };
  CHECK(held() == 0);
  REQUIRE(world.hold(world.post("h1", "Jalan rusak")));
  REQUIRE(world.hold(secret));
  CHECK(held() == 2);
  REQUIRE(world.store->discard(PostId(1), {Role::monitor, OfficerId(1), {}, {}}, "spam"));
  CHECK(held() == 1);
}

TEST_CASE("what waits in quarantine, and the room that is left, are figures") {
  World world;
  HttpFigures http;
  const auto figure = [&](const std::string& name) {
    return find(read_page(print_metrics(http, *world.store, {}, 42)), name, {}).at(0).value;
  };
  CHECK(figure("kanal_quarantine_waiting") == 0);
  IntakeBatch batch;
  batch.channel = ChannelName("mail");
  batch.unreadable.push_back({ExternalId("m1"), "halo", "this is not a mail"});
  REQUIRE(world.store->commit(batch));
  CHECK(figure("kanal_quarantine_waiting") == 1);
  CHECK(figure("kanal_disk_free_bytes") == 42);
}

TEST_CASE("an alarm that stands is a figure of 1, of a channel or of the bridge itself") {
  World world;
  HttpFigures http;
  auto& ends = counters().channel(ChannelName("ends"));
  ends.alarms.at(static_cast<std::size_t>(Alarm::Kind::credential_ends)) = true;
  counters().certificate_ends = true;
  const auto page = read_page(print_metrics(http, *world.store));
  counters().certificate_ends = false;
  const LabelMap channel = {{"channel", "ends"}};
  CHECK(find(page, "kanal_channel_credential_ends", channel).at(0).value == 1);
  CHECK(find(page, "kanal_channel_offices_untold", channel).at(0).value == 0);
  CHECK(find(page, "kanal_certificate_ends", {}).at(0).value == 1);
}

TEST_CASE("a channel's name cannot forge a figure") {
  World world;
  HttpFigures http;
  const std::string name = "a\"} 1\nforged{x=\"\\";
  ++counters().channel(ChannelName(name)).poll_errors;
  const auto page = read_page(print_metrics(http, *world.store));
  CHECK(find(page, "kanal_poll_errors_total", {{"channel", name}}).at(0).value == 1);
  CHECK(find(page, "forged", {}).empty());
}

TEST_CASE("the figures say so when the database is away") {
  World world;
  HttpFigures http;
  world.database.close();
  const auto page = read_page(print_metrics(http, *world.store));
  CHECK(find(page, "kanal_database_up", {}).at(0).value == 0);
  CHECK(find(page, "kanal_channel_health", {}).empty());
}

}  // namespace
}  // namespace kanal::app
