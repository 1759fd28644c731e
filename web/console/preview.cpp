#include "web/console/case.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

std::string way_of(const Visit& visit, const Appearance& shown) {
  const auto why = reason_words(shown.unless, visit.organisation(), visit.language);
  if (shown.text.empty() && !why.empty()) {
    return std::string(visit.say("Tidak dikirim: ", "Not sent: ")) + why;
  }
  switch (shown.way) {
    case Appearance::Way::plain:
      return {};
    case Appearance::Way::publicly:
      return std::string(
          visit.say("Jawaban publik, dibaca siapa pun", "A public answer, read by everybody"));
    case Appearance::Way::directly:
      return std::string(visit.say("Pesan langsung", "A direct message"));
    case Appearance::Way::directly_if_open:
      break;
  }
  auto words = std::string(visit.say("Pesan langsung, bila pelapor pernah mengirimnya",
                                     "A direct message, if the reporter has ever sent one"));
  if (!why.empty()) words += std::string(visit.say("; bila tidak: ", "; else: ")) + why;
  return words;
}

std::string measure_of(const Visit& visit, const ChannelName& channel, const Appearance& shown) {
  if (shown.segments > 0) {
    return segments_words(visit, channel, static_cast<std::int64_t>(shown.segments));
  }
  if (shown.most_weight == 0) return {};
  return std::to_string(shown.weight) + std::string(visit.say(" dari ", " of ")) +
         std::to_string(shown.most_weight);
}

void draw_way(const Visit& visit, Block page, const Arrival& arrival, const Appearance& shown) {
  auto row = page.add("ARRIVAL");
  row.set("CHANNEL", visit.channel(arrival.channel));
  const auto measure = measure_of(visit, arrival.channel, shown);
  if (!measure.empty()) row.add("MEASURE").set("MEASURE_WORDS", measure);
  const auto way = way_of(visit, shown);
  if (!way.empty()) row.add("WAY").set("WAY_WORDS", way);
  if (shown.text.empty()) return;
  auto said = row.add("TOLD");
  said.set("TOLD_TEXT", without_own_keys(shown.text));
  const bool has_subject = shown.way == Appearance::Way::plain && shown.segments == 0;
  if (has_subject && !arrival.subject.empty()) {
    said.add("TOLD_SUBJECT").set("SUBJECT", without_own_keys(arrival.subject));
  }
}

Page piece(const Visit& visit, Event event) {
  auto page = visit.page("preview.html");
  page.top().set("EVENT", kanal::name(event));
  return page;
}

}  // namespace

bool can_preview(const ActForm& form) {
  const auto& needs = form.needs;
  const bool chooses = needs.agency || needs.unit || needs.report;
  return form.tells_reporter && !chooses && (form.takes_words || needs.reason);
}

std::string no_preview(const Visit& visit, Event event) {
  return piece(visit, event).draw();
}

Result<std::string> draw_preview(const Visit& visit, const Case& shown, const ActForm& form,
                                 const Typed& typed) {
  const auto page = piece(visit, form.event);
  auto top = page.top();
  if (typed.words.empty() && typed.reason.empty()) return page.draw();
  auto problem = missing_words(form, typed, visit.language);
  Rehearsal rehearsal;
  if (problem.empty()) {
    auto rehearsed = visit.desk.parts.casework.rehearse(
        shown.report.id, command_of(typed, form, visit.session.actor()));
    if (rehearsed) {
      rehearsal = std::move(*rehearsed);
    } else if (rehearsed.error().remedy == Remedy::drop) {
      problem = refusal_words(rehearsed.error().message, visit.language);
    } else {
      return tl::unexpected(rehearsed.error());
    }
  }
  if (!problem.empty()) {
    top.add("UNFIT").set("PROBLEM", problem);
  } else if (rehearsal.arrivals.empty() && rehearsal.others == 0) {
    top.show("NOBODY");
  }
  if (rehearsal.others > 0) top.add("OTHERS").set("COUNT", std::to_string(rehearsal.others));
  for (const auto& arrival : rehearsal.arrivals) {
    for (const auto& way : arrival.ways) draw_way(visit, top, arrival, way);
  }
  return page.draw();
}

}  // namespace kanal::console
