#include <algorithm>
#include <array>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "router/moves.hpp"
#include "web/console/desk.hpp"
#include "web/console/inbox_query.hpp"
#include "web/console/spam.hpp"
#include "web/console/words.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

constexpr int k_most_counted = 1000;
constexpr int k_most_doubtful = 20;
constexpr std::chrono::days k_day{1};

std::string counted(int number) {
  return number >= k_most_counted ? "999+" : std::to_string(number);
}

std::string address_of(const InboxQuery& query, Tab tab, int page) {
  std::string address = "/console?tab=" + std::string(name(tab));
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) address += "&" + std::string(key) + "=" + percent_encode(value);
  };
  add("state", query.state ? kanal::name(*query.state) : std::string_view());
  add("agency", query.agency);
  add("unit", query.unit);
  add("category", query.category);
  add("channel", query.channel);
  add("q", query.words);
  if (page > 1) add("page", std::to_string(page));
  return address;
}

std::string_view tab_words(const Visit& visit, Tab tab) {
  switch (tab) {
    case Tab::mine:
      return visit.say("Menunggu saya", "Waiting for me");
    case Tab::overdue:
      return visit.say("Terlambat", "Overdue");
    case Tab::open:
      return visit.say("Terbuka", "Open");
    case Tab::all:
      break;
  }
  return visit.say("Semua", "All");
}

Result<> draw_tabs(const Visit& visit, Block page, const InboxQuery& query) {
  const auto role = visit.session.officer.role;
  for (const auto tab : {Tab::mine, Tab::overdue, Tab::open, Tab::all}) {
    if (tab == Tab::mine && waiting_for(role).empty()) continue;
    auto row = page.add("TAB");
    row.set("TAB_HREF", address_of(query, tab, 1));
    row.set("TAB_LABEL", tab_words(visit, tab));
    row.show_if("TAB_CURRENT", tab == query.tab);
    if (tab == Tab::all) continue;
    InboxQuery bare;
    bare.tab = tab;
    auto filter = filter_of(bare, visit.viewer());
    filter.most = k_most_counted;
    filter.skip = 0;
    const auto count = TRY(visit.desk.parts.store.count_reports(filter));
    auto badge = row.add("COUNT");
    badge.set("NUMBER", counted(count));
    badge.show_if("ALARM", tab == Tab::overdue && count > 0);
  }
  return {};
}

void draw_option(Block& select, std::string_view value, std::string_view label,
                 std::string_view chosen) {
  auto option = select.add("OPTION");
  option.set("VALUE", value);
  option.set("LABEL", label);
  option.show_if("CHOSEN", value == chosen);
}

Block draw_select(Block& page, std::string_view name, std::string_view label,
                  std::string_view all) {
  auto select = page.add("SELECT");
  select.set("SELECT_NAME", name);
  select.set("SELECT_LABEL", label);
  select.set("SELECT_ALL", all);
  return select;
}

Result<> draw_filters(const Visit& visit, Block page, const InboxQuery& query) {
  const auto& organisation = visit.organisation();
  const auto& officer = visit.session.officer;
  page.set("TAB_NAME", name(query.tab));
  page.set("WORDS", query.words);
  page.show_if("NARROWED", query.is_narrowed());
  auto besides_words = query;
  besides_words.words.clear();
  page.show_if("FILTERS_OPEN", besides_words.is_narrowed());
  page.set("CLEAR_HREF", "/console?tab=" + std::string(name(query.tab)));
  const auto any = visit.say("Semua", "All");
  auto states = draw_select(page, "state", visit.say("Status", "Status"), any);
  for (int i = 0; i <= static_cast<int>(State::rejected); ++i) {
    const auto state = static_cast<State>(i);
    draw_option(states, kanal::name(state), state_words(state, visit.language),
                query.state ? kanal::name(*query.state) : std::string_view());
  }
  const bool nationwide = officer.role != Role::agency_admin && officer.role != Role::liaison;
  if (nationwide) {
    auto agencies = draw_select(page, "agency", visit.say("Instansi", "Agency"), any);
    for (const auto& agency : organisation.agencies) {
      draw_option(agencies, agency.id.value(), agency.name, query.agency);
    }
  }
  if (officer.role != Role::liaison) {
    auto units = draw_select(page, "unit", visit.say("Unit", "Unit"), any);
    for (const auto& unit : organisation.units) {
      if (!nationwide && unit.agency != officer.agency) continue;
      draw_option(units, unit.id.value(), unit.name, query.unit);
    }
  }
  auto categories = draw_select(page, "category", visit.say("Kategori", "Category"), any);
  for (const auto& category : organisation.categories) {
    if (organisation.is_heading(category)) continue;
    draw_option(categories, category.id.value(),
                category_name(organisation, category.id, visit.language), query.category);
  }
  auto channels = draw_select(page, "channel", visit.say("Kanal", "Channel"), any);
  for (const auto& name : TRY(visit.channels())) {
    draw_option(channels, name.value(), visit.channel(name), query.channel);
  }
  return {};
}

