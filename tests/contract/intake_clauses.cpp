#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "tests/contract/channel.hpp"

// How messages come in: polled, pushed, or typed into a form.
namespace kanal::contract {
namespace {

Letter letter(const std::string& id, const std::string& text = "Lampu jalan di depan pasar mati.") {
  return {id, text + " " + id, "warga"};
}

// Bytes that are no UTF-8, an overlong form, half a surrogate pair, NUL, and a line without end.
std::string hostile_text() {
  std::string text = "Jalan \xff\xfe rusak \xc0\xaf \xed\xa0\x80 ";
  text += '\0';
  text += "\x1b[31m \xe2\x80\xae terbalik " + std::string(5000, 'x');
  return text;
}

std::multiset<std::string> set_of(const std::vector<std::string>& ids) {
  return {ids.begin(), ids.end()};
}

void check_same(const std::vector<Post>& a, const std::vector<Post>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(print_all(a[i]) == print_all(b[i]));
}

TEST_CASE("reading twice from the same place gives the same posts") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    for (int i = 0; i < 4; ++i) channel.far->arrive(letter("a" + std::to_string(i)));
    channel.open();
    const auto first = channel.read_all({});
    REQUIRE(first.posts.size() == 4);
    const auto second = channel.read_all({});
    check_same(first.posts, second.posts);
    channel.open();
    const auto third = channel.read_all({});
    check_same(first.posts, third.posts);
    CHECK(channel.read_all(first.next).posts.empty());
  });
}

TEST_CASE("posts come oldest first and say who wrote what") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    channel.far->arrive(letter("b1"));
    channel.far->arrive({"b2", "Selokan di Jalan Ahmad Yani tersumbat. b2", "budi"});
    channel.far->arrive(letter("b3"));
    channel.open();
    const auto batch = channel.read_all({});
    REQUIRE(batch.posts.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(batch.posts[i].text.find("b" + std::to_string(i + 1)) != std::string::npos);
      CHECK_FALSE(batch.posts[i].payload.empty());
      CHECK_FALSE(batch.posts[i].id.empty());
      CHECK(batch.posts[i].posted_at.time_since_epoch().count() != 0);
    }
    CHECK(batch.posts[0].author.id == batch.posts[2].author.id);
    CHECK(batch.posts[0].author.id != batch.posts[1].author.id);
  });
}

TEST_CASE("a crash before the store has the posts loses none of them") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    for (int i = 0; i < 3; ++i) channel.far->arrive(letter("c" + std::to_string(i)));
    channel.open();
    const auto lost = channel.read_all({});
    channel.crash();
    channel.open();
    const auto again = channel.read_all({});
    REQUIRE(lost.posts.size() == 3);
    CHECK(ids_of(again) == ids_of(lost));
  });
}

TEST_CASE("a crash between the store and the word to the source doubles nothing") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    std::multiset<std::string> stored;
    channel.far->arrive(letter("d1"));
    channel.far->arrive(letter("d2"));
    channel.open();
    const auto first = channel.read_all({});
    stored.merge(set_of(ids_of(first)));
    channel.crash();
    channel.far->arrive(letter("d3"));
    channel.open();
    const auto second = channel.read_all(first.next);
    // What is read again must be known by its id.
    for (const auto& id : ids_of(second)) {
      if (!stored.contains(id)) stored.insert(id);
    }
    CHECK(stored.size() == 3);
    CHECK(channel.connector().committed(second));
    CHECK(channel.read_all(second.next).posts.empty());
  });
}

TEST_CASE("telling the source of a batch twice, or of one from before a restart, is harmless") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    channel.far->arrive(letter("e1"));
    channel.open();
    const auto batch = channel.read_all({});
    CHECK(channel.connector().committed(batch));
    CHECK(channel.connector().committed(batch));
    channel.open();
    CHECK(channel.connector().committed(batch));
    channel.far->arrive(letter("e2"));
    const auto next = channel.read_arrived(batch.next);
    REQUIRE(next.posts.size() == 1);
    CHECK(next.posts[0].text.find("e2") != std::string::npos);
  });
}

