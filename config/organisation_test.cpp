#include "config/organisation.hpp"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>

#include "config/settings.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {
namespace {

TEST_CASE("the shipped organisation is sound") {
  const auto organisation = Organisation::shipped();
  CHECK(organisation.agencies.size() == 3);
  CHECK(organisation.units.size() >= 10);
  CHECK(organisation.category(CategoryId("road"))->unit == UnitId("putr"));
  CHECK(organisation.unit(UnitId("putr"))->agency == AgencyId("buleleng"));
  CHECK(organisation.deadlines.at(0).days.at("verification") == 3);
  CHECK(std::is_sorted(organisation.holidays.begin(), organisation.holidays.end()));
  CHECK(organisation.agency(AgencyId("nobody")) == nullptr);
}

TEST_CASE("an organisation that contradicts itself is refused with every reason") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << "name = \"X\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                         "[[agency]]\nid = \"a\"\nname = \"B\"\n"
                         "[[unit]]\nid = \"u\"\nagency = \"b\"\nname = \"U\"\n"
                         "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                         "[[deadlines]]\nname = \"d\"\nfrom = \"2026-01-01\"\n"
                         "days = { lunch = 1 }\n";
  const auto read = Organisation::read(file);
  REQUIRE_FALSE(read);
  const auto& text = read.error().message;
  INFO(text);
  CHECK(text.find(":6: agency[1].id: \"a\" is there twice") != std::string::npos);
  CHECK(text.find(":10: unit[0].agency: there is no agency \"b\"") != std::string::npos);
  CHECK(text.find("lunch: is not a timer") != std::string::npos);
}

TEST_CASE("every error is said at once, each once, in the order of the file") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << "time_zone = 7\nname = \"X\"\n"
                         "[[agency]]\nid = \"a\"\nname = \"A\"\n"
                         "[[agency]]\nid = \"a\"\n"
                         "[[unit]]\nid = \"u\"\nagency = \"b\"\nname = \"U\"\n"
                         "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                         "[[deadlines]]\nname = \"later\"\nfrom = \"2027-01-01\"\n"
                         "days = { lunch = 1 }\n"
                         "[[deadlines]]\nname = \"d\"\nfrom = \"2026-01-01\"\n"
                         "days = { silence = \"3\" }\n"
                         "[[rule]]\nname = \"r\"\nkeywords = \"x\"\nagency = \"c\"\n";
  const auto read = Organisation::read(file);
  REQUIRE_FALSE(read);
  const auto at = file.string() + ":";
  CHECK(read.error().message == at + "1: time_zone: must be a text in quotation marks\n" +  //
                                    at + "6: agency[1].name: is missing: Its full name.\n" + at +
                                    "7: agency[1].id: \"a\" is there twice\n" + at +
                                    "10: unit[0].agency: there is no agency \"b\"\n" + at +
                                    "18: deadlines[0].days.lunch: is not a timer, nor resolution "
                                    "and a kind (\"resolution.KIND\")\n" +
                                    at + "22: deadlines[1].days.silence: must be a whole number\n" +
                                    at + "25: rule[0].keywords: must be a list\n" + at +
                                    "26: rule[0].agency: there is no agency \"c\"\n");
}

TEST_CASE("what follows from a key that could not be read is not said besides") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << "name = \"X\"\n"
                         "[[agency]]\nid = 1\nname = \"A\"\n"
                         "[agency.handed_over]\nby = \"fax\"\nchannel = \"email\"\n"
                         "address = \"a@contoh.go.id\"\n"
                         "[[unit]]\nid = \"u\"\nagency = 1\nname = \"U\"\n"
                         "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                         "[[category]]\nid = \"c\"\nname_id = \"C\"\nagency = \"a\"\n"
                         "unit = \"u\"\n";
  const Organisation::Ways ways{nullptr, {{"email"}}};
  const auto read = Organisation::read(file, &ways);
  REQUIRE_FALSE(read);
  const auto at = file.string() + ":";
  CHECK(read.error().message ==
        at + "3: agency[0].id: must be a text in quotation marks\n" + at +
            "6: agency[0].handed_over.by: must be one of \"console\", \"email\"\n" + at +
            "11: unit[0].agency: must be a text in quotation marks\n");
}

