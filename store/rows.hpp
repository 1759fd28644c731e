#pragma once

#include <functional>
#include <string_view>

#include <pqxx/result>

#include "core/reply.hpp"
#include "core/report.hpp"
#include "store/pool.hpp"
#include "store/store.hpp"

namespace kanal {

std::string_view name(Audience audience);
std::string_view name(Signal::Kind kind);
std::optional<ReplyState> reply_state_of(std::string_view name);
std::optional<Fate> fate_of(std::string_view name);
Health health_of(std::string_view name);

/// What `read_report` reads, from a table named r.
extern const char* const k_report_columns;
Report read_report(const pqxx::row& row, int first = 0);

/// What `read_entry` reads, from `entry AS e LEFT JOIN entry_words AS w`. The salt and the hash of
/// the words come beside it.
extern const char* const k_entry_columns;
struct StoredEntry {
  Entry entry;
  std::string salt;
  std::string words_hash;
  bool erased = false;
};
StoredEntry read_entry(const pqxx::row& row);

/// What `read_post` reads, from a table named p; attachments come by `attach`.
extern const char* const k_post_columns;
PostRecord read_post(const pqxx::row& row);
/// The number that a quarantined message's files stand under, where no post has one.
inline PostId files_of_quarantined(QuarantineId id) {
  return PostId(-id.value());
}
void attach(sql::Work& work, std::vector<PostRecord>& posts);
/// Gives the files of these reports' lines to `take`, those of a line in their order.
void read_line_files(sql::Work& work, const sql::Column& reports,
                     const std::function<void(ReportId, int step, Attachment)>& take);
/// The file of four columns: name, type, size_bytes, sha256.
Attachment read_file(const pqxx::row& row, int first);

}  // namespace kanal
