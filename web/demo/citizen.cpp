#include <algorithm>
#include <memory>

#include "core/deadline.hpp"
#include "core/language.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "web/console/desk.hpp"
#include "web/console/words.hpp"
#include "web/demo/demo.hpp"
#include "web/demo/office_card.hpp"
#include "web/demo/offices.hpp"
#include "web/demo/talk.hpp"
#include "web/language.hpp"

namespace kanal {
namespace demo {
namespace {

using console::Block;
using console::Page;

constexpr std::string_view k_cookie = "kanal_citizen";
constexpr std::size_t k_key_bytes = 8;
constexpr std::size_t k_most_text_bytes = 8000;
constexpr std::size_t k_most_subject_bytes = 800;
constexpr std::uint64_t k_most_form_bytes = 64U << 10U;
constexpr long k_cookie_life_s = 7L * 24 * 3600;

struct Wording {
  std::string_view indonesian;
  std::string_view english;
};

/// What a card calls its channel, and shows as an example.
struct CardWords {
  Wording title;
  Wording write;
  Wording example;
};

const CardWords& words_of(Medium medium) {
  static constexpr CardWords k_x = {
      {"X (Twitter)", "X (Twitter)"},
      {"Kiriman Anda", "Your post"},
      {"Jalan berlubang di depan Pasar Banyuasri, sudah dua minggu",
       "A hole in the road before Banyuasri market, for two weeks now"}};
  static constexpr CardWords k_sms = {
      {"SMS", "SMS"},
      {"Pesan Anda", "Your message"},
      {"Lampu jalan mati di Jalan Ahmad Yani sejak Senin",
       "The street lights on Jalan Ahmad Yani have been out since Monday"}};
  static constexpr CardWords k_gateway = {
      {"SMS lewat gateway", "SMS by a gateway"},
      {"Pesan dari ponsel kedua", "Your message from a second phone"},
      {"Got mampet di depan SD 1 Banjar Jawa",
       "The drain before the school at Banjar Jawa is full"}};
  static constexpr CardWords k_form = {
      {"Formulir lama sebuah instansi", "An office's own old form"},
      {"Keluhan Anda", "Your complaint"},
      {"Air PAM mati sejak kemarin di Jalan Pulau Obi",
       "No tap water since yesterday in Jalan Pulau Obi"}};
  static constexpr CardWords k_mail = {{"Surel", "Email"},
                                       {"Isi surel", "Your email"},
                                       {"Sampah menumpuk di TPS Banyuning dan tidak diangkut.",
                                        "Rubbish is piling up at the Banyuning collection point."}};
  switch (medium) {
    case Medium::twitter:
      return k_x;
    case Medium::sms:
      return k_sms;
    case Medium::gateway:
      return k_gateway;
    case Medium::form:
      return k_form;
    case Medium::email:
      break;
  }
  return k_mail;
}

class Play : public std::enable_shared_from_this<Play> {
 public:
  explicit Play(DemoParts parts)
      : parts_(std::move(parts)),
        far_sides_(parts_.stage, parts_.http),
        systems_(parts_.stage, parts_.organisation, parts_.http),
        utc_offset_(utc_offset_of(parts_.organisation.time_zone)),
        office_card_(systems_, parts_.clock, utc_offset_) {}
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  [[nodiscard]] Response show(const Request& request) const;
  [[nodiscard]] Response look(const Request& request) const;
  [[nodiscard]] Response say(const Request& request) const;

 private:
  struct Visitor {
    std::string key;
    std::string language;
    Citizen citizen;
    [[nodiscard]] std::string_view say(std::string_view indonesian,
                                       std::string_view english) const {
      return pick(language, indonesian, english);
    }
    [[nodiscard]] std::string_view say(const Wording& wording) const {
      return say(wording.indonesian, wording.english);
    }
  };
  [[nodiscard]] std::optional<Visitor> visitor(const Request& request) const;
  [[nodiscard]] Visitor visitor_of(std::string key, const Request& request) const;
  [[nodiscard]] std::string csrf(std::string_view key) const;
  [[nodiscard]] std::string talk(const Visitor& who, Medium medium,
                                 const Result<std::vector<Said>>& said) const;
  void draw_said(const Visitor& who, Block list, const Said& said) const;
  [[nodiscard]] std::string card(const Visitor& who, Medium medium, const Outcome& outcome) const;
  [[nodiscard]] Outcome speak(const Visitor& who, Medium medium, const Request& request) const;
  /// What a mail program writes over an answer; empty where there are no subjects.
  [[nodiscard]] std::string answered_subject(const Visitor& who, Medium medium,
                                             const std::string& id) const;
  [[nodiscard]] std::string whom(const Visitor& who, Medium medium) const;
  [[nodiscard]] std::string login(const Visitor& who, const DemoLogin& officer) const;
  void draw_cast(const Visitor& who, Block page) const;
  void draw_doors(const Visitor& who, Block page) const;

