#include <algorithm>
#include <mutex>

#include "core/count.hpp"
#include "core/deadline.hpp"
#include "core/language.hpp"
#include "web/console/case.hpp"
#include "web/console/desk.hpp"
#include "web/console/usage.hpp"
#include "web/console/words.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

std::string_view health_badge(Health health) {
  switch (health) {
    case Health::working:
    case Health::waiting:
      return "green";
    case Health::connecting:
    case Health::throttled:
      return "orange";
    case Health::credentials_refused:
    case Health::failing:
      return "red";
    case Health::paused:
      break;
  }
  return "secondary";
}

const WebParts::Channel* find_channel(const Visit& visit) {
  const auto& channels = visit.desk.parts.channels;
  const auto found = std::ranges::find_if(channels, [&](const auto& channel) {
    return channel.name.value() == visit.request.parameters.at("channel");
  });
  return found == channels.end() ? nullptr : &*found;
}

/// A connection test that has just been made.
struct Tested {
  ChannelName channel;
  std::vector<ProbeStep> steps;
  std::string problem;
};

void draw_test(const Visit& visit, Block row, const Tested& tested) {
  auto block = row.add("TESTED");
  bool all = tested.problem.empty();
  if (!tested.problem.empty()) block.add("TEST_PROBLEM").set("PROBLEM", tested.problem);
  for (const auto& step : tested.steps) {
    auto line = block.add("STEP");
    line.set("STEP_WHAT", step_words(step.what, visit.language));
    line.show(step.passed ? "PASSED" : "FAILED");
    if (!step.detail.empty()) {
      auto detail = line.add("STEP_DETAIL");
      if (step.passed) {
        detail.set("STEP_DETAIL_TEXT", step_words(step.detail, visit.language));
      } else {
        draw_trouble(visit, detail, "STEP_DETAIL_TEXT", step.detail);
      }
    }
    all = all && step.passed;
  }
  block.show(all ? "ALL_PASSED" : "NOT_ALL");
}

std::string backfill_words(const Visit& visit, const BackfillRecord& backfill) {
  const auto from = visit.date(backfill.from);
  const auto at = visit.brief(backfill.at);
  const bool still = backfill.stands_still(visit.now());
  if (is_english(visit.language)) {
    return "from " + from + ": " + count_of(backfill.posts, "message") + " by " + at +
           (still ? ". Broken off; the same command goes on." : "");
  }
  return "sejak " + from + ": " + std::to_string(backfill.posts) + " pesan sampai " + at +
         (still ? ". Terputus; perintah yang sama melanjutkannya." : "");
}

void draw_channel(const Visit& visit, Block page, const WebParts::Channel& channel,
                  const ChannelRecord& record, const SentSegments& sent, const Tested* tested) {
  auto row = page.add("CHANNEL");
  row.set("CHANNEL_NAME", channel.name.value());
  row.set("CHANNEL_WORDS", visit.channel(channel.name));
  const auto health = record.paused ? Health::paused : record.health;
  row.set("HEALTH", health_words(health, visit.language));
  row.set("HEALTH_BADGE", health_badge(health));
  row.set("SINCE", visit.date(record.health_since));
  const auto trouble = trouble_words(record.said, visit.organisation(), visit.language);
  const auto advice = health_advice(health, trouble.words, visit.language);
  if (!advice.empty()) row.add("ADVICE").set("ADVICE_TEXT", advice);
  if (!record.paused && !record.said.empty()) {
    auto said = row.add("SAID");
    if (!trouble.detail.empty()) said.add("SAID_KIND").set("SAID_KIND_TEXT", trouble.words);
    said.set("SAID_TEXT", record.said);
  }
  row.set("LAST_SUCCESS", record.last_success
                              ? visit.brief(*record.last_success)
                              : std::string(visit.say("belum pernah", "never yet")));
  row.set("LAST_POST", record.last_post ? visit.brief(*record.last_post)
                                        : std::string(visit.say("belum ada", "none yet")));
  row.set("TODAY", static_cast<long long>(record.posts_today));
  if (sent.segments > 0) {
    row.add("SENT").set("SENT_WORDS", segments_words(visit, channel.name, sent.segments));
  }
  if (record.posts_usual > 0) {
    const auto usual = std::to_string(record.posts_usual);
    row.add("USUALLY").set("USUAL_WORDS", is_english(visit.language)
                                              ? "usually " + usual + " by this hour"
                                              : "biasanya " + usual + " pada jam ini");
  }
  for (const auto& alarm : alarms({record}, visit.now(), visit.desk.parts.alarms)) {
    row.add("ALARM").set("ALARM_TEXT", alarm_words(alarm, visit.language));
  }
  if (record.canary_sent) {
    row.add("CANARY").set("CANARY_SEEN", record.canary_seen
                                             ? visit.brief(*record.canary_seen)
                                             : std::string(visit.say("belum ada", "none yet")));
  }
  if (record.backfill) {
    row.add("BACKFILL").set("BACKFILL_WORDS", backfill_words(visit, *record.backfill));
  }
  draw_usage(visit, row, channel.name, record.usage);
  if (visit.may(Ability::run_channels)) {
    auto acts = row.add("MAY_RUN");
    acts.set("CHANNEL_NAME", channel.name.value());
    acts.show(record.paused ? "RESUME" : "PAUSE");
    acts.show_if("TEST", visit.desk.parts.probe && channel.enabled && channel.can_be_tested);
  }
  if (tested != nullptr) draw_test(visit, row, *tested);
}

