#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/rules.hpp"
#include "connectors/all_settings.hpp"
#include "core/count.hpp"
#include "core/rfc3339.hpp"
#include "format/usage.hpp"
#include "router/intake.hpp"
#include "web/words.hpp"

namespace kanal::app {

namespace {

std::string backfill_words(const BackfillRecord& backfill, Time now) {
  const auto from = print_rfc3339(backfill.from);
  return "read again from " + from + ": " + count_of(backfill.posts, "post") + " by " +
         print_rfc3339(backfill.at) +
         (backfill.stands_still(now) ? ". Broken off: backfill --from " + from + " goes on" : "");
}

void print_channel(const ChannelEntry& entry, const ChannelRecord& record, Time now,
                   const std::vector<Alarm>& raised, bool json, bool with_settings) {
  const auto advice = health_advice(record.health, record.said, "en");
  const auto* const parting = record.said.empty() ? "" : record.said.ends_with('.') ? " " : ". ";
  const auto last = record.last_post ? print_rfc3339(*record.last_post) : std::string("never");
  if (json) {
    JsonWriter out;
    out.begin_object().member("name", entry.name.value());
    out.member("kind", entry.common.kind);
    out.member("enabled", entry.common.enabled);
    out.member("health", name(record.health));
    out.member("since", print_rfc3339(record.health_since));
    out.member("said", record.said).member("advice", advice);
    out.member("paused", record.paused);
    out.member("posts_today", record.posts_today);
    if (record.last_post) {
      out.member("last_post", print_rfc3339(*record.last_post));
    } else {
      out.null_member("last_post");
    }
    if (!record.usage.empty()) write_usage(out.key("usage"), record.usage);
    if (record.backfill) {
      out.key("backfill").begin_object().member("from", print_rfc3339(record.backfill->from));
      out.member("posts", record.backfill->posts);
      out.member("at", print_rfc3339(record.backfill->at)).end_object();
    }
    for (const auto& [key, time] :
         {std::pair("canary_sent", record.canary_sent), {"canary_seen", record.canary_seen}}) {
      if (time) out.member(key, print_rfc3339(*time));
    }
    out.key("alarms").begin_array();
    for (const auto& alarm : raised) out.value(alarm.message);
    out.end_array();
    if (with_settings) {
      Problems none;
      const auto own = Table::parse(print_channel(entry), "settings", none);
      write_node(out.key("settings"), own.child("channel").child(entry.name.value()).node());
    }
    out.end_object();
    std::printf("%s\n", out.text().c_str());
  } else if (!entry.common.enabled) {
    std::printf("%-16s %-10s %-20s last post %s\n", entry.name.value().c_str(),
                entry.common.kind.c_str(), "off", last.c_str());
  } else {
    std::printf("%-16s %-10s %-20s since %s  posts today %lld  last post %-22s %s%s%s\n",
                entry.name.value().c_str(), entry.common.kind.c_str(),
                record.paused ? "paused" : std::string(name(record.health)).c_str(),
                print_rfc3339(record.health_since).c_str(),
                static_cast<long long>(record.posts_today), last.c_str(),
                printable_line(record.said).c_str(), parting, advice.c_str());
    if (record.backfill)
      std::printf("%-16s %s\n", "", backfill_words(*record.backfill, now).c_str());
    for (const auto& alarm : raised)
      std::printf("%-16s ALARM: %s\n", "", printable_line(alarm.message).c_str());
  }
}

// Of the bridge, after its channels.
void print_own(const Alarm& alarm, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().key("alarms").begin_array().value(alarm.message).end_array().end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("ALARM: %s\n", printable_line(alarm.message).c_str());
  }
}

Outcome<int> list(Home& home, const std::string& only, bool json, bool with_settings) {
  const auto limits = alarm_limits_of(home.prepared);
  const auto now = home.clock.now();
  for (const auto& entry : home.prepared.settings.channels) {
    if (!only.empty() && entry.name.value() != only) continue;
    const auto record = TRY(or_stop(home.store->channel(entry.name)));
    print_channel(entry, record, now, alarms({record}, now, limits), json, with_settings);
  }
  if (only.empty()) {
    for (const auto& alarm : own_alarms(home.clock.now(), limits)) print_own(alarm, json);
  }
  return 0;
}

void print_step(const ProbeStep& step, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("step", step.what).member("passed", step.passed);
    out.member("detail", step.detail).end_object();
    std::printf("%s\n", out.text().c_str());
    return;
  }
  std::printf("%s  %s%s%s\n", step.passed ? "ok    " : "FAILED", step.what.c_str(),
              step.detail.empty() ? "" : ": ", printable_line(step.detail).c_str());
}

