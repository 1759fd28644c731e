#include "router/stages.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/text.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;
using namespace std::string_literals;

TEST_CASE("letters in disguise become ordinary ones") {
  CHECK(normalise_text("ＪＡＬＡＮ　rusak") == "JALAN rusak");
  CHECK(normalise_text("𝐉𝐚𝐥𝐚𝐧 𝓻𝓾𝓼𝓪𝓴") == "Jalan rusak");
  CHECK(normalise_text("jala\u0301n") == "jalán");
  CHECK(normalise_text("ja\u200Blan \u202Erusak\u202C \u00ADparah") == "jalan rusak parah");
}

TEST_CASE("what means something of its own stays as it is") {
  CHECK(normalise_text("½ jam, 5 m², ﬁ ①") == "½ jam, 5 m², ﬁ ①");
  CHECK(normalise_text("👨‍👩‍👧 keluarga") == "👨‍👩‍👧 keluarga");
}

TEST_CASE("numbers written in odd ways are left alone") {
  for (const auto* text :
       {"O8-12 tiga4 5enam", "0812.3456.7890", "nol delapan 1 2", "08I2345678"}) {
    CHECK(normalise_text(text) == text);
  }
}

TEST_CASE("blanks are single, and more than one empty line is one") {
  CHECK(normalise_text("  a \t b\r\n\r\n\n\n c \r d  \n") == "a b\n\nc\nd");
  CHECK(normalise_line(" a\n b ") == "a b");
  CHECK(normalise_text("a\0b\x1b[1mc"s) == "ab[1mc");
}

TEST_CASE("a joiner behind marks that change places stays away for good") {
  const auto once = normalise_text("\u0301ﾞ\u200D");
  CHECK(normalise_text(once) == once);
}

TEST_CASE("normalising again changes nothing, whatever the text") {
  static const std::vector<std::string> k_pieces = {
      "a",          "B",      " ",       "\n",      "\r",     "\t",     "5",
      "\xff",       "é",      "e\u0301", "\u0301",  "Ａ",     "𝐀",      "ﾊ",
      "ﾞ",          "\u3000", "\u200D",  "\u200C",  "\u200B", "\u202E", "\uFEFF",
      "👨",          "ا",      "ש",       "﬩",       "한",     "ᄒ",     "ᅡ",
      "ᆫ",         "½",      "ﬁ",       "\u00A0",  "\u2028", "\u0085", "\xed\xa0\x80",
      "ℂ",          "क",      "्",        "\u0000s", "ⅷ",      "Å",      "Ω",
      "\U000E0041", "\u212A", "\u2126",  "\u212B"};
  const bool holds = rc::check([] {
    const auto picks = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, k_pieces.size()));
    std::string text;
    for (const auto pick : picks) text += k_pieces[pick];
    const auto once = normalise_text(text);
    RC_ASSERT(is_utf8(once));
    RC_ASSERT(once.find('\0') == std::string::npos);
    RC_ASSERT(normalise_text(once) == once);
    const auto line = normalise_line(text);
    RC_ASSERT(normalise_line(line) == line);
    RC_ASSERT(line.find('\n') == std::string::npos);
  });
  CHECK(holds);
}

TEST_CASE("a text that was too long is cut where it stays the same when cut again") {
  std::string text;
  while (text.size() < (300U << 10U)) text += "é \n";
  const auto once = normalise_text(text);
  CHECK(once.size() <= (256U << 10U));
  CHECK(normalise_text(once) == once);
}

TEST_CASE("normalising a post keeps what was written and finds its code and language") {
  auto post = a_post("m1", "Ｌａｍｐｕ jalan sudah mati,  nomor " + grouped(make_tracking_code(9)));
  const auto written = post.text;
  post.hints.subject = "Re:\n laporan";
  normalise(post);
  CHECK(post.text.starts_with("Lampu jalan sudah mati, nomor"));
  CHECK(post.full_text == written);
  CHECK(post.language == "id");
  CHECK(post.hints.tracking_code == make_tracking_code(9).value());
  CHECK(post.hints.subject == "Re: laporan");
  const auto again = [&] {
    auto copy = post;
    normalise(copy);
    return copy;
  }();
  CHECK(again.text == post.text);
  CHECK(again.full_text == post.full_text);
}

TEST_CASE("a number that is no code of ours is none") {
  for (const auto* text : {"081234567890 tolong", "1234567890123", "tahun 2026 dan 2027"}) {
    auto post = a_post("m1", text);
    normalise(post);
    CHECK(post.hints.tracking_code.empty());
  }
}

