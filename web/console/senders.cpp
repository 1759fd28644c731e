#include "web/console/senders.hpp"

#include <charconv>

#include "core/text.hpp"
#include "web/console/case.hpp"
#include "web/console/messages.hpp"

namespace kanal::console {
namespace {

constexpr int k_most_blocked = 200;

using Officers = std::map<OfficerId, std::string>;

void draw_blocked(const Visit& visit, Block row, const BlockedSender& blocked, Officers& known) {
  const auto name = officer_name(visit, blocked.by, known);
  row.set("SINCE", visit.brief(blocked.since));
  row.set("SINCE_FULL", visit.date(blocked.since));
  row.set("BY", name.empty() ? visit.say("petugas", "an officer") : std::string_view(name));
  row.set("WHY", blocked.reason);
}

Result<Response> draw_blocked_list(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  const auto senders = TRY(store.blocked_senders(k_most_blocked));
  auto page = visit.page("blocked.html");
  auto top = page.top();
  draw_news(visit, top);
  if (senders.empty()) top.show("NONE");
  auto list = senders.empty() ? top : top.add("LIST");
  Officers known;
  for (const auto& sender : senders) {
    auto row = list.add("SENDER");
    draw_blocked(visit, row, sender, known);
    row.set("SENDER_ID", static_cast<long long>(sender.reporter.value()));
    row.set("CHANNEL", visit.channel(sender.channel));
    const auto post = TRY(store.post(sender.newest_post));
    // Whose message may not be read must not be found by who else they are.
    if (post && TRY(see(visit, *post)).sender) {
      row.add("NEWEST").set("POST_ID", static_cast<long long>(post->id.value()));
    }
  }
  top.show_if("MORE", senders.size() == static_cast<std::size_t>(k_most_blocked));
  return answer(visit, 200, visit.say("Pengirim yang diblokir", "Blocked senders"), page);
}

// From the list senders are let through again; blocking begins at what they wrote.
Result<Response> unblock(const Visit& visit) {
  const auto& text = visit.request.parameters.at("sender");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  const auto blocked = TRY(visit.desk.parts.store.blocked(ReporterId(number)));
  if (!blocked || !visit.request.form_value("blocked").empty()) return missing(visit);
  return block_sender(visit, blocked->reporter, "/console/blocked");
}

}  // namespace

Result<std::string> draw_sender(const Visit& visit, ReporterId sender, std::string_view address) {
  const auto blocked = TRY(visit.desk.parts.store.blocked(sender));
  auto page = visit.page("sender.html");
  auto top = page.top();
  Officers known;
  if (blocked) draw_blocked(visit, top.add("BLOCKED"), *blocked, known);
  top.set("ADDRESS", address);
  top.set("TO", blocked ? "" : "1");
  top.set("BLOCK_LABEL", blocked ? visit.say("Buka blokir", "Unblock the sender")
                                 : visit.say("Blokir pengirim", "Block the sender"));
  top.set("BLOCK_BUTTON", blocked ? "btn-primary" : "btn-danger");
  top.set("BLOCK_HINT",
          blocked ? visit.say("Pesan berikutnya kembali menjadi laporan. Yang tersaring tetap ada "
                              "di halaman Pesan.",
                              "What they send becomes reports again. What was screened stays on "
                              "the Messages page.")
                  : visit.say("Pesan berikutnya disaring: disimpan, tetapi tidak menjadi laporan "
                              "dan tidak dibalas. Keputusan ini dicatat.",
                              "What they send is screened: kept, but it makes no report and gets "
                              "no reply. This is recorded."));
  return page.draw();
}

Result<Response> block_sender(const Visit& visit, ReporterId sender, std::string_view address) {
  const auto why = reason_given(visit);
  if (why.empty()) return ask_reason(visit, address);
  const bool blocks = !visit.request.form_value("blocked").empty();
  TRY(visit.desk.parts.store.block(sender, blocks, visit.session.actor(), why));
  return done(std::string(address), blocks ? "blocked" : "unblocked");
}

void add_senders(std::vector<Route>& routes, const SharedDesk& desk) {
  const auto ability = Ability::block_senders;
  routes.push_back(page_route(desk, "/console/blocked", ability, [](Visit& visit) {
    return outcome(visit, draw_blocked_list(visit));
  }));
  routes.push_back(form_route(desk, "/console/blocked/{sender}", ability,
                              [](Visit& visit) { return outcome(visit, unblock(visit)); }));
}

}  // namespace kanal::console