// Needs nothing that a bridge keeps but the key of what is sealed.
Outcome<int> test(const Prepared& prepared, const ChannelOptions& options, bool json) {
  const auto keys = TRY(find_keys(prepared));
  if (!keys && std::ranges::any_of(secrets_of(prepared.settings), [&](const SecretText& each) {
        return each.secret.sealed() && each.place.key.starts_with("channel." + options.name + ".");
      })) {
    return stop(2, "a secret of this channel is sealed, and " + no_key(prepared));
  }
  const SystemClock clock;
  const auto known = keys ? *keys : Keys::of_seed("test");
  Bench bench(prepared, known, clock);
  auto connector = TRY(bench.connector(options.name));
  auto* probe = dynamic_cast<Probe*>(connector.get());
  if (probe == nullptr) {
    if (!options.send_to.empty()) return stop(2, "a channel of this kind sends no messages");
    print_step({"nothing to connect to", true, "a channel of this kind waits to be called"}, json);
    return 0;
  }
  std::string failed;
  for (const auto& step : probe->probe(options.send_to)) {
    if (!step.passed && failed.empty()) failed = step.what;
    print_step(step, json);
  }
  if (!failed.empty()) return stop(1, options.name + " does not work: " + failed);
  return 0;
}

// What shares a credential shares its caps; and the bridge goes on using them up.
Outcome<> recall_usage(Home& home, const ChannelOptions& options, Metered& metered) {
  const auto& channels = home.prepared.settings.channels;
  const auto own = std::ranges::find(channels, ChannelName(options.name), &ChannelEntry::name);
  for (const auto& entry : channels) {
    if (own == channels.end() || entry.common.kind != own->common.kind) continue;
    const auto record = TRY(or_stop(home.store->channel(entry.name)));
    metered.recall(entry.name, record.cursor);
    metered.recall_apart(entry.name, record.used_apart);
  }
  return {};
}

// A cap or a limit starts anew within a day; whoever begins again is billed again for what was
// read.
bool may_wait_for(const Error& error) {
  constexpr std::chrono::hours k_longest{24};
  return error.remedy == Remedy::throttled && error.retry_after.count() > 0 &&
         error.retry_after <= k_longest;
}

void wait_for(const Error& error) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(error.retry_after);
  std::fprintf(stderr, "%s Waiting for %s; Ctrl-C ends it.\n",
               printable_line(error.message).c_str(), count_of(minutes.count(), "minute").c_str());
  std::this_thread::sleep_for(error.retry_after);
}

/// A turn of reading again. A line that breaks is tried anew: a mail within which it always breaks
/// is passed over in the end.
Result<Batch> next_turn(Backfill& source, const Backfill::Stretch& stretch, const Cursor& since) {
  constexpr int k_most_tries = 12;
  constexpr std::chrono::seconds k_pause{1};
  auto batch = source.backfill(stretch, since, Budget{});
  for (int tries = 1; tries < k_most_tries; ++tries) {
    if (batch || batch.error().remedy != Remedy::retry) break;
    std::this_thread::sleep_for(k_pause);
    batch = source.backfill(stretch, since, Budget{});
  }
  return batch;
}