bool waits_for_reporter(State state) {
  return state == State::needs_info || state == State::answered;
}

void draw_due(const Visit& visit, Block& row, const View& view) {
  if (!view.due_at) return;
  auto due = row.add("DUE");
  const auto now = visit.now();
  due.set("DUE_DATE", visit.date(*view.due_at));
  due.set("DUE_WORDS", due_words(*view.due_at, now, visit.desk.utc_offset, visit.language));
  if (waits_for_reporter(view.state) && !view.unheard) {
    due.show("DUE_REPORTER");
  } else if (view.timeliness_colour == "red" || *view.due_at < now) {
    due.show("DUE_RED");
  } else if (falls_due_soon(*view.due_at, visit.organisation(), now)) {
    due.show("DUE_AMBER");
  }
}

bool may_archive(const Visit& visit, const View& view) {
  return find_move(view.state, Event::archive, visit.session.officer.role, !view.agency.empty())
      .has_value();
}

void draw_bulk(const Visit& visit, Block& page, const InboxQuery& query,
               std::span<const View> views) {
  std::string codes;
  for (const auto& view : views) {
    if (may_archive(visit, view)) codes += tick_of(view) + " ";
  }
  if (codes.empty()) return;
  auto bulk = page.add("BULK");
  bulk.set("BULK_CODES", codes);
  bulk.set("BULK_TO", address_of(query, query.tab, query.page));
  bulk.show_if("BULK_BLOCK", visit.may(Ability::block_senders));
}

void draw_row(const Visit& visit, Block& page, const View& view) {
  const auto& organisation = visit.organisation();
  auto row = page.add("REPORT");
  row.set("CODE", view.code.value());
  row.set("CODE_WORDS", grouped(view.code));
  if (may_archive(visit, view)) row.add("TICK").set("TICK_CODE", tick_of(view));
  const bool hidden = !view.may_see_attachments;
  row.set("TITLE", hidden               ? visit.say("Laporan rahasia", "Confidential report")
                   : view.title.empty() ? visit.say("Tanpa judul", "Without a title")
                                        : std::string_view(view.title));
  row.set("STATE", state_words(view.state, visit.language));
  row.set("STATE_BADGE", badge_of(view.status_colour));
  const auto unit = unit_name(organisation, view.unit);
  const auto agency = agency_name(organisation, view.agency);
  const bool is_over =
      view.state == State::merged || view.state == State::archived || view.state == State::rejected;
  row.set("PLACE", !unit.empty()     ? std::string_view(unit)
                   : !agency.empty() ? std::string_view(agency)
                   : is_over         ? visit.say("tanpa instansi", "no agency")
                                     : visit.say("belum ada instansi", "no agency yet"));
  row.show_if("NO_PLACE", unit.empty() && agency.empty());
  const auto category = category_name(organisation, view.category, visit.language);
  if (!category.empty()) row.add("CATEGORY").set("CATEGORY_NAME", category);
  row.show_if("UNHEARD", view.unheard);
  const auto support = support_words(view.support, visit.language);
  if (!support.empty()) row.add("SUPPORT").set("SUPPORT_WORDS", support);
  row.set("CHANNEL", visit.channel(view.channel));
  row.set("AT", visit.brief(view.received_at));
  row.set("AT_FULL", visit.date(view.received_at));
  row.show_if("CONFIDENTIAL", view.confidential);
  row.show_if("ANONYMOUS", view.anonymous);
  draw_due(visit, row, view);
}

