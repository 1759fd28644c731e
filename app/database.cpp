#include <cstdio>
#include <string>

#include "app/commands.hpp"
#include "app/reviver.hpp"
#include "app/running.hpp"
#include "app/signals.hpp"
#include "format/json.hpp"
#include "store/migrations.hpp"

namespace kanal::app {

namespace {

constexpr int k_watch_interval_ms = 1000;

}  // namespace

Outcome<int> database(const Common& common) {
  const int signals = block_signals();
  const auto prepared = TRY(prepare(common));
  if (!prepared.settings.store.url.empty()) {
    return stop(2,
                "the settings name a database of your own ([store] url), and it runs without "
                "Kanal: dump it, or restore into it, with PostgreSQL's tools");
  }
  TRY(work_as_owner(prepared));
  TRY(hold_directory(prepared.data));
  WhileStarting starting(signals);
  const auto server = TRY(or_stop(PrivateServer::open(database_of(prepared))));
  const auto url = server->url();
  // An empty one stays so for what is restored into it, whatever its version.
  const auto version = TRY(or_stop(schema_version(url)));
  TRY(or_stop(version == 0 ? make_role(url) : migrate(url)));
  starting.end();
  if (common.json) {
    JsonWriter out;
    out.begin_object().member("database", url).end_object();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("%s\n", url.c_str());
  }
  std::fflush(stdout);
  std::fputs(
      "The private database runs alone: no channel is read, and nothing is sent.\n"
      "Ctrl-C stops it.\n",
      stderr);
  Reviver reviver(*server);
  while (asked(signals, k_watch_interval_ms) == Asked::nothing) reviver.look();
  return 0;
}

}  // namespace kanal::app