// Posts that are known already change nothing, so reading a stretch twice is harmless.
Outcome<int> backfill(Home& home, const ChannelOptions& options, bool json) {
  const auto from = parse_rfc3339(options.from);
  if (!from) return stop(2, "--from needs an RFC 3339 time like 2026-01-31T00:00:00+07:00");
  if (*from >= home.clock.now()) {
    return stop(2,
                "--from is in the future, where there is nothing to read: give a time that has "
                "passed");
  }
  Bench bench(home.prepared, home.keys, home.clock);
  auto connector = TRY(bench.connector(options.name));
  auto* source = dynamic_cast<Backfill*>(connector.get());
  if (source == nullptr) return stop(2, "a channel of this kind cannot be read from a date");
  auto* metered = dynamic_cast<Metered*>(connector.get());
  auto rules = rules_of(home.prepared, home.keys, ChannelName(options.name));
  if (!options.reply) rules = for_import(std::move(rules));
  Intake intake(*home.store, home.prepared.organisation, home.clock);
  intake.know(rules);
  const auto record = TRY(or_stop(home.store->channel(rules.name)));
  BackfillRecord stands;
  stands.from = *from;
  if (record.backfill && record.backfill->from == *from) stands = *record.backfill;
  std::size_t read = 0;
  std::size_t reports = 0;
  for (bool more = true; more;) {
    if (metered != nullptr) TRY(recall_usage(home, options, *metered));
    auto batch = next_turn(*source, {*from, record.cursor}, stands.cursor);
    if (metered != nullptr) {
      TRY(or_stop(home.store->save_used_apart(rules.name, metered->used_apart())));
    }
    if (!batch && may_wait_for(batch.error())) {
      wait_for(batch.error());
      continue;
    }
    if (!batch) return stop(batch.error());
    more = batch->more && !(batch->next == stands.cursor);
    // How far back it has come is none of the channel's own place.
    stands.cursor = std::exchange(batch->next, {});
    stands.posts += std::ssize(batch->posts);
    stands.at = home.clock.now();
    read += batch->posts.size();
    const auto ingested = TRY(or_stop(intake.ingest(rules.name, std::move(*batch), std::nullopt)));
    reports += ingested.reports;
    TRY(or_stop(
        home.store->save_backfill(rules.name, more ? std::optional(stands) : std::nullopt)));
    Batch stored;
    stored.next = stands.cursor;
    if (const auto told = connector->committed(stored); !told) {
      std::fprintf(stderr, "what was read could not be marked there as read: %s\n",
                   printable_line(told.error().message).c_str());
    }
    std::fprintf(stderr, "%s\n", count_of(read, "post").c_str());
  }
  if (json) {
    JsonWriter out;
    out.begin_object().member("read", read);
    out.member("reports", reports).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s read, %s.\n", count_of(read, "post").c_str(),
                count_of(reports, "new report").c_str());
  }
  return 0;
}

}  // namespace

Outcome<int> channel(const Common& common, const ChannelOptions& options) {
  const auto prepared = TRY(prepare(common));
  if (options.act != "list") {
    const auto missing = no_channel(prepared.settings, options.name);
    if (!missing.empty()) return stop(2, missing);
  }
  if (options.act == "test") return test(prepared, options, common.json);
  auto home = TRY(Home::open(common, Access::use));
  if (options.act == "backfill") return backfill(*home, options, common.json);
  if (options.act == "pause" || options.act == "resume") {
    const bool pauses = options.act == "pause";
    TRY(or_stop(home->store->set_paused(ChannelName(options.name), pauses)));
    if (!common.json) {
      std::printf("%s: %s\n", options.name.c_str(),
                  pauses ? "paused." : "resumed; it goes on within seconds.");
      return 0;
    }
  }
  const bool shows = options.act == "show";
  if (auto listed = list(*home, options.name, common.json, shows); !listed || !shows) {
    return listed;
  }
  const auto& channels = home->prepared.settings.channels;
  const auto entry =
      std::ranges::find(channels, options.name, [](const auto& each) { return each.name.value(); });
  if (!common.json) std::printf("\n%s", print_channel(*entry).c_str());
  return 0;
}

}  // namespace kanal::app