void draw_empty(const Visit& visit, Block page, const InboxQuery& query) {
  auto empty = page.add("EMPTY");
  const auto whole = "/console?tab=" + std::string(name(query.tab));
  if (query.is_narrowed()) {
    empty.set("EMPTY_TITLE", visit.say("Tidak ada laporan yang cocok", "No reports match"));
    empty.set("EMPTY_TEXT", visit.say("Coba kata lain, atau hapus saringannya.",
                                      "Try other words, or clear the filters."));
    empty.add("EMPTY_ACT").set("EMPTY_HREF", whole);
    return;
  }
  if (query.page > 1) {
    empty.set("EMPTY_TITLE", visit.say("Tidak ada lagi laporan di sini", "No more reports here"));
    empty.set("EMPTY_TEXT", visit.say("Daftarnya berakhir sebelum halaman ini.",
                                      "The list ends before this page."));
    empty.add("EMPTY_FIRST").set("EMPTY_HREF", whole);
    return;
  }
  switch (query.tab) {
    case Tab::mine:
      empty.set("EMPTY_TITLE",
                visit.say("Tidak ada laporan yang menunggu Anda", "No report waits for you"));
      empty.set("EMPTY_TEXT", visit.say("Laporan baru muncul di sini.", "New ones appear here."));
      break;
    case Tab::overdue:
      empty.set("EMPTY_TITLE", visit.say("Tidak ada yang terlambat", "Nothing is overdue"));
      empty.set("EMPTY_TEXT", visit.say("Semua laporan masih di dalam tenggatnya.",
                                        "All reports are within their deadlines."));
      break;
    default:
      empty.set("EMPTY_TITLE", visit.say("Belum ada laporan", "No reports yet"));
      empty.set("EMPTY_TEXT",
                visit.say("Laporan dari formulir, surel, dan kanal lain muncul di sini.",
                          "Reports from forms, email and other channels appear here."));
  }
}

// What needs somebody besides the reports.
Result<> draw_attention(const Visit& visit, Block page) {
  auto& store = visit.desk.parts.store;
  const auto note = [&](std::string_view href, std::string words) {
    auto row = page.add("ATTENTION");
    row.set("ATTENTION_HREF", href);
    row.set("ATTENTION_WORDS", words);
  };
  const auto note_many = [&](std::string_view href, int number, std::string_view indonesian,
                             std::string_view english_one, std::string_view english_many) {
    if (number == 0) return;
    const auto english = number == 1 ? english_one : english_many;
    note(href, counted(number) + " " + std::string(visit.say(indonesian, english)));
  };
  if (visit.may(Ability::read_channels)) {
    const auto& running = visit.desk.parts.channels;
    for (const auto& channel : TRY(store.channels())) {
      const bool ails =
          channel.health == Health::credentials_refused || channel.health == Health::failing;
      // Nothing heals the record of one that was switched off.
      if (!ails ||
          std::ranges::find(running, channel.name, &WebParts::Channel::name) == running.end()) {
        continue;
      }
      note("/console/channels", visit.channel(channel.name) + ": " +
                                    std::string(health_words(channel.health, visit.language)));
    }
    const auto doubtful = TRY(store.outbox({}, ReplyState::uncertain, k_most_doubtful));
    note_many("/console/outbox?state=uncertain", static_cast<int>(doubtful.size()),
              "balasan belum pasti terkirim", "reply that may or may not have gone out",
              "replies that may or may not have gone out");
    // The offices' are their channel's alarm. Nobody can mend an address that is none.
    note_many("/console/outbox?state=failed",
              TRY(store.count_failed(visit.now() - k_day, k_most_counted)),
              "balasan gagal terkirim sejak kemarin", "reply that failed since yesterday",
              "replies that failed since yesterday");
  }
  if (visit.may(Ability::promote)) {
    const auto held = TRY(store.count_held(k_most_counted));
    const bool reads_all = may_read_confidential(visit.viewer());
    note_many("/console/messages?fate=held", held.open + (reads_all ? held.confidential : 0),
              "pesan ditahan, menunggu petugas", "message held for an officer",
              "messages held for an officer");
  }
  if (!visit.may(Ability::read_quarantine)) return {};
  QuarantineFilter kept;
  kept.waiting_only = true;
  kept.most = k_most_counted;
  note_many("/console/quarantine", TRY(store.count_quarantined(kept)), "pesan di karantina",
            "message in quarantine", "messages in quarantine");
  return {};
}

