#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "config/keys.hpp"
#include "core/clock.hpp"
#include "store/session.hpp"
#include "store/store.hpp"

namespace kanal::testing {

/// A database of its own for one test, with the newest schema and no rows, on a private PostgreSQL
/// that the test program shares (started at first use, without fsync; gone when the program ends).
/// The next test gets it, emptied, unless `ask` was told more than to read and write rows. Also a
/// directory for attachments. What fails here ends the program.
class TestDatabase {
 public:
  enum class Schema { newest, none };
  explicit TestDatabase(Schema schema = Schema::newest);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  /// As the superuser.
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::filesystem::path& attachments() const { return attachments_; }
  [[nodiscard]] StoreOptions options(std::size_t connections = 4) const;
  [[nodiscard]] std::unique_ptr<Store> open(const Keys& keys, const Clock& clock) const;
  /// Runs statements as the superuser, rows in one session; the first field of the last answer, or
  /// the error's text.
  std::string ask(const std::string& statements) const;
  /// From now on it answers nobody, as if the server were gone.
  void close() const;

 private:
  mutable std::mutex mutex_;
  mutable DatabaseSession session_;
  mutable std::atomic<bool> kept_;
  std::string name_;
  std::string url_;
  std::filesystem::path attachments_;
};

/// Runs statements at any address; the first field of the last answer, or the error's text.
std::string ask_at(const std::string& url, const std::string& statements);

/// The directory of this test program, removed when it ends; for whatever else a test must write.
std::filesystem::path scratch_directory();

}  // namespace kanal::testing