TEST_CASE("a turn keeps to its budget, and nothing is lost by it") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    std::multiset<std::string> all;
    for (int i = 0; i < 25; ++i) channel.far->arrive(letter("f" + std::to_string(i)));
    channel.open();
    for (const auto& id : ids_of(channel.read_all({}))) all.insert(id);
    REQUIRE(all.size() == 25);
    std::multiset<std::string> seen;
    Cursor cursor;
    for (int turn = 0; turn < 60 && seen.size() < all.size(); ++turn) {
      const auto batch = channel.connector().poll(cursor, {.posts = 10});
      REQUIRE(batch);
      CHECK(batch->posts.size() <= 10);
      for (const auto& id : ids_of(*batch)) seen.insert(id);
      cursor = batch->next;
    }
    CHECK(seen == all);
  });
}

TEST_CASE("something torn is set aside, and what stands around it goes on") {
  each_kind([](Channel& channel) {
    if (!channel.far->polls()) return;
    channel.far->arrive(letter("g1"));
    const bool torn = channel.far->arrive_torn("g2");
    channel.far->arrive(letter("g3"));
    channel.open();
    const auto batch = channel.read_all({});
    std::string texts;
    for (const auto& post : batch.posts) {
      check_text(post);
      texts += post.text + "\n";
    }
    CHECK(texts.find("g1") != std::string::npos);
    CHECK(texts.find("g3") != std::string::npos);
    // Kept in one way or the other: as far as it can be read, or raw with the reason.
    if (torn) CHECK(batch.posts.size() + batch.unreadable.size() == 3);
    for (const auto& unreadable : batch.unreadable) {
      CHECK_FALSE(unreadable.id.empty());
      CHECK(is_utf8(unreadable.reason));
      CHECK_FALSE(unreadable.reason.empty());
    }
    CHECK(channel.read_all(batch.next).posts.empty());
  });
}

TEST_CASE("a message that is too large is bounded, kept by its head, and holds up nothing") {
  each_kind([](Channel& channel) {
    const auto size = channel.far->oversized_bytes();
    if (!channel.far->polls() || size == 0) return;
    channel.far->arrive({"h1", std::string(size, 'x'), "warga"});
    channel.far->arrive(letter("h2"));
    channel.open();
    const auto batch = channel.read_all({});
    REQUIRE(batch.posts.size() + batch.unreadable.size() == 2);
    CHECK(batch.posts.back().text.find("h2") != std::string::npos);
    std::size_t kept = 0;
    for (const auto& post : batch.posts) kept += post.payload.size() + post.text.size();
    for (const auto& unreadable : batch.unreadable) {
      kept += unreadable.payload.size();
      CHECK_FALSE(unreadable.id.empty());
      CHECK_FALSE(unreadable.payload.empty());
      CHECK_FALSE(unreadable.reason.empty());
    }
    CHECK(kept < size);
  });
}

TEST_CASE("whatever bytes come, posts are UTF-8 without NUL") {
  each_kind([](Channel& channel) {
    channel.open();
    if (channel.far->polls()) {
      channel.far->arrive({"i1", hostile_text(), "warga"});
      const auto batch = channel.read_all({});
      CHECK(batch.posts.size() + batch.unreadable.size() == 1);
      for (const auto& post : batch.posts) check_text(post);
    }
    if (auto* host = channel.ability<FormHost>()) {
      const auto form = host->forms("id").at(0).name;
      const auto token = host->blank(form, "id", channel.clock.now())->token;
      channel.clock.advance(std::chrono::minutes(1));
      const auto outcome = channel.fill_in(*host, hostile_text(), token);
      REQUIRE(std::holds_alternative<Received>(outcome));
      for (const auto& post : std::get<Received>(outcome).posts) check_text(post);
    }
    if (const auto* receiver = channel.ability<Receiver>()) {
      const auto received =
          receiver->receive(channel.far->delivery({"i2", hostile_text(), "budi"}));
      if (received) {
        for (const auto& post : received->posts) check_text(post);
      }
    }
  });
}

