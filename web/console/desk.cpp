#include "web/console/desk.hpp"

#include <algorithm>
#include <charconv>

#include "core/deadline.hpp"
#include "core/language.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "web/address.hpp"
#include "web/console/words.hpp"
#include "web/language.hpp"
#include "web/problem.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

constexpr std::uint64_t k_most_form_bytes = 256U << 10U;
constexpr std::size_t k_most_address_bytes = 500;

struct Link {
  Ability ability;
  std::string_view address;
  std::string_view indonesian;
  std::string_view english;
};

constexpr Link k_links[] = {
    {Ability::read_reports, "/console", "Laporan", "Reports"},
    {Ability::read_posts, "/console/messages", "Pesan", "Messages"},
    {Ability::read_quarantine, "/console/quarantine", "Karantina", "Quarantine"},
    {Ability::read_channels, "/console/channels", "Kanal", "Channels"},
    {Ability::read_channels, "/console/outbox", "Balasan", "Replies"},
    {Ability::read_officers, "/console/officers", "Petugas", "Officers"},
};

bool is_below(std::string_view path, std::string_view address) {
  if (address == "/console") return path == address || path.starts_with("/console/reports");
  return path.starts_with(address);
}

std::string other_language(const Request& request, std::string_view here,
                           std::string_view language) {
  const std::string_view other = is_english(language) ? "id" : "en";
  if (!here.empty()) return std::string(here) + "?lang=" + std::string(other);
  return with_field(request, request.target.substr(0, request.target.find('?')), "lang", other);
}

void draw_officer(const Visit& visit, Block page, std::string_view here) {
  auto inside = page.add("SIGNED_IN");
  const auto path = here.empty() ? std::string_view(visit.request.path) : here;
  for (const auto& link : k_links) {
    if (!visit.may(link.ability)) continue;
    auto row = inside.add("LINK");
    row.set("HREF", link.address);
    row.set("LABEL", visit.say(link.indonesian, link.english));
    row.show_if("CURRENT", is_below(path, link.address));
  }
  const auto& officer = visit.session.officer;
  inside.set("OFFICER", officer.name.empty() ? officer.user : officer.name);
  inside.set("ROLE", role_words(officer.role, visit.language));
  inside.set("CSRF", visit.session.csrf);
  auto place = unit_name(visit.organisation(), officer.unit);
  if (place.empty()) place = agency_name(visit.organisation(), officer.agency);
  if (!place.empty()) inside.add("OF").set("PLACE", place);
}

std::string enclose(const Organisation& organisation, std::string_view language,
                    std::string_view title, std::string_view body, const std::string& other,
                    const std::function<void(Block)>& fill) {
  Page frame("frame.html", language);
  auto top = frame.top();
  top.set("LANGUAGE", language);
  top.set("TITLE", std::string(title) + " · " + organisation.name);
  top.set("NAME", organisation.short_name.empty() ? organisation.name : organisation.short_name);
  top.set("OTHER", other);
  top.set("OTHER_LANGUAGE", is_english(language) ? "id" : "en");
  top.set("OTHER_NAME", is_english(language) ? "Bahasa Indonesia" : "English");
  top.set("BODY", body);
  if (organisation.demonstration) {
    auto strip = top.add("DEMONSTRATION");
    strip.set("DEMONSTRATION_NAME", pick(language, "Demonstrasi", "Demonstration"));
    strip.set("DEMONSTRATION_WORD", demonstration_words(language));
    const bool stands_there = other.starts_with("/demo?");
    if (!stands_there) strip.add("TO_DEMO").set("DEMONSTRATION_LINK", demonstration_link(language));
  }
  fill(top);
  return frame.draw();
}

Response refuse(const Visit& visit, std::string_view title, std::string_view text) {
  return tell(visit, 403, title, text);
}

