#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "web/console/case.hpp"
#include "web/console/desk.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

constexpr int k_most_listed = 200;

struct Named {
  std::string_view name;
  ReplyState state;
};
constexpr auto k_states = std::to_array<Named>({{"uncertain", ReplyState::uncertain},
                                                {"owed", ReplyState::owed},
                                                {"sending", ReplyState::sending},
                                                {"failed", ReplyState::failed},
                                                {"sent", ReplyState::sent},
                                                {"delivered", ReplyState::delivered},
                                                {"withheld", ReplyState::withheld}});

Result<View> see_report(const Visit& visit, ReportId id) {
  if (!visit.may(Ability::read_reports)) return View();
  const auto report = TRY(visit.desk.parts.store.report(id));
  return report ? view(*report, {}, visit.viewer(), Output::page) : View();
}

Result<> draw_record(const Visit& visit, Block page, const OutboxRecord& record) {
  auto row = page.add("REPLY");
  row.set("REPLY_ID", static_cast<long long>(record.reply.id.value()));
  draw_outcome(visit, row, record);
  row.set("ATTEMPTS", record.attempts);
  const bool about_report = static_cast<bool>(record.reply.report);
  const auto seen = about_report ? TRY(see_report(visit, record.reply.report)) : View();
  row.set("ABOUT", seen.visible   ? "#" + grouped(record.reply.code)
                   : about_report ? std::string(visit.say("Tentang laporan", "About a report"))
                                  : std::string(visit.say("Tanpa laporan", "About no report")));
  if (!about_report || seen.may_see_attachments) {
    row.add("NAME_BLOCK").set("REPLY_NAME", reply_name(visit, record.reply, {}));
  }
  if (seen.visible) row.add("REPORT").set("CODE", seen.code.value());
  if (visit.may(Ability::settle_outbox)) {
    row.show_if("DECIDE", record.state == ReplyState::uncertain);
    const bool failed = record.state == ReplyState::failed;
    row.show_if("AGAIN", failed);
    // What no office was told of is an alarm until somebody says that it need not be.
    row.show_if("GIVE_UP", failed && record.reply.office && !record.detail.starts_with(k_given_up));
  }
  return {};
}

Result<Response> draw_outbox(const Visit& visit) {
  const auto wanted = visit.request.field("state");
  const auto chosen = std::ranges::find(k_states, wanted, &Named::name);
  std::optional<ReplyState> state;
  if (chosen != k_states.end()) state = chosen->state;
  std::optional<ChannelName> channel;
  const auto named = scrub_utf8(clip_utf8(visit.request.field("channel"), 200));
  if (!named.empty()) channel = ChannelName(named);
  const auto records = TRY(visit.desk.parts.store.outbox(channel, state, k_most_listed));
  auto page = visit.page("outbox.html");
  auto top = page.top();
  draw_news(visit, top);
  auto all = top.add("TAB");
  all.set("TAB_HREF", "/console/outbox");
  all.set("TAB_LABEL", visit.say("Semua", "All"));
  all.show_if("TAB_CURRENT", !state);
  for (const auto& each : k_states) {
    auto tab = top.add("TAB");
    tab.set("TAB_HREF", "/console/outbox?state=" + std::string(each.name));
    tab.set("TAB_LABEL", reply_words(each.state, visit.language));
    tab.show_if("TAB_CURRENT", state == each.state);
  }
  if (records.empty()) {
    top.show("NONE");
  } else {
    auto list = top.add("LIST");
    for (const auto& record : records) TRY(draw_record(visit, list, record));
  }
  if (state == ReplyState::failed && records.size() > 1 && visit.may(Ability::settle_outbox)) {
    std::string ids;
    for (const auto& record : records) ids += std::to_string(record.reply.id.value()) + " ";
    auto again = top.add("ALL_AGAIN");
    again.set("ALL_IDS", ids);
    again.set("ALL_COUNT", static_cast<long long>(records.size()));
  }
  top.show_if("MORE", records.size() == static_cast<std::size_t>(k_most_listed));
  return answer(visit, 200, visit.say("Balasan", "Replies"), page);
}

std::optional<Verdict> verdict_of(std::string_view how) {
  if (how == "sent") return Verdict::went_out;
  if (how == "again") return Verdict::send_again;
  if (how == "failed") return Verdict::give_up;
  return std::nullopt;
}

// One number, or those of all failed ones that the officer had before their eyes.
std::vector<OutboxId> named_replies(std::string_view text) {
  std::vector<OutboxId> ids;
  for (const auto word : split(text, ' ')) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) continue;
    ids.emplace_back(number);
    if (ids.size() == static_cast<std::size_t>(k_most_listed)) break;
  }
  return ids;
}

Result<Response> decide(const Visit& visit) {
  const auto verdict = verdict_of(visit.request.form_value("how"));
  if (!verdict) return missing(visit);
  const auto ids = named_replies(visit.request.form_value("replies"));
  const int decided = TRY(visit.desk.parts.store.decide(ids, *verdict, visit.session.actor()));
  if (decided == 0) {
    return tell(visit, 409, visit.say("Sudah diputuskan", "Already decided"),
                visit.say("Balasan itu tidak lagi menunggu keputusan.",
                          "That reply no longer waits for a decision."),
                "/console/outbox");
  }
  const auto from = visit.request.form_value("from");
  return done(from == "failed" ? "/console/outbox?state=failed" : "/console/outbox?state=uncertain",
              *verdict == Verdict::send_again ? "sent_again" : "settled");
}

}  // namespace

void add_outbox(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(page_route(desk, "/console/outbox", Ability::read_channels,
                              [](Visit& visit) { return outcome(visit, draw_outbox(visit)); }));
  routes.push_back(form_route(desk, "/console/outbox", Ability::settle_outbox,
                              [](Visit& visit) { return outcome(visit, decide(visit)); }));
}

}  // namespace kanal::console
