#include "connectors/email/imap.hpp"

#include <algorithm>
#include <map>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_longest_line = 16U << 20U;
constexpr std::size_t k_most_literals = 64;
constexpr std::size_t k_longest_said = 200;
constexpr std::size_t k_most_found = 4'000'000;
constexpr std::size_t k_most_literal_bytes = std::size_t{1} << 31U;
constexpr std::size_t k_small_literal_bytes = 64U << 10U;
constexpr int k_most_waits = 20;
constexpr std::uint64_t k_least_bytes_a_second = 4U << 10U;
constexpr std::string_view k_whole = "BODY.PEEK[]";

std::string said(std::string_view line) {
  auto text = scrub_utf8(line.substr(0, k_longest_said));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string print_fetch(const std::string& set, std::string_view items) {
  return "UID FETCH " + set + " (UID " + std::string(items) + ")";
}

std::string print_mark(std::span<const Uid> uids) {
  return "UID STORE " + print_set(uids) + " +FLAGS.SILENT (\\Seen)";
}

}  // namespace

tl::unexpected<Error> Imap::lost(Error error) {
  alive_ = false;
  return tl::unexpected<Error>(std::move(error));
}

bool Imap::has(std::string_view ability) const {
  return abilities_.find(' ' + std::string(ability) + ' ') != std::string::npos;
}

Result<ImapResponse> Imap::read_response(std::size_t most_literal_bytes) {
  ImapResponse response;
  const auto most_each = std::max(most_literal_bytes, k_small_literal_bytes);
  auto room = most_each + k_small_literal_bytes;
  while (true) {
    auto line = pipe_->read_line(k_longest_line, timeout_ms_);
    if (!line) return lost(std::move(line.error()));
    line->resize(line->size() - 2);
    const auto literal = announced_literal(*line);
    response.line += *line + "\r\n";
    if (response.line.size() > 2 * k_longest_line) {
      return lost({Remedy::retry, "the mail server's answer is too long", {}});
    }
    if (!literal) return response;
    if (*literal > k_most_literal_bytes || response.literals.size() >= k_most_literals) {
      return lost({Remedy::retry, "the mail server's answer is too long", {}});
    }
    const auto kept = std::min({*literal, most_each, room});
    room -= kept;
    auto bytes = pipe_->read_exactly(kept, timeout_ms_);
    if (!bytes) return lost(std::move(bytes.error()));
    response.literals.push_back(std::move(*bytes));
    response.cut = response.cut || kept < *literal;
    for (auto left = *literal - kept; left > 0;) {
      const auto piece = std::min<std::size_t>(left, 1U << 20U);
      auto skipped = pipe_->read_exactly(piece, timeout_ms_);
      if (!skipped) return lost(std::move(skipped.error()));
      left -= piece;
    }
  }
}

Result<> Imap::send(const std::string& command) {
  auto sent = pipe_->write(command, timeout_ms_);
  if (!sent) return lost(std::move(sent.error()));
  return {};
}

std::string Imap::next_tag() {
  return "k" + std::to_string(++number_) + " ";
}

Result<> Imap::outcome_of(std::string_view line, const std::string& tag) {
  const auto status = trim(line.substr(tag.size()));
  if (equals_ignoring_case(status.substr(0, status.find(' ')), "OK")) return {};
  const auto message = "the mail server said: " + said(status);
  return asks_for_patience(status) ? fail(Remedy::throttled, message, k_mail_patience)
                                   : fail(Remedy::drop, message);
}

// A server may send mails that nobody asked for, or one of them again and again.
void Imap::keep_if_wanted(Fetched mail, std::span<const Uid> uids, std::vector<Fetched>& mails) {
  if (std::ranges::find(uids, mail.uid) == uids.end()) return;
  if (std::ranges::find(mails, mail.uid, &Fetched::uid) != mails.end()) return;
  kept_bytes_ += mail.bytes.size();
  mails.push_back(std::move(mail));
}