TEST_CASE("the payload that is kept of a post can be read again and gives the same post") {
  each_kind([](Channel& channel) {
    channel.open();
    const auto* translator = channel.ability<Translator>();
    if (translator == nullptr) return;
    std::vector<Post> posts;
    if (channel.far->polls()) {
      channel.far->arrive(letter("j1"));
      posts = channel.read_all({}).posts;
    } else if (auto* host = channel.ability<FormHost>()) {
      const auto token =
          host->blank(host->forms("id").at(0).name, "id", channel.clock.now())->token;
      channel.clock.advance(std::chrono::minutes(1));
      auto outcome = channel.fill_in(*host, "Sampah menumpuk di pasar.", token);
      REQUIRE(std::holds_alternative<Received>(outcome));
      posts = std::move(std::get<Received>(outcome).posts);
    } else if (const auto* receiver = channel.ability<Receiver>()) {
      auto received = receiver->receive(channel.far->delivery(letter("j1")));
      REQUIRE(received);
      posts = std::move(received->posts);
    } else {
      // Asked about what was handed over: what comes back is kept in the same form.
      auto read = translator->translate(channel.far->raw(letter("j1")));
      REQUIRE(read);
      posts = std::move(read->posts);
    }
    REQUIRE(posts.size() == 1);
    const auto again = translator->translate(posts[0].payload);
    INFO((again ? "" : again.error().message));
    REQUIRE(again);
    REQUIRE(again->posts.size() == 1);
    CHECK(again->posts[0].id == posts[0].id);
    CHECK(again->posts[0].text == posts[0].text);
    CHECK(again->posts[0].author.id == posts[0].author.id);
  });
}

TEST_CASE("translating the same bytes gives the same posts") {
  each_kind([](Channel& channel) {
    channel.open();
    const auto* translator = channel.ability<Translator>();
    if (translator == nullptr) return;
    const auto raw = channel.far->raw(letter("k1"));
    const auto first = translator->translate(raw);
    INFO((first ? "" : first.error().message));
    REQUIRE(first);
    REQUIRE(first->posts.size() == 1);
    CHECK(first->posts[0].text.find("k1") != std::string::npos);
    constexpr std::chrono::hours later{5};
    const auto read_later = [&](const Translator& reader) {
      auto posts = reader.translate(raw)->posts;
      // What says no time is read as of now.
      for (auto& post : posts) {
        if (post.posted_at == first->posts[0].posted_at + later) post.posted_at -= later;
      }
      return posts;
    };
    channel.clock.advance(later);
    check_same(first->posts, read_later(*translator));
    channel.open();
    check_same(first->posts, read_later(*channel.ability<Translator>()));
  });
}

TEST_CASE("a raw message that is torn or garbled is refused or read, never more") {
  each_kind([](Channel& channel) {
    channel.open();
    const auto* translator = channel.ability<Translator>();
    if (translator == nullptr) return;
    const auto raw = channel.far->raw(letter("l1"));
    const auto look = [&](const std::string& bytes) {
      const auto batch = translator->translate(bytes);
      if (!batch) {
        CHECK(is_utf8(batch.error().message));
        return;
      }
      for (const auto& post : batch->posts) check_text(post);
    };
    look({});
    look(std::string(1U << 20U, '\0'));
    for (std::size_t end = 0; end < raw.size(); ++end) look(raw.substr(0, end));
    for (std::size_t at = 0; at < raw.size(); ++at) {
      auto garbled = raw;
      garbled[at] = static_cast<char>(~garbled[at]);
      look(garbled);
    }
  });
}

