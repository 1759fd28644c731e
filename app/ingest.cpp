#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <unistd.h>

#include "app/commands.hpp"
#include "app/post_lines.hpp"
#include "app/printable.hpp"
#include "app/prompt.hpp"
#include "app/rules.hpp"
#include "core/count.hpp"
#include "format/json.hpp"
#include "router/intake.hpp"

namespace kanal::app {

namespace {

constexpr std::size_t k_batch_posts = 10000;
constexpr std::size_t k_batch_bytes = 32U << 20U;

struct Tally {
  std::size_t read = 0;
  std::size_t accepted = 0;
  std::size_t repeated = 0;
  std::size_t quarantined = 0;
  std::size_t reports = 0;
  std::size_t linked = 0;
};

class Importer {
 public:
  Importer(Intake& intake, const ChannelName& channel, std::istream& input,
           std::filesystem::path base)
      : intake_(intake),
        channel_(channel),
        input_(input),
        lines_(input, channel.value(), std::move(base)) {}

  Outcome<> run() {
    while (auto line = lines_.next()) {
      ++tally_.read;
      take(std::move(*line));
      const auto count = batch_.posts.size() + batch_.unreadable.size();
      if (count < k_batch_posts && bytes_ < k_batch_bytes) continue;
      TRY(flush());
    }
    TRY(flush());
    if (!broke_off(input_)) return {};
    return stop(1, "reading broke off before line " + std::to_string(lines_.count() + 1) +
                       "; what came before it is stored");
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void take(PostLines::Line line) {
    if (!line.note.empty()) std::fprintf(stderr, "%s\n", printable_line(line.note).c_str());
    bytes_ += line.text.size();
    if (line.read) {
      auto& post = line.read->post;
      for (auto& attachment : post.attachments) {
        bytes_ += attachment.size_bytes;
        // The user's own file: read, never moved away.
        attachment.file.clear();
      }
      batch_.posts.push_back(std::move(post));
    } else {
      const auto& why = line.read.error().message;
      std::fprintf(stderr, "%s\n", printable_line(why).c_str());
      batch_.unreadable.push_back({{}, std::string(line.text), why});
    }
  }

  Outcome<> flush() {
    if (batch_.posts.empty() && batch_.unreadable.empty()) return {};
    bytes_ = 0;
    Ingested ingested;
    const auto done = intake_.ingest_mass(channel_, std::exchange(batch_, {}), ingested);
    for (const auto& filing : ingested.filings) {
      if (filing.fate == Fate::quarantined) continue;
      if (!filing.stored || filing.fate == Fate::repeated) {
        ++tally_.repeated;
      } else {
        ++tally_.accepted;
        if (filing.fate == Fate::joined) ++tally_.linked;
      }
    }
    tally_.quarantined += ingested.quarantined;
    tally_.reports += ingested.reports;
    tell();
    if (done) return {};
    auto failure = stop(done.error());
    failure.value().message +=
        ". What is counted is stored; once that is mended, take the file in again: what is known "
        "already changes nothing";
    return failure;
  }

  // On a terminal in place; elsewhere a line every ten seconds.
  void tell() {
    constexpr std::chrono::seconds k_between_lines{10};
    const auto now = std::chrono::steady_clock::now();
    if (::isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\r%s", count_of(tally_.read, "post").c_str());
    } else if (now - told_ >= k_between_lines) {
      std::fprintf(stderr, "%s\n", count_of(tally_.read, "post").c_str());
      told_ = now;
    }
  }

  Intake& intake_;
  ChannelName channel_;
  std::istream& input_;
  PostLines lines_;
  Batch batch_;
  std::size_t bytes_ = 0;  ///< of the batch
  Tally tally_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

}  // namespace

Outcome<int> ingest(const Common& common, const IngestOptions& options) {
  // Each batch would give its memory back to the system and fault it in again: a third of the work.
  constexpr int k_kept_bytes = 256 << 20;
  ::mallopt(M_TRIM_THRESHOLD, k_kept_bytes);
  ::mallopt(M_MMAP_THRESHOLD, k_kept_bytes / 8);
  const auto start = std::chrono::steady_clock::now();
  if (!is_channel_name(options.channel)) {
    return stop(2, "--channel: " + std::string(k_channel_names));
  }
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) return stop(1, options.file + " cannot be read");
  }
  auto home = TRY(Home::open(common, Access::begin));
  if (const auto missing = no_channel(home->prepared.settings, options.channel); !missing.empty()) {
    std::fprintf(stderr, "Note: %s. The posts are kept under this name%s.\n", missing.c_str(),
                 options.reply ? "; answers wait until there is one" : "");
  }
  auto rules = rules_of(home->prepared, home->keys, ChannelName(options.channel));
  if (!options.reply) rules = for_import(std::move(rules));
  Intake intake(*home->store, home->prepared.organisation, home->clock);
  intake.know(rules);
  auto& input = options.file == "-" ? std::cin : static_cast<std::istream&>(file);
  Importer importer(intake, rules.name, input, std::filesystem::path(options.file).parent_path());
  auto done = importer.run();
  if (::isatty(STDERR_FILENO) != 0) std::fputc('\n', stderr);
  auto findable = make_findable(*home->store);
  const auto& tally = importer.tally();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  JsonWriter out;
  out.begin_object();
  out.member("read", tally.read).member("accepted", tally.accepted);
  out.member("repeated", tally.repeated).member("quarantined", tally.quarantined);
  out.member("reports", tally.reports).member("linked", tally.linked);
  out.member("suggested_duplicates", 0).member("seconds", spent.count()).end_object();
  std::printf("%s\n", out.text().c_str());
  TRY(std::move(done));
  TRY(std::move(findable));
  if (tally.read > 0 && tally.quarantined == tally.read) {
    return stop(1,
                "not one of the lines could be taken; they stand in `kanal quarantine list "
                "--channel " +
                    options.channel + "`");
  }
  return 0;
}

}  // namespace kanal::app