  DemoParts parts_;
  FarSides far_sides_;
  OwnSystems systems_;
  std::chrono::minutes utc_offset_;
  OfficeCard office_card_;
};

bool is_key(std::string_view text) {
  return text.size() == 2 * k_key_bytes && from_hex(text).has_value();
}

std::string written(const Request& request) {
  return scrub_utf8(clip_utf8(trim(request.form_value("text")), k_most_text_bytes));
}

/// Changes when anything in the talk does.
std::string mark_of(const Result<std::vector<Said>>& said) {
  if (!said) return "away";
  if (said->empty()) return "0";
  return std::to_string(said->size()) + "-" + percent_encode(said->back().id) +
         (said->back().by_office ? "o" : "c");
}

Play::Visitor Play::visitor_of(std::string key, const Request& request) const {
  auto citizen = citizen_of(key, parts_.stage.address);
  return {std::move(key), language_of(request), std::move(citizen)};
}

std::optional<Play::Visitor> Play::visitor(const Request& request) const {
  auto key = request.cookie(k_cookie);
  if (!is_key(key)) return std::nullopt;
  return visitor_of(std::move(key), request);
}

std::string Play::csrf(std::string_view key) const {
  return to_base64url(parts_.keys.tag(Purpose::session, "citizen:" + std::string(key), 24));
}

std::string Play::whom(const Visitor& who, Medium medium) const {
  const auto& stage = parts_.stage;
  const auto& me = who.citizen.as(medium);
  switch (medium) {
    case Medium::twitter:
      return "@" + me + " → @" + stage.handle;
    case Medium::email:
      return me + " → " + stage.address;
    case Medium::sms:
      return me + " → " + stage.number;
    case Medium::gateway:
      return me + " → " + stage.gateway_number;
    case Medium::form:
      break;
  }
  const auto office = systems_.office("webhook");
  return me + " → " + (office.empty() ? "webhook" : office + " (webhook)");
}

// The tracking page is a click away; other links stay what they are.
void Play::draw_said(const Visitor& who, Block list, const Said& said) const {
  auto line = list.add("SAID");
  line.set("SIDE", said.by_office ? "theirs" : "mine");
  line.set("BY", said.by_office ? who.say("Kanal", "Kanal") : who.say("Anda", "You"));
  if (said.at) {
    line.add("AT").set(
        "WHEN", console::short_date(*said.at, parts_.clock.now(), utc_offset_, who.language));
  }
  if (said.direct)
    line.add("DIRECT").set("DIRECT_WORD", who.say("pesan langsung", "direct message"));
  if (!said.subject.empty()) line.add("SUBJECT").set("SUBJECT_TEXT", said.subject);
  std::string_view rest(said.text);
  while (!rest.empty()) {
    const auto start = std::min(rest.find(parts_.public_url + "/"), rest.size());
    auto end = std::min(rest.find_first_of(" \r\n\t<>\"", start), rest.size());
    // What ends the sentence is no part of the link.
    while (end > start && std::string_view(".,:;!?)").find(rest[end - 1]) != rest.npos) --end;
    auto piece = line.add("PIECE");
    piece.set("TEXT", rest.substr(0, start));
    if (start < end) piece.add("LINK").set("HREF", rest.substr(start, end - start));
    rest.remove_prefix(end);
    if (start == end) break;
  }
}

std::string Play::talk(const Visitor& who, Medium medium,
                       const Result<std::vector<Said>>& said) const {
  Page page("citizen_talk.html", who.language);
  auto top = page.top();
  top.set("ID", name(medium));
  top.set("SEEN", mark_of(said));
  if (!said) {
    top.add("AWAY").set(
        "AWAY_WORDS",
        who.say("Saluran ini sedang dimulai ulang; sebentar lagi ada.",
                "This channel is being started again; it will be there in a moment."));
  } else if (said->empty()) {
    top.add("EMPTY").set("EMPTY_WORDS",
                         who.say("Belum ada percakapan. Tulis sesuatu di bawah.",
                                 "Nothing has been said yet. Write something below."));
  } else {
    auto list = top.add("TALK");
    list.set("TALK_NAME", who.say(words_of(medium).title));
    for (auto each = said->rbegin(); each != said->rend(); ++each) draw_said(who, list, *each);
    const auto last = std::ranges::find_if(said->rbegin(), said->rend(), [](const Said& each) {
      return each.by_office && !each.direct;
    });
    if (last != said->rend() && has_threads(medium)) {
      auto answered = top.add("ANSWERED");
      answered.set("LAST", last->id);
      answered.set("AS_REPLY",
                   who.say("Balas jawaban terakhir (hapus centang untuk pengaduan baru)",
                           "Answer the last reply (untick to make a new complaint)"));
    }
  }
  return page.draw();
}

std::string Play::card(const Visitor& who, Medium medium, const Outcome& outcome) const {
  const auto& words = words_of(medium);
  Page page("citizen_card.html", who.language);
  auto top = page.top();
  top.set("ID", name(medium));
  top.set("TITLE", who.say(words.title));
  top.set("WHO", whom(who, medium));
  top.set("CSRF", csrf(who.key));
  top.set("TALK", talk(who, medium, far_sides_.talk(medium, who.citizen)));
  top.set("WRITE", who.say(words.write));
  top.set("EXAMPLE", who.say(words.example));
  top.set("SEND", who.say("Kirim", "Send"));
  top.set("TYPED", outcome.typed);
  if (medium == Medium::email) {
    top.add("SUBJECT").set("SUBJECT_WORD", who.say("Perihal", "Subject"));
  }
  if (medium == Medium::twitter) {
    top.add("DIRECT").set("AS_DIRECT",
                          who.say("Kirim sebagai pesan langsung (dibaca sekali semenit)",
                                  "Send as a direct message (read once a minute)"));
  }
  if (!outcome.words.empty()) {
    auto news = top.add("NEWS");
    news.set("NEWS_TEXT", outcome.words);
    news.show(outcome.good ? "GOOD" : "BAD");
  }
  return page.draw();
}

std::string Play::login(const Visitor& who, const DemoLogin& officer) const {
  Page page("citizen_login.html", who.language);
  auto top = page.top();
  top.set("USER", officer.user);
  top.set("PASSWORD", officer.password);
  top.set("SIGN_IN", who.say("Masuk", "Sign in"));
  return page.draw();
}

void Play::draw_cast(const Visitor& who, Block page) const {
  page.set("OFFICERS", who.say("Petugas", "Officers"));
  page.set(
      "OFFICERS_HELP",
      who.say(
          "Mainkan ketiganya berurutan di tab lain: satu laporan berpindah dari yang satu "
          "ke yang berikut. Setiap langkah dikabarkan di sini lewat surel dan SMS; X hanya "
          "mengabarkan tanda terima dan tanggapannya. Kantor dengan sistem sendiri menjawab dari "
          "kartunya.",
          "Play these three in turn in another tab: a report goes from one to the next. "
          "You hear of each step here by email and SMS; X tells only of the receipt and "
          "the answer. Offices with their own systems answer from their card."));
  page.set("OTHERS", who.say("Petugas lain", "The other officers"));
  const auto task_of = [&](std::string_view role) -> std::string_view {
    if (role == "national_admin") {
      return who.say("memeriksa laporan dan meneruskannya ke instansi.",
                     "checks the report and passes it to an agency.");
    }
    if (role == "agency_admin") {
      return who.say("meneruskannya ke unit pelaksana (pilih Dinas PUTR).",
                     "passes it to one of its units (take Dinas PUTR).");
    }
    if (role == "liaison") {
      return who.say("menerima, mengerjakan, lalu menjawab.", "accepts it, works, and answers.");
    }
    return {};
  };
  std::string seen;
  for (const auto& officer : parts_.stage.officers) {
    const auto role = role_of(officer.role);
    const bool first = seen.find(officer.role + " ") == std::string::npos;
    seen += officer.role + " ";
    const auto words = task_of(officer.role);
    auto line = page.add(first && !words.empty() ? "STEP" : "OTHER");
    line.set("ROLE", role ? console::role_words(*role, who.language) : officer.role);
    line.set("TASK", words);
    const auto* unit = parts_.organisation.unit(UnitId(officer.user));
    const auto* agency = parts_.organisation.agency(AgencyId(officer.user));
    line.set("OF", unit != nullptr ? unit->name : agency != nullptr ? agency->name : std::string());
    line.set("LOGIN_HTML", login(who, officer));
  }
}

void Play::draw_doors(const Visitor& who, Block page) const {
  page.set("FORM_TITLE", who.say("Formulir web", "Web form"));
  page.set("FORM_HELP",
           who.say("Formulir yang dibuka warga di situs publik. Jawabannya ada di halaman lacak.",
                   "The form on the public site. What is answered stands on its tracking page."));
  if (far_sides_.has(Medium::email)) {
    auto reached = page.add("REACHED");
    reached.set("FORM_ADDRESS",
                who.say("Isi alamat surel ini di formulir, dan jawabannya juga tiba di sini:",
                        "Leave this address on the form, and the answers come here too:"));
    reached.set("ADDRESS", who.citizen.address);
  }
  page.set("FORM_OPEN", who.say("Buka formulir", "Open the form"));
  page.set("APP_TITLE", who.say("Aplikasi (Open311)", "Application (Open311)"));
  page.set("APP_HELP",
           who.say("Aplikasi ponsel melapor lewat API. Coba dari terminal; statusnya dibaca dengan "
                   "GET pada alamat yang sama.",
                   "Mobile applications report by an API. Try it from a terminal; a GET of the "
                   "same address reads the status."));
  page.set("APP_WORDS", who.say("Pohon tumbang menutup jalan", "A fallen tree blocks the road"));
  page.set("APP_SERVICES", who.say("Daftar layanan", "List of services"));
  page.set("APP_KEY", parts_.stage.application_key);
  const auto& categories = parts_.organisation.categories;
  const auto narrow = std::ranges::find_if(
      categories, [](const Category& category) { return !category.parent.empty(); });
  page.set("SERVICE", narrow == categories.end() ? std::string() : narrow->id.value());
  page.set("URL", parts_.public_url);
}

Response Play::show(const Request& request) const {
  const auto known = visitor(request);
  const auto who = known ? *known : visitor_of(to_hex(random_bytes(k_key_bytes)), request);
  Page page("citizen.html", who.language);
  auto top = page.top();
  const auto title = who.say("Warga", "Citizen");
  top.set("HEADING", title);
  top.set("LEAD", who.say("Adukan sesuatu lewat saluran mana pun, lalu lihat jawabannya tiba di "
                          "saluran yang sama. Semua saluran di sini tiruan di mesin ini.",
                          "Complain on any channel, and see the answers arrive on the same one. "
                          "Every channel here is a stand-in on this machine."));
  top.set("JUMP", who.say("Bagian halaman", "Parts of the page"));
  const auto place = [&](std::string_view id, std::string_view words) {
    auto link = top.add("PLACE");
    link.set("ID", id);
    link.set("NAME", words);
  };
  for (const auto medium : k_media) {
    if (!far_sides_.has(medium)) continue;
    place(name(medium), who.say(words_of(medium).title));
    const bool left = has_threads(medium);
    top.add(left ? "LEFT" : "RIGHT").set("CARD_HTML", card(who, medium, {}));
  }
  place("form", who.say("Formulir", "Form"));
  place("app", "Open311");
  if (systems_.any()) {
    place(OfficeCard::k_name, who.say("Kantor", "Offices"));
    top.add("LEFT").set("CARD_HTML", office_card_.draw(who.language, csrf(who.key), {}));
  }
  place("officers", who.say("Petugas", "Officers"));
  draw_doors(who, top);
  draw_cast(who, top);
  auto response = console::answer_stranger(parts_.organisation, request, 200, title, page);
  if (!known) {
    response.headers.emplace_back(
        "Set-Cookie",
        std::string(k_cookie) + "=" + who.key +
            "; Path=/demo; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(k_cookie_life_s));
  }
  return response;
}

Response Play::look(const Request& request) const {
  const auto who = visitor(request);
  if (who && request.parameters.at("medium") == OfficeCard::k_name) {
    const auto news =
        office_card_.look(who->language, request.field("seen"), request.field("report"));
    return console::answer(request, news ? 200 : 204, news.value_or(std::string()));
  }
  const auto medium = medium_of(request.parameters.at("medium"));
  if (!who || !medium || !far_sides_.has(*medium)) return Response::redirect("/demo");
  const auto said = far_sides_.talk(*medium, who->citizen);
  if (request.field("seen") == mark_of(said)) return console::answer(request, 204, {});
  return console::answer(request, 200, talk(*who, *medium, said));
}

std::string Play::answered_subject(const Visitor& who, Medium medium, const std::string& id) const {
  const auto said = far_sides_.talk(medium, who.citizen);
  if (!said) return {};
  const auto found = std::ranges::find(*said, id, &Said::id);
  if (found == said->end() || found->subject.empty()) return {};
  return (found->subject.starts_with("Re: ") ? "" : "Re: ") + found->subject;
}

Outcome Play::speak(const Visitor& who, Medium medium, const Request& request) const {
  Saying saying;
  saying.text = written(request);
  saying.subject = scrub_utf8(clip_utf8(trim(request.form_value("subject")), k_most_subject_bytes));
  saying.direct = !request.form_value("direct").empty();
  if (!saying.direct) {
    saying.in_reply_to = scrub_utf8(clip_utf8(request.form_value("in_reply_to"), 300));
  }
  if (saying.subject.empty() && !saying.in_reply_to.empty()) {
    saying.subject = answered_subject(who, medium, saying.in_reply_to);
  }
  if (!far_sides_.say(medium, who.citizen, saying)) {
    return {who.say("Tidak terkirim; coba lagi sebentar.", "Not sent; try again in a moment."),
            false, saying.text};
  }
  return {who.say("Terkirim. Bila ada jawabannya, tiba di atas.",
                  "Sent. If there is an answer, it arrives above."),
          true,
          {}};
}

Response Play::say(const Request& request) const {
  const auto who = visitor(request);
  const auto& place = request.parameters.at("medium");
  const bool as_office = place == OfficeCard::k_name && systems_.any();
  const auto medium = medium_of(place);
  if (!who || (!as_office && (!medium || !far_sides_.has(*medium)))) {
    return Response::redirect("/demo");
  }
  const bool ours = Sessions::is_ours(request, parts_.public_url) &&
                    equal_secrets(csrf(who->key), request.form_value("csrf"));
  const auto text = written(request);
  Outcome outcome;
  if (!ours) {
    outcome = {who->say("Kirim dari halaman ini, sesudah memuatnya lagi.",
                        "Send it from this page, after loading it again."),
               false, text};
  } else if (text.empty()) {
    outcome = {who->say("Tulis sesuatu dulu.", "Write something first."), false, {}};
  } else if (as_office) {
    outcome =
        office_card_.act(who->language, scrub_utf8(clip_utf8(request.form_value("report"), 300)),
                         scrub_utf8(clip_utf8(request.form_value("event"), 40)), text);
  } else {
    outcome = speak(*who, *medium, request);
  }
  const int status = ours ? 200 : 403;
  if (!request.header("hx-request").empty()) {
    return console::answer(request, status,
                           as_office ? office_card_.draw(who->language, csrf(who->key), outcome)
                                     : card(*who, *medium, outcome));
  }
  if (outcome.good) return Response::redirect("/demo#" + place);
  Page page("message.html", who->language);
  page.top().set("HEADING", outcome.words);
  page.top().set("TEXT", outcome.typed);
  page.top().set("BACK", "/demo");
  return console::answer_stranger(parts_.organisation, request, ours ? 503 : 403, outcome.words,
                                  page);
}

}  // namespace
}  // namespace demo

std::vector<Route> demo_routes(DemoParts parts) {
  // Shared by the handlers, which are copied.
  const auto play = std::make_shared<const demo::Play>(std::move(parts));
  std::vector<Route> routes;
  routes.push_back({"GET",
                    "/demo",
                    BodyKind::none,
                    0,
                    [play](const Request& request) { return play->show(request); },
                    {}});
  routes.push_back({"GET",
                    "/demo/{medium}",
                    BodyKind::none,
                    0,
                    [play](const Request& request) { return play->look(request); },
                    {}});
  routes.push_back({"POST",
                    "/demo/{medium}",
                    BodyKind::form,
                    demo::k_most_form_bytes,
                    [play](const Request& request) { return play->say(request); },
                    {}});
  return routes;
}

}  // namespace kanal
