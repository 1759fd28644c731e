#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <sstream>
#include <unistd.h>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/prompt.hpp"
#include "app/rules.hpp"
#include "format/json.hpp"
#include "format/post_json.hpp"
#include "router/intake.hpp"

namespace kanal::app {

namespace {

constexpr std::size_t k_batch_posts = 10000;
constexpr std::size_t k_batch_bytes = 32U << 20U;
constexpr std::size_t k_most_line_bytes = 4U << 20U;
constexpr std::uintmax_t k_most_attachment_bytes = 25U << 20U;

struct Tally {
  std::size_t read = 0;
  std::size_t accepted = 0;
  std::size_t repeated = 0;
  std::size_t quarantined = 0;
  std::size_t reports = 0;
  std::size_t linked = 0;
};

// Attachments are the user's own files: read, never moved away.
Result<> load_attachments(Post& post, const std::filesystem::path& base) {
  for (auto& attachment : post.attachments) {
    const auto path = attachment.file.is_relative() ? base / attachment.file : attachment.file;
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return fail(Remedy::drop, "the attachment " + path.string() + " cannot be read");
    if (size > k_most_attachment_bytes) {
      return fail(Remedy::drop, "the attachment " + path.string() + " is larger than 25 MB");
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    attachment.bytes = bytes.str();
    attachment.size_bytes = attachment.bytes.size();
    attachment.file.clear();
  }
  return {};
}

class Importer {
 public:
  Importer(Intake& intake, ChannelName channel, std::filesystem::path base)
      : intake_(intake), channel_(std::move(channel)), base_(std::move(base)) {}

  Outcome<> run(std::istream& input) {
    std::string line;
    for (bool whole = true; next_line(input, line, whole);) {
      ++number_;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      ++tally_.read;
      take(line, whole);
      const auto count = batch_.posts.size() + batch_.unreadable.size();
      if (count < k_batch_posts && bytes_ < k_batch_bytes) continue;
      TRY(flush());
    }
    if (auto done = flush(); !done || !broke_off(input)) return done;
    return stop(1, "reading broke off before line " + std::to_string(number_ + 1) +
                       "; what came before it is stored");
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  // What is longer than a line may be is read past, and its head kept.
  static bool next_line(std::istream& input, std::string& line, bool& whole) {
    line.clear();
    whole = true;
    auto* from = input.rdbuf();
    try {
      for (auto c = from->sbumpc(); c != std::char_traits<char>::eof(); c = from->sbumpc()) {
        if (c == '\n') return true;
        if (line.size() < k_most_line_bytes) {
          line += static_cast<char>(c);
        } else {
          whole = false;
        }
      }
    } catch (const std::ios_base::failure&) {
      input.setstate(std::ios_base::badbit);
    }
    return !line.empty() && !broke_off(input);
  }

  void take(const std::string& line, bool whole) {
    auto read = whole ? reader_.read(line)
                      : Result<LabelledPost>(fail(Remedy::drop,
                                                  "longer than 4 MB; only its head "
                                                  "is kept"));
    if (read) {
      if (auto loaded = load_attachments(read->post, base_); !loaded)
        read = tl::unexpected(loaded.error());
    }
    bytes_ += line.size();
    if (read) {
      for (const auto& attachment : read->post.attachments) bytes_ += attachment.size_bytes;
      batch_.posts.push_back(std::move(read->post));
    } else {
      const auto where = "line " + std::to_string(number_) + ": " + read.error().message;
      std::fprintf(stderr, "%s\n", printable_line(where).c_str());
      batch_.unreadable.push_back({{}, line, where});
      ++tally_.quarantined;
    }
  }

  Outcome<> flush() {
    if (batch_.posts.empty() && batch_.unreadable.empty()) return {};
    bytes_ = 0;
    const auto ingested = TRY(or_stop(intake_.ingest_mass(channel_, std::exchange(batch_, {}))));
    for (const auto& filing : ingested.filings) {
      if (filing.fate == Fate::quarantined) {
        ++tally_.quarantined;
      } else if (!filing.stored || filing.fate == Fate::repeated) {
        ++tally_.repeated;
      } else {
        ++tally_.accepted;
        if (filing.fate == Fate::joined) ++tally_.linked;
      }
    }
    tally_.reports += ingested.reports;
    tell();
    return {};
  }

  // On a terminal in place; elsewhere a line every ten seconds.
  void tell() {
    constexpr std::chrono::seconds k_between_lines{10};
    const auto now = std::chrono::steady_clock::now();
    if (::isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\r%zu posts", tally_.read);
    } else if (now - told_ >= k_between_lines) {
      std::fprintf(stderr, "%zu posts\n", tally_.read);
      told_ = now;
    }
  }

  Intake& intake_;
  ChannelName channel_;
  std::filesystem::path base_;
  PostReader reader_;
  Batch batch_;
  std::size_t bytes_ = 0;  ///< of the batch
  Tally tally_;
  std::size_t number_ = 0;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

}  // namespace

Outcome<int> ingest(const Common& common, const IngestOptions& options) {
  // Each batch would give its memory back to the system and fault it in again: a third of the work.
  constexpr int k_kept_bytes = 256 << 20;
  ::mallopt(M_TRIM_THRESHOLD, k_kept_bytes);
  ::mallopt(M_MMAP_THRESHOLD, k_kept_bytes / 8);
  const auto start = std::chrono::steady_clock::now();
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) return stop(1, options.file + " cannot be read");
  }
  auto home = TRY(Home::open(common, Access::begin));
  if (const auto missing = no_channel(home->prepared.settings, options.channel); !missing.empty()) {
    std::fprintf(stderr,
                 "Note: %s. The posts are kept under this name; answers wait until there is one.\n",
                 missing.c_str());
  }
  auto rules = rules_of(home->prepared, home->keys, ChannelName(options.channel));
  rules.replies = rules.replies && options.reply;
  rules.tells_offices = options.reply;
  rules.imports = !options.reply;
  Intake intake(*home->store, home->prepared.organisation, home->clock);
  intake.know(rules);
  Importer importer(intake, rules.name, std::filesystem::path(options.file).parent_path());
  const auto done = importer.run(options.file == "-" ? std::cin : file);
  if (::isatty(STDERR_FILENO) != 0) std::fputc('\n', stderr);
  const auto& tally = importer.tally();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  const auto findable = make_findable(*home->store);
  const auto count = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  JsonWriter out;
  out.begin_object();
  out.member("read", count(tally.read)).member("accepted", count(tally.accepted));
  out.member("repeated", count(tally.repeated)).member("quarantined", count(tally.quarantined));
  out.member("reports", count(tally.reports)).member("linked", count(tally.linked));
  out.member("suggested_duplicates", 0).member("seconds", spent.count()).end_object();
  std::printf("%s\n", out.text().c_str());
  if (!done) return tl::unexpected(done.error());
  if (!findable) return tl::unexpected(findable.error());
  if (tally.read > 0 && tally.quarantined == tally.read) {
    return stop(1,
                "not one of the lines could be taken; they stand in `kanal quarantine list "
                "--channel " +
                    options.channel + "`");
  }
  return 0;
}

}  // namespace kanal::app