TEST_CASE("what would quietly never hold is said") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto said_of = [&](const std::string& zone, const std::string& more) {
    std::ofstream(file) << "name = \"X\"\ntime_zone = \"" << zone << "\"\n"
                        << "[[agency]]\nid = \"a\"\nname = \"A\"\n"
                        << "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                        << more;
    const auto read = Organisation::read(file);
    return read ? std::string() : read.error().message;
  };
  for (const auto* zone : {"Asia/Jakarta", "UTC", "+08:00", "-03:30"})
    CHECK(said_of(zone, "").empty());
  for (const auto* zone : {"WIB", "Asia/Singapore", "+8:00", "+99:00", "+07:0x", ""}) {
    INFO(zone);
    CHECK(said_of(zone, "").find(":2: time_zone: ") != std::string::npos);
  }
  const auto rule = said_of("UTC", "[[rule]]\nname = \"all\"\nagency = \"a\"\n");
  CHECK(rule.find(":10: rule[0].name: this rule has no condition") != std::string::npos);
  const auto words = said_of("UTC",
                             "[wordings]\n\"received.id\" = \"a\"\n\"received.en.short\" = \"b\"\n"
                             "\"received.indonesia\" = \"c\"\n\"received.id.tiny\" = \"d\"\n"
                             "received = \"e\"\n");
  CHECK(words.find("received.indonesia: must be called") != std::string::npos);
  CHECK(words.find("received.id.tiny: must be called") != std::string::npos);
  CHECK(words.find("wordings.received: must be called") != std::string::npos);
  CHECK(words.find(":12: wordings.received.indonesia") != std::string::npos);
  CHECK(words.find("received.id:") == std::string::npos);
  CHECK(said_of("UTC", "[wordings]\n\"received.id.short@sms\" = \"a\"\n").empty());
  const auto lost = said_of("UTC", "[wordings]\n\"received.id\" = \"Laporan {kode} diterima\"\n");
  CHECK(lost.find(":10: wordings.received.id: no reply has a value {kode}") != std::string::npos);
  const std::string dated = "[[deadlines]]\nname = \"d\"\nfrom = \"2026-01-01\"\ndays = ";
  CHECK(said_of("UTC", dated + "{ \"resolution.k\" = 5, resolution = 9, silence = 3 }\n").empty());
  CHECK(said_of("UTC", dated + "{ none = 5 }\n")
            .find(":12: deadlines[0].days.none: is not a timer") != std::string::npos);
  CHECK(said_of("UTC", dated + "{ \"resolution.x\" = 5 }\n").find("is not a timer") !=
        std::string::npos);
  CHECK(words.find("received.en.short:") == std::string::npos);
}

TEST_CASE("the organisation too has a name short enough for a text message") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto said_of = [&](const std::string& names) {
    std::ofstream(file) << names << "[[agency]]\nid = \"a\"\nname = \"A\"\n"
                        << "[[kind]]\nid = \"k\"\nname_id = \"K\"\n";
    const auto read = Organisation::read(file);
    return read ? std::string() : read.error().message;
  };
  const std::string name = "name = \"Pemerintah Kabupaten Buleleng\"\n";
  CHECK(said_of(name).find(":1: name: must be at most 24") != std::string::npos);
  CHECK(said_of(name + "short_name = \"Kabupaten Buleleng (contoh)\"\n").find(":2: short_name") !=
        std::string::npos);
  CHECK(said_of(name + "short_name = \"Kab. Buleleng\"\n").empty());
}

TEST_CASE("what a category asks is read, and refused where it cannot be answered") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  const auto with = [&](const std::string& questions) {
    std::ofstream(file) << "name = \"O\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                           "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                           "[[category]]\nid = \"c\"\nname_id = \"C\"\n" +
                               questions;
    return Organisation::read(file);
  };
  const std::string list =
      "[[category.question]]\ncode = \"size\"\ntype = \"singlevaluelist\"\nrequired = true\n"
      "text_id = \"Ukuran\"\nchoice = [{ key = \"big\", name_id = \"Besar\" }]\n";
  const auto read = with(list);
  REQUIRE(read);
  const auto& question = read->categories.at(0).questions.at(0);
  CHECK(question.required);
  CHECK(question.text_en == "Ukuran");
  CHECK(question.choices.at(0).name_en == "Besar");
  CHECK_FALSE(read->is_heading(read->categories.at(0)));

  const auto wrong = with(list + list +
                          "[[category.question]]\ncode = \"a]\"\ntype = \"number\"\n"
                          "text_id = \"A\"\nchoice = [{ key = \"1\", name_id = \"1\" }]\n"
                          "[[category.question]]\ncode = \"b\"\ntype = \"multivaluelist\"\n"
                          "text_id = \"B\"\n");
  REQUIRE_FALSE(wrong);
  const auto& text = wrong.error().message;
  INFO(text);
  CHECK(text.find("\"size\" is there twice") != std::string::npos);
  CHECK(text.find("has only letters, digits") != std::string::npos);
  CHECK(text.find("only lists have answers") != std::string::npos);
  CHECK(text.find("a list needs answers") != std::string::npos);
}

