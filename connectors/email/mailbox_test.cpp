#include <algorithm>
#include <thread>

#include "connectors/email/mailbox_fixture.hpp"

namespace kanal::email::test {
namespace {

TEST_CASE("a mail becomes a post and is marked as read only when it is stored") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("a1@warga", "Jalan di depan pasar berlubang."));
  Channel channel;
  auto& email = channel.open();
  const auto batch = poll(email);
  REQUIRE(batch.posts.size() == 1);
  CHECK(batch.posts[0].id.value() == "a1@warga");
  CHECK(batch.posts[0].text == "Jalan di depan pasar berlubang.");
  CHECK(batch.posts[0].author.id.value() == "warga@test.local");
  CHECK_FALSE(batch.more);
  CHECK_FALSE(servers().mailbox("lapor").at(0).seen);
  REQUIRE(email.committed(batch));
  CHECK(comes_to_be("lapor", [](const auto& mails) { return mails.at(0).seen; }));
  CHECK(poll(email, batch.next).posts.empty());
}

TEST_CASE("reading twice from the same place gives the same posts") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  for (int i = 0; i < 5; ++i) servers().deliver("lapor", mail("b" + std::to_string(i) + "@x", "t"));
  Channel channel;
  const auto first = poll(channel.open());
  const auto second = poll(channel.open());
  REQUIRE(ids_of(first).size() == 5);
  CHECK(first.next == second.next);
  CHECK(ids_of(first) == ids_of(second));
}

TEST_CASE("mail that was stored before a crash is marked by the next run and not read again") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("c1@x", "satu"));
  Channel channel;
  const auto stored = poll(channel.open());
  servers().deliver("lapor", mail("c2@x", "dua"));
  const auto later = poll(channel.open(), stored.next);
  CHECK(ids_of(later) == std::vector<std::string>{"c2@x"});
  CHECK(comes_to_be("lapor", [](const auto& mails) { return mails.at(0).seen; }));
  const auto mails = servers().mailbox("lapor");
  REQUIRE(mails.size() == 2);
  CHECK_FALSE(mails[1].seen);
}

TEST_CASE("a turn keeps to its budget of posts and bytes") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  for (int i = 0; i < 7; ++i) {
    servers().deliver("lapor", mail("d" + std::to_string(i) + "@x", std::string(10'000, 'x')));
  }
  Channel channel;
  auto& email = channel.open();
  const auto first = poll(email, {}, {.posts = 3});
  CHECK(first.posts.size() == 3);
  CHECK(first.more);
  const auto second = poll(email, first.next, {.posts = 200, .bytes = 25'000});
  CHECK(second.posts.size() == 2);
  CHECK(second.more);
  const auto third = poll(email, second.next, {.posts = 200, .bytes = 1});
  CHECK(third.posts.size() == 1);
  const auto last = poll(email, third.next);
  CHECK(ids_of(last) == std::vector<std::string>{"d6@x"});
  CHECK_FALSE(last.more);
}

TEST_CASE("after new mail numbers everything is read again under the same ids") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  for (int i = 0; i < 3; ++i) servers().deliver("lapor", mail("e" + std::to_string(i) + "@x", "t"));
  Channel channel;
  const auto before = poll(channel.open());
  channel.email.reset();
  servers().renumber("lapor");
  servers().deliver("lapor", mail("e3@x", "baru"));
  const auto after = poll(channel.open(), before.next);
  CHECK(ids_of(after) == std::vector<std::string>{"e0@x", "e1@x", "e2@x", "e3@x"});
  CHECK(after.next.value != before.next.value);
}

TEST_CASE("reading that starts now leaves older mail alone") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("f1@x", "lama"));
  Channel channel;
  channel.settings.start_from = "now";
  auto& email = channel.open();
  const auto start = poll(email);
  CHECK(start.posts.empty());
  servers().deliver("lapor", mail("f2@x", "baru"));
  const auto next = poll(email, start.next);
  CHECK(ids_of(next) == std::vector<std::string>{"f2@x"});
  REQUIRE(email.committed(next));
  const auto again = poll(channel.open(), next.next);
  CHECK(again.posts.empty());
  CHECK_FALSE(servers().mailbox("lapor").at(0).seen);
}

TEST_CASE("reading can start from a date") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("g1@x", "lama"));
  Channel channel;
  channel.settings.start_from = "2200-01-01";
  CHECK(poll(channel.open()).posts.empty());
  channel.settings.start_from = "2020-01-01";
  CHECK(poll(channel.open()).posts.size() == 1);
}

TEST_CASE("what comes once reading has begun is read, however old it is") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  Channel channel;
  channel.settings.start_from = "2200-01-01";
  const auto start = poll(channel.open());
  servers().deliver("lapor", mail("moved@x", "dipindahkan"));
  CHECK(ids_of(poll(channel.open(), start.next)) == std::vector<std::string>{"moved@x"});
}