Result<Response> draw_channels(const Visit& visit, int status, const Tested* tested) {
  const auto records = TRY(visit.desk.parts.store.channels());
  auto sent =
      TRY(visit.desk.parts.store.sent_segments(start_of_month(visit.now(), visit.desk.utc_offset)));
  auto page = visit.page("channels.html");
  auto top = page.top();
  draw_news(visit, top);
  for (const auto& alarm : own_alarms(visit.now(), visit.desk.parts.alarms)) {
    top.add("OWN_ALARM").set("OWN_ALARM_TEXT", alarm_words(alarm, visit.language));
  }
  for (const auto& channel : visit.desk.parts.channels) {
    const auto found = std::ranges::find(records, channel.name, &ChannelRecord::name);
    ChannelRecord unused;
    unused.name = channel.name;
    unused.health_since = visit.now();
    draw_channel(visit, top, channel, found == records.end() ? unused : *found, sent[channel.name],
                 tested != nullptr && tested->channel == channel.name ? tested : nullptr);
  }
  top.show_if("NONE", visit.desk.parts.channels.empty());
  return answer(visit, status, visit.say("Kanal", "Channels"), page, "/console/channels");
}

Result<Response> set_paused(const Visit& visit, bool paused) {
  const auto* channel = find_channel(visit);
  if (channel == nullptr) return missing(visit);
  auto& store = visit.desk.parts.store;
  TRY(store.record(visit.session.actor(), paused ? "pause" : "resume",
                   "channel " + channel->name.value()));
  TRY(store.set_paused(channel->name, paused));
  return done("/console/channels", paused ? "paused" : "resumed");
}

Result<Response> test(const Visit& visit) {
  const auto* channel = find_channel(visit);
  if (channel == nullptr || !visit.desk.parts.probe) return missing(visit);
  Tested tested{channel->name, {}, {}};
  const std::unique_lock turn(*visit.desk.parts.probing, std::try_to_lock);
  if (!turn) {
    tested.problem = visit.say("Uji yang lain sedang berjalan. Tunggu sebentar.",
                               "Another test is running. Wait a moment.");
    return draw_channels(visit, 409, &tested);
  }
  auto steps = visit.desk.parts.probe(channel->name);
  if (steps) {
    tested.steps = std::move(*steps);
  } else {
    tested.problem = refusal_words(steps.error().message, visit.language);
  }
  return draw_channels(visit, 200, &tested);
}

}  // namespace

void add_channels(std::vector<Route>& routes, const SharedDesk& desk) {
  const auto form = [&](std::string_view act, Result<Response> (*handle)(const Visit&)) {
    routes.push_back(form_route(desk, "/console/channels/{channel}/" + std::string(act),
                                Ability::run_channels,
                                [handle](Visit& visit) { return outcome(visit, handle(visit)); }));
  };
  routes.push_back(page_route(desk, "/console/channels", Ability::read_channels, [](Visit& visit) {
    return outcome(visit, draw_channels(visit, 200, nullptr));
  }));
  form("pause", [](const Visit& visit) { return set_paused(visit, true); });
  form("resume", [](const Visit& visit) { return set_paused(visit, false); });
  form("test", test);
}

}  // namespace kanal::console
