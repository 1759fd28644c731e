#pragma once

#include <cstdlib>
#include <fstream>
#include <libpq-fe.h>
#include <sstream>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/bridge_process.hpp"

namespace kanal::test {

// One bridge that most cases work beside, as an operator would.
inline BridgeProcess& bridge() {
  static BridgeProcess the_one(
      "[channel.form]\nkind = \"webform\"\n[channel.old]\nkind = \"webform\"\n");
  if (!the_one.runs()) the_one.start();
  return the_one;
}

inline std::string ask(const std::string& statement) {
  PGconn* session = PQconnectdb(bridge().database().c_str());
  PGresult* answer = PQexec(session, statement.c_str());
  std::string text = PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : PQerrorMessage(session);
  PQclear(answer);
  PQfinish(session);
  return text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.object) keys.push_back(key);
  return keys;
}

inline std::string post_line(const std::string& id, const std::string& text,
                             const std::string& author = "42") {
  return "{\"id\":\"" + id + "\",\"author\":{\"id\":\"" + author + "\"},\"text\":\"" + text +
         "\",\"posted_at\":\"2026-01-02T03:04:05+07:00\"}\n";
}

inline std::filesystem::path write(const TemporaryDirectory& directory, const std::string& name,
                                   const std::string& text, int mode = 0600) {
  const auto path = directory.path() / name;
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), static_cast<mode_t>(mode));
  return path;
}

inline Json only_line(const Finished& finished) {
  INFO(finished.err);
  const auto lines = lines_of(finished.out);
  REQUIRE(lines.size() == 1);
  return Json::parse(lines[0]).value();
}

inline Json ingest(const std::string& lines, const std::string& channel = "old") {
  const auto finished = bridge().command({"ingest", "--channel", channel, "-"}, lines);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
  return only_line(finished);
}

inline std::string code_of_newest() {
  return bridge().query({"report", "list", "--most", "1"}).at(0).text("code");
}

}  // namespace kanal::test
