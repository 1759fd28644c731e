#include "router/intake.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <set>

#include <catch2/catch.hpp>

#include "router/connector_fixture.hpp"
#include "router/counters.hpp"

namespace kanal {
namespace {

using namespace testing;

std::uint64_t commits() {
  std::uint64_t all = 0;
  for (const auto& count : counters().batches) all += count;
  return all;
}

TEST_CASE("a post that cannot be stored is set aside, and the rest of its batch lands") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < 20; ++i) {
    const auto id = "m" + std::to_string(i);
    posts.push_back(i == 13 ? guilty(id)
                            : a_post(id, "Keluhan nomor " + std::to_string(i) + " di sini",
                                     "warga" + std::to_string(i)));
  }
  const auto done = office.take(std::move(posts), "20");
  REQUIRE(done.filings.size() == 20);
  CHECK(done.reports == 19);
  CHECK(done.quarantined == 1);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(done.filings[i].fate == (i == 13 ? Fate::quarantined : Fate::report));
  }
  const auto kept = office.store->quarantine({office.mail, 10}).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].external_id == ExternalId("m13"));
  CHECK_FALSE(kept[0].reason.empty());
  CHECK(office.store->channel(office.mail).value().cursor.value == "20");
}

TEST_CASE("a post that never fits what stands there already does not stop its channel") {
  Office office;
  office.database.ask(
      "CREATE FUNCTION never_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF NEW.text LIKE '%tak pernah muat%' THEN"
      "  RAISE EXCEPTION 'taken' USING ERRCODE = 'unique_violation'; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER never_fits BEFORE INSERT ON report FOR EACH ROW"
      " EXECUTE FUNCTION never_fits()");
  const auto done = office.take({a_post("m1", "Jalan berlubang di depan pasar", "wati"),
                                 a_post("m2", "Keluhan yang tak pernah muat di sini", "budi"),
                                 a_post("m3", "Lampu jalan mati di depan sekolah", "made")},
                                "3");
  CHECK(done.reports == 2);
  CHECK(done.quarantined == 1);
  CHECK(office.store->quarantine({office.mail, 10}).value().at(0).external_id == ExternalId("m2"));
  CHECK(office.store->channel(office.mail).value().cursor.value == "3");
}

/// Fails the program so many times, as a fault in it would.
class FaultyClock final : public Clock {
 public:
  explicit FaultyClock(int faults) : faults_(faults) {}
  [[nodiscard]] Time now() const override {
    if (faults_ > 0) {
      --faults_;
      throw std::out_of_range("basic_string::substr");
    }
    return k_monday;
  }
  [[nodiscard]] Moment steady() const override { return {}; }

 private:
  mutable int faults_;
};

TEST_CASE("a post at which the program fails is set aside, and its channel goes on") {
  Office office;
  // Once with both, and once with the first alone.
  const FaultyClock clock(2);
  Intake intake(*office.store, shipped(), clock);
  intake.know(mail_rules());
  Batch batch;
  batch.posts = {a_post("m1", "Jalan berlubang di depan pasar", "wati"),
                 a_post("m2", "Lampu jalan mati di depan sekolah", "made")};
  batch.next = Cursor{"2"};
  const auto done = intake.ingest(office.mail, std::move(batch), std::nullopt);
  REQUIRE(done);
  CHECK(done->reports == 1);
  CHECK(done->quarantined == 1);
  const auto kept = office.store->quarantine({office.mail, 10}).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].external_id == ExternalId("m1"));
  CHECK(kept[0].reason.find("substr") != std::string::npos);
  CHECK(office.store->channel(office.mail).value().cursor.value == "2");
}

TEST_CASE("a batch of nothing but guilty posts still moves the channel on") {
  Office office;
  const auto done = office.take({guilty("m1"), guilty("m2"), guilty("m3")}, "3");
  CHECK(done.quarantined == 3);
  CHECK(office.store->quarantine({office.mail, 10}).value().size() == 3);
  CHECK(office.store->channel(office.mail).value().cursor.value == "3");
}

