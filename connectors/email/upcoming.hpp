#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/email/breaks.hpp"
#include "connectors/email/cursor.hpp"
#include "connectors/email/imap.hpp"
#include "connectors/email/settings.hpp"

namespace kanal::email {

/// Of a mail that is fetched by its headers alone, no more than this is read and kept.
inline constexpr std::size_t k_most_header_bytes = 256U << 10U;

/// A mail that the channel is to read.
struct Chosen {
  Uid uid = 0;
  std::uint64_t size_bytes = 0;
  std::optional<Time> arrived;
  bool headers_only = false;  ///< it is too large, or breaks sessions
  int breaks = 0;             ///< sessions in a row that broke within it, if that is why
};

std::vector<Uid> uids_of(const std::vector<Chosen>& mails);
/// Those that are fetched whole.
std::vector<Uid> whole_ones(const std::vector<Chosen>& mails);

/// What comes next in a folder: it is listed by the window, and taken by the turn.
class Upcoming {
 public:
  Upcoming(const Settings& settings, const Breaks& breaks) : settings_(settings), breaks_(breaks) {}

  /// Lists what follows `after`, unless it is listed. `look`: as for Imap::list.
  Result<> list(Imap& session, Uid after, bool look);
  /// Leaves out what comes from `end` on.
  void end_before(Uid end);
  void forget() {
    mails_.clear();
    beyond_ = false;
  }
  [[nodiscard]] bool is_empty() const { return mails_.empty(); }
  /// Whether there is more, listed or not.
  [[nodiscard]] bool has_more() const { return !mails_.empty() || beyond_; }
  /// What of it comes first and fits the budget, and one mail in any case.
  [[nodiscard]] std::vector<Chosen> peek(const Position& position, const Budget& budget) const;
  /// The same, and moves the position past it.
  std::vector<Chosen> take(Position& position, const Budget& budget);

 private:
  struct Choice {
    std::vector<Chosen> mails;
    std::size_t passed = 0;  ///< of what is listed, with what is not ours
  };
  [[nodiscard]] Choice choose(const Position& position, const Budget& budget) const;
  [[nodiscard]] Chosen chosen(const Imap::Listing& mail) const;

  const Settings& settings_;
  const Breaks& breaks_;
  std::deque<Imap::Listing> mails_;  ///< behind `after_`, by rising UID
  Uid after_ = 0;
  bool beyond_ = false;  ///< there are mails behind those
};

}  // namespace kanal::email
