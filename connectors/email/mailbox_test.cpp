#include "connectors/email/mailbox_fixture.hpp"

namespace kanal::email::test {
namespace {

Batch poll(Email& email, const Cursor& since = {}, Budget budget = {}) {
  auto batch = email.poll(since, budget);
  INFO((batch ? "" : batch.error().message));
  REQUIRE(batch);
  return std::move(*batch);
}

#define NEEDS_SERVERS()                                                   \
  if (!MailServers::available()) {                                        \
    WARN("Postfix and Dovecot run for root only: this test did nothing"); \
    return;                                                               \
  }

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
  CHECK(servers().mailbox("lapor").at(0).seen);
  CHECK(poll(email, batch.next).posts.empty());
}

TEST_CASE("reading twice from the same place gives the same posts") {
  NEEDS_SERVERS();
  servers().empty("lapor");
  for (int i = 0; i < 5; ++i) servers().deliver("lapor", mail("b" + std::to_string(i) + "@x", "t"));
  Channel channel;
  const auto first = poll(channel.open());
  const auto second = poll(channel.open());
  REQUIRE(first.posts.size() == 5);
  REQUIRE(second.posts.size() == 5);
  CHECK(first.next == second.next);
  for (std::size_t i = 0; i < 5; ++i) CHECK(first.posts[i].id == second.posts[i].id);
}

}  // namespace
}  // namespace kanal::email::test