TEST_CASE("automatic, blocked, empty and suspicious posts are kept from becoming reports") {
  Evidence nothing;
  CHECK(screen(a_post("1", "Lampu mati"), nothing).fate == Fate::report);
  auto automatic = a_post("1", "Saya cuti");
  automatic.hints.automatic = "Auto-Submitted: auto-replied";
  CHECK(screen(automatic, nothing).fate == Fate::screened);
  CHECK(screen(automatic, nothing).reason.find("auto-replied") != std::string::npos);
  Evidence blocked;
  blocked.blocked = true;
  CHECK(screen(a_post("1", "Lampu mati"), blocked).fate == Fate::screened);
  CHECK(screen(a_post("1", " \n\t"), nothing).fate == Fate::screened);
  auto photo = a_post("1", "");
  photo.attachments.emplace_back();
  CHECK(screen(photo, nothing).fate == Fate::report);
  auto titled = a_post("1", "");
  titled.hints.subject = "Lampu mati";
  CHECK(screen(titled, nothing).fate == Fate::report);
  auto quotation = a_post("1", "");
  quotation.hints.passed_on = "a quotation";
  CHECK(screen(quotation, nothing).fate == Fate::screened);
  CHECK(screen(quotation, nothing).reason == "support: a quotation");
  auto odd = a_post("1", "Beli sekarang");
  odd.hints.suspicion = "many links";
  CHECK(screen(odd, nothing).fate == Fate::held);
  CHECK(screen(odd, nothing).reason == "many links");
}

TEST_CASE("an answer without words that would be a report of its own is held") {
  auto answer = a_post("1", "");
  answer.author.proven = true;
  answer.hints.subject = "Re: Lampu mati";
  answer.hints.tracking_code = make_tracking_code(9).value();
  Evidence evidence;
  CHECK(screen(answer, evidence).fate == Fate::held);
  evidence.thread = Report{};
  evidence.thread_by = ThreadBy::code;
  CHECK(screen(answer, evidence).fate == Fate::held);
  auto photo = answer;
  photo.attachments.emplace_back();
  CHECK(screen(photo, evidence).fate == Fate::report);
  evidence.thread_is_own = true;
  CHECK(screen(answer, evidence).fate == Fate::report);
}

Organisation town() {
  Organisation town;
  town.name = "Kota";
  town.agencies = {{AgencyId("buleleng"),
                    "Pemerintah Kabupaten Buleleng",
                    "Pemkab",
                    "regency",
                    {"Buleleng", "Kab Buleleng"}},
                   {AgencyId("pu"), "Kementerian PU", "PU", "ministry", {"PUPR"}}};
  town.units = {{UnitId("putr"), AgencyId("buleleng"), "Dinas PUTR", "PUTR"}};
  town.categories = {{CategoryId("road"),
                      {},
                      "Jalan",
                      "Roads",
                      {"jalan rusak", "berlubang"},
                      AgencyId("buleleng"),
                      UnitId("putr"),
                      {}},
                     {CategoryId("water"), {}, "Air", "Water", {"air mati"}, {}, {}, {}}};
  town.kinds = {{KindId("complaint"), "Pengaduan", "Complaint", 14}};
  const auto rule = [](const char* called) {
    RoutingRule made;
    made.name = called;
    return made;
  };
  auto form = rule("form");
  form.entrance = "Pasar";
  form.agency = AgencyId("pu");
  form.dispose = true;
  auto place = rule("place");
  place.place = "Sukasada";
  place.keywords = {"longsor"};
  place.agency = AgencyId("buleleng");
  place.unit = UnitId("putr");
  auto word = rule("word");
  word.keywords = {"tol", "jembatan layang"};
  word.agency = AgencyId("pu");
  word.category = CategoryId("road");
  auto second = rule("second");
  second.keywords = {"tol"};
  second.agency = AgencyId("buleleng");
  auto sms = rule("sms");
  sms.channel = "sms";
  sms.prefix = "lapor";
  sms.agency = AgencyId("buleleng");
  const auto empty = rule("says nothing");
  town.rules = {empty, form, place, word, second, sms};
  return town;
}

Routes::Route route(const Post& post, const ChannelRules& rules = mail_rules()) {
  static const auto organisation = town();
  return Routes(organisation).find(post, rules);
}

TEST_CASE("the agency that the reporter chose comes before every rule") {
  auto post = a_post("1", "Jalan tol rusak");
  for (const auto* chosen :
       {"buleleng", "Pemerintah Kabupaten Buleleng", "kab buleleng", "PEMKAB"}) {
    post.hints.agency = chosen;
    const auto found = route(post);
    CHECK(found.agency == AgencyId("buleleng"));
    CHECK(found.rule == "chosen");
    CHECK(found.dispose);
  }
  post.hints.agency = "nobody";
  CHECK(route(post).agency == AgencyId("pu"));
}

TEST_CASE("the first rule that fits wins") {
  const auto found = route(a_post("1", "Jalan TOL, rusak!"));
  CHECK(found.rule == "word");
  CHECK(found.agency == AgencyId("pu"));
  CHECK(found.category == CategoryId("road"));
  CHECK_FALSE(found.dispose);
  CHECK(route(a_post("1", "Tolong")).rule.empty());
  CHECK(route(a_post("1", "Jembatan layang retak")).rule == "word");
}

TEST_CASE("the form or address that a post came in by decides") {
  auto post = a_post("1", "Lampu mati");
  post.hints.entrance = "pasar";
  const auto found = route(post);
  CHECK(found.agency == AgencyId("pu"));
  CHECK(found.dispose);
}