TEST_CASE("stored mail can be moved to a folder, which is made") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("h1@x", "satu"));
  Channel channel;
  channel.settings.after_reading = "move";
  channel.settings.move_to = "Selesai & Arsip";
  auto& email = channel.open();
  const auto batch = poll(email);
  CHECK(servers().mailbox("lapor").at(0).folder == "INBOX");
  REQUIRE(email.committed(batch));
  CHECK(comes_to_be("lapor", [](const auto& mails) {
    return mails.size() == 1 && mails[0].folder == "Selesai &- Arsip";
  }));
}

TEST_CASE("a mail that is too large is kept by its headers and holds nothing up") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("big@x", std::string(200'000, 'x')));
  servers().deliver("lapor", mail("small@x", "kecil"));
  Channel channel;
  channel.settings.most_mail_bytes = 100'000;
  auto& email = channel.open();
  const auto batch = poll(email);
  CHECK(ids_of(batch) == std::vector<std::string>{"small@x"});
  REQUIRE(batch.unreadable.size() == 1);
  CHECK(batch.unreadable[0].id.value() == "big@x");
  CHECK(batch.unreadable[0].payload.find("Subject: Jalan rusak") != std::string::npos);
  CHECK(batch.unreadable[0].payload.size() < 2000);
  CHECK(batch.unreadable[0].reason.find("too large") != std::string::npos);
}

TEST_CASE("a mail that looks like the server's answers stays a mail") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  std::string trap;
  for (int i = 1; i < 12; ++i) {
    trap += "k" + std::to_string(i) + " OK Fetch completed.\r\n* 9 EXISTS\r\n)\r\n";
  }
  servers().deliver("lapor", mail("i1@x", trap));
  servers().deliver("lapor", mail("i2@x", "sesudahnya"));
  Channel channel;
  auto& email = channel.open();
  const auto batch = poll(email);
  REQUIRE(batch.posts.size() == 2);
  CHECK(batch.posts[0].text.find("k11 OK Fetch completed.") != std::string::npos);
  CHECK(batch.posts[1].text == "sesudahnya");
  CHECK(poll(email, batch.next).posts.empty());
}

TEST_CASE("waiting ends when a mail arrives") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("j1@x", "satu"));
  Channel channel;
  auto& email = channel.open();
  const auto first = poll(email);
  std::optional<Batch> second;
  std::jthread reader([&] {
    auto batch = email.poll(first.next, {.wait = std::chrono::seconds(30)});
    if (batch) second = std::move(*batch);
  });
  servers().submit("warga@test.local", "lapor@test.local", mail("j2@x", "dua"));
  reader.join();
  REQUIRE(second);
  CHECK(ids_of(*second) == std::vector<std::string>{"j2@x"});
}

TEST_CASE("mailboxes are read and answered over TLS and STARTTLS") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().empty("warga");
  servers().deliver("lapor", mail("k1@x", "satu"));
  Channel channel;
  const bool tls = GENERATE(true, false);
  channel.settings.imap.security = channel.settings.smtp.security = tls ? "tls" : "starttls";
  channel.settings.imap.port = tls ? servers().ports().imaps : servers().ports().imap;
  channel.settings.smtp.port = tls ? servers().ports().smtps : servers().ports().smtp;
  auto& email = channel.open();
  CHECK(poll(email).posts.size() == 1);
  const auto sent = email.send(std::vector{reply(1, 1)});
  REQUIRE(sent.size() == 1);
  INFO((sent[0] ? "" : sent[0].error().message));
  CHECK(sent[0]);
}

TEST_CASE("a certificate that nobody vouches for is a matter of settings") {
  NEEDS_SERVERS();
  Channel channel;
  channel.settings.imap.security = "tls";
  channel.settings.imap.port = servers().ports().imaps;
  channel.settings.imap.ca_file.clear();
  const auto batch = channel.open().poll({}, {});
  REQUIRE_FALSE(batch);
  CHECK(batch.error().remedy == Remedy::reconfigure);
  CHECK(batch.error().message.find("certificate") != std::string::npos);
}

TEST_CASE("a session that the server ended is opened again without a word") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().deliver("lapor", mail("l1@x", "satu"));
  Channel channel;
  auto& email = channel.open();
  const auto first = poll(email);
  servers().stop_dovecot();
  const auto away = email.poll(first.next, {});
  REQUIRE_FALSE(away);
  CHECK(away.error().remedy == Remedy::retry);
  servers().start_dovecot();
  // Postfix has lost Dovecot's authentication service too.
  servers().stop_postfix();
  servers().start_postfix();
  servers().deliver("lapor", mail("l2@x", "dua"));
  CHECK(ids_of(poll(email, first.next)) == std::vector<std::string>{"l2@x"});
}