// By what they hold, not by their order: a server may work on two commands at once.
bool Imap::take_for_others(ImapResponse& response) {
  if (ahead_ && !ahead_->outcome) {
    if (response.line.starts_with(ahead_->tag)) {
      ahead_->outcome = outcome_of(response.line, ahead_->tag);
      return true;
    }
    if (auto mail = read_body(response)) {
      keep_if_wanted(std::move(*mail), ahead_->uids, ahead_->mails);
      return true;
    }
  }
  const auto mark = std::ranges::find_if(
      marking_, [&](const auto& tag) { return response.line.starts_with(tag); });
  if (mark == marking_.end()) return false;
  auto outcome = outcome_of(response.line, *mark);
  if (marked_) marked_ = std::move(outcome);
  marking_.erase(mark);
  return true;
}

Imap::Begun Imap::begin() const {
  return {std::chrono::steady_clock::now(), kept_bytes_};
}

Result<std::optional<ImapResponse>> Imap::read_one(const Begun& begun,
                                                   std::size_t most_literal_bytes) {
  const auto came = std::chrono::seconds((kept_bytes_ - begun.kept_bytes) / k_least_bytes_a_second);
  if (std::chrono::steady_clock::now() > begun.at + k_most_waits * timeout_ms_ + came) {
    return lost({Remedy::retry, "the mail server does not come to an end", {}});
  }
  const auto most = ahead_ ? std::max(most_literal_bytes, ahead_->most_bytes) : most_literal_bytes;
  auto response = TRY(read_response(most));
  const std::string_view line(response.line);
  if (line.starts_with("* BYE") && asks_for_patience(line)) {
    return lost(
        {Remedy::throttled, "the mail server ended the session: " + said(line), k_mail_patience});
  }
  if (line.starts_with("* BYE")) {
    return lost({Remedy::retry, "the mail server ended the session: " + said(line), {}});
  }
  if (take_for_others(response)) return std::nullopt;
  return response;
}

Result<Imap::Ahead> Imap::finish_ahead() {
  const auto begun = begin();
  while (!ahead_->outcome) TRY(read_one(begun, 0));
  return *std::exchange(ahead_, std::nullopt);
}

Result<> Imap::finish(const std::string& tag, const Untagged& untagged,
                      std::size_t most_literal_bytes) {
  const auto begun = begin();
  while (true) {
    auto response = TRY(read_one(begun, most_literal_bytes));
    if (!response) continue;
    if (response->line.starts_with("* ")) {
      if (untagged) TRY(untagged(*response));
    } else if (response->line.starts_with(tag)) {
      return outcome_of(response->line, tag);
    }
  }
}

Result<> Imap::run(const std::string& command, const Untagged& untagged,
                   std::size_t most_literal_bytes) {
  const auto tag = next_tag();
  TRY(send(tag + command + "\r\n"));
  return finish(tag, untagged, most_literal_bytes);
}

Result<Imap::Folder> Imap::open(std::string_view folder) {
  Folder opened;
  const auto read_folder = [&](ImapResponse& response) -> Result<> {
    const std::string_view line(response.line);
    if (const auto validity = code_number(line, "UIDVALIDITY")) opened.uid_validity = *validity;
    if (const auto next = code_number(line, "UIDNEXT")) opened.uid_next = *next;
    const auto space = line.find(' ', 2);
    if (space != std::string_view::npos && trim(line.substr(space)) == "EXISTS") {
      opened.exists = small_number_of(line.substr(2, space - 2)).value_or(0);
    }
    return {};
  };
  const auto read_abilities = [&](ImapResponse& response) -> Result<> {
    if (response.line.starts_with("* CAPABILITY ")) {
      abilities_ = " " + std::string(trim(std::string_view(response.line).substr(13))) + " ";
      std::ranges::transform(abilities_, abilities_.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      });
    }
    return {};
  };
  // Both at once: one round trip.
  const auto first = next_tag();
  const auto second = next_tag();
  TRY(send(first + "CAPABILITY\r\n" + second + "SELECT " + quote(to_modified_utf7(folder)) +
           "\r\n"));
  const auto read_both = [&](ImapResponse& response) -> Result<> {
    TRY(read_abilities(response));
    return read_folder(response);
  };
  TRY(finish(first, read_both, 0));
  auto selected = finish(second, read_both, 0);
  if (!selected) {
    if (!alive_ || selected.error().remedy == Remedy::throttled) {
      return tl::unexpected(std::move(selected.error()));
    }
    return fail(Remedy::reconfigure, "the folder \"" + std::string(folder) +
                                         "\" cannot be opened: " + selected.error().message);
  }
  if (opened.uid_validity == 0) {
    return fail(Remedy::reconfigure, "the mail server does not number its mails (UIDVALIDITY)");
  }
  return opened;
}

