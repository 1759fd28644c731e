#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/form.hpp"
#include "connectors/kind.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal::contract {

/// The far side of a kind of kinds.def.
std::unique_ptr<FarSide> far_side_of(const Kind& kind);

/// A channel as the bridge would have it, and what happens to it in a clause.
class Channel {
 public:
  explicit Channel(const Kind& of_kind);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const Kind& kind;
  std::unique_ptr<FarSide> far;
  ManualClock clock;

  /// A connector that knows nothing yet, as after a restart.
  Connector& open();
  [[nodiscard]] Connector& connector() { return *connector_; }
  /// Ends the connector, as a crash would: without a word to anybody.
  void crash() { connector_.reset(); }

  template <class Ability>
  [[nodiscard]] Ability* ability() {
    return dynamic_cast<Ability*>(connector_.get());
  }

  /// Polls until there is no more; REQUIREs each.
  Batch read_all(const Cursor& since, Budget budget = {});
  /// The same again until something has come: a far side that pushes may still hold on to the
  /// session before this one. Half a minute at most.
  Batch read_arrived(const Cursor& since);
  /// The n-th reply to someone the far side knows.
  [[nodiscard]] Reply reply(int number) const;
  /// What a browser sends after a minute of writing.
  [[nodiscard]] FormOutcome fill_in(FormHost& host, const std::string& text,
                                    const std::string& token);
  [[nodiscard]] const Surroundings& around() const { return *around_; }
  [[nodiscard]] std::filesystem::path directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  Keys keys_;
  Organisation organisation_;
  std::unique_ptr<Surroundings> around_;
  std::unique_ptr<Connector> connector_;
};

Table parse_table(const std::string& toml);
std::vector<std::string> ids_of(const Batch& batch);
/// What all but the raw payload of a post says, for comparing.
std::string print_all(const Post& post);
/// CHECKs that all of it is UTF-8 without NUL.
void check_text(const Post& post);
/// Takes what the process writes to stdout and stderr until it is destroyed.
class Overheard {
 public:
  Overheard();
  ~Overheard();
  Overheard(const Overheard&) = delete;
  Overheard& operator=(const Overheard&) = delete;
  [[nodiscard]] std::string text() const;

 private:
  int file_ = -1;
  int out_ = -1;
  int error_ = -1;
};
/// Whether the secret stands in the text: as it is, in hexadecimal, or inside base 64.
bool tells(std::string_view text, std::string_view secret);

/// Runs a clause for every kind, each on a channel of its own.
template <class Clause>
void each_kind(const Clause& clause) {
  for (const auto* kind : kinds()) {
    DYNAMIC_SECTION(kind->name()) {
      Channel channel(*kind);
      if (channel.far) clause(channel);
    }
  }
}

}  // namespace kanal::contract
