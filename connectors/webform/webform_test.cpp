#include "connectors/webform/webform.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "config/schema.hpp"
#include "connectors/webform/fields.hpp"
#include "connectors/webform/token.hpp"
#include "core/text.hpp"
#include "format/picture_fixture.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::webform {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr Time k_now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
constexpr const char* k_text = "Lampu jalan di depan Pasar Banyuasri mati sejak seminggu.";

/// One channel with a form of everything, one for roads, and a citizen who fills them in.
class Citizen : public test::ConnectorWorld<> {
 public:
  explicit Citizen(const std::string& settings = "")
      : ConnectorWorld(k_now, Organisation::shipped()) {
    around.spool = scratch_.path() / "spool";
    auto made =
        create("webform", ChannelName("form"),
               settings +
                   "[forms.report]\n"
                   "[forms.jalan]\ntitle_id = \"Jalan rusak\"\ntitle_en = \"Bad roads\"\n"
                   "agency = \"kemenpu\"\ncategory = \"national_road\"\nfields = [\"address\"]\n"
                   "frame_origins = [\"https://pu.example\"]\n");
    if (!made) FAIL(made.error().message);
    connector_ = std::move(*made);
    host_ = dynamic_cast<FormHost*>(connector_.get());
  }

  FormHost& host() { return *host_; }
  Connector& connector() { return *connector_; }
  [[nodiscard]] const Translator& translator() const {
    return dynamic_cast<const Translator&>(*connector_);
  }

  /// Opens a form, takes a minute to fill it in, and sends it.
  FormOutcome send(Fields fields) {
    if (token_.empty()) token_ = host_->blank(form, language, k_now)->token;
    fields.emplace_back("token", token_);
    return send_parts(std::move(fields));
  }
  FormOutcome send_parts(Fields fields) {
    std::vector<FormPart> parts;
    for (auto& [name, value] : fields) parts.push_back({name, value, {}, {}, {}, value.size()});
    for (const auto& file : files_) parts.push_back(file);
    return host_->submit({form, parts, peer, origin, fetch_site, "lapor.example", language, now});
  }
  /// The same form, which nobody could keep.
  FormView again(Fields fields) {
    fields.emplace_back("token", token_);
    std::vector<FormPart> parts;
    for (auto& [name, value] : fields) parts.push_back({name, value, {}, {}, {}, value.size()});
    for (const auto& file : files_) parts.push_back(file);
    return host_->again({form, parts, peer, origin, fetch_site, "lapor.example", language, now});
  }
  void choose(const std::string& name, std::string_view bytes) {
    // The server keeps no file for what has no bytes.
    const auto kept = bytes.empty() ? std::filesystem::path() : scratch_.file(bytes);
    files_.push_back({"photos", {}, name, "image/svg+xml", kept, bytes.size()});
  }
  void open_anew() { token_.clear(); }
  [[nodiscard]] std::size_t files_kept() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(around.spool), {}));
  }
  Scratch& scratch() { return scratch_; }

  std::string form = "report";
  std::string language = "id";
  std::string peer = "203.0.113.9";
  std::string origin = "https://lapor.example";
  std::string fetch_site = "same-origin";
  Time now = k_now + 1min;

 private:
  Scratch scratch_;
  std::unique_ptr<Connector> connector_;
  FormHost* host_ = nullptr;
  std::string token_;
  std::vector<FormPart> files_;
};

const Post& post_in(const FormOutcome& outcome) {
  const auto* received = std::get_if<Received>(&outcome);
  if (received == nullptr) FAIL(std::get<FormView>(outcome).message);
  REQUIRE(received->posts.size() == 1);
  return received->posts.front();
}

const FormView& form_in(const FormOutcome& outcome) {
  REQUIRE(std::holds_alternative<FormView>(outcome));
  return std::get<FormView>(outcome);
}

const FormField& field(const FormView& view, std::string_view name) {
  for (const auto& each : view.fields) {
    if (each.name == name) return each;
  }
  FAIL("no field " << name);
  return view.fields.front();
}

