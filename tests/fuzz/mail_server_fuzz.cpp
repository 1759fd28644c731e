#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/imap.hpp"
#include "connectors/email/smtp.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;
using namespace kanal::email;

namespace {

constexpr std::chrono::milliseconds k_timeout_ms{1'000};
constexpr std::size_t k_most_bytes = 1'000;

/// Says what it was given, whatever it is asked, and then is gone.
class RecordedPipe final : public Pipe {
 public:
  RecordedPipe(std::string_view said, bool speaks_unasked)
      : said_(said), speaks_unasked_(speaks_unasked) {}

  Result<> write(std::string_view /*bytes*/, std::chrono::milliseconds /*timeout_ms*/) override {
    return {};
  }
  Result<std::string> read_line(std::size_t most_bytes,
                                std::chrono::milliseconds /*timeout_ms*/) override {
    const auto end = said_.find("\r\n");
    if (end == std::string_view::npos || end + 2 > most_bytes) return gone();
    return take(end + 2);
  }
  Result<std::string> read_exactly(std::size_t count,
                                   std::chrono::milliseconds /*timeout_ms*/) override {
    if (count > said_.size()) return gone();
    return take(count);
  }
  Result<std::string> read_some(std::size_t most_bytes) override {
    return take(std::min(most_bytes, said_.size()));
  }
  Result<bool> wait(std::chrono::milliseconds /*timeout_ms*/) override {
    return speaks_unasked_ && !said_.empty();
  }

 private:
  static tl::unexpected<Error> gone() { return fail(Remedy::retry, "the connection was closed"); }
  std::string take(std::size_t count) {
    std::string taken(said_.substr(0, count));
    said_.remove_prefix(count);
    return taken;
  }

  std::string_view said_;
  bool speaks_unasked_;
};

void read_mailbox(std::string_view said) {
  Imap imap(std::make_unique<RecordedPipe>(said, true), k_timeout_ms);
  const auto folder = imap.open("INBOX");
  if (folder) must(folder->uid_validity != 0);
  if (!imap.alive()) return;
  const std::vector<Uid> uids = {1, 2, 3, 7};
  if (const auto listed = imap.list(1, 3, true)) {
    must(listed->size() <= 4);
    must(std::ranges::is_sorted(*listed, {}, &Imap::Listing::uid));
  }
  if (const auto found = imap.search("SINCE 1-Feb-2026")) must(std::ranges::is_sorted(*found));
  (void)imap.fetch_ahead(uids, k_most_bytes);
  (void)imap.mark_seen_ahead(uids);
  if (const auto mails = imap.fetch(uids, k_most_bytes)) {
    must(mails->size() <= uids.size());
    for (const auto& mail : *mails) {
      must(std::ranges::find(uids, mail.uid) != uids.end() && !mail.bytes.empty());
    }
  }
  (void)imap.marked();
  (void)imap.fetch_headers(7, k_most_bytes);
  (void)imap.idle(k_timeout_ms);
  (void)imap.move(uids, "Done");
}

void hand_over(std::string_view said, bool speaks_unasked) {
  Smtp smtp(std::make_unique<RecordedPipe>(said, speaks_unasked), k_timeout_ms);
  if (!smtp.open("bridge.example")) return;
  Outgoing mail;
  mail.sender = "lapor@example.id";
  mail.recipient = "siti@example.id";
  mail.data = "Subject: x\r\n\r\n.\r\n";
  for (int i = 0; i < 3 && smtp.alive(); ++i) {
    const auto sent = smtp.send(mail);
    if (!sent) must(!sent.error().message.empty());
    (void)smtp.check();
  }
}

}  // namespace

// All that a mail server says in one session: the first byte says of which kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view said(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'I') {
    read_mailbox(said);
  } else {
    hand_over(said, data[0] == 's');
  }
  return 0;
}
