#include "router/unstored.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "router/router_fixture.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {
namespace {

using namespace kanal::testing;  // NOLINT(google-build-using-namespace): this is a test

Post with_everything() {
  Post post = a_post("1", "Jalan \"berlubang\"\n\xF0\x9F\x9A\xA7");
  post.in_reply_to = ExternalId("0");
  post.author = {ExternalId("a"), "handle", "name", "phone", "email", false};
  post.full_text = "full";
  post.language = "id";
  post.place = Place{-8.112, 115.0, "Singaraja"};
  post.posted_at += std::chrono::microseconds(123456);
  post.payload = std::string("\xFF\0raw", 5);
  post.hints = {"subject",
                "category",
                "agency",
                "kind",
                true,
                true,
                {ExternalId("r1"), ExternalId("r2")},
                {ExternalId("t")},
                "thread",
                "code",
                "entrance",
                "automatic",
                "unanswered",
                "passed on",
                {ExternalId("o")},
                true,
                "edition",
                true,
                true,
                true,
                true,
                "suspicion"};
  return post;
}

Unstored::Kept kept_post(const std::string& id) {
  Unstored::Kept kept{ChannelName("form"), {}, {make_tracking_code(std::stoul(id))}};
  kept.received.posts.push_back(a_post(id, "Lampu mati"));
  return kept;
}

TEST_CASE("a post is read as it was printed, with every hint") {
  const auto printed = print_whole(with_everything());
  const auto read = read_whole(printed);
  REQUIRE(read);
  CHECK(print_whole(*read) == printed);
  CHECK(read->text == with_everything().text);
  CHECK(read->payload == with_everything().payload);
  CHECK(read->place->longitude == 115.0);
  CHECK(read->hints.references.size() == 2);
  CHECK(read->hints.told == std::vector{ExternalId("t")});
  CHECK(read->hints.passes_on == std::vector{ExternalId("o")});
  CHECK(read->hints.goes_on);
  CHECK(read->hints.suspicion == "suspicion");
  CHECK_FALSE(read->author.proven);
  CHECK(read->posted_at == with_everything().posted_at);
  CHECK_FALSE(read_whole("[1"));
}

TEST_CASE("what is kept after the clock was set back is given out last all the same") {
  const Scratch directory;
  const auto keys = Keys::of_seed("one");
  std::string name;
  {
    const auto unstored = Unstored::open(directory.path(), keys).value();
    REQUIRE(unstored->keep(kept_post("1")));
    name = unstored->names().at(0);
  }
  const auto ahead = "00099999" + name.substr(8);
  std::filesystem::rename(directory.path() / (name + ".kept"),
                          directory.path() / (ahead + ".kept"));
  const auto unstored = Unstored::open(directory.path(), keys).value();
  REQUIRE(unstored->keep(kept_post("2")));
  REQUIRE(unstored->names().size() == 2);
  CHECK(unstored->names().at(0) == ahead);
  CHECK(unstored->read(unstored->names().at(1))->received.posts.at(0).id.value() == "2");
}

TEST_CASE("what is kept outlives the process, sealed, and is given out in its order") {
  const Scratch directory;
  const auto keys = Keys::of_seed("one");
  const auto photo = directory.path() / "photo";
  std::ofstream(photo) << "picture";
  {
    const auto unstored = Unstored::open(directory.path() / "kept", keys).value();
    auto first = kept_post("1");
    first.received.posts[0].attachments = {{"foto.jpg", "image/jpeg", {}, photo, 7, {}},
                                           {"surat.txt", "text/plain", "isi", {}, 3, {}}};
    first.received.signals.push_back(
        {Signal::Kind::failed, "40.3.7", ExternalId("receipt"), "full", true});
    first.received.unreadable.push_back({ExternalId("u"), std::string("\0\x80", 2), "broken"});
    REQUIRE(unstored->keep(first));
    // As an impatient hand sends it.
    for (int i = 0; i < 3; ++i) REQUIRE(unstored->keep(kept_post("2")));
    CHECK(unstored->count() == 2);
  }
  // Whose it was may still need it, as the store does that took it and did not commit.
  CHECK(std::filesystem::exists(photo));
  const auto unstored = Unstored::open(directory.path() / "kept", keys).value();
  REQUIRE(unstored->count() == 2);
  const auto names = unstored->names();
  REQUIRE(names.size() == 2);
  const auto read = unstored->read(names[0]).value();
  CHECK(read.channel.value() == "form");
  CHECK(read.codes == std::vector{make_tracking_code(1)});
  CHECK(read.received.signals.at(0).reply_key == "40.3.7");
  CHECK(read.received.signals.at(0).permanent);
  CHECK(read.received.unreadable.at(0).payload == std::string("\0\x80", 2));
  const auto& files = read.received.posts.at(0).attachments;
  REQUIRE(files.size() == 2);
  CHECK(content_of(files[0].file) == "picture");
  CHECK(content_of(files[1].file) == "isi");
  CHECK(content_of(directory.path() / "kept" / (names[1] + ".kept")).find("Lampu") ==
        std::string::npos);
  // The store takes files away before it commits, which may fail.
  std::filesystem::remove(files[0].file);
  CHECK(content_of(unstored->read(names[0]).value().received.posts.at(0).attachments[0].file) ==
        "picture");
  unstored->forget(names[0]);
  CHECK(unstored->count() == 1);
  CHECK_FALSE(std::filesystem::exists(files[1].file));
}

TEST_CASE("what cannot be read for the moment is put apart by nobody") {
  const Scratch directory;
  const auto keys = Keys::of_seed("one");
  const auto unstored = Unstored::open(directory.path(), keys).value();
  REQUIRE(unstored->keep(kept_post("1")));
  const auto name = unstored->names().at(0);
  const auto file = directory.path() / (name + ".kept");
  std::filesystem::rename(file, directory.path() / "elsewhere");
  CHECK(unstored->read(name).error().remedy == Remedy::retry);
  std::filesystem::rename(directory.path() / "elsewhere", file);
  CHECK(unstored->read(name));
}

TEST_CASE("what cannot be stored by itself holds up neither the others nor what comes") {
  Office office;
  office.intake.know(mail_rules());
  const Scratch directory;
  const auto kept = directory.path() / "kept";
  const auto elsewhere = directory.path() / "moved";
  const auto keep = [&](const std::string& id) {
    const auto unstored = Unstored::open(kept, office.keys).value();
    auto what = kept_post(id);
    what.channel = mail_rules().name;
    what.received.posts[0].text = "Lampu mati di jalan nomor " + id;
    what.received.posts[0].attachments = {{"foto.jpg", "image/jpeg", "bild", {}, 4, {}}};
    REQUIRE(unstored->keep(what));
    return unstored->names().back();
  };
  for (const auto* id : {"1", "2", "3", "4", "5"}) {
    const auto photo = kept / (keep(id) + ".0");
    if (*id < '5') std::filesystem::remove(photo);
    if (*id < '4') std::filesystem::create_directory(photo);
  }
  // They go with their directory.
  std::filesystem::rename(kept, elsewhere);
  REQUIRE(office.intake.keep_unstored_in(elsewhere, office.keys));
  const auto reports = [&] { return office.store->find_reports({}).value().size(); };
  for (int i = 0; i < 9000 && reports() < 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(reports() == 1);
  CHECK(office.store->quarantine({}).value().size() == 1);
  CHECK(office.take({a_post("9", "Jalan berlubang di depan pasar")}).reports == 1);
}

TEST_CASE("what another key sealed is put apart, and what was half written goes") {
  const Scratch directory;
  {
    const auto one = Keys::of_seed("one");
    REQUIRE(Unstored::open(directory.path(), one).value()->keep(kept_post("1")));
  }
  std::ofstream(directory.path() / "00000000000000000001-ab.0") << "of nothing";
  std::ofstream(directory.path() / "00000000000000000001-ab.new") << "half";
  const auto keys = Keys::of_seed("other");
  const auto unstored = Unstored::open(directory.path(), keys).value();
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
  const auto name = unstored->names().at(0);
  CHECK(unstored->read(name).error().remedy == Remedy::drop);
  unstored->set_apart(name);
  CHECK(unstored->count() == 0);
  CHECK(Unstored::open(directory.path(), keys).value()->count() == 0);
  CHECK(std::filesystem::exists(directory.path() / (name + ".unreadable")));
}

TEST_CASE("the same words under the same id have the same number, and all others another") {
  const Scratch directory;
  const auto keys = Keys::of_seed("one");
  const auto unstored = Unstored::open(directory.path(), keys).value();
  const auto post = a_post("1", "Lampu mati");
  const auto code = unstored->code_of(ChannelName("form"), post);
  CHECK(parse_tracking_code(code.value()) == code);
  CHECK(unstored->code_of(ChannelName("form"), post) == code);
  CHECK(unstored->code_of(ChannelName("form"), a_post("2", "Lampu mati")) != code);
  CHECK(unstored->code_of(ChannelName("form"), a_post("1", "Lampu menyala")) != code);
  CHECK(unstored->code_of(ChannelName("mail"), post) != code);
}

}  // namespace
}  // namespace kanal