TEST_CASE("reading a batch again after it was set aside in part changes nothing") {
  Office office;
  const auto batch = [] {
    return std::vector<Post>{a_post("m1", "Jalan berlubang di depan pasar"), guilty("m2")};
  };
  office.take(batch(), "2");
  const auto again = office.take(batch(), "2");
  CHECK(again.filings[0].fate == Fate::repeated);
  CHECK(office.store->quarantine({office.mail, 10}).value().size() == 1);
  CHECK(office.database.ask("SELECT count(*) FROM report") == "1");
}

TEST_CASE("of a mass of which a part fails, what was stored is told all the same") {
  Office office;
  office.database.ask(
      "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF NEW.text LIKE '%terakhir%' THEN"
      "  RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER disk_full BEFORE INSERT ON report FOR EACH ROW"
      " EXECUTE FUNCTION disk_full()");
  Batch batch;
  for (int i = 0; i < 12'000; ++i) {
    batch.posts.push_back(
        a_post("m" + std::to_string(i),
               "Keluhan nomor " + std::to_string(i) + (i == 11'999 ? " yang terakhir" : " di sini"),
               "warga" + std::to_string(i)));
  }
  Ingested told;
  const auto done = office.intake.ingest_mass(office.mail, std::move(batch), told);
  REQUIRE_FALSE(done);
  CHECK(told.reports > 0);
  CHECK(told.filings.size() == told.reports);
  CHECK(office.database.ask("SELECT count(*) FROM report") == std::to_string(told.reports));
}

TEST_CASE("a large turn is committed in parts and its place only with the last") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < 6000; ++i) {
    posts.push_back(a_post("m" + std::to_string(i),
                           "Keluhan nomor " + std::to_string(i) + " di sini",
                           "warga" + std::to_string(i)));
  }
  const auto before = commits();
  const auto done = office.take(std::move(posts), "6000");
  CHECK(done.reports == 6000);
  CHECK(commits() - before >= 2);
  CHECK(office.store->channel(office.mail).value().cursor.value == "6000");
}

TEST_CASE("what could not be read, and what is told of replies, goes with its turn") {
  Office office;
  Batch batch;
  batch.unreadable.push_back({ExternalId("x1"), "\xff\xfe", "not a mail"});
  batch.signals.push_back({Signal::Kind::failed, "1.1.mail", {}, "5.1.1", true});
  batch.next.value = "7";
  const auto done = office.intake.ingest(office.mail, std::move(batch), std::nullopt);
  REQUIRE(done);
  CHECK(done->quarantined == 1);
  CHECK(office.store->quarantine({office.mail, 10}).value().size() == 1);
  CHECK(office.store->channel(office.mail).value().cursor.value == "7");
}

TEST_CASE("the files of a request that is refused are removed at once") {
  Office office;
  const auto spooled = scratch_directory() / "spooled";
  std::ofstream(spooled) << "a photo";
  Received received;
  received.posts.push_back(a_post("f1", "Lampu mati di depan pasar"));
  Attachment photo;
  photo.name = "foto.jpg";
  photo.type = "image/jpeg";
  photo.file = spooled;
  received.posts[0].attachments.push_back(photo);
  office.database.close();
  std::promise<bool> there;
  office.intake.submit(office.mail, std::move(received), [&](const Result<Ingested>& done) {
    there.set_value(done || std::filesystem::exists(spooled));
  });
  CHECK_FALSE(there.get_future().get());
}

TEST_CASE("posts of a channel that nobody declared are refused") {
  Office office;
  const auto done = office.intake.ingest(ChannelName("other"), {}, std::nullopt);
  REQUIRE_FALSE(done);
  CHECK(done.error().remedy == Remedy::reconfigure);
  std::promise<Remedy> said;
  office.intake.submit(ChannelName("other"), {},
                       [&](auto result) { said.set_value(result.error().remedy); });
  CHECK(said.get_future().get() == Remedy::reconfigure);
}

