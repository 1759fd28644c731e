#pragma once

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/email/email.hpp"
#include "connectors/email/mime.hpp"
#include "tests/support/mail_servers.hpp"
#include "tests/support/no_http.hpp"

namespace kanal::email::test {

using kanal::test::MailServers;

#define NEEDS_SERVERS()                                                   \
  if (!MailServers::available()) {                                        \
    WARN("Postfix and Dovecot run for root only: this test did nothing"); \
    return;                                                               \
  }

inline constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                            std::chrono::hours(3)};

/// One pair of servers for the whole test program; tests use mailboxes of their own or empty
/// theirs.
inline MailServers& servers() {
  static MailServers all;
  return all;
}

inline std::string mail(const std::string& id, const std::string& text,
                        const std::string& more_headers = {}) {
  return "Return-Path: <warga@test.local>\r\nFrom: Wati Warga <Warga@test.local>\r\n"
         "To: lapor@test.local\r\nSubject: Jalan rusak\r\nMessage-ID: <" +
         id +
         ">\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\n"
         "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
         more_headers + "\r\n" + text + "\r\n";
}

/// A channel on the servers above, with all that it leans on.
struct Channel {
  ManualClock clock{k_now};
  Keys keys = Keys::of_seed("mailbox");
  Organisation organisation;
  kanal::test::NoHttp http;
  std::unique_ptr<Mail> mail = make_mail();
  Settings settings;
  std::unique_ptr<Surroundings> around;
  std::unique_ptr<Email> email;

  explicit Channel(const std::string& person = "lapor") {
    ::setenv("KANAL_TEST_MAIL_PASSWORD", MailServers::k_password, 1);
    settings.address = person + "@test.local";
    settings.name = "Lapor Buléleng";
    settings.start_from = "all";
    settings.imap.host = settings.smtp.host = "127.0.0.1";
    settings.imap.security = settings.smtp.security = "plain";
    settings.imap.port = servers().ports().imap;
    settings.smtp.port = servers().ports().smtp;
    settings.imap.password = Secret("env:KANAL_TEST_MAIL_PASSWORD");
    settings.imap.timeout_s = settings.smtp.timeout_s = std::chrono::seconds(10);
    settings.imap.ca_file = settings.smtp.ca_file = servers().certificate();
  }

  Email& open() {
    around.reset(new Surroundings{clock, keys, organisation, http, *mail, {}});
    email = std::make_unique<Email>(ChannelName("email"), settings, *around);
    return *email;
  }
};

inline Batch poll(Email& email, const Cursor& since = {}, Budget budget = {}) {
  auto batch = email.poll(since, budget);
  INFO((batch ? "" : batch.error().message));
  REQUIRE(batch);
  return std::move(*batch);
}

/// The mail that holds `text`; others may still be on their way from the case before. Empty when it
/// does not come.
inline std::string mail_with(std::string_view person, std::string_view text) {
  for (std::size_t count = 1;; ++count) {
    const auto box = servers().wait_for(person, count);
    for (const auto& stored : box) {
      if (stored.raw.find(text) != std::string::npos) return stored.raw;
    }
    if (box.size() < count) return {};
    count = box.size();
  }
}

/// Whether the mailbox comes to be so: Dovecot may rename a mail's file a moment after it answered.
template <class Condition>
bool comes_to_be(std::string_view person, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (!condition(servers().mailbox(person))) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

inline std::vector<std::string> ids_of(const Batch& batch) {
  std::vector<std::string> ids;
  for (const auto& post : batch.posts) ids.push_back(post.id.value());
  return ids;
}

/// An acknowledgement to warga@test.local.
inline Reply reply(int report, int step) {
  Reply reply;
  reply.key = std::to_string(report) + '.' + std::to_string(step) + ".email";
  reply.report = ReportId(report);
  reply.step = step;
  reply.code = TrackingCode("123456789016");
  reply.channel = ChannelName("email");
  reply.address = "warga@test.local";
  reply.language = "id";
  reply.subject = "Laporan diterima";
  reply.text = "Terima kasih, laporan Anda kami terima.\n\nhttps://lapor.test/r/123456789016";
  reply.acknowledgement = true;
  return reply;
}

}  // namespace kanal::email::test