std::string written_in(const Request& request) {
  std::string written;
  for (const auto* name : {"words", "reason"}) {
    const auto text = std::string(trim(request.form_value(name)));
    if (!text.empty()) written += (written.empty() ? "" : "\n\n") + text;
  }
  return scrub_utf8(written);
}

/// What was written into a form that was not taken: it is nowhere else, as the browser keeps no
/// page of ours to go back to.
struct Unsent {
  std::string_view title;
  std::string_view why;
  std::string_view next;  ///< what the officer does before it is copied from here
  std::string written;
  std::string on_address;
  std::string_view on_words;
};

Page draw_unsent(const Unsent& unsent, std::string_view language) {
  Page page("written.html", language);
  auto top = page.top();
  top.set("HEADING", unsent.title);
  top.set("TEXT", std::string(unsent.why) + " " + std::string(unsent.next));
  top.set("WRITTEN", unsent.written);
  top.set("ON_HREF", unsent.on_address);
  top.set("ON_LABEL", unsent.on_words);
  return page;
}

std::string_view copy_words(std::string_view language) {
  return pick(language, "Salin tulisan di bawah ini ke halamannya.",
              "Copy what you wrote from here into the page.");
}

Response show_written(const Desk& desk, const Request& request, const std::string& written) {
  const auto language = language_of(request);
  const auto to = page_of(request.path);
  const auto title = pick(language, "Sesi Anda telah berakhir", "Your session has ended");
  const Unsent unsent{title,
                      pick(language, "Yang Anda tulis belum terkirim. Masuk lagi dulu.",
                           "What you wrote was not sent. Sign in again first."),
                      copy_words(language),
                      written,
                      "/console/login?to=" + percent_encode(to),
                      pick(language, "Masuk", "Sign in")};
  return answer_stranger(desk.parts.organisation, request, 401, title,
                         draw_unsent(unsent, language), to);
}

// Its page was drawn for another session: the officer signed in again elsewhere, or another did.
Response show_outdated(const Visit& visit) {
  const auto& officer = visit.session.officer;
  const auto name = officer.name.empty() ? officer.user : officer.name;
  const auto title =
      visit.say("Halaman itu dari sesi sebelumnya", "That page is from an earlier session");
  const auto now =
      std::string(visit.say("Anda sekarang masuk sebagai ", "You are now signed in as ")) + name +
      ". ";
  const auto back = page_of(visit.request.path);
  auto written = written_in(visit.request);
  if (written.empty() || is_program(visit.request)) {
    return tell(visit, 403, title,
                now + std::string(visit.say("Belum ada yang terkirim. Buka lagi halamannya, lalu "
                                            "kirim lagi.",
                                            "Nothing was sent. Open the page again, then send it "
                                            "again.")),
                back);
  }
  const auto why = now + std::string(visit.say("Yang Anda tulis belum terkirim.",
                                               "What you wrote was not sent."));
  const Unsent unsent{title,
                      why,
                      copy_words(visit.language),
                      std::move(written),
                      back,
                      visit.say("Buka halamannya", "Open the page")};
  return answer(visit, 403, title, draw_unsent(unsent, visit.language), back);
}

// Of the open page, where something may stand half written, nothing goes.
Response say_ended(const Request& request) {
  auto response = answer(request, 401, Page("ended.html", language_of(request)).draw());
  response.headers.emplace_back("HX-Retarget", "#live");
  response.headers.emplace_back("HX-Reswap", "innerHTML");
  response.headers.emplace_back("HX-Reselect", "#ended");
  return response;
}

// A form that was sent after the session's end cannot be sent again by an address.
Response sign_in(const Desk& desk, const Request& request) {
  if (is_refresh(request)) return say_ended(request);
  const bool form = request.method == "POST";
  const auto written = written_in(request);
  if (!written.empty() && Sessions::is_ours(request, desk.parts.public_url)) {
    return show_written(desk, request, written);
  }
  const auto wanted = form ? std::string("/console") : request.target;
  if (wanted == "/console" || !is_own_address(wanted)) {
    return Response::redirect(form ? "/console/login?ended=1" : "/console/login");
  }
  return Response::redirect("/console/login?to=" + percent_encode(wanted));
}

