#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "format/json.hpp"
#include "net/http_client.hpp"

namespace kanal::test {

/// A directory below the system's temporary one, gone with the object; the database's user may
/// pass through it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// All that a file holds; empty when it is not there.
std::string text_of(const std::filesystem::path& file);

/// What a finished command left.
struct Finished {
  int code = -1;
  std::string out;
  std::string err;
};

/// A program, by its path and what it is told, to its end.
Finished run_program(const std::vector<std::string>& words, const std::string& input = {});
/// `kanal ARGUMENTS…` to its end, with nothing added.
Finished run_kanal(const std::vector<std::string>& arguments, const std::string& input = {});

/// The real binary with settings and data of its own, started, killed and asked as a user would.
class BridgeProcess {
 public:
  /// `settings` is the text of its kanal.toml; without [http] it has no metrics.
  explicit BridgeProcess(std::string settings);
  ~BridgeProcess();
  BridgeProcess(const BridgeProcess&) = delete;
  BridgeProcess& operator=(const BridgeProcess&) = delete;

  void begin();  ///< and returns at once
  /// Returns once requests are accepted; aborts the test with the log when that takes too long. A
  /// private database that is not there yet begins as a copy of KANAL_FRESH_DATA, where that is
  /// set: an empty one, as `kanal database` leaves it.
  void start();
  /// `kanal database` in the bridge's place; its address, for a superuser.
  std::string start_database();
  void kill();  ///< SIGKILL, and waits for its end
  /// Ctrl-C; the exit code.
  int stop();
  [[nodiscard]] bool runs() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const;
  /// Its database, for a superuser.
  [[nodiscard]] std::string database() const { return ready_.text("database"); }
  [[nodiscard]] std::string password_of(const std::string& user) const;
  [[nodiscard]] std::string log() const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  /// `kanal ARGUMENTS… --config … --data …`, while the bridge runs or not.
  Finished command(std::vector<std::string> arguments, const std::string& input = {}) const;
  /// The same with --json, one value a line.
  std::vector<Json> query(std::vector<std::string> arguments) const;

  HttpReply get(const std::string& path,
                std::vector<std::pair<std::string, std::string>> headers = {});
  HttpReply post(const std::string& path, const std::string& type, const std::string& body,
                 std::vector<std::pair<std::string, std::string>> headers = {});

 private:
  TemporaryDirectory directory_;
  bool has_own_database_ = false;
  std::unique_ptr<Http> http_;
  pid_t pid_ = -1;
  std::string url_;
  Json ready_;
};

/// A multipart/form-data body of fields and one optional file.
struct FormFile {
  std::string field;
  std::string name;
  std::string type;
  std::string bytes;
};
std::string multipart(const std::string& boundary,
                      const std::vector<std::pair<std::string, std::string>>& fields,
                      const std::optional<FormFile>& file);

/// The text between two marks; empty when they are not there.
std::string between(const std::string& text, const std::string& before, const std::string& after);

/// Polls until it is so; false after the deadline.
template <class Condition>
bool eventually(Condition condition, int seconds = 180);

}  // namespace kanal::test

#include <chrono>
#include <thread>

template <class Condition>
bool kanal::test::eventually(Condition condition, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}
