#pragma once

#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/inside.hpp"
#include "store/pool.hpp"
#include "store/store.hpp"

namespace kanal {

/// A change with what its posts turned out to be.
struct PlannedChange {
  const Change* change = nullptr;
  ReporterId author;          ///< of the first post filed with it
  std::vector<PostId> posts;  ///< in the order of filing
};

/// Writes changes into an open transaction with a constant number of statements, rows in the order
/// of their keys.
class ChangeWriter {
 public:
  /// `filed`: the stored posts of the whole batch by their place in it (for PostId(-1 - i)).
  ChangeWriter(Store::Inside& inside, sql::Work& work, std::span<const PostId> filed = {})
      : inside_(inside), work_(work), filed_(filed) {}

  /// A reply about no report, once by its step; written with the changes.
  void owe(const Owed& owed, int step, ReporterId to) { owed_.push_back({{}, step, to, &owed}); }
  /// A refusal leaves the transaction to be abandoned.
  std::optional<Refusal> write(std::span<const PlannedChange> changes);
  /// Brings the search's copy of corrected titles up to date; for officers' acts only, as it is
  /// too dear for the intake.
  void refresh_search();
  [[nodiscard]] std::size_t new_reports() const { return new_reports_; }
  [[nodiscard]] std::size_t replies() const { return replies_; }

 private:
  /// A report as the changes so far have left it.
  struct Live {
    int steps = 0;
    Digest head{};
    ReporterId reporter;
    bool fresh = false;
    bool confidential = false;
    bool erased = false;
    const Report* after = nullptr;
    bool reworded = false;
  };
  struct OwedRow {
    ReportId report;
    int step;
    ReporterId to;
    const Owed* owed;
  };

  void lock_reports(std::span<const PlannedChange> changes);
  bool apply(const PlannedChange& planned);
  void append_lines(const PlannedChange& planned, Live& live);
  [[nodiscard]] PostId post_of(const Entry& entry, const PlannedChange& planned,
                               std::size_t& next) const;
  bool insert_reports();
  void update_reports();
  void reword_reports();
  void hide_from_offices();
  void insert_entries();
  void insert_files();
  void insert_outbox();
  void find_offices(std::span<const PlannedChange> changes);
  void insert_contacts();

  struct Line {
    ReportId report;
    Entry entry;
    std::string salt;
    std::string words_hash;
  };

  Store::Inside& inside_;
  sql::Work& work_;
  std::span<const PostId> filed_;
  std::unordered_map<ReportId, Live> live_;
  std::map<std::pair<ChannelName, HandedTo>, ReporterId> offices_;
  std::vector<Line> lines_;
  std::vector<OwedRow> owed_;
  std::size_t new_reports_ = 0;
  std::size_t replies_ = 0;
};

}  // namespace kanal