TEST_CASE("a report that moves on meanwhile is judged anew until all is told") {
  Office office;
  const auto report = office.file("m0", "Jalan berlubang di depan pasar");
  constexpr int k_each = 25;
  std::atomic<int> noted{0};
  std::jthread officer([&] {
    while (noted < k_each) {
      if (office.casework.act(report.id, command(Event::note, monitor(), "Catatan"))) ++noted;
    }
  });
  for (int i = 0; i < k_each; ++i) {
    auto more = a_post("m" + std::to_string(i + 1), "Tambahan nomor " + std::to_string(i));
    more.in_reply_to = ExternalId("m0");
    Batch batch;
    batch.posts.push_back(more);
    // Whoever is told to come again has changed nothing.
    auto done = office.intake.ingest(office.mail, batch, std::nullopt);
    while (!done && done.error().remedy == Remedy::retry) {
      done = office.intake.ingest(office.mail, batch, std::nullopt);
    }
    REQUIRE(done);
    CHECK(done->filings.at(0).fate == Fate::joined);
  }
  officer.join();
  CHECK(office.report(report.id).steps == 1 + 2 * k_each);
  CHECK(office.store->verify(report.id));
}

TEST_CASE("requests that arrive together are committed together, each answered after its commit") {
  Office office;
  constexpr int k_requests = 200;
  std::vector<std::promise<Filing>> answers(k_requests);
  const auto before = commits();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = caller; i < k_requests; i += 8) {
        Received received;
        received.posts.push_back(a_post("f" + std::to_string(i),
                                        "Keluhan nomor " + std::to_string(i) + " di sini",
                                        "warga" + std::to_string(i)));
        office.intake.submit(office.mail, std::move(received), [&, i](Result<Ingested> done) {
          const bool there = done && done->filings.size() == 1 &&
                             office.store->report(done->filings[0].code).value().has_value();
          answers.at(static_cast<std::size_t>(i)).set_value(there ? done->filings[0] : Filing{});
        });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  std::set<std::string> codes;
  for (auto& answer : answers) {
    const auto filing = answer.get_future().get();
    CHECK(filing.fate == Fate::report);
    codes.insert(filing.code.value());
  }
  CHECK(codes.size() == k_requests);
  CHECK(commits() - before < k_requests);
}

TEST_CASE("a request that is sent twice gets the same number twice") {
  Office office;
  std::vector<std::promise<Filing>> answers(2);
  for (auto& answer : answers) {
    Received received;
    received.posts.push_back(a_post("f1", "Jalan berlubang di depan pasar"));
    office.intake.submit(office.mail, std::move(received), [&](Result<Ingested> done) {
      answer.set_value(done ? done->filings.at(0) : Filing{});
    });
  }
  const auto first = answers[0].get_future().get();
  const auto second = answers[1].get_future().get();
  CHECK_FALSE(first.code.empty());
  CHECK(first.code == second.code);
  CHECK(office.database.ask("SELECT count(*) FROM report") == "1");
}

TEST_CASE("a guilty request is answered for itself, and its companions land") {
  Office office;
  std::vector<std::promise<Fate>> answers(6);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Received received;
    const auto id = "f" + std::to_string(i);
    received.posts.push_back(i == 3 ? guilty(id)
                                    : a_post(id, "Keluhan nomor " + id + " di sini", "warga" + id));
    office.intake.submit(office.mail, std::move(received), [&, i](Result<Ingested> done) {
      answers[i].set_value(done ? done->filings.at(0).fate : Fate::screened);
    });
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(answers[i].get_future().get() == (i == 3 ? Fate::quarantined : Fate::report));
  }
}

TEST_CASE("when too many wait, the next is told to come again, and none of the waiting is lost") {
  Office office;
  constexpr int k_requests = 5000;
  std::vector<Received> requests(k_requests);
  for (int i = 0; i < k_requests; ++i) {
    requests[static_cast<std::size_t>(i)].posts.push_back(
        a_post("f" + std::to_string(i), "Keluhan nomor " + std::to_string(i) + " di sini",
               "warga" + std::to_string(i)));
  }
  // Until it is ended.
  std::thread blocker([&] {
    office.database.ask("BEGIN; LOCK TABLE post IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)");
  });
  REQUIRE(eventually([&] {
    return office.database.ask(
               "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND "
               "relation = 'post'::regclass") == "1";
  }));
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  std::atomic<int> unexpected{0};
  for (auto& received : requests) {
    office.intake.submit(office.mail, std::move(received), [&](Result<Ingested> done) {
      if (done) {
        ++stored;
      } else {
        const auto& error = done.error();
        const bool asks_for_time =
            error.remedy == Remedy::throttled && error.retry_after.count() > 0;
        unexpected += asks_for_time ? 0 : 1;
        ++refused;
      }
    });
  }
  CHECK(refused > 0);
  office.database.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE "
      "'BEGIN; LOCK TABLE post%' AND pid <> pg_backend_pid()");
  blocker.join();
  CHECK(eventually([&] { return stored + refused == k_requests; }));
  CHECK(unexpected == 0);
  CHECK(office.database.ask("SELECT count(*) FROM post") == std::to_string(stored));
}