Result<std::vector<Imap::Listing>> Imap::list(Uid first, Uid last, bool look) {
  // Whatever a server says, and however often: what was asked for, and the newest.
  std::map<Uid, Listing> listings;
  std::optional<Listing> newest;
  const auto read_listing = [&](ImapResponse& response) -> Result<> {
    const auto fetch = read_fetch(response);
    // A server may tell of other mails' flags meanwhile (RFC 3501 §7).
    if (!fetch || !fetch->size_bytes || fetch->uid < first) return {};
    const Listing listing{fetch->uid, *fetch->size_bytes, fetch->arrived};
    if (listing.uid <= last) {
      listings.emplace(listing.uid, listing);
    } else if (!newest || newest->uid < listing.uid) {
      newest = listing;
    }
    return {};
  };
  // Not in one go with the FETCH: Dovecot would answer that before it looks for new mail.
  if (look) TRY(noop());
  TRY(run("UID FETCH " + std::to_string(first) + ":" + std::to_string(last) +
              ",* (UID RFC822.SIZE INTERNALDATE)",
          read_listing));
  std::vector<Listing> rising;
  for (const auto& [uid, listing] : listings) rising.push_back(listing);
  if (newest) rising.push_back(*newest);
  return rising;
}

Result<std::vector<Uid>> Imap::search(std::string_view criteria) {
  std::vector<Uid> found;
  TRY(run("UID SEARCH " + std::string(criteria), [&](ImapResponse& response) -> Result<> {
    const std::string_view line(response.line);
    if (!line.starts_with("* SEARCH")) return {};
    for (const auto word : split(trim(line.substr(8)), ' ')) {
      if (const auto uid = small_number_of(word)) found.push_back(*uid);
    }
    if (found.size() <= k_most_found) return {};
    return lost({Remedy::retry, "the mail server's answer is too long", {}});
  }));
  std::ranges::sort(found);
  return found;
}

std::optional<Imap::Fetched> Imap::read_body(ImapResponse& response) {
  auto fetch = read_fetch(response);
  if (!fetch || !fetch->body) return std::nullopt;
  return Fetched{fetch->uid, !response.cut, std::move(*fetch->body)};
}

Result<std::vector<Imap::Fetched>> Imap::fetch_items(std::span<const Uid> uids,
                                                     std::string_view items,
                                                     std::size_t most_bytes) {
  // What was asked for ahead must not be taken for this.
  if (ahead_) TRY(finish_ahead());
  std::vector<Fetched> mails;
  const auto keep = [&](ImapResponse& response) -> Result<> {
    if (auto mail = read_body(response)) keep_if_wanted(std::move(*mail), uids, mails);
    return {};
  };
  TRY(run(print_fetch(print_set(uids), items), keep, most_bytes));
  std::ranges::sort(mails, {}, &Fetched::uid);
  return mails;
}

Result<std::vector<Imap::Fetched>> Imap::fetch(std::span<const Uid> uids, std::size_t most_bytes) {
  if (uids.empty()) return std::vector<Fetched>();
  const bool asked =
      ahead_ && ahead_->most_bytes == most_bytes && std::ranges::equal(ahead_->uids, uids);
  if (!asked) return fetch_items(uids, k_whole, most_bytes);
  auto ahead = TRY(finish_ahead());
  TRY(std::move(*ahead.outcome));
  std::ranges::sort(ahead.mails, {}, &Fetched::uid);
  return std::move(ahead.mails);
}