TEST_CASE("a form that is filled in becomes a post of all that was said") {
  Citizen citizen;
  const auto outcome = citizen.send({{"subject", "Lampu mati"},
                                     {"text", k_text},
                                     {"category", "street_light"},
                                     {"address", "Jalan Ahmad Yani"},
                                     {"latitude", "-8.112"},
                                     {"longitude", "115.088"},
                                     {"name", "Ni Luh"},
                                     {"email", "Ni.Luh@Example.org"},
                                     {"phone", "0812-3456-7890"},
                                     {"anonymous", "on"}});
  const auto& post = post_in(outcome);
  CHECK(post.text == k_text);
  CHECK(post.hints.subject == "Lampu mati");
  CHECK(post.hints.category == "street_light");
  CHECK(post.hints.entrance == "report");
  CHECK(post.hints.suspicion.empty());
  CHECK(post.hints.anonymous);
  CHECK_FALSE(post.hints.confidential);
  REQUIRE(post.place);
  CHECK(post.place->latitude == Approx(-8.112));
  CHECK(post.place->address == "Jalan Ahmad Yani");
  CHECK(post.author.name == "Ni Luh");
  CHECK(post.author.email == "ni.luh@example.org");
  CHECK(post.author.phone == "+6281234567890");
  CHECK(post.author.id.value() == "ni.luh@example.org");
  CHECK_FALSE(post.author.proven);
  CHECK(post.posted_at == citizen.now);
  CHECK(post.language == "id");
}

TEST_CASE("two openings of a form without a name or address are two people") {
  Citizen citizen;
  const auto first = citizen.send({{"text", k_text}});
  citizen.open_anew();
  const auto second = citizen.send({{"text", k_text}});
  CHECK(post_in(first).author.id != post_in(second).author.id);
}

TEST_CASE("the same opening sent twice is the same post") {
  Citizen citizen;
  const auto first = citizen.send({{"text", k_text}});
  citizen.now += 1h;
  const auto again = citizen.send({{"text", k_text}});
  CHECK(post_in(first).id == post_in(again).id);
  citizen.open_anew();
  CHECK(post_in(citizen.send({{"text", k_text}})).id != post_in(first).id);
}

TEST_CASE("a form of an agency asks what it is told to, and presets the rest") {
  Citizen citizen;
  citizen.form = "jalan";
  const auto view = *citizen.host().blank("jalan", "en", k_now);
  CHECK(view.title == "Bad roads");
  CHECK(view.frame_origins == std::vector<std::string>{"https://pu.example"});
  std::set<std::string> names;
  for (const auto& each : view.fields) names.insert(each.name);
  CHECK(names == std::set<std::string>{"text", "address"});
  // What it does not ask for is not taken from a hand that adds it.
  const auto outcome = citizen.send(
      {{"text", k_text}, {"category", "waste"}, {"email", "x@example.org"}, {"anonymous", "on"}});
  const auto& post = post_in(outcome);
  CHECK(post.hints.agency == "kemenpu");
  CHECK(post.hints.category == "national_road");
  CHECK(post.author.email.empty());
  CHECK_FALSE(post.hints.anonymous);
}

TEST_CASE("forms are listed with their titles, and one that is not there is none") {
  Citizen citizen;
  const auto forms = citizen.host().forms("en");
  REQUIRE(forms.size() == 2);
  CHECK(forms[0].title == "Bad roads");
  CHECK_FALSE(forms[0].is_general);
  CHECK_FALSE(citizen.host().blank("nothing", "id", k_now));
  citizen.form = "nothing";
  CHECK(form_in(citizen.send_parts({{"text", k_text}})).status == 404);
}