// The database writes each statement that it carries out into its log. The notifier's session
// says LISTEN whenever it comes to it.
int statements_of(const std::function<void()>& what) {
  const auto log = scratch_directory() / "postgresql" / "log";
  const auto count = [&] {
    std::ifstream in(log);
    int lines = 0;
    for (std::string line; std::getline(in, line);) {
      const bool runs = line.find("LOG:  execute") != std::string::npos ||
                        line.find("LOG:  statement") != std::string::npos;
      lines += runs && line.find("LISTEN") == std::string::npos ? 1 : 0;
    }
    return lines;
  };
  const int before = count();
  what();
  return count() - before;
}

TEST_CASE("evidence for a batch takes as many statements as for one post") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < 300; ++i) {
    auto post = a_post("m" + std::to_string(i), "Keluhan nomor " + std::to_string(i) + " di sini",
                       "warga" + std::to_string(i % 40));
    post.hints.thread_token = "1";
    post.hints.references = {ExternalId("m0"), ExternalId("m1")};
    post.hints.tracking_code = make_tracking_code(1).value();
    posts.push_back(std::move(post));
  }
  office.take({a_post("m0", "Jalan berlubang di depan pasar", "warga0")});
  office.database.ask("SELECT 1");
  const auto name = office.database.ask("SELECT current_database()");
  office.database.ask("ALTER DATABASE " + name + " SET log_statement = 'all'");
  const auto store = office.database.open(office.keys, office.clock);
  const auto gather = [&](std::size_t count) {
    return statements_of([&] { CHECK(store->gather(office.mail, std::span(posts).first(count))); });
  };
  gather(1);
  const int one = gather(1);
  CHECK(one > 0);
  CHECK(one <= 12);
  CHECK(gather(300) == one);
}

TEST_CASE("two messages that their senders gave one id are two, however often they come") {
  Office office;
  auto rules = mail_rules();
  rules.sender_ids = true;
  office.know(rules);
  const auto first = a_post("<1@printer>", "Jalan berlubang di depan pasar");
  auto second =
      a_post("<1@printer>", "Air mati sejak tiga hari di banjar kami", "budi@example.org");
  second.posted_at += std::chrono::minutes(5);
  auto third = a_post("<1@printer>", "Sampah menumpuk di TPS sejak hari raya", "wayan@example.org");
  third.posted_at += std::chrono::minutes(9);
  CHECK(office.take({first}).reports == 1);
  CHECK(office.take({second, third}).reports == 2);
  for (int each = 0; each < 2; ++each) {
    const auto again = office.take({third, first, second});
    CHECK(again.reports == 0);
    for (const auto& filing : again.filings) CHECK(filing.fate == Fate::repeated);
  }
  CHECK(office.take({second, second}).reports == 0);
  auto fourth = third;
  fourth.text = "Lampu jalan mati di depan sekolah";
  fourth.posted_at += std::chrono::minutes(1);
  auto fifth = fourth;
  fifth.text = "Parkir liar di trotoar setiap sore";
  fifth.posted_at += std::chrono::minutes(1);
  for (auto* post : {&fourth, &fifth}) post->id = ExternalId("<2@printer>");
  CHECK(office.take({fourth, fifth}).reports == 2);
  CHECK(office.take({fifth, fourth}).reports == 0);
  CHECK(office.database.ask("SELECT count(*) FROM post") == "5");
  CHECK(office.database.ask("SELECT count(*) FROM outbox") == "5");
}

