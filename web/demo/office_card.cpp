#include "web/demo/office_card.hpp"

#include <algorithm>
#include <array>

#include "core/language.hpp"
#include "format/encode.hpp"
#include "web/console/page.hpp"
#include "web/console/words.hpp"

namespace kanal::demo {
namespace {

using console::Page;

struct Phrase {
  std::string_view id;
  std::string_view indonesian;
  std::string_view english;
};

constexpr auto k_events =
    std::to_array<Phrase>({{"answer", "Selesai, ini jawabannya", "Done, this is the answer"},
                           {"proceed", "Sedang dikerjakan", "Being worked on"},
                           {"ask", "Bertanya kepada pelapor", "Ask the reporter"},
                           {"not_ours", "Bukan wewenang kami", "Not ours"}});

constexpr auto k_news = std::to_array<Phrase>(
    {{"handed", "diserahkan kepada kantor ini", "handed to this office"},
     {"back", "kembali ke kantor ini", "back with this office"},
     {"reopen", "dibuka lagi", "opened again"},
     {"added", "pelapor menambahkan", "the reporter added"},
     {"open", "ada keterangan baru", "there is more about it"},
     {"overdue", "lewat batas waktu", "overdue"},
     {"taken", "tidak lagi pada kantor ini", "no longer with this office"},
     {"cancelled", "tidak lagi pada kantor ini", "no longer with this office"},
     {"told", "pemberitahuan", "a notice"},
     {"mail", "menulis", "wrote"}});

constexpr auto k_ways = std::to_array<Phrase>({{"email", "surel", "email"},
                                               {"webhook", "webhook", "webhook"},
                                               {"open311_client", "Open311", "Open311"},
                                               {"lapor", "API LAPOR!", "the API of LAPOR!"}});

std::string_view say(std::span<const Phrase> phrases, std::string_view id,
                     std::string_view language) {
  const auto found = std::ranges::find(phrases, id, &Phrase::id);
  return found == phrases.end() ? id : pick(language, found->indonesian, found->english);
}

std::string_view what_happened(const OfficeStep& step, std::string_view language) {
  const bool is_event = std::ranges::find(k_events, step.event, &Phrase::id) != k_events.end();
  return say(is_event ? std::span<const Phrase>(k_events) : k_news, step.event, language);
}

/// Changes when anything does that lies with the offices.
std::string mark_of(const Result<std::vector<HandedReport>>& reports) {
  if (!reports) return "away";
  std::size_t steps = 0;
  for (const auto& report : *reports) steps += report.steps.size();
  return std::to_string(steps) +
         (reports->empty() ? "" : "-" + percent_encode(reports->front().id));
}

}  // namespace

std::string_view OfficeCard::title(std::string_view language) {
  return pick(language, "Kantor dengan sistem sendiri", "Offices with their own systems");
}

std::string OfficeCard::list(std::string_view language,
                             const Result<std::vector<HandedReport>>& reports,
                             std::string_view chosen) const {
  Page page("citizen_handed.html", language);
  auto top = page.top();
  top.set("SEEN", mark_of(reports));
  if (!reports) {
    top.add("AWAY").set("AWAY_WORDS", pick(language, "Sedang dimulai ulang; sebentar lagi ada.",
                                           "Being started again; there in a moment."));
    return page.draw();
  }
  if (reports->empty()) {
    top.add("EMPTY").set("EMPTY_WORDS",
                         pick(language, "Belum ada laporan di sana. Teruskan satu sebagai petugas.",
                              "No report lies there yet. Pass one on as an officer."));
    return page.draw();
  }
  top.show("CHOOSES");
  auto list = top.add("LIST");
  list.set("LIST_NAME", title(language));
  list.set("WHICH", pick(language, "Laporan", "Report"));
  // None is meant before somebody says which: another may come while they write.
  auto none = list.add("CHOICE");
  none.set("REPORT_ID", "");
  none.set("REPORT_NAME", pick(language, "Pilih laporan…", "Choose a report…"));
  for (const auto& report : *reports) {
    const auto office = systems_.office(report.by);
    auto shown = list.add("REPORT");
    shown.set("OFFICE", office);
    shown.set("WAY", say(k_ways, report.by, language));
    shown.set("TITLE", report.title);
    shown.set("TEXT", report.text);
    for (const auto& step : report.steps) {
      auto line = shown.add("STEP");
      line.set("BY", step.by_office ? office : "Kanal");
      line.set("EVENT", what_happened(step, language));
      if (step.at) {
        line.add("AT").set("WHEN",
                           console::short_date(*step.at, clock_.now(), utc_offset_, language));
      }
      if (!step.words.empty()) line.add("SAID").set("WORDS", step.words);
    }
    auto choice = list.add("CHOICE");
    choice.set("REPORT_ID", report.id);
    choice.set("REPORT_NAME", office + ": " + report.title);
    if (report.id == chosen) choice.show("CHOSEN");
  }
  return page.draw();
}

std::string OfficeCard::draw(std::string_view language, std::string_view csrf,
                             const Outcome& outcome) const {
  Page page("citizen_offices.html", language);
  auto top = page.top();
  std::string names;
  for (const auto& way : k_ways) {
    const auto office = systems_.office(way.id);
    if (office.empty()) continue;
    names += (names.empty() ? "" : ", ") + office + " (" +
             std::string(say(k_ways, way.id, language)) + ")";
  }
  top.set("HEADING", title(language));
  top.set("NAMES", names);
  top.set("HELP", pick(language,
                       "Laporan yang didisposisikan kepada mereka tiba di sini; jawaban dari sini "
                       "memindahkan laporan dan sampai kepada pelapornya.",
                       "Reports that are passed to them arrive here; what is answered here moves "
                       "the report, and reaches its reporter."));
  top.set("LIST_HTML", list(language, systems_.reports(), {}));
  top.set("CSRF", csrf);
  top.set("AS_WORD", pick(language, "Sebagai kantor itu", "As that office"));
  for (const auto& event : k_events) {
    auto choice = top.add("EVENT");
    choice.set("EVENT_ID", event.id);
    choice.set("EVENT_NAME", pick(language, event.indonesian, event.english));
  }
  top.set("WRITE", pick(language, "Isi jawaban", "What is answered"));
  top.set("TYPED", outcome.typed);
  top.set("SEND", pick(language, "Kirim", "Send"));
  if (!outcome.words.empty()) {
    auto news = top.add("NEWS");
    news.set("NEWS_TEXT", outcome.words);
    news.show(outcome.good ? "GOOD" : "BAD");
  }
  return page.draw();
}

std::optional<std::string> OfficeCard::look(std::string_view language, std::string_view seen,
                                            std::string_view chosen) const {
  const auto reports = systems_.reports();
  if (seen == mark_of(reports)) return std::nullopt;
  return list(language, reports, chosen);
}

Outcome OfficeCard::act(std::string_view language, const std::string& report,
                        const std::string& event, const std::string& words) const {
  if (report.empty()) {
    return {pick(language, "Pilih laporannya dulu.", "Choose the report first."), false, words};
  }
  if (!systems_.act(report, event, words)) {
    return {pick(language,
                 "Tidak terkirim: sistem itu tidak dapat mengatakannya, atau sedang "
                 "dimulai ulang.",
                 "Not sent: that system has no way to say so, or is being started again."),
            false, words};
  }
  return {pick(language, "Terkirim. Laporannya berpindah sebentar lagi.",
               "Sent. The report will move in a moment."),
          true,
          {}};
}

}  // namespace kanal::demo