Result<> Imap::fetch_ahead(std::span<const Uid> uids, std::size_t most_bytes) {
  if (ahead_) TRY(finish_ahead());
  Ahead ahead;
  ahead.tag = next_tag();
  ahead.uids.assign(uids.begin(), uids.end());
  ahead.most_bytes = most_bytes;
  TRY(send(ahead.tag + print_fetch(print_set(uids), k_whole) + "\r\n"));
  ahead_ = std::move(ahead);
  return {};
}

Result<std::vector<Imap::Fetched>> Imap::fetch_headers(Uid uid, std::size_t most_bytes) {
  return fetch_items({&uid, 1}, "BODY.PEEK[HEADER]<0." + std::to_string(most_bytes) + ">",
                     most_bytes);
}

Result<> Imap::mark_seen(std::span<const Uid> uids) {
  if (uids.empty()) return {};
  return run(print_mark(uids), {});
}

Result<> Imap::mark_seen_ahead(std::span<const Uid> uids) {
  if (uids.empty()) return {};
  const auto tag = next_tag();
  TRY(send(tag + print_mark(uids) + "\r\n"));
  marking_.push_back(tag);
  return {};
}

Result<> Imap::marked() {
  const auto begun = begin();
  while (!marking_.empty()) TRY(read_one(begun, 0));
  return std::exchange(marked_, {});
}

Result<> Imap::move(std::span<const Uid> uids, std::string_view folder) {
  if (uids.empty()) return {};
  const auto set = print_set(uids);
  const auto name = quote(to_modified_utf7(folder));
  const bool moves = has("MOVE");
  const auto command = (moves ? "UID MOVE " : "UID COPY ") + set + " " + name;
  auto done = run(command, {});
  if (!done && alive_ && done.error().message.find("[TRYCREATE]") != std::string::npos) {
    TRY(run("CREATE " + name, {}));
    done = run(command, {});
  }
  if (!done || moves) return done;
  TRY(run("UID STORE " + set + " +FLAGS.SILENT (\\Seen \\Deleted)", {}));
  // Without UIDPLUS an EXPUNGE would take away what others have marked: the mark must do.
  return has("UIDPLUS") ? run("UID EXPUNGE " + set, {}) : Result<>();
}

Result<bool> Imap::idle(std::chrono::milliseconds wait, int wake) {
  const auto tag = next_tag();
  TRY(send(tag + "IDLE\r\n"));
  bool happened = false;
  const auto begun = begin();
  while (true) {
    const auto response = TRY(read_one(begun, 0));
    if (!response) continue;
    const std::string_view line(response->line);
    if (line.starts_with('+')) break;
    if (line.starts_with(tag)) return fail(Remedy::drop, "IDLE: " + said(line));
    happened = happened || line.find(" EXISTS\r\n") != std::string_view::npos;
  }
  // Whatever comes ends the wait: what it was stands before the answer to DONE.
  if (!happened && pipe_->descriptor() >= 0) {
    Pipe* const only = pipe_.get();
    wait_any({&only, 1}, wait, wake);
  } else if (!happened) {
    auto came = pipe_->wait(wait);
    if (!came) return lost(std::move(came.error()));
  }
  TRY(send("DONE\r\n"));
  TRY(finish(
      tag,
      [&](ImapResponse& response) -> Result<> {
        happened = happened || response.line.find(" EXISTS\r\n") != std::string::npos;
        return {};
      },
      0));
  return happened;
}

Result<> Imap::noop() {
  return run("NOOP", {});
}

void Imap::close() {
  if (alive_) (void)pipe_->write("k0 LOGOUT\r\n", std::chrono::milliseconds(200));
  alive_ = false;
}

}  // namespace kanal::email