TEST_CASE("a form that was open too long, or is not ours, comes back with all that was typed") {
  Citizen citizen;
  const auto token = citizen.host().blank("report", "id", k_now)->token;
  const auto other = citizen.host().blank("jalan", "id", k_now)->token;
  const auto foreign = print_token(Keys::of_seed("x"), "report", {k_now, std::string(16, 'r')});
  auto tampered = token;
  tampered[5] = tampered[5] == 'A' ? 'B' : 'A';
  const auto refused = [&](const std::string& with) {
    const auto outcome =
        citizen.send_parts({{"text", k_text}, {"name", "Ni Luh"}, {"token", with}});
    const auto& view = form_in(outcome);
    CHECK(view.status == 403);
    CHECK(field(view, "text").value == k_text);
    CHECK(field(view, "name").value == "Ni Luh");
    // The new token is good at once.
    return view.token;
  };
  for (const auto& bad : {other, foreign, tampered, std::string()}) refused(bad);
  citizen.now = k_now - 1s;
  refused(token);
  citizen.now = k_now + 24h + 1s;
  const auto renewed = refused(token);
  citizen.now += 10s;
  CHECK(
      post_in(citizen.send_parts({{"text", k_text}, {"token", renewed}})).hints.suspicion.empty());
  citizen.now = k_now + 24h;
  CHECK(post_in(citizen.send_parts({{"text", k_text}, {"token", token}})).text == k_text);
}

TEST_CASE("whoever wrote for too long may send at once what stands there, and a robot may not") {
  Citizen citizen;
  const auto token = citizen.host().blank("report", "id", k_now)->token;
  const auto foreign = print_token(Keys::of_seed("x"), "report", {k_now, std::string(16, 'r')});
  const auto sent_at_once = [&](const std::string& with) {
    const auto renewed = form_in(citizen.send_parts({{"text", k_text}, {"token", with}})).token;
    return post_in(citizen.send_parts({{"text", k_text}, {"token", renewed}})).hints.suspicion;
  };
  citizen.now = k_now - 1s;
  CHECK(sent_at_once(token).empty());
  citizen.now = k_now + 24h + 1s;
  CHECK(sent_at_once(token).empty());
  for (const auto& bad : {foreign, std::string()}) {
    CHECK(sent_at_once(bad) == "sent faster than a person writes");
  }
}

TEST_CASE("a page of another site cannot send a form, and an old browser can") {
  Citizen citizen;
  const auto status = [&](const char* site, const char* from) {
    citizen.fetch_site = site;
    citizen.origin = from;
    const auto outcome = citizen.send({{"text", k_text}});
    const auto* view = std::get_if<FormView>(&outcome);
    if (view != nullptr) CHECK(view->message.find("situs lain") != std::string::npos);
    return view == nullptr ? 200 : view->status;
  };
  CHECK(status("same-origin", "https://lapor.example") == 200);
  CHECK(status("none", "") == 200);
  CHECK(status("", "") == 200);
  CHECK(status("", "null") == 200);
  CHECK(status("", "https://LAPOR.example") == 200);
  CHECK(status("cross-site", "https://evil.example") == 403);
  CHECK(status("same-site", "https://www.lapor.example") == 403);
  CHECK(status("cross-site", "https://lapor.example") == 403);
  CHECK(status("", "https://evil.example") == 403);
  CHECK(status("", "https://lapor.example.evil.example") == 403);
  CHECK(status("", "https://lapor.example:8443") == 403);
  CHECK(status("", "nonsense") == 403);
}

TEST_CASE("what looks written by a machine is held for a person, and lost never") {
  Citizen citizen;
  CHECK(post_in(citizen.send({{"text", k_text}, {"website", "http://spam.example"}}))
            .hints.suspicion == "the hidden field was filled in");
  const auto links = std::string(k_text) + " http://a.example https://b.example https://c.example";
  CHECK(post_in(citizen.send({{"text", links}})).hints.suspicion == "many links");
  citizen.now = k_now + 2s;
  const auto outcome = citizen.send({{"text", k_text}});
  CHECK(post_in(outcome).hints.suspicion == "sent faster than a person writes");
  CHECK(post_in(outcome).text == k_text);
  citizen.now = k_now + 3s;
  CHECK(post_in(citizen.send({{"text", k_text}})).hints.suspicion.empty());
}

