#include "router/quarantine.hpp"

#include <cstdio>
#include <unistd.h>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/rules.hpp"
#include "core/rfc3339.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "router/intake.hpp"

namespace kanal::app {

namespace {

// Of raw bytes JSON can hold the text alone, so they stand in base64.
void print_record(const QuarantineRecord& record, bool json, bool with_payload = false) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("id", record.id.value());
    out.member("channel", record.channel.value());
    out.member("external_id", record.external_id.value());
    out.member("reason", record.reason);
    out.member("bytes", record.size_bytes);
    out.member("at", print_rfc3339(record.at));
    out.member("replayed", record.replayed_at.has_value());
    out.member("fate", name(record.discarded_at ? Fate::screened : Fate::quarantined));
    out.member("discarded_by", record.discarded_by);
    out.member("discarded_why", record.discarded_why);
    if (with_payload) {
      out.member("payload_base64", to_base64(record.payload));
    }
    out.end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%6lld  %-20s  %-12s  %8llu B  %s%s\n", static_cast<long long>(record.id.value()),
                print_rfc3339(record.at).c_str(), record.channel.value().c_str(),
                static_cast<unsigned long long>(record.size_bytes),
                printable_line(record.reason).c_str(),
                record.replayed_at ? " (replayed)"
                : record.discarded_at
                    ? (" (set aside: " + printable_line(record.discarded_why) + ")").c_str()
                    : "");
  }
}

// Into a file or another program as it came.
void print_payload(const std::string& payload) {
  std::fputc('\n', stdout);
  const auto shown = ::isatty(STDOUT_FILENO) != 0 ? printable_text(payload) : payload;
  std::fwrite(shown.data(), 1, shown.size(), stdout);
  std::fputc('\n', stdout);
}

Outcome<int> list(Store& store, const QuarantineOptions& options, bool json) {
  QuarantineFilter filter;
  if (!options.channel.empty()) filter.channel = ChannelName(options.channel);
  filter.waiting_only = options.waiting;
  filter.most = 1000;
  bool any = false;
  for (;;) {
    const auto records = TRY(or_stop(store.quarantine(filter)));
    for (const auto& record : records) print_record(record, json);
    any = any || !records.empty();
    if (records.size() < static_cast<std::size_t>(filter.most)) break;
    filter.before_id = records.back().id.value();
  }
  if (!any && !json) {
    std::puts(options.waiting ? "Nothing in quarantine waits for anybody."
                              : "The quarantine is empty.");
  }
  return 0;
}

Outcome<int> replay_one(Home& home, QuarantineId id, bool json) {
  const auto record = TRY(or_stop(home.store->quarantined(id)));
  if (!record) return stop(1, "there is no message of that number in quarantine");
  Bench bench(home.prepared, home.keys, home.clock);
  std::unique_ptr<Connector> connector;
  if (no_channel(home.prepared.settings, record->channel.value()).empty()) {
    connector = TRY(bench.connector(record->channel.value()));
  }
  const auto* translator = dynamic_cast<const Translator*>(connector.get());
  Intake intake(*home.store, home.prepared.organisation, home.clock);
  // By a channel that is off, or that an import alone names, nobody is answered.
  auto rules = rules_of(home.prepared, home.keys, record->channel);
  rules.replies = false;
  intake.know(std::move(rules));
  // An office's answer is told on the channels of everybody who hears of its report.
  for (const auto& channel : home.prepared.settings.channels) {
    if (channel.common.enabled) intake.know(rules_of(home.prepared, home.keys, channel.name));
  }
  const auto replayed = TRY(or_stop(replay(*home.store, intake, id, translator)));
  for (const auto& filing : replayed.filings) {
    if (json) {
      JsonWriter out;
      out.begin_object().member("fate", name(filing.fate));
      out.member("code", filing.code.value());
      out.member("reason", filing.reason).end_object();
      std::printf("%s\n", out.text().c_str());
      continue;
    }
    std::printf("%s %s %s\n", std::string(name(filing.fate)).c_str(), filing.code.value().c_str(),
                printable_line(filing.reason).c_str());
  }
  return 0;
}

}  // namespace

Outcome<int> quarantine(const Common& common, const QuarantineOptions& options) {
  auto home = TRY(Home::open(common, Access::use));
  auto& store = *home->store;
  if (options.act == "replay") return replay_one(*home, QuarantineId(options.id), common.json);
  if (options.act == "discard") {
    // Whoever has this shell has the keys: the national admin's remit.
    const auto done =
        store.discard(QuarantineId(options.id), {Role::national_admin, {}, {}, {}}, options.reason);
    return done ? Outcome<int>(0) : stop(done.error());
  }
  if (options.act == "show") {
    const auto record = TRY(or_stop(store.quarantined(QuarantineId(options.id))));
    if (!record) return stop(1, "there is no message of that number in quarantine");
    TRY(or_stop(store.record({Role::system, {}, {}, {}}, "payload",
                             "quarantine " + std::to_string(options.id) + ", by command")));
    print_record(*record, common.json, true);
    if (!common.json) print_payload(record->payload);
    return 0;
  }
  return list(store, options, common.json);
}

}  // namespace kanal::app
