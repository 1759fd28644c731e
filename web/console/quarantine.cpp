#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "web/console/desk.hpp"
#include "web/console/words.hpp"
#include "web/files.hpp"

namespace kanal::console {
namespace {

constexpr int k_kept_per_page = 100;

bool can_replay(const Visit& visit) {
  return visit.may(Ability::replay_quarantine) && visit.desk.parts.replay;
}

void draw_record(const Visit& visit, Block row, const QuarantineRecord& record) {
  row.set("QUARANTINE_ID", static_cast<long long>(record.id.value()));
  row.set("CHANNEL", visit.channel(record.channel));
  row.set("EXTERNAL_ID", record.external_id.value());
  row.show_if("NAMED", !record.external_id.empty());
  draw_trouble(visit, row, "QUARANTINE_REASON", redact_personal(record.reason));
  row.set("SIZE", size_words(record.size_bytes));
  row.set("AT", visit.brief(record.at));
  row.set("AT_FULL", visit.date(record.at));
  row.show_if("WAITING", record.waits());
  if (record.discarded_at && !record.replayed_at) {
    auto aside = row.add("DISCARDED");
    aside.set("DISCARDED_AT", visit.brief(*record.discarded_at));
    aside.set("DISCARDED_BY", record.discarded_by.empty() ? visit.say("perintah", "a command")
                                                          : std::string_view(record.discarded_by));
    aside.set("DISCARDED_WHY", record.discarded_why);
  }
  if (record.replayed_at) row.add("REPLAYED").set("REPLAYED_AT", visit.brief(*record.replayed_at));
}

QuarantineFilter read_kept_filter(const Visit& visit) {
  QuarantineFilter filter;
  if (const auto wanted = visit.request.field("channel"); !wanted.empty()) {
    filter.channel = ChannelName(scrub_utf8(clip_utf8(wanted, 200)));
  }
  filter.waiting_only = visit.request.field("show") != "all";
  const auto before = visit.request.field("before");
  std::from_chars(before.data(), before.data() + before.size(), filter.before_id);
  filter.most = k_kept_per_page + 1;
  return filter;
}

void draw_tabs(const Visit& visit, Block page, const QuarantineFilter& filter) {
  for (const bool waiting : {true, false}) {
    std::string query = waiting ? "" : "show=all";
    if (filter.channel) {
      query += (query.empty() ? "" : "&") + ("channel=" + percent_encode(filter.channel->value()));
    }
    auto tab = page.add("TAB");
    tab.set("TAB_HREF", "/console/quarantine" + (query.empty() ? "" : "?" + query));
    tab.set("TAB_LABEL", waiting ? visit.say("Menunggu", "Waiting") : visit.say("Semua", "All"));
    tab.show_if("TAB_CURRENT", waiting == filter.waiting_only);
  }
}

Result<Response> draw_kept(const Visit& visit) {
  const auto filter = read_kept_filter(visit);
  auto records = TRY(visit.desk.parts.store.quarantine(filter));
  const bool more = records.size() > static_cast<std::size_t>(k_kept_per_page);
  if (more) records.pop_back();
  auto page = visit.page("quarantine.html");
  auto top = page.top();
  draw_news(visit, top);
  draw_tabs(visit, top, filter);
  if (records.empty()) top.show(filter.waiting_only ? "NONE_WAITING" : "NONE");
  if (!records.empty()) {
    auto list = top.add("LIST");
    for (const auto& record : records) draw_record(visit, list.add("RECORD"), record);
  }
  if (more) {
    top.add("AFTER").set("AFTER_HREF", with_field(visit.request, "/console/quarantine", "before",
                                                  std::to_string(records.back().id.value())));
  }
  return answer(visit, 200, visit.say("Karantina", "Quarantine"), page);
}

Result<std::optional<QuarantineRecord>> find_record(const Visit& visit) {
  const auto& text = visit.request.parameters.at("record");
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || number <= 0) return std::optional<QuarantineRecord>();
  return visit.desk.parts.store.quarantined(QuarantineId(number));
}

Result<Response> draw_one(const Visit& visit, int status, std::string_view problem) {
  const auto record = TRY(find_record(visit));
  if (!record) return missing(visit);
  auto page = visit.page("quarantined.html");
  auto top = page.top();
  draw_news(visit, top);
  draw_record(visit, top, *record);
  // Nobody has judged yet whether it asks for confidence.
  const bool may_read = visit.may(Ability::replay_quarantine);
  for (const auto& attachment : may_read ? record->attachments : std::vector<Attachment>()) {
    auto file = top.add("FILE");
    file.set("FILE_NAME", file_words(attachment, visit.language));
    file.set("FILE_SIZE", size_words(attachment.size_bytes));
  }
  if (!problem.empty()) top.add("WRONG").set("PROBLEM", problem);
  top.show_if("MAY_DISCARD", record->waits() && visit.may(Ability::promote));
  top.show_if("MAY_REPLAY", can_replay(visit));
  top.show_if("MAY_READ", may_read);
  return answer(visit, status, visit.say("Pesan di karantina", "Message in quarantine"), page,
                "/console/quarantine/" + std::to_string(record->id.value()));
}

Result<Response> replay(const Visit& visit) {
  const auto record = TRY(find_record(visit));
  if (!record || !can_replay(visit)) return missing(visit);
  const auto number = std::to_string(record->id.value());
  auto& parts = visit.desk.parts;
  TRY(parts.store.record(visit.session.actor(), "replay", "quarantine " + number));
  const auto replayed = parts.replay(record->id);
  if (!replayed) {
    if (replayed.error().remedy != Remedy::drop) return tl::unexpected(replayed.error());
    const auto said = redact_personal(replayed.error().message);
    const auto trouble = trouble_words(said, visit.organisation(), visit.language);
    return draw_one(visit, 409,
                    std::string(visit.say("Pesan ini masih belum dapat dibaca: ",
                                          "It still cannot be read: ")) +
                        trouble.words);
  }
  return done("/console/quarantine/" + number, "replayed");
}

Result<Response> discard_kept(const Visit& visit) {
  const auto record = TRY(find_record(visit));
  if (!record) return missing(visit);
  const auto address = "/console/quarantine/" + std::to_string(record->id.value());
  const auto why = reason_given(visit);
  if (why.empty()) return ask_reason(visit, address);
  TRY(visit.desk.parts.store.discard(record->id, visit.session.actor(), why));
  return done(address, "discarded");
}

Result<Response> raw_kept(const Visit& visit) {
  const auto record = TRY(find_record(visit));
  if (!record) return missing(visit);
  const auto number = std::to_string(record->id.value());
  const auto why = reason_given(visit);
  if (why.empty()) return ask_reason(visit, "/console/quarantine/" + number);
  TRY(visit.desk.parts.store.record(visit.session.actor(), "payload", "quarantine " + number, why));
  auto page = visit.page("raw.html");
  page.top().set("RAW_TITLE", visit.say("Pesan mentah", "Raw message"));
  page.top().set("RAW_BACK", "/console/quarantine/" + number);
  page.top().set("RAW_TEXT", scrub_utf8(clip_utf8(record->payload, k_most_shown_bytes)));
  page.top().show_if("RAW_CUT", record->payload.size() > k_most_shown_bytes);
  page.top().show_if("RAW_EMPTY", record->payload.empty());
  return answer(visit, 200, visit.say("Pesan mentah", "Raw message"), page,
                "/console/quarantine/" + number);
}

}  // namespace

void add_quarantine(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(page_route(desk, "/console/quarantine", Ability::read_quarantine,
                              [](Visit& visit) { return outcome(visit, draw_kept(visit)); }));
  routes.push_back(
      page_route(desk, "/console/quarantine/{record}", Ability::read_quarantine,
                 [](Visit& visit) { return outcome(visit, draw_one(visit, 200, {})); }));
  routes.push_back(form_route(desk, "/console/quarantine/{record}/replay",
                              Ability::replay_quarantine,
                              [](Visit& visit) { return outcome(visit, replay(visit)); }));
  routes.push_back(form_route(desk, "/console/quarantine/{record}/discard", Ability::promote,
                              [](Visit& visit) { return outcome(visit, discard_kept(visit)); }));
  routes.push_back(form_route(desk, "/console/quarantine/{record}/raw", Ability::replay_quarantine,
                              [](Visit& visit) { return outcome(visit, raw_kept(visit)); }));
}

}  // namespace kanal::console
