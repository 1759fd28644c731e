#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "router/quarantine.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

class OneLine final : public Translator {
 public:
  bool able = true;
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override {
    if (!able) return fail(Remedy::drop, "still torn");
    Batch batch;
    batch.posts.push_back(a_post("q-" + std::string(raw.substr(0, 4)), std::string(raw)));
    return batch;
  }
};

TEST_CASE("a message in quarantine is read again, becomes a report once, and is marked") {
  Office office;
  Batch batch;
  batch.unreadable.push_back({ExternalId("x1"), "Jalan berlubang di depan pasar", "torn"});
  REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
  const auto id = office.store->quarantine({office.mail, 1}).value().at(0).id;
  OneLine translator;
  translator.able = false;
  const auto refused = replay(*office.store, office.intake, id, &translator);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "still torn");
  CHECK_FALSE(office.store->quarantined(id).value()->replayed_at);
  translator.able = true;
  const auto done = replay(*office.store, office.intake, id, &translator);
  REQUIRE(done);
  CHECK(done->reports == 1);
  CHECK(office.store->quarantined(id).value()->replayed_at);
  const auto again = replay(*office.store, office.intake, id, &translator);
  REQUIRE(again);
  CHECK(again->filings.at(0).fate == Fate::repeated);
  CHECK(office.database.ask("SELECT count(*) FROM report") == "1");
  CHECK_FALSE(replay(*office.store, office.intake, QuarantineId(999), &translator));
}

/// Finds a message in each line, save in one that is torn.
class ManyLines final : public Translator {
 public:
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override {
    Batch batch;
    for (const auto line : split(raw, '\n')) {
      const ExternalId id("line-" + std::string(line));
      if (line == "torn") {
        batch.unreadable.push_back({id, std::string(line), "it is torn"});
      } else {
        batch.posts.push_back(a_post(id.value(), "Lampu mati di " + std::string(line)));
      }
    }
    return batch;
  }
};

TEST_CASE("of many messages that are read again one that is torn holds up none of the others") {
  Office office;
  Batch batch;
  batch.unreadable.push_back({ExternalId("x1"), "Jalan Mawar\ntorn\nJalan Melati", "too many"});
  REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
  const auto id = office.store->quarantine({office.mail, 1}).value().at(0).id;
  const ManyLines lines;
  const auto done = replay(*office.store, office.intake, id, &lines);
  REQUIRE(done);
  CHECK(done->reports == 2);
  CHECK(office.store->quarantined(id).value()->replayed_at);
  QuarantineFilter waiting;
  waiting.waiting_only = true;
  const auto left = office.store->quarantine(waiting).value();
  REQUIRE(left.size() == 1);
  CHECK(left[0].reason == "it is torn");
  CHECK_FALSE(replay(*office.store, office.intake, left[0].id, &lines));
}

TEST_CASE("a post without a raw form of its own is kept in ours and can be read again") {
  Office office;
  auto post = guilty("m1");
  post.payload.clear();
  office.take({post});
  const auto id = office.store->quarantine({office.mail, 1}).value().at(0).id;
  const auto kept = office.store->quarantined(id).value();
  REQUIRE(kept);
  CHECK(kept->payload.starts_with("{\"channel\""));
  const OneLine reader;
  const auto still = replay(*office.store, office.intake, id, &reader);
  REQUIRE_FALSE(still);
  CHECK_FALSE(office.store->quarantined(id).value()->replayed_at);
}

TEST_CASE("an imported line that could not be stored is read again, whatever its channel reads") {
  Office office;
  const std::string line = R"({"id":"l1","author":{"id":"surat 7"},"text":"Jalan rusak",)"
                           R"("posted_at":"2026-03-02T04:00:00Z"})";
  const OneLine reader;
  for (const Translator* translator :
       {static_cast<const Translator*>(nullptr), static_cast<const Translator*>(&reader)}) {
    Batch batch;
    const auto mark = std::string(translator == nullptr ? "l1" : "l2");
    auto own = line;
    own.replace(own.find("l1"), 2, mark);
    batch.unreadable.push_back({ExternalId(mark), own, "could not be stored"});
    REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
    const auto id = office.store->quarantine({office.mail, 1}).value().at(0).id;
    const auto again = replay(*office.store, office.intake, id, translator);
    INFO((again ? "" : again.error().message));
    REQUIRE(again);
    CHECK(again->filings.at(0).fate != Fate::quarantined);
    CHECK(again->filings.at(0).id == ExternalId(mark));
  }
}

TEST_CASE("reading an imported line again takes away no file that it names") {
  Office office;
  const auto file = office.database.attachments().parent_path() / "jalan.jpg";
  std::ofstream(file) << "the user's own picture";
  Batch batch;
  batch.unreadable.push_back(
      {ExternalId("l3"),
       R"({"id":"l3","author":{"id":"surat 7"},"text":"Jalan rusak","attachments":[{"path":")" +
           file.string() + R"("}],"posted_at":"2026-03-02T04:00:00Z"})",
       "its file was too large"});
  REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
  const auto id = office.store->quarantine({office.mail, 1}).value().at(0).id;
  const auto again = replay(*office.store, office.intake, id, nullptr);
  REQUIRE_FALSE(again);
  CHECK(again.error().message.find("import the line again") != std::string::npos);
  CHECK(std::filesystem::exists(file));
  std::filesystem::remove(file);
}

TEST_CASE("the files of a message in quarantine are kept, and come back with it") {
  Office office;
  office.database.ask(
      "CREATE FUNCTION never_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " RAISE EXCEPTION 'torn' USING ERRCODE = 'data_exception'; END $$;"
      "CREATE TRIGGER never_fits BEFORE INSERT ON report"
      " FOR EACH ROW EXECUTE FUNCTION never_fits()");
  auto post = a_post("f1", "Jalan berlubang di depan pasar");
  post.payload = "f1 Jalan berlubang di depan pasar";
  post.attachments.push_back({"lampiran-1.jpg", "image/jpeg", "a picture", {}, 9, {}});
  const auto taken = office.take({post});
  CHECK(taken.quarantined == 1);
  REQUIRE(taken.filings.size() == 1);
  CHECK(taken.filings[0].fate == Fate::quarantined);
  CHECK(taken.filings[0].id == ExternalId("f1"));
  const auto kept = office.store->quarantine({office.mail, 10}).value();
  REQUIRE(kept.size() == 1);
  const auto whole = office.store->quarantined(kept[0].id).value().value();
  REQUIRE(whole.attachments.size() == 1);
  CHECK(whole.attachments[0].name == "lampiran-1.jpg");
  REQUIRE(office.store->sweep_attachments(std::chrono::hours(0)));
  CHECK(std::filesystem::exists(office.store->attachment_file(whole.attachments[0])));

  office.database.ask("DROP TRIGGER never_fits ON report");
  const OneLine reader;
  const auto again = replay(*office.store, office.intake, kept[0].id, &reader);
  INFO((again ? "" : again.error().message));
  REQUIRE(again);
  const auto posts = office.store->posts_of(again->filings.at(0).report).value();
  REQUIRE(posts.at(0).attachments.size() == 1);
  CHECK(std::filesystem::exists(office.store->attachment_file(posts[0].attachments[0])));
}

}  // namespace
}  // namespace kanal