Result<std::vector<View>> seen_of(const Visit& visit, const std::vector<Report>& reports) {
  const auto supports = TRY(visit.desk.parts.store.supports(reports));
  const auto unheard = TRY(visit.desk.parts.store.unheard(reports));
  std::vector<View> views;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    auto seen = view(reports[i], {}, visit.viewer(), Output::page, supports[i]);
    seen.unheard = unheard.contains(reports[i].id);
    if (seen.visible) views.push_back(std::move(seen));
  }
  return views;
}

Result<Response> draw_inbox(const Visit& visit) {
  const auto query = read_inbox_query(visit.request, visit.session.officer.role);
  auto reports = TRY(visit.desk.parts.store.find_reports(filter_of(query, visit.viewer())));
  const bool more = reports.size() > static_cast<std::size_t>(k_reports_per_page);
  if (more) reports.pop_back();
  const auto views = TRY(seen_of(visit, reports));
  // A number leads straight to its report.
  if (!is_refresh(visit.request) && views.size() == 1 && query.page == 1 &&
      parse_tracking_code(query.words)) {
    return Response::redirect("/console/reports/" + views[0].code.value());
  }
  auto page = visit.page("inbox.html");
  auto top = page.top();
  draw_news(visit, top);
  TRY(draw_attention(visit, top));
  TRY(draw_tabs(visit, top, query));
  TRY(draw_filters(visit, top, query));
  auto list = views.empty() ? top : top.add("LIST");
  for (const auto& view : views) draw_row(visit, list, view);
  draw_bulk(visit, top, query, views);
  draw_undo(visit, top, address_of(query, query.tab, query.page));
  if (views.empty()) draw_empty(visit, top, query);
  if (more || query.page > 1) {
    auto pages = top.add("PAGES");
    pages.set("PAGE_NUMBER", query.page);
    if (query.page > 1)
      pages.add("BEFORE").set("BEFORE_HREF", address_of(query, query.tab, query.page - 1));
    if (more && query.page == k_last_page) pages.show("NO_FURTHER");
    if (more && query.page < k_last_page) {
      pages.add("AFTER").set("AFTER_HREF", address_of(query, query.tab, query.page + 1));
    }
  }
  top.set("LIVE_HREF", address_of(query, query.tab, query.page));
  if (is_refresh(visit.request)) {
    top.add("REFRESHED").set("AT", visit.brief(visit.now()));
  }
  return answer(visit, 200, tab_words(visit, query.tab), page);
}

Response follow(Visit& visit) {
  const auto officer = visit.session.officer.id;
  if (!visit.desk.live.has_room(officer)) return Response::text(503, "Too many pages follow.\n");
  Response response;
  response.headers = {{"X-Accel-Buffering", "no"}};
  response.events = [live = &visit.desk.live, officer](std::shared_ptr<EventStream> reader) {
    live->add(officer, std::move(reader));
  };
  return response;
}

}  // namespace

void add_inbox(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(page_route(desk, "/console", [](Visit& visit) {
    if (!visit.may(Ability::read_reports)) return Response::redirect("/console/channels");
    return outcome(visit, draw_inbox(visit));
  }));
  routes.push_back(page_route(desk, "/console/events", Ability::read_reports, follow));
}

}  // namespace kanal::console