Response let_in(Visit& visit, const std::optional<Ability>& ability, const Handler& handle) {
  const auto& request = visit.request;
  const bool takes = request.method == "POST";
  if (takes && !Sessions::is_ours(request, visit.desk.parts.public_url)) {
    return refuse(visit, visit.say("Formulir tidak dapat diterima", "The form was not accepted"),
                  visit.say("Formulir ini bukan dari halaman kami.",
                            "This form does not come from a page of ours."));
  }
  if (takes && !Sessions::has_csrf(visit.session, request)) return show_outdated(visit);
  if (ability && !visit.may(*ability)) {
    return refuse(visit, visit.say("Bukan untuk peran Anda", "Not for your role"),
                  visit.say("Peran Anda tidak membuka halaman ini. Jika Anda memerlukannya, minta "
                            "kepada admin nasional.",
                            "Your role does not open this page. Ask a national admin if you need "
                            "it."));
  }
  return handle(visit);
}

std::string_view busy_title(std::string_view language) {
  return pick(language, "Sebentar, ya", "One moment");
}

Page draw_busy(const Request& request, std::string written, std::string_view language) {
  const bool lost = !written.empty();
  auto page = lost ? draw_unsent({busy_title(language), busy_words(language), copy_words(language),
                                  std::move(written), page_of(request.path),
                                  pick(language, "Buka halamannya", "Open the page")},
                                 language)
                   : Page("message.html", language);
  auto top = page.top();
  top.add("REFERRED").set("REFERENCE", request.reference);
  if (lost) return page;
  top.set("HEADING", busy_title(language));
  top.set("TEXT", busy_words(language));
  top.set("BACK", "/console");
  return page;
}

// What a form's address shows when it is opened, and any other shows itself.
std::string address_again(const Request& request) {
  return request.method == "POST" ? page_of(request.path) : std::string();
}

Response serve(Desk& desk, const Request& request, const std::optional<Ability>& ability,
               const Handler& handle) {
  auto session = desk.sessions.find(request);
  const auto language = language_of(request);
  if (!session) {
    const bool ours = Sessions::is_ours(request, desk.parts.public_url);
    const auto page = draw_busy(request, ours ? written_in(request) : std::string(), language);
    return answer_stranger(desk.parts.organisation, request, 503, busy_title(language), page,
                           address_again(request));
  }
  if (!*session) return sign_in(desk, request);
  Visit visit{desk, request, std::move(**session), language};
  auto response = let_in(visit, ability, handle);
  visit.session.renew(response);
  return response;
}

// A script follows a redirect unseen, and would put the other page into a piece of this one.
Response for_script(Response response) {
  for (auto& [name, value] : response.headers) {
    if (name == "Location") name = "HX-Redirect";
  }
  if (response.status / 100 == 3) response.status = 204;
  return response;
}

Route make_route(const SharedDesk& desk, std::string method, std::string pattern,
                 std::optional<Ability> ability, Handler handle) {
  const bool form = method == "POST";
  return {std::move(method),
          std::move(pattern),
          form ? BodyKind::form : BodyKind::none,
          form ? k_most_form_bytes : 0,
          [desk, ability, handle = std::move(handle)](const Request& request) {
            auto response = serve(*desk, request, ability, handle);
            const bool script = !request.header("hx-request").empty();
            return script ? for_script(std::move(response)) : response;
          },
          {}};
}

}  // namespace

Desk::Desk(WebParts given)
    : parts(std::move(given)),
      sessions(parts.store, parts.keys, parts.clock),
      sign_in(parts.store, parts.keys, parts.clock),
      utc_offset(utc_offset_of(parts.organisation.time_zone)) {}

std::string_view Visit::say(std::string_view indonesian, std::string_view english) const {
  return pick(language, indonesian, english);
}