TEST_CASE("a request that is delivered twice brings the same post twice") {
  each_kind([](Channel& channel) {
    channel.open();
    const auto* receiver = channel.ability<Receiver>();
    if (receiver == nullptr) return;
    const auto delivery = channel.far->delivery(letter("m1"));
    const auto first = receiver->receive(delivery);
    INFO((first ? "" : first.error().message));
    REQUIRE(first);
    REQUIRE(first->posts.size() == 1);
    CHECK(first->posts[0].text.find("m1") != std::string::npos);
    CHECK(first->answer.status / 100 == 2);
    const auto second = receiver->receive(delivery);
    REQUIRE(second);
    check_same(first->posts, second->posts);
    channel.open();
    const auto third = channel.ability<Receiver>()->receive(delivery);
    REQUIRE(third);
    check_same(first->posts, third->posts);
  });
}

TEST_CASE("a request that is torn or garbled is refused or read, never more") {
  each_kind([](Channel& channel) {
    channel.open();
    const auto* receiver = channel.ability<Receiver>();
    if (receiver == nullptr) return;
    const auto whole = channel.far->delivery(letter("n1"));
    const auto look = [&](const Delivery& delivery) {
      const auto received = receiver->receive(delivery);
      if (!received) {
        CHECK(is_utf8(received.error().message));
        CHECK(received.error().remedy != Remedy::uncertain);
        return;
      }
      for (const auto& post : received->posts) check_text(post);
    };
    look({});
    for (std::size_t end = 0; end < whole.body.size(); ++end) {
      auto torn = whole;
      torn.body.resize(end);
      look(torn);
    }
    for (std::size_t at = 0; at < whole.body.size(); ++at) {
      auto garbled = whole;
      garbled.body[at] = static_cast<char>(~garbled.body[at]);
      look(garbled);
    }
    auto bare = whole;
    bare.headers.clear();
    look(bare);
    auto large = whole;
    large.body.append(1U << 20U, 'x');
    look(large);
  });
}

TEST_CASE("a form that is sent twice is one post") {
  each_kind([](Channel& channel) {
    channel.open();
    auto* host = channel.ability<FormHost>();
    if (host == nullptr) return;
    const auto form = host->forms("id").at(0).name;
    const auto token = host->blank(form, "id", channel.clock.now())->token;
    channel.clock.advance(std::chrono::minutes(1));
    const auto first = channel.fill_in(*host, "Lampu jalan mati.", token);
    channel.open();
    const auto second = channel.fill_in(*channel.ability<FormHost>(), "Lampu jalan mati.", token);
    REQUIRE(std::holds_alternative<Received>(first));
    REQUIRE(std::holds_alternative<Received>(second));
    const auto& one = std::get<Received>(first).posts.at(0);
    CHECK(one.text == "Lampu jalan mati.");
    CHECK(one.id == std::get<Received>(second).posts.at(0).id);
    const auto other = channel.ability<FormHost>()->blank(form, "id", channel.clock.now());
    CHECK(other->token != token);
  });
}

TEST_CASE("a form that is not of ours comes back with what was typed") {
  each_kind([](Channel& channel) {
    channel.open();
    auto* host = channel.ability<FormHost>();
    if (host == nullptr) return;
    for (const auto& token :
         {std::string(), std::string("x"), std::string(5000, 'A'), std::string("\xff\x00", 2)}) {
      const auto outcome = channel.fill_in(*host, "Lampu jalan mati.", token);
      REQUIRE(std::holds_alternative<FormView>(outcome));
      const auto& view = std::get<FormView>(outcome);
      CHECK(view.status >= 400);
      CHECK(std::ranges::any_of(
          view.fields, [](const FormField& each) { return each.value == "Lampu jalan mati."; }));
    }
  });
}

}  // namespace
}  // namespace kanal::contract
