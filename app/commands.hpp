#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/home.hpp"

namespace kanal {
class JsonWriter;
}

// One function a command; each returns the exit code or why it ended early.
namespace kanal::app {

struct ServeOptions {
  bool demo = false;
  std::string listen;  ///< overrides http.listen
  std::filesystem::path ready_file;
};
Outcome<int> serve(const Common& common, const ServeOptions& options);

/// Keeps the private database running and nothing else, until it is asked to stop: for backups and
/// for restoring one. Prints its address. An empty one stays empty, any other is brought up to
/// date.
Outcome<int> database(const Common& common);

Outcome<int> check(const Common& common);
/// Everything that keeps the settings from being put in force, one fault a line; secrets are looked
/// up and told nothing of.
std::string faults_of(const Common& common);

struct TraceOptions {
  std::string channel;
  std::string format;  ///< "post", or empty: the channel's own
  bool offline = false;
  std::vector<std::string> files;
};
Outcome<int> trace(const Common& common, const TraceOptions& options);

struct IngestOptions {
  std::string channel;
  std::string file;
  bool reply = false;
};
Outcome<int> ingest(const Common& common, const IngestOptions& options);

struct ChannelOptions {
  std::string act;  ///< list, show, test, pause, resume, backfill
  std::string name;
  std::string send_to;
  std::string from;
  bool reply = false;
};
Outcome<int> channel(const Common& common, const ChannelOptions& options);

struct ReportOptions {
  std::string act;  ///< list, find, show, act, verify
  std::string report;
  std::string event;
  std::string as;  ///< the officer's user name; empty: the national admin at the shell
  std::string reason;
  std::string words;
  std::string agency;
  std::string unit;
  std::string other;
  std::vector<std::string> files;  ///< to go with the words; read, and left where they are
  // for the event "correct"
  std::optional<std::string> title;
  std::optional<std::string> category;
  std::optional<std::string> kind;
  std::optional<bool> anonymous;
  std::optional<bool> confidential;
  [[nodiscard]] bool corrects() const {
    return title || category || kind || anonymous || confidential;
  }
  std::string state;
  std::string search;
  int most = 50;
};
Outcome<int> report(const Common& common, const ReportOptions& options);

struct QuarantineOptions {
  std::string act;  ///< list, show, replay, discard
  std::string channel;
  bool waiting = false;
  std::int64_t id = 0;
  std::string reason;
};
Outcome<int> quarantine(const Common& common, const QuarantineOptions& options);

struct SenderOptions {
  std::string act;  ///< list, block, unblock
  std::int64_t post = 0;
  std::string as;
  std::string reason;
};
Outcome<int> sender(const Common& common, const SenderOptions& options);

/// The officer of that user name; the national admin at the shell when it is empty.
Outcome<Actor> actor_of(Store& store, const std::string& user);

struct UserOptions {
  std::string act;  ///< list, add, change, password, disable, enable, token, revoke
  std::string user;
  std::string name;
  std::string role;
  std::string agency;
  std::string unit;
  std::string label;
  int days = 30;
};
Outcome<int> user(const Common& common, const UserOptions& options);

/// A value of a settings file as JSON.
void write_node(JsonWriter& out, const Table::Node& node);

struct SettingsOptions {
  std::string act;            ///< schema, docs, show, seal
  bool organisation = false;  ///< the schema of its file instead
};
Outcome<int> settings(const Common& common, const SettingsOptions& options);

}  // namespace kanal::app