std::string Visit::date(Time time) const {
  return date_words(time, organisation().time_zone, language);
}

std::string Visit::brief(Time time) const {
  return short_date(time, now(), desk.utc_offset, language);
}

std::string Visit::channel(const ChannelName& name) const {
  const auto& channels = desk.parts.channels;
  const auto found = std::ranges::find(channels, name, &WebParts::Channel::name);
  if (found == channels.end()) return name.value();
  const auto words = std::string(say(found->title_id, found->title_en));
  const auto alike = std::ranges::count(channels, found->title_id, &WebParts::Channel::title_id);
  return alike < 2 ? words : words + " (" + name.value() + ")";
}

Result<std::vector<ChannelName>> Visit::channels() const {
  std::vector<ChannelName> names;
  for (const auto& channel : desk.parts.channels) names.push_back(channel.name);
  for (auto& name : TRY(desk.parts.store.channel_names())) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Page Visit::page(const char* file) const {
  Page page(file, language);
  page.top().set("CSRF", session.csrf);
  return page;
}

Response answer(const Request& request, int status, std::string html) {
  auto response = Response::html(status, std::move(html));
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
      "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "same-origin");
  remember_language(request, response);
  return response;
}

Response answer(const Visit& visit, int status, std::string_view title, const Page& page,
                std::string_view here) {
  return answer(visit.request, status,
                enclose(visit.organisation(), visit.language, title, page.draw(),
                        other_language(visit.request, here, visit.language),
                        [&](Block top) { draw_officer(visit, top, here); }));
}

Response answer_stranger(const Organisation& organisation, const Request& request, int status,
                         std::string_view title, const Page& page, std::string_view here) {
  if (status >= 400 && is_program(request)) return problem(request, status, title);
  const auto language = language_of(request);
  return answer(
      request, status,
      enclose(organisation, language, title, page.draw(), other_language(request, here, language),
              [](Block top) { top.show("STRANGER"); }));
}

Response tell(const Visit& visit, int status, std::string_view title, std::string_view text,
              std::string_view back) {
  if (status >= 400 && is_program(visit.request)) return problem(visit.request, status, text);
  auto page = visit.page("message.html");
  page.top().set("HEADING", title);
  page.top().set("TEXT", text);
  page.top().set("BACK", back);
  if (status >= 500) page.top().add("REFERRED").set("REFERENCE", visit.request.reference);
  return answer(visit, status, title, page, back);
}

std::string reason_given(const Visit& visit, std::string_view field) {
  constexpr std::size_t k_most_reason_bytes = 500;
  return scrub_utf8(clip_utf8(trim(visit.request.form_value(field)), k_most_reason_bytes));
}

Response ask_reason(const Visit& visit, std::string_view back) {
  return tell(visit, 422, visit.say("Tulis alasannya.", "Say why."),
              visit.say("Alasan disimpan bersama keputusan ini. Belum ada yang berubah.",
                        "The reason is kept with the decision. Nothing has changed yet."),
              back);
}

Response missing(const Visit& visit) {
  return tell(visit, 404, visit.say("Tidak ditemukan", "Not found"),
              visit.say("Tidak ada yang demikian di sini, atau tidak untuk Anda.",
                        "There is no such thing here, or it is not for you."));
}

Response failure(const Visit& visit, const Error& error) {
  if (error.remedy == Remedy::drop || error.remedy == Remedy::reconfigure) {
    return tell(visit, 409, visit.say("Itu tidak dapat dilakukan", "That could not be done"),
                refusal_words(error.message, visit.language));
  }
  const auto& request = visit.request;
  if (is_program(request)) return problem(request, 503, busy_words(visit.language));
  return answer(visit, 503, busy_title(visit.language),
                draw_busy(request, written_in(request), visit.language), address_again(request));
}

std::string_view busy_words(std::string_view language) {
  return pick(language,
              "Sistem sedang sibuk atau basis data sedang tidak terjangkau. Coba lagi sebentar "
              "lagi.",
              "The system is busy, or its database is out of reach. Try again in a moment.");
}

Response outcome(const Visit& visit, Result<Response> drawn) {
  return drawn ? std::move(*drawn) : failure(visit, drawn.error());
}

Response done(std::string address, std::string_view key) {
  address += (address.find('?') == std::string::npos ? "?done=" : "&done=") + std::string(key);
  return Response::redirect(std::move(address));
}

void draw_trouble(const Visit& visit, Block block, const char* name, std::string_view said) {
  const auto trouble = trouble_words(said, visit.organisation(), visit.language);
  block.set(name, trouble.words);
  if (!trouble.detail.empty()) block.add("AS_SAID").set("AS_SAID_TEXT", trouble.detail);
}

void draw_news(const Visit& visit, Block page) {
  const auto key = visit.request.field("done");
  const auto found = std::ranges::find_if(labels(), [&](const Label& label) {
    return label.key.starts_with("DONE_") && label.key.substr(5) == key;
  });
  std::string_view words;
  if (found != labels().end()) {
    words = visit.say(found->indonesian, found->english);
  } else if (const auto event = event_of(key)) {
    words = act_done(*event, visit.language);
  }
  if (!words.empty()) page.add("NEWS").set("NEWS_TEXT", words);
}

bool is_own_address(std::string_view address) {
  if (!address.starts_with("/console") || address.size() > k_most_address_bytes) return false;
  const auto rest = address.substr(8);
  if (!rest.empty() && rest[0] != '/' && rest[0] != '?') return false;
  const auto path = address.substr(0, address.find('?'));
  return path.find("//") == std::string_view::npos && path.find("..") == std::string_view::npos &&
         std::ranges::all_of(address, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number <= 0) return std::nullopt;
  return number;
}

bool is_refresh(const Request& request) {
  return !request.header("x-refresh").empty();
}

std::string page_of(std::string_view path) {
  auto end = path.find('/', std::string_view("/console/").size());
  const auto list = path.substr(0, end);
  if (list == "/console/spam" || list == "/console/logout") return "/console";
  const bool has_pages =
      list == "/console/reports" || list == "/console/messages" || list == "/console/quarantine";
  if (has_pages && end != std::string_view::npos) end = path.find('/', end + 1);
  const auto page = path.substr(0, end);
  return is_own_address(page) ? std::string(page) : "/console";
}

std::string with_field(const Request& request, std::string_view path, std::string_view name,
                       std::string_view value) {
  auto query = query_without(request, {name, "done"});
  if (!value.empty()) {
    query += (query.empty() ? "" : "&") + std::string(name) + "=" + percent_encode(value);
  }
  return std::string(path) + (query.empty() ? "" : "?" + query);
}

Handler guarded(Result<Response> (*draw)(const Visit&)) {
  return [draw](Visit& visit) { return outcome(visit, draw(visit)); };
}

Route page_route(const SharedDesk& desk, std::string pattern, Ability ability, Handler handle) {
  return make_route(desk, "GET", std::move(pattern), ability, std::move(handle));
}

Route form_route(const SharedDesk& desk, std::string pattern, Ability ability, Handler handle) {
  return make_route(desk, "POST", std::move(pattern), ability, std::move(handle));
}

Route upload_route(const SharedDesk& desk, std::string pattern, Ability ability,
                   std::uint64_t most_bytes, Handler handle) {
  auto route = make_route(desk, "POST", std::move(pattern), ability, std::move(handle));
  route.most_bytes = k_most_form_bytes + most_bytes;
  return route;
}

Route page_route(const SharedDesk& desk, std::string pattern, Handler handle) {
  return make_route(desk, "GET", std::move(pattern), std::nullopt, std::move(handle));
}

Route form_route(const SharedDesk& desk, std::string pattern, Handler handle) {
  return make_route(desk, "POST", std::move(pattern), std::nullopt, std::move(handle));
}

}  // namespace kanal::console
