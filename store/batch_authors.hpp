#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/inside.hpp"

namespace kanal {

/// Who wrote the posts of a batch, inside its transaction: whom the evidence knew, and the others,
/// who are filed.
class BatchAuthors {
 public:
  BatchAuthors(const Store::Inside& inside, sql::Work& work, const IntakeBatch& batch, Time now);
  /// Finds those who are filed already though the evidence did not know them.
  void look();
  /// How many are to be filed.
  [[nodiscard]] std::size_t fresh() const { return unknown_.size(); }
  /// Under these ids, one for each; throws pqxx::unique_violation if one was filed meanwhile.
  void file(std::span<const std::int64_t> ids);
  /// Of the post at this place of the batch, once all are filed.
  [[nodiscard]] ReporterId of(std::size_t post) const { return ids_[first_post_[post]]; }

 private:
  using Keyed = std::pair<std::string, std::size_t>;  // the lookup, the first post

  void insert_aliases();

  const Store::Inside& inside_;
  sql::Work& work_;
  const IntakeBatch& batch_;
  Time now_;
  std::vector<std::size_t> first_post_;  ///< of the same author, one a post
  std::vector<ReporterId> ids_;          ///< one a post; those of first posts count
  std::vector<Keyed> unknown_;           ///< in the order in which all who write them do
};

}  // namespace kanal
