#include "tests/sandbox/email/post_office.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "config/keys.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox::email {
namespace {

constexpr std::size_t k_most_accounts = 500;
constexpr std::size_t k_most_folders = 50;
constexpr std::size_t k_most_mails = 20'000;
constexpr std::size_t k_most_held_bytes = std::size_t{256} << 20U;

Time now() {
  return SystemClock().now();
}

std::string_view head_of(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  return std::string_view(bytes).substr(0, end == std::string::npos ? bytes.size() : end + 2);
}

std::string xtext_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte =
        text[i] == '+' ? from_hex(to_lower_ascii(text.substr(i + 1, 2))) : std::nullopt;
    out += byte ? *byte : std::string(1, text[i]);
    if (byte) i += 2;
  }
  return out;
}

// RFC 3464 §2: what happened for people, for programs, and the mail that it happened to.
std::string report(const Envelope& envelope, const std::string& bytes) {
  const auto boundary = "laporan-" + to_hex(random_bytes(8));
  const auto part = [&](std::string_view type, const std::string& body) {
    return "--" + boundary + "\r\nContent-Type: " + std::string(type) + "\r\n\r\n" + body + "\r\n";
  };
  const auto domain = std::string(k_domain);
  std::string status = "Reporting-MTA: dns; " + domain + "\r\n";
  if (!envelope.envelope_id.empty()) {
    status += "Original-Envelope-Id: " + xtext_decoded(envelope.envelope_id) + "\r\n";
  }
  status += "Arrival-Date: " + rfc5322_date(now()) + "\r\n\r\n";
  if (!envelope.original_recipient.empty()) {
    status += "Original-Recipient: " + xtext_decoded(envelope.original_recipient) + "\r\n";
  }
  status += "Final-Recipient: rfc822; " + envelope.recipient +
            "\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n";
  return "From: Mail Delivery System <MAILER-DAEMON@" + domain + ">\r\nTo: " + envelope.sender +
         "\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: " + rfc5322_date(now()) +
         "\r\nMessage-ID: <" + new_message_id() +
         ">\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"" +
         boundary + "\"\r\n\r\n" +
         part("text/plain; charset=us-ascii",
              "Your mail to " + envelope.recipient + " could not be delivered: user unknown.\r\n") +
         part("message/delivery-status", status) +
         (envelope.returns_whole ? part("message/rfc822", bytes)
                                 : part("text/rfc822-headers", std::string(head_of(bytes)))) +
         "--" + boundary + "--\r\n";
}

}  // namespace

std::string rfc5322_date(Time time) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return text.data();
}

std::string new_message_id() {
  return to_hex(random_bytes(12)) + "@" + std::string(k_domain);
}

Mail* Folder::find(Uid uid) {
  const auto found = std::ranges::lower_bound(mails, uid, {}, &Mail::uid);
  return found != mails.end() && found->uid == uid ? &*found : nullptr;
}

// Rises from one start to the next, so that a client of the last one sees that all is new.
PostOffice::PostOffice()
    : last_validity_(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count())) {}

std::optional<std::string> PostOffice::account_of(std::string_view address) {
  const auto at = address.find('@');
  auto local = address.substr(0, at);
  if (at != std::string_view::npos && !equals_ignoring_case(address.substr(at + 1), k_domain)) {
    return std::nullopt;
  }
  local = local.substr(0, local.find('+'));
  const bool plain = std::ranges::all_of(local, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
  if (local.empty() || local.size() > 64 || !plain) return std::nullopt;
  return to_lower_ascii(local) + "@" + std::string(k_domain);
}

bool PostOffice::open(const std::string& account) {
  const std::scoped_lock lock(mutex_);
  return folder(account, "INBOX", true) != nullptr;
}

Folder* PostOffice::folder(const std::string& account, const std::string& name, bool make) {
  const auto known = accounts_.find(account);
  if (known == accounts_.end() && (!make || accounts_.size() >= k_most_accounts)) return nullptr;
  auto& folders = accounts_[account];
  const auto found = folders.find(name);
  if (found != folders.end()) return &found->second;
  if (!make || folders.size() >= k_most_folders) return nullptr;
  auto& made = folders[name];
  made.validity = ++last_validity_;
  return &made;
}

bool PostOffice::make_room(std::size_t bytes) {
  if (held_bytes_ + bytes > k_most_held_bytes) {
    held_bytes_ = 0;
    for (const auto& [account, folders] : accounts_) {
      for (const auto& [name, folder] : folders) {
        for (const auto& mail : folder.mails) held_bytes_ += mail.bytes->size();
      }
    }
  }
  if (held_bytes_ + bytes > k_most_held_bytes) return false;
  held_bytes_ += bytes;
  return true;
}

std::optional<Uid> PostOffice::put(Folder& folder, Mail mail) {
  if (folder.mails.size() >= k_most_mails) return std::nullopt;
  mail.uid = folder.next++;
  folder.mails.push_back(std::move(mail));
  return folder.mails.back().uid;
}

bool PostOffice::deliver(const Envelope& envelope, const std::string& bytes) {
  const auto account = account_of(envelope.recipient);
  if (!account || bytes.size() > k_most_mail_bytes) return false;
  const auto arrived = now();
  auto whole = std::make_shared<const std::string>(
      "Return-Path: <" + envelope.sender + ">\r\nDelivered-To: " + envelope.recipient +
      "\r\nReceived: by " + std::string(k_domain) + " (sandbox); " + rfc5322_date(arrived) +
      "\r\n" + bytes);
  const std::scoped_lock lock(mutex_);
  auto* const inbox = folder(*account, "INBOX", true);
  if (inbox == nullptr || !make_room(whole->size())) return false;
  return put(*inbox, {0, {}, arrived, envelope, std::move(whole)}).has_value();
}

void PostOffice::bounce(const Envelope& envelope, const std::string& bytes) {
  if (envelope.sender.empty() || !envelope.reports_failure) return;
  deliver({{}, envelope.sender, {}, {}}, report(envelope, bytes));
}

void PostOffice::renumber(const std::string& account) {
  const std::scoped_lock lock(mutex_);
  const auto known = accounts_.find(account);
  if (known == accounts_.end()) return;
  for (auto& [name, folder] : known->second) {
    folder.validity = ++last_validity_;
    folder.next = 1;
    for (auto& mail : folder.mails) mail.uid = folder.next++;
  }
}

Orders PostOffice::orders() const {
  const std::scoped_lock lock(orders_mutex_);
  return orders_;
}

bool PostOffice::take(int Orders::*counted) {
  const std::scoped_lock lock(orders_mutex_);
  if (orders_.*counted <= 0) return false;
  --(orders_.*counted);
  return true;
}

}  // namespace kanal::sandbox::email