TEST_CASE("all conditions of a rule must hold") {
  auto post = a_post("1", "Ada longsor");
  CHECK(route(post).agency.empty());
  post.place = Place{{}, {}, "Desa Gitgit, Kec. Sukasada"};
  const auto found = route(post);
  CHECK(found.rule == "place");
  CHECK(found.unit == UnitId("putr"));
  post.text = "Lampu mati";
  CHECK(route(post).rule.empty());
}

TEST_CASE("a text that begins with an agency's name is for that agency") {
  const auto found = route(a_post("1", "Buleleng lampu mati di depan rumah"));
  CHECK(found.agency == AgencyId("buleleng"));
  CHECK(found.rule == "prefix");
  CHECK_FALSE(found.dispose);
  CHECK(route(a_post("1", "Lampu mati di Buleleng")).rule.empty());
  CHECK(route(a_post("1", "Bulelengan")).rule.empty());
}

TEST_CASE("a text that begins with an office's name is for that office, the longest name first") {
  Organisation organisation;
  Agency agency;
  agency.id = AgencyId("buleleng");
  agency.short_name = "Pemkab";
  agency.aliases = {"Pemkab Buleleng", "Kota"};
  organisation.agencies.push_back(agency);
  agency.id = AgencyId("karangasem");
  agency.short_name = "Karangasem";
  agency.aliases = {};
  organisation.agencies.push_back(agency);
  const auto unit = [&](const char* id, const char* of, const char* short_name) {
    Unit made;
    made.id = UnitId(id);
    made.agency = AgencyId(of);
    made.short_name = short_name;
    organisation.units.push_back(made);
  };
  unit("putr", "buleleng", "Dinas PUTR");
  unit("dlh", "buleleng", "DLH");
  unit("dlh_karangasem", "karangasem", "DLH");
  unit("market", "karangasem", "Kota Tua");
  const Routes routes(organisation);
  const auto office = [&](const std::string& text) {
    const auto found = routes.find(a_post("1", text), mail_rules());
    return found.agency.value() + '/' + found.unit.value();
  };
  CHECK(office("PEMKAB lampu mati") == "buleleng/");
  CHECK(office("Pemkab Buleleng: lampu mati") == "buleleng/");
  CHECK(office("dinas putr, jalan rusak") == "buleleng/putr");
  CHECK(office("Kota tua gelap") == "karangasem/market");
  CHECK(office("Kota gelap") == "buleleng/");
  CHECK(office("Dinas jalan rusak") == "/");
  // Two offices are called so.
  CHECK(office("DLH sampah") == "/");
}

TEST_CASE("a rule may be for one channel or kind only, and by the first word") {
  auto sms = mail_rules();
  sms.kind = "sms";
  CHECK(route(a_post("1", "LAPOR lampu mati"), sms).rule == "sms");
  CHECK(route(a_post("1", "Saya lapor lampu mati"), sms).rule.empty());
  CHECK(route(a_post("1", "LAPOR lampu mati")).rule.empty());
}

TEST_CASE("without a rule the category's usual agency is suggested") {
  const auto found = route(a_post("1", "Ada jalan rusak sekali"));
  CHECK(found.category == CategoryId("road"));
  CHECK(found.agency == AgencyId("buleleng"));
  CHECK(found.unit == UnitId("putr"));
  CHECK_FALSE(found.dispose);
  CHECK(found.rule == "category");
  CHECK(route(a_post("1", "Ada air mati")).agency.empty());
  CHECK(route(a_post("1", "Ada air mati")).category == CategoryId("water"));
  auto chosen = a_post("1", "Ada jalan rusak");
  chosen.hints.category = "Water";
  CHECK(route(chosen).category == CategoryId("water"));
  auto titled = a_post("1", "Tolong");
  titled.hints.subject = "Jalan rusak";
  CHECK(route(titled).category == CategoryId("road"));
}

TEST_CASE("every route says what it saw and why") {
  for (const auto* text : {"Lampu mati", "jalan rusak", "jalan tol", "Buleleng gelap"}) {
    const auto found = route(a_post("1", text));
    for (const auto& note : {found.classified, found.routed}) {
      CHECK_FALSE(note.stage.empty());
      CHECK_FALSE(note.evidence.empty());
      CHECK_FALSE(note.decision.empty());
      CHECK_FALSE(note.reason.empty());
    }
  }
}

TEST_CASE("a report is called by its subject, or by how its text begins") {
  auto post = a_post("1", "Lampu jalan di depan pasar mati. Sudah dua minggu.");
  CHECK(title_of(post) == "Lampu jalan di depan pasar mati");
  post.hints.subject = "Lampu mati";
  CHECK(title_of(post) == "Lampu mati");
  post.hints.subject = std::string(60, 'a') + " " + std::string(60, 'b');
  CHECK(title_of(post) == std::string(60, 'a') + "…");
}

}  // namespace
}  // namespace kanal
