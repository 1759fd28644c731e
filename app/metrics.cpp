#include "app/metrics.hpp"

#include <algorithm>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "router/counters.hpp"

namespace kanal::app {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

using Labels = std::vector<std::pair<std::string, std::string>>;

void add(MetricFamily& to, Labels labels, double value) {
  ClientMetric metric;
  for (auto& [name, text] : labels) metric.label.push_back({std::move(name), std::move(text)});
  if (to.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  to.metric.push_back(std::move(metric));
}

constexpr int k_most_waiting = 10'000;

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

void add_channels(std::vector<MetricFamily>& all) {
  auto posts = family("kanal_posts_total", "Posts by what became of them", MetricType::Counter);
  auto replies =
      family("kanal_replies_total", "Replies by how they were settled", MetricType::Counter);
  auto segments =
      family("kanal_reply_segments_total", "Text messages that replies took", MetricType::Counter);
  auto polls = family("kanal_polls_total", "Turns of reading a channel", MetricType::Counter);
  auto errors = family("kanal_poll_errors_total", "Turns that failed", MetricType::Counter);
  std::array alarms = {
      family("kanal_channel_stale", "1: no successful turn for too long", MetricType::Gauge),
      family("kanal_channel_low_volume", "1: far fewer posts than is usual", MetricType::Gauge),
      family("kanal_channel_canary_late", "1: its test message to itself did not arrive",
             MetricType::Gauge),
      family("kanal_channel_nearly_used_up", "1: less than a fifth of a cap is left",
             MetricType::Gauge),
      family("kanal_channel_offices_untold", "1: messages to offices failed or are in doubt",
             MetricType::Gauge),
      family("kanal_channel_credential_ends", "1: it ends within 14 days, or has ended",
             MetricType::Gauge)};
  for (const auto& [channel, figures] : counters().channels()) {
    for (std::size_t fate = 0; fate < figures->posts.size(); ++fate) {
      add(posts,
          {{"channel", channel.value()}, {"fate", std::string(name(static_cast<Fate>(fate)))}},
          number(figures->posts[fate]));
    }
    for (std::size_t state = 0; state < figures->replies.size(); ++state) {
      add(replies,
          {{"channel", channel.value()},
           {"state", std::string(name(static_cast<ReplyState>(state)))}},
          number(figures->replies[state]));
    }
    if (figures->segments > 0) {
      add(segments, {{"channel", channel.value()}}, number(figures->segments));
    }
    add(polls, {{"channel", channel.value()}}, number(figures->polls));
    add(errors, {{"channel", channel.value()}}, number(figures->poll_errors));
    for (std::size_t kind = 0; kind < alarms.size(); ++kind) {
      add(alarms[kind], {{"channel", channel.value()}}, figures->alarms[kind] ? 1 : 0);
    }
  }
  for (auto* each : {&posts, &replies, &segments, &polls, &errors}) all.push_back(*each);
  all.insert(all.end(), alarms.begin(), alarms.end());
}

void add_held(std::vector<MetricFamily>& all, Store& store) {
  const auto held = store.count_held(k_most_waiting);
  if (!held) return;
  auto waiting = family("kanal_posts_held", "Held posts that nobody has dealt with; at most 10000",
                        MetricType::Gauge);
  add(waiting, {}, held->open + held->confidential);
  all.push_back(waiting);
}

void add_quarantined(std::vector<MetricFamily>& all, Store& store) {
  QuarantineFilter filter;
  filter.waiting_only = true;
  filter.most = k_most_waiting;
  const auto count = store.count_quarantined(filter);
  if (!count) return;
  auto waiting =
      family("kanal_quarantine_waiting",
             "Messages in quarantine that nobody has dealt with; at most 10000", MetricType::Gauge);
  add(waiting, {}, *count);
  all.push_back(waiting);
}

void add_health(std::vector<MetricFamily>& all, Store& store,
                const std::optional<std::vector<ChannelName>>& running) {
  auto health =
      family("kanal_channel_health", "1 for the state that the channel is in", MetricType::Gauge);
  const auto channels = store.channels();
  auto up = family("kanal_database_up", "1: the database answers", MetricType::Gauge);
  add(up, {}, channels ? 1 : 0);
  auto used =
      family("kanal_channel_used", "Used of what the far side bills or limits", MetricType::Gauge);
  auto most = family("kanal_channel_used_most", "How much of it may be used; 0: no limit",
                     MetricType::Gauge);
  auto pace = family("kanal_channel_pace_seconds", "Between two looks", MetricType::Gauge);
  if (channels) {
    for (const auto& channel : *channels) {
      if (running && std::ranges::find(*running, channel.name) == running->end()) continue;
      for (const auto& meter : channel.usage.meters) {
        const Labels labels = {{"channel", channel.name.value()}, {"what", meter.what}};
        add(used, labels, meter.used);
        add(most, labels, meter.most);
      }
      if (!channel.usage.empty()) {
        add(pace, {{"channel", channel.name.value()}},
            std::chrono::duration<double>(channel.usage.pace).count());
      }
      add(health, {{"channel", channel.name.value()}, {"state", std::string(name(channel.health))}},
          1);
    }
  }
  all.push_back(up);
  all.push_back(health);
  for (auto* each : {&used, &most, &pace}) {
    if (!each->metric.empty()) all.push_back(*each);
  }
  // Each question to a database that is away takes its time.
  if (!channels) return;
  add_held(all, store);
  add_quarantined(all, store);
}

}  // namespace

void HttpFigures::observe(int status, std::uint64_t bytes, std::chrono::microseconds spent) {
  ++by_class_[std::clamp(status / 100, 0, 5)];
  bytes_ += bytes;
  microseconds_ += static_cast<std::uint64_t>(std::max<std::int64_t>(spent.count(), 0));
}

HttpFigures::Totals HttpFigures::totals() const {
  Totals totals{};
  for (std::size_t index = 0; index < 6; ++index) totals.by_class[index] = by_class_[index];
  totals.bytes = bytes_;
  totals.microseconds = microseconds_;
  return totals;
}

std::string print_metrics(const HttpFigures& http, Store& store,
                          const std::optional<std::vector<ChannelName>>& running,
                          std::optional<std::uint64_t> free_bytes) {
  std::vector<MetricFamily> all;
  const auto totals = http.totals();
  auto answers = family("kanal_http_answers_total", "Answers by class", MetricType::Counter);
  for (int index = 1; index < 6; ++index) {
    add(answers, {{"class", std::to_string(index) + "xx"}}, number(totals.by_class[index]));
  }
  auto spent = family("kanal_http_seconds_total", "Time spent on answers", MetricType::Counter);
  add(spent, {}, number(totals.microseconds) / 1e6);
  auto retries =
      family("kanal_intake_retries_total", "Batches gathered again", MetricType::Counter);
  add(retries, {}, number(counters().intake_retries));
  auto splits = family("kanal_intake_splits_total", "Batches halved to find a guilty post",
                       MetricType::Counter);
  add(splits, {}, number(counters().intake_splits));
  auto batched =
      family("kanal_intake_batched_posts_total", "Posts in committed batches", MetricType::Counter);
  add(batched, {}, number(counters().batched_posts));
  auto kept = family("kanal_intake_kept_on_disk", "Requests that wait until the database is back",
                     MetricType::Gauge);
  add(kept, {}, number(counters().kept_on_disk));
  for (auto* each : {&answers, &spent, &retries, &splits, &batched, &kept}) all.push_back(*each);
  auto certificate =
      family("kanal_certificate_ends",
             "1: the web server's own ends within 14 days, or cannot be used", MetricType::Gauge);
  add(certificate, {}, counters().certificate_ends ? 1 : 0);
  all.push_back(certificate);
  if (free_bytes) {
    auto disk = family("kanal_disk_free_bytes", "Free on the disk of the data directory",
                       MetricType::Gauge);
    add(disk, {}, number(*free_bytes));
    all.push_back(disk);
  }
  add_channels(all);
  add_health(all, store, running);
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace kanal::app