TEST_CASE("the same words under one id with other pictures are another message") {
  Office office;
  auto rules = mail_rules();
  rules.sender_ids = true;
  office.know(rules);
  const auto at = [](int minute, std::vector<std::string> pictures) {
    auto post = a_post("<1@form>", "Jalan berlubang di depan pasar");
    post.posted_at += std::chrono::minutes(minute);
    for (auto& picture : pictures) {
      Attachment attachment;
      attachment.name = "foto" + std::to_string(minute) + ".jpg";
      attachment.type = "image/jpeg";
      attachment.bytes = std::move(picture);
      post.attachments.push_back(std::move(attachment));
    }
    return post;
  };
  const auto files = [&] { return office.database.ask("SELECT count(*) FROM attachment"); };
  CHECK(office.take({at(0, {"front", "side"})}).reports == 1);
  CHECK(office.take({at(1, {"side", "front"})}).filings[0].fate == Fate::repeated);
  CHECK(files() == "2");
  CHECK(office.take({at(2, {"front"})}).filings[0].fate != Fate::repeated);
  CHECK(files() == "3");
  CHECK(office.take({at(3, {"front"})}).filings[0].fate == Fate::repeated);
  const auto together =
      office.take({at(4, {"back"}), at(5, {"back"}), at(6, {"above"}), at(7, {})});
  CHECK(together.filings[0].fate != Fate::repeated);
  CHECK(together.filings[1].fate == Fate::repeated);
  CHECK(together.filings[2].fate != Fate::repeated);
  CHECK(together.filings[3].fate != Fate::repeated);
  CHECK(files() == "5");
  for (int minute = 0; minute < 8; ++minute) {
    CHECK(office.take({at(minute, {"above"})}).filings[0].fate == Fate::repeated);
  }
}

TEST_CASE("what its author changed afterwards is read too, once, with the report") {
  Office office;
  const auto version = [](const std::string& edition, const std::string& text) {
    auto post = a_post("101", text);
    post.hints.edition = edition;
    return post;
  };
  const auto first = version("", "Jalan berlubang di Jalan Udayana depan pasar");
  const auto second = version("102", "Maaf salah alamat: Jalan Gajah Mada nomor 7");
  const auto third = version("103", "Maaf salah alamat: Jalan Gajah Mada nomor 9");
  CHECK(office.take({first}).reports == 1);
  const auto changed = office.take({second});
  CHECK(changed.filings.at(0).fate == Fate::joined);
  CHECK(changed.reports == 0);
  for (int each = 0; each < 2; ++each) {
    const auto again = office.take({second, first});
    CHECK(again.filings.at(0).fate == Fate::repeated);
    CHECK(again.filings.at(1).fate == Fate::repeated);
  }
  CHECK(office.take({third, third}).filings.at(0).fate == Fate::joined);

  const auto report = office.store->find_reports({}).value().at(0);
  const auto history = office.store->history(report.id).value();
  REQUIRE(history.size() == 3);
  CHECK(history[1].event == Event::comment);
  CHECK(history[1].words == second.text);
  CHECK(history[1].reason == k_changed_by_author);
  CHECK(history[2].words == third.text);
  const auto posts = office.store->posts_of(report.id).value();
  REQUIRE(posts.size() == 3);
  CHECK(posts[1].external_id == ExternalId("102"));
  CHECK(posts[1].text == second.text);
}

TEST_CASE("versions that come together are one report, as is one whose first was never seen") {
  Office office;
  auto first = a_post("101", "Jalan berlubang di Jalan Udayana depan pasar");
  auto second = a_post("101", "Jalan berlubang di Jalan Gajah Mada nomor 7");
  second.hints.edition = "102";
  CHECK(office.take({first, second}).reports == 1);
  auto late = a_post("201", "Lampu jalan mati di depan sekolah", "made@example.org");
  late.hints.edition = "203";
  CHECK(office.take({late}).reports == 1);
  CHECK(office.take({late}).filings.at(0).fate == Fate::repeated);
  CHECK(office.database.ask("SELECT string_agg(external_id, ' ' ORDER BY id) FROM post") ==
        "101 102 201");
}