TEST_CASE("what is wrong is said at its field, in the page's language, and nothing is lost") {
  Citizen citizen;
  citizen.language = GENERATE(as<std::string>{}, "id", "en");
  const bool english = citizen.language == "en";
  const auto outcome = citizen.send({{"subject", std::string(201, 's')},
                                     {"text", "Rusak"},
                                     {"category", "nonsense"},
                                     {"name", "Ni <b>Luh</b>"},
                                     {"email", "ni luh"},
                                     {"phone", "call me"},
                                     {"confidential", "on"}});
  const auto& view = form_in(outcome);
  CHECK(view.status == 422);
  CHECK(view.message ==
        (english ? "Please check the fields below." : "Ada yang perlu diperbaiki."));
  for (const auto* name : {"subject", "text", "category", "email", "phone"}) {
    INFO(name);
    CHECK_FALSE(field(view, name).message.empty());
    CHECK_FALSE(field(view, name).value.empty());
  }
  CHECK(field(view, "name").message.empty());
  CHECK(field(view, "name").value == "Ni <b>Luh</b>");
  CHECK_FALSE(field(view, "confidential").value.empty());
  CHECK(field(view, "anonymous").value.empty());
  const auto& subject = field(view, "subject").message;
  CHECK(subject.find("200") != std::string::npos);
  CHECK(subject.find("201") != std::string::npos);
  CHECK((subject.find("characters") != std::string::npos) == english);
  CHECK((field(view, "phone").message.find("phone number") != std::string::npos) == english);
}

TEST_CASE("a point that was found outlives a mistake, and a form tells how large files may be") {
  Citizen citizen;
  const auto sent = citizen.send({{"text", "x"}, {"latitude", "-8.112"}, {"longitude", "115.088"}});
  const auto& again = form_in(sent);
  CHECK(again.latitude == "-8.112");
  CHECK(again.longitude == "115.088");
  const auto blank = citizen.host().blank("report", "id", k_now).value();
  CHECK(blank.latitude.empty());
  CHECK(field(blank, "photos").most_files > 0);
  CHECK(field(blank, "photos").most_file_bytes > 0);
  CHECK(field(blank, "text").most_files == 0);
}