TEST_CASE("a way to an office is read, and refused where no report could take it") {
  const Scratch directory;
  const auto file = directory.path() / "organisation.toml";
  std::vector<ChannelEntry> channels(4);
  channels[3].name = ChannelName("putr");
  channels[3].common.kind = "webhook";
  channels[0].name = ChannelName("email");
  channels[0].common.kind = "email";
  channels[1].name = ChannelName("form");
  channels[1].common.kind = "webform";
  channels[2].name = ChannelName("off");
  channels[2].common.kind = "email";
  channels[2].common.enabled = false;
  const auto with = [&](const std::string& way) {
    std::ofstream(file) << "name = \"O\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n"
                           "[[kind]]\nid = \"k\"\nname_id = \"K\"\n"
                           "[[unit]]\nid = \"u\"\nagency = \"a\"\nname = \"U\"\n"
                           "[unit.handed_over]\n" +
                               way;
    const Organisation::Ways ways{&channels, {{"email"}, {"webhook"}, {"lapor", false}}};
    return Organisation::read(file, &ways);
  };
  const auto read = with(
      "by = \"email\"\nchannel = \"email\"\naddress = \"putr@contoh.go.id\"\n"
      "also_from = [\"@Contoh.go.id\", \"ani@lain.id\"]\n");
  REQUIRE(read);
  const auto* way = read->hand_over({AgencyId("a"), UnitId("u")});
  REQUIRE(way != nullptr);
  CHECK(way->language == "id");
  CHECK(way->answers("PUTR@contoh.go.id"));
  CHECK(way->answers("siapa@contoh.go.id"));
  CHECK(way->answers("ani@lain.id"));
  CHECK_FALSE(way->answers("budi@lain.id"));
  CHECK_FALSE(way->answers("siapa@jahat-contoh.go.id"));
  CHECK_FALSE(way->answers(""));
  CHECK(read->hand_over({AgencyId("a"), {}}) == nullptr);

  const auto refusal = [&](const std::string& text) { return with(text).error().message; };
  const std::string address = "address = \"putr@contoh.go.id\"\n";
  CHECK(refusal("by = \"fax\"\nchannel = \"email\"\n" + address)
            .find(":13: unit[0].handed_over.by") != std::string::npos);
  const auto by_mail = "by = \"email\"\nchannel = \"email\"\n" + address;
  CHECK(with(by_mail + "[wordings]\n\"received.id@email\" = \"a\"\n"));
  CHECK(refusal(by_mail + "[wordings]\n\"received.id@emial\" = \"a\"\n")
            .find("received.id@emial: there is no channel \"emial\"") != std::string::npos);
  CHECK(refusal("by = \"email\"\n" + address).find("handed_over.channel: is missing") !=
        std::string::npos);
  CHECK(refusal("by = \"email\"\n" + address).find(":12: unit[0].handed_over.channel") !=
        std::string::npos);
  CHECK(refusal("channel = \"email\"\n" + address).find("handed_over.by") != std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"mail\"\n" + address)
            .find(":14: unit[0].handed_over.channel: there is no channel \"mail\"") !=
        std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"form\"\n" + address)
            .find("\"form\" is of the kind \"webform\", not \"email\"") != std::string::npos);
  CHECK(refusal("by = \"email\"\nchannel = \"off\"\n" + address).find("is not enabled") !=
        std::string::npos);
  const auto wrong = refusal(
      "by = \"email\"\nchannel = \"email\"\naddress = \"putr\"\nalso_from = [\"@x\", \"y\"]\n");
  CHECK(wrong.find(":15: unit[0].handed_over.address") != std::string::npos);
  CHECK(wrong.find("also_from[0]") != std::string::npos);
  CHECK(wrong.find("also_from[1]") != std::string::npos);

  const auto system = with("by = \"webhook\"\nchannel = \"putr\"\n");
  REQUIRE(system);
  CHECK(system->hand_over({AgencyId("a"), UnitId("u")})->answers("putr"));
  CHECK(system->hand_over({AgencyId("a"), UnitId("u")})->writes);
  channels[3].common.kind = "lapor";
  const auto asked = with("by = \"lapor\"\nchannel = \"putr\"\n");
  REQUIRE(asked);
  CHECK_FALSE(asked->hand_over({AgencyId("a"), UnitId("u")})->writes);
  channels[3].common.kind = "webhook";
  CHECK_FALSE(system->hand_over({AgencyId("a"), UnitId("u")})->answers("putr@contoh.go.id"));
  CHECK(refusal("by = \"webhook\"\nchannel = \"putr\"\n" + address)
            .find(":15: unit[0].handed_over.address: is for by = \"email\"") != std::string::npos);
}

}  // namespace
}  // namespace kanal