TEST_CASE("a change back to the first words is one, and words that are stored are none") {
  Office office;
  const auto version = [](const std::string& id, const std::string& edition,
                          const std::string& text) {
    auto post = a_post(id, text);
    post.hints.edition = edition;
    return post;
  };
  const std::string first = "Jalan berlubang di Jalan Mawar nomor 7";
  CHECK(office.take({version("101", "", first)}).reports == 1);
  office.take({version("101", "102", "Jalan berlubang di Jalan Melati nomor 7")});
  for (const auto fate : {Fate::joined, Fate::repeated}) {
    CHECK(office.take({version("101", "103", first)}).filings.at(0).fate == fate);
  }
  // It was told over several posts when it was read first.
  CHECK(office.take({version("201", "202", "Lampu mati\ndi depan SD 3 Banyuasri")}).reports == 1);
  CHECK(office.take({version("201", "202", "di depan SD 3 Banyuasri")}).filings.at(0).fate ==
        Fate::repeated);
}

TEST_CASE("answers stand below what called us, not below what its author adds to it") {
  Office office;
  const auto report = office.file("101", "Jalan berlubang di depan pasar");
  auto addition = a_post("102", "Persis depan SMPN 4 (2/2)");
  addition.in_reply_to = ExternalId("101");
  addition.hints.uncalled = true;
  addition.hints.goes_on = true;
  addition.hints.unanswered = "its author did not call us with it";
  CHECK(office.take({addition}).filings.at(0).fate == Fate::joined);
  const auto answers = [&] { return office.store->replies_of(report.id).value(); };
  CHECK(answers().size() == 1);
  office.act(report.id, to_agency());
  office.act(report.id, to_unit());
  office.act(report.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  REQUIRE(answers().size() > 1);
  for (const auto& answer : answers()) CHECK(answer.reply.in_reply_to == ExternalId("101"));

  addition.id = ExternalId("103");
  addition.in_reply_to = ExternalId("99");
  const auto alone = office.take({addition});
  CHECK(alone.reports == 0);
  CHECK(alone.filings.at(0).fate == Fate::held);
  addition.hints.goes_on = false;
  addition.id = ExternalId("104");
  const auto found = office.take({addition});
  REQUIRE(found.reports == 1);
  CHECK(office.store->replies_of(found.filings.at(0).report).value().empty());
}

TEST_CASE("who names a message that was told within another means that one, in one batch or two") {
  Office office;
  auto call = a_post("202", "Lampu mati\ntolong");
  call.hints.told = {ExternalId("201")};
  call.hints.references = call.hints.told;
  auto again = a_post("203", "belum juga ada petugas");
  again.in_reply_to = ExternalId("201");
  again.hints.references = {ExternalId("201")};
  const bool at_once = GENERATE(true, false);
  if (at_once) {
    const auto done = office.take({call, again});
    CHECK(done.reports == 1);
    CHECK(done.filings.at(1).fate == Fate::joined);
    return;
  }
  const auto report = office.take({call}).filings.at(0).report;
  const auto later = office.take({again}).filings.at(0);
  CHECK(later.fate == Fate::joined);
  CHECK(later.report == report);
  // What its author takes back of it takes it along.
  Batch gone;
  Signal signal;
  signal.kind = Signal::Kind::deletion;
  signal.subject = ExternalId("201");
  gone.signals.push_back(signal);
  const auto asked = [&] {
    return office.store->ids_between(office.mail, ExternalId("2"), ExternalId("3"), 10).value();
  };
  CHECK(asked().size() == 3);
  REQUIRE(office.intake.ingest(office.mail, std::move(gone), std::nullopt));
  CHECK(asked() == std::vector{ExternalId("203")});
  CHECK(office.store->report(report).value()->text.empty());
}

TEST_CASE("a message that a later release reads otherwise is the same message") {
  Office office;
  auto rules = mail_rules();
  rules.sender_ids = true;
  office.know(rules);
  CHECK(office.take({a_post("<1@x>", "Jalan berlubang di depan pasar")}).reports == 1);
  CHECK(office.take({a_post("<1@x>", "Jalan berlubang di depan pasar\n-- Made")}).reports == 0);
}

}  // namespace
}  // namespace kanal