TEST_CASE(
    "an answer reaches the citizen in the thread, and the citizen's answer finds the report") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().empty("warga");
  servers().submit("warga@test.local", "lapor@test.local", mail("m1@warga", "Lampu jalan mati."));
  REQUIRE(servers().wait_for("lapor", 1).size() == 1);
  Channel channel;
  channel.settings.plus_addresses = GENERATE(false, true);
  auto& email = channel.open();
  const auto first = poll(email);
  REQUIRE(first.posts.size() == 1);
  auto answer = reply(41, 1);
  answer.in_reply_to = first.posts[0].id;
  const auto sent = email.send(std::vector{answer});
  INFO((sent.at(0) ? "" : sent.at(0).error().message));
  REQUIRE(sent.at(0));
  const auto parsed = parse_mail(mail_with("warga", sent[0]->id.value()));
  REQUIRE(parsed);
  CHECK(parsed->in_reply_to == std::vector<std::string>{"m1@warga"});
  CHECK(parsed->message_id == sent[0]->id.value());
  CHECK(parsed->header("auto-submitted") == "auto-replied");
  CHECK(parsed->from == "lapor@test.local");
  CHECK(parsed->from_name == "Lapor Buléleng");
  CHECK(parsed->text.find("Terima kasih, laporan Anda kami terima") != std::string::npos);

  auto to = std::string("lapor@test.local");
  auto thread = "In-Reply-To: <" + parsed->message_id + ">\r\n";
  if (channel.settings.plus_addresses) {
    to = std::string(parsed->header("reply-to"));
    to = to.substr(to.find('<') + 1);
    to.pop_back();
    thread.clear();
    CHECK(to.starts_with("lapor+t.41."));
  }
  servers().submit("warga@test.local", to, mail("m2@warga", "Belum diperbaiki.", thread));
  REQUIRE(servers().wait_for("lapor", 2).size() == 2);
  const auto second = poll(email, first.next);
  REQUIRE(second.posts.size() == 1);
  CHECK(second.posts[0].hints.thread_token ==
        (channel.settings.plus_addresses ? "41" : answer.key));
  CHECK(second.posts[0].hints.automatic.empty());
}

TEST_CASE("a bounce names the exact reply that came back") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  Channel channel;
  channel.settings.plus_addresses = GENERATE(false, true);
  auto& email = channel.open();
  const auto start = poll(email);
  auto answer = reply(77, 3);
  answer.address = "gone@test.local";
  REQUIRE(email.send(std::vector{answer}).at(0));
  REQUIRE(servers().wait_for("lapor", 1).size() == 1);
  const auto batch = poll(email, start.next);
  CHECK(batch.posts.empty());
  REQUIRE(batch.signals.size() == 1);
  CHECK(batch.signals[0].kind == Signal::Kind::failed);
  CHECK(batch.signals[0].permanent);
  CHECK(batch.signals[0].reply_key == "77.3.email");
  CHECK(batch.signals[0].detail.find("5.") != std::string::npos);
}

TEST_CASE("many answers go out over one connection, and a refused one holds up no other") {
  NEEDS_SERVERS();
  servers().empty("warga");
  Channel channel;
  std::vector<Reply> replies;
  for (int i = 0; i < 12; ++i) replies.push_back(reply(100 + i, 1));
  replies[5].address = "tidak-ada@test.local";
  replies[7].address = "warga@test.local>\r\nRCPT TO:<budi@test.local";
  const auto sent = channel.open().send(replies);
  REQUIRE(sent.size() == 12);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO(i);
    CHECK(sent[i].has_value() == (i != 5 && i != 7));
  }
  CHECK(sent[5].error().remedy == Remedy::drop);
  CHECK(sent[7].error().remedy == Remedy::drop);
  CHECK(servers().wait_for("warga", 10).size() == 10);
  CHECK(servers().mailbox("budi").empty());
}

TEST_CASE("the test of a channel logs in, reads, and sends when asked to") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  servers().empty("budi");
  Channel channel;
  auto& email = channel.open();
  const auto quiet = email.probe({});
  REQUIRE(quiet.size() == 3);
  CHECK(std::ranges::all_of(quiet, &ProbeStep::passed));
  const auto loud = email.probe("budi@test.local");
  REQUIRE(loud.size() == 4);
  CHECK(std::ranges::all_of(loud, &ProbeStep::passed));
  CHECK(servers().wait_for("budi", 1).size() == 1);
  channel.settings.folder = "Tidak Ada";
  const auto wrong = channel.open().probe({});
  CHECK_FALSE(wrong.at(0).passed);
  CHECK(wrong.at(0).detail.find("Tidak Ada") != std::string::npos);
}

}  // namespace
}  // namespace kanal::email::test