TEST_CASE("an empty complaint is asked for, and its length counts characters") {
  Citizen citizen;
  for (const auto* empty : {"", "   \r\n\t "}) {
    const auto outcome = citizen.send({{"text", empty}});
    CHECK(field(form_in(outcome), "text").message.starts_with("Isian ini diperlukan"));
  }
  std::string long_text;
  for (int i = 0; i < 10'000; ++i) long_text += "é";
  CHECK(post_in(citizen.send({{"text", long_text}})).text == long_text);
  const auto outcome = citizen.send({{"text", long_text + "é"}});
  CHECK_FALSE(field(form_in(outcome), "text").message.empty());
}

TEST_CASE("bytes that are no text are mended on their way in") {
  Citizen citizen;
  const auto outcome = citizen.send({{"text", "Jalan rusak \xFF\xC0 di sini\0x"s}});
  CHECK(post_in(outcome).text.find('\0') == std::string::npos);
  CHECK(post_in(outcome).text.find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("too many forms from one network are put off with what was typed") {
  Citizen citizen("peer_burst = 2\npeer_per_hour = 60\n");
  CHECK(post_in(citizen.send({{"text", k_text}})).text == k_text);
  // What is refused for its content costs nothing.
  for (int i = 0; i < 10; ++i) CHECK(form_in(citizen.send({{"text", "x"}})).status == 422);
  CHECK(post_in(citizen.send({{"text", k_text}})).text == k_text);
  const auto outcome = citizen.send({{"text", k_text}});
  CHECK(form_in(outcome).status == 429);
  CHECK(form_in(outcome).message.find("jaringan Anda") != std::string::npos);
  CHECK(field(form_in(outcome), "text").value == k_text);
  citizen.peer = "198.51.100.1";
  CHECK(post_in(citizen.send({{"text", k_text}})).text == k_text);
}

TEST_CASE("when all together send too much, nobody is told that it is their network's fault") {
  Citizen citizen("total_burst = 1\ntotal_per_hour = 1\n");
  citizen.language = "en";
  CHECK(post_in(citizen.send({{"text", k_text}})).text == k_text);
  const auto outcome = citizen.send({{"text", k_text}});
  CHECK(form_in(outcome).status == 429);
  CHECK(form_in(outcome).message.find("your network") == std::string::npos);
}

TEST_CASE("photos come along cleaned, under names of ours") {
  Citizen citizen;
  citizen.choose("../../etc/passwd", telling_jpeg(citizen.scratch()));
  citizen.choose("b.png", bare_png());
  const auto outcome = citizen.send({{"text", k_text}});
  const auto& post = post_in(outcome);
  REQUIRE(post.attachments.size() == 2);
  CHECK(post.attachments[0].name == "lampiran-1.jpg");
  CHECK(post.attachments[0].type == "image/jpeg");
  CHECK(post.attachments[1].name == "lampiran-2.png");
  const auto bytes = content_of(post.attachments[0].file);
  CHECK(bytes.size() == post.attachments[0].size_bytes);
  CHECK(bytes.find("Rahasia") == std::string::npos);
  CHECK_FALSE(post.place);
}

TEST_CASE("a photo's place is used when it is offered, and never in place of a chosen one") {
  Citizen citizen;
  citizen.choose("a.jpg", telling_jpeg(citizen.scratch()));
  const auto offered = citizen.send({{"text", k_text}, {"photo_place", "on"}});
  REQUIRE(post_in(offered).place);
  CHECK(post_in(offered).place->latitude == Approx(-8.112));
  const auto kept = citizen.translator().translate(post_in(offered).payload);
  REQUIRE(kept);
  REQUIRE(kept->posts.at(0).place);
  CHECK(kept->posts.at(0).place->latitude == Approx(-8.112));

  Citizen other;
  other.choose("a.jpg", telling_jpeg(other.scratch()));
  const auto chosen = other.send(
      {{"text", k_text}, {"photo_place", "on"}, {"latitude", "1.5"}, {"longitude", "100"}});
  CHECK(post_in(chosen).place->latitude == Approx(1.5));
}

TEST_CASE("a file that is not taken is named at its field, and none of them is kept") {
  Citizen citizen;
  citizen.choose("baik.jpg", bare_jpeg());
  citizen.choose("gambar.svg", "<svg onload='alert(1)'/>");
  const auto outcome = citizen.send({{"text", k_text}});
  const auto& view = form_in(outcome);
  CHECK(view.status == 422);
  CHECK(field(view, "photos").message.starts_with("gambar.svg tidak dapat kami terima"));
  CHECK(field(view, "text").value == k_text);
  CHECK(citizen.files_kept() == 0);
}

TEST_CASE("too many, too big and empty files are refused with the bound") {
  Citizen many("most_files = 1\n");
  many.choose("a.jpg", bare_jpeg());
  many.choose("b.jpg", bare_jpeg());
  const auto first = many.send({{"text", k_text}});
  CHECK(field(form_in(first), "photos").message == "Terlalu banyak berkas. Paling banyak 1.");

  Citizen big("most_file_bytes = 2097152\n");
  big.choose("a.jpg", bare_jpeg() + std::string(2 << 20, 'x'));
  const auto second = big.send({{"text", k_text}});
  CHECK(field(form_in(second), "photos").message == "a.jpg terlalu besar. Paling besar 2 MB.");

  Citizen empty;
  empty.choose("a.jpg", "");
  const auto third = empty.send({{"text", k_text}});
  CHECK(field(form_in(third), "photos").message.starts_with("a.jpg kosong"));

  Citizen mixed;
  mixed.choose("a.jpg", bare_jpeg());
  mixed.choose("b.jpg", "");
  const auto fourth = mixed.send({{"text", k_text}});
  CHECK(field(form_in(fourth), "photos").message.starts_with("b.jpg kosong"));
}

TEST_CASE("an empty file is no answer to a question of its name") {
  Citizen citizen;
  citizen.choose("a.jpg", "");
  const auto outcome = citizen.send({{"text", k_text}});
  CHECK(field(form_in(outcome), "photos").value.empty());
}

TEST_CASE("a browser's part for no file chosen is nothing") {
  Citizen citizen;
  citizen.choose("", "");
  CHECK(post_in(citizen.send({{"text", k_text}})).attachments.empty());
}

TEST_CASE("whoever must send the form again is told to choose the files again") {
  Citizen citizen;
  citizen.choose("a.jpg", bare_jpeg());
  const auto outcome = citizen.send({{"text", ""}});
  CHECK(field(form_in(outcome), "photos").message.find("pilih lagi") != std::string::npos);
}

TEST_CASE("what nobody could keep is given back whole, and sent again it is the same post") {
  Citizen citizen;
  citizen.choose("a.jpg", bare_jpeg());
  const Fields typed{{"text", k_text}, {"name", "Budi"}, {"anonymous", "1"}};
  const auto first = citizen.send(typed);
  const auto form = citizen.again(typed);
  CHECK(form.status == 503);
  CHECK(form.message.find("Isian Anda masih ada") != std::string::npos);
  CHECK(field(form, "text").value == k_text);
  CHECK(field(form, "name").value == "Budi");
  CHECK(field(form, "anonymous").value == "1");
  CHECK(field(form, "text").message.empty());
  CHECK(field(form, "photos").message.find("pilih lagi") != std::string::npos);
  Citizen later;
  const auto second = later.send_parts({{"text", k_text}, {"token", form.token}});
  CHECK(post_in(second).id == post_in(first).id);
}

TEST_CASE("what was sent reads back from its record as the same post, without the token") {
  Citizen citizen;
  const auto outcome = citizen.send({{"text", "Jalan & jembatan = rusak\nsekali 100%"},
                                     {"email", "ni@example.org"},
                                     {"confidential", "on"}});
  const auto& post = post_in(outcome);
  CHECK(post.payload.find("token") == std::string::npos);
  const auto batch = citizen.translator().translate(post.payload);
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  const auto& again = batch->posts.front();
  CHECK(again.id == post.id);
  CHECK(again.text == post.text);
  CHECK(again.author.id == post.author.id);
  CHECK(again.posted_at == post.posted_at);
  CHECK(again.hints.entrance == "report");
  CHECK(again.hints.confidential);
  CHECK_FALSE(again.author.proven);
}

TEST_CASE("a form is read as a browser sends it, with the request's head or without") {
  Citizen citizen;
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nJalan rusak sekali\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n--b--\r\n";
  auto with_bare_ends = body;
  std::erase(with_bare_ends, '\r');
  for (const auto& raw : {body, with_bare_ends,
                          "POST /report HTTP/1.1\r\nHost: lapor.example\r\n"
                          "Content-Type: multipart/form-data; boundary=b\r\n\r\n" +
                              body}) {
    INFO(raw);
    const auto batch = citizen.translator().translate(raw);
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].text == "Jalan rusak sekali");
    CHECK(batch->posts[0].posted_at == k_now);
    REQUIRE(batch->posts[0].attachments.size() == 1);
    CHECK(batch->posts[0].attachments[0].name == "a.jpg");
  }
  CHECK(citizen.files_kept() == 0);
  const auto torn = citizen.translator().translate(body.substr(0, body.size() - 8));
  REQUIRE_FALSE(torn);
  CHECK(torn.error().message.find("boundary") != std::string::npos);
}

TEST_CASE("a record that is no form is refused") {
  Citizen citizen;
  CHECK_FALSE(citizen.translator().translate(""));
  CHECK_FALSE(citizen.translator().translate("text="));
  CHECK_FALSE(citizen.translator().translate("_form=nothing&text=Jalan+rusak+sekali"));
  CHECK_FALSE(citizen.translator().translate(std::string(300'000, 'a')));
  std::string many = "text=Jalan+rusak+sekali";
  for (int i = 0; i < 100; ++i) many += "&a=b";
  CHECK_FALSE(citizen.translator().translate(many));
}

TEST_CASE("reading brings nothing, and a reply is delivered by standing on the page") {
  Citizen citizen;
  const auto batch = citizen.connector().poll(Cursor{"7"}, Budget{});
  REQUIRE(batch);
  CHECK(batch->posts.empty());
  CHECK(batch->next.value == "7");
  Reply reply;
  reply.key = "1.2.form";
  const auto receipts = citizen.connector().send(std::vector{reply});
  REQUIRE(receipts.size() == 1);
  CHECK(receipts.front()->delivered);
}

std::string problems_of(const std::string& text) {
  Problems problems;
  const auto table = Table::parse(text, "kanal.toml", problems);
  find_kind("webform")->check(table, nullptr, problems);
  return print(problems);
}

TEST_CASE("a kind says all that is wrong with its settings at once, and each key once") {
  const auto organisation = Organisation::shipped();
  const auto said_of = [&](const char* kind, const std::string& text) {
    Problems problems;
    const auto table = Table::parse(text, "kanal.toml", problems);
    find_kind(kind)->check(table, &organisation, problems);
    return print(problems);
  };
  CHECK(said_of("webform", "colour = 1\n[forms.a]\nagency = \"nobody\"\nfields = [\"photo\"]\n") ==
        "kanal.toml:1: colour: is not a setting\n"
        "kanal.toml:4: forms.a.fields[0]: there is no field \"photo\"\n"
        "kanal.toml:3: forms.a.agency: there is no agency \"nobody\"\n");
  CHECK(
      said_of("webhook", "url = \"ftp://x\"\nsecret = \"plain\"\n").find("\nkanal.toml:1: url: ") !=
      std::string::npos);
  // Which keys X needs hangs on how it is asked.
  CHECK(said_of("twitter", "handle = 1\nauthorisation = \"magic\"\n").find("is missing (") ==
        std::string::npos);
}

TEST_CASE("forms that cannot be are refused with their line") {
  CHECK(problems_of("[forms.a]\nfields = [\"photo\"]\n") ==
        "kanal.toml:2: forms.a.fields[0]: there is no field \"photo\"\n");
  for (const auto* other_fault : {"", "colour = 1\n"}) {
    const auto text = std::string(other_fault) + "[forms.\"A b\"]\n";
    CHECK(problems_of(text).find("small letters") != std::string::npos);
  }
  for (const auto* origin : {"https://x.example; script-src *", "x.example", "https://",
                             "https://x.example/", "*", "javascript:alert(1)"}) {
    INFO(origin);
    CHECK(problems_of("[forms.a]\nframe_origins = [\"" + std::string(origin) + "\"]\n")
              .starts_with("kanal.toml:2: forms.a.frame_origins[0]: must be a site"));
  }
  CHECK(problems_of("[forms.a]\nframe_origins = [\"https://x.example:8443\"]\n").empty());
}

TEST_CASE("a form for an agency or category that is not there stops the start") {
  const auto made = Citizen().create("webform", ChannelName("form"),
                                     "[forms.a]\nagency = \"x\"\ncategory = \"y\"\n");
  REQUIRE_FALSE(made);
  CHECK(made.error().message ==
        "kanal.toml:2: forms.a.agency: there is no agency \"x\"\n"
        "kanal.toml:3: forms.a.category: there is no category \"y\"\n");
}

TEST_CASE("telephone numbers are read as people write them") {
  CHECK(normal_phone("0812 3456 7890") == "+6281234567890");
  CHECK(normal_phone("+62 (812) 3456-7890") == "+6281234567890");
  CHECK(normal_phone("0062.812.3456.7890") == "+6281234567890");
  CHECK(normal_phone("812 3456 7890") == "+6281234567890");
  CHECK(normal_phone("+31 20 123 4567") == "+31201234567");
  for (const auto* bad : {"", "123", "telepon", "08123456789012345", "0812 x 3456"}) {
    CHECK(normal_phone(bad).empty());
  }
}

TEST_CASE("mail addresses are told from what is none") {
  for (const auto* good : {"a@b.id", "ni.luh+x@mail.example.org"}) CHECK(looks_like_email(good));
  for (const auto* bad : {"", "a", "@b.id", "a@b", "a@@b.id", "a@b.id\nBcc: c@d.id", "a b@c.id",
                          "<a@b.id>", "a@.id", "a@b.", "a,b@c.id"}) {
    INFO(bad);
    CHECK_FALSE(looks_like_email(bad));
  }
}

}  // namespace
}  // namespace kanal::webform
