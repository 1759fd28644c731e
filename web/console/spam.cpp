#include "web/console/spam.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <spdlog/spdlog.h>

#include "core/count.hpp"
#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"

namespace kanal::console {
namespace {

constexpr std::size_t k_most_at_once = 200;
constexpr std::string_view k_why = "spam";

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number <= 0) return std::nullopt;
  return number;
}

bool names(const std::vector<Sighting>& sightings, const TrackingCode& code) {
  return std::ranges::find(sightings, code, &Sighting::code) != sightings.end();
}

// Each "CODE:STEPS"; what is not, is no report that anybody saw. A row and its page may both be
// ticked.
std::vector<Sighting> sightings_of(std::string_view text, char between) {
  std::vector<Sighting> sightings;
  for (const auto word : split(text, between)) {
    const auto colon = word.find(':');
    if (colon == std::string_view::npos || sightings.size() == k_most_at_once) continue;
    auto code = parse_tracking_code(word.substr(0, colon));
    const auto steps = number_of<int>(word.substr(colon + 1));
    if (!code || !steps || names(sightings, *code)) continue;
    sightings.push_back({std::move(*code), *steps});
  }
  return sightings;
}

std::string print_sighting(const TrackingCode& code, int steps) {
  return code.value() + ":" + std::to_string(steps);
}

std::string ticked(const Visit& visit) {
  std::string all;
  for (const auto& part : visit.request.form) {
    if (part.name == "reports") all += part.value + " ";
  }
  return all;
}

/// What one act did, and what taking it back undoes.
struct Done {
  std::vector<Sighting> reports;
  std::vector<ReporterId> senders;  ///< whom it blocked; others were blocked before
  std::size_t left_out = 0;
  std::size_t not_blocked = 0;  ///< senders whom to block failed
};

std::string seal_of(const Visit& visit, std::string_view told) {
  const auto mac = visit.desk.parts.keys.mac(
      Purpose::session, "undo " + visit.session.csrf + " " + std::string(told));
  return to_base64url({reinterpret_cast<const char*>(mac.data()), 16});
}

// It stands in an address, and anybody can send an officer an address: sealed for the session.
std::string print_done(const Visit& visit, const Done& done) {
  std::string told;
  for (const auto& [code, steps] : done.reports) {
    told += (told.empty() ? "" : ".") + print_sighting(code, steps);
  }
  told += "~";
  for (const auto sender : done.senders) told += "." + std::to_string(sender.value());
  told += "~" + std::to_string(done.left_out) + "~" + std::to_string(done.not_blocked);
  return told + "~" + seal_of(visit, told);
}

std::optional<Done> read_done(const Visit& visit, const std::string& text) {
  const auto parts = split(text, '~');
  if (parts.size() != 5) return std::nullopt;
  const auto told = std::string_view(text).substr(0, text.rfind('~'));
  if (!equal_secrets(parts[4], seal_of(visit, told))) return std::nullopt;
  Done done;
  done.reports = sightings_of(parts[0], '.');
  for (const auto word : split(parts[1], '.')) {
    if (const auto sender = number_of<std::int64_t>(word)) done.senders.emplace_back(*sender);
  }
  done.left_out = number_of<std::size_t>(parts[2]).value_or(0);
  done.not_blocked = number_of<std::size_t>(parts[3]).value_or(0);
  return done;
}

// What an officer may not see, they cannot name either.
Result<std::vector<Sighting>> seen_among(const Visit& visit, std::vector<Sighting> sightings) {
  ReportFilter filter;
  filter.most = static_cast<int>(sightings.size());
  for (const auto& each : sightings) filter.codes.push_back(each.code);
  if (filter.codes.empty()) return sightings;
  std::set<TrackingCode> seen;
  for (const auto& report : TRY(visit.desk.parts.store.find_reports(filter))) {
    if (view(report, {}, visit.viewer(), Output::page).visible) seen.insert(report.code);
  }
  std::erase_if(sightings, [&](const Sighting& each) { return !seen.contains(each.code); });
  return sightings;
}

Result<Done> act_on(const Visit& visit, Event event, std::vector<Sighting> sightings) {
  Command command;
  command.event = event;
  command.actor = visit.session.actor();
  command.reason = k_why;
  const auto seen = TRY(seen_among(visit, std::move(sightings)));
  Done done;
  std::set<ReporterId> senders;
  for (const auto& report : TRY(visit.desk.parts.casework.act_on_all(seen, command))) {
    done.reports.push_back({report.code, report.steps});
    senders.insert(report.reporter);
  }
  done.senders.assign(senders.begin(), senders.end());
  done.left_out = seen.size() - done.reports.size();
  return done;
}

Response nothing_changed(const Visit& visit, std::string_view to) {
  return tell(
      visit, 422, visit.say("Tidak ada yang berubah", "Nothing has changed"),
      visit.say("Centang dulu laporan yang dimaksud. Yang sudah diubah orang lain dilewati.",
                "Tick the reports first. What others have changed is left out."),
      to);
}

// The reports are moved by now, so that one sender who fails stops nothing. Nothing when it did;
// else whether it changed anything.
std::optional<bool> try_block(const Visit& visit, ReporterId sender, bool blocked) {
  const auto changed = visit.desk.parts.store.block(sender, blocked, visit.session.actor(), k_why);
  if (changed) return *changed;
  spdlog::warn("{} ({})", changed.error().message, visit.request.reference);
  return std::nullopt;
}

Result<Response> archive(const Visit& visit, std::string to) {
  auto done = TRY(act_on(visit, Event::archive, sightings_of(ticked(visit), ' ')));
  if (done.reports.empty()) return nothing_changed(visit, to);
  const bool blocks =
      !visit.request.form_value("block").empty() && visit.may(Ability::block_senders);
  std::vector<ReporterId> blocked;
  for (const auto sender : done.senders) {
    if (!blocks) break;
    const auto is_new = try_block(visit, sender, true);
    if (!is_new) {
      ++done.not_blocked;
    } else if (*is_new) {
      blocked.push_back(sender);
    }
  }
  done.senders = std::move(blocked);
  to += (to.find('?') == std::string::npos ? "?" : "&") + std::string("undo=");
  return Response::redirect(to + print_done(visit, done));
}

Result<Response> take_back(const Visit& visit, const std::string& to) {
  const auto before = read_done(visit, visit.request.form_value("undo"));
  if (!before) return missing(visit);
  const auto done = TRY(act_on(visit, Event::restore, before->reports));
  if (done.reports.empty()) return nothing_changed(visit, to);
  bool whole = done.left_out == 0;
  for (const auto sender : before->senders) {
    if (!visit.may(Ability::block_senders)) break;
    // Whose reports all stay in the archive stays blocked.
    if (std::ranges::find(done.senders, sender) == done.senders.end()) continue;
    whole = try_block(visit, sender, false).has_value() && whole;
  }
  return kanal::console::done(to, whole ? "undone" : "partly_undone");
}

Result<Response> act_on_spam(const Visit& visit) {
  const auto how = visit.request.form_value("how");
  auto to = visit.request.form_value("to");
  if (!is_own_address(to)) to = "/console?tab=all";
  if (how == "spam") return archive(visit, std::move(to));
  if (how == "undo") return take_back(visit, to);
  return missing(visit);
}

std::string words_of(const Visit& visit, const Done& done) {
  const auto say = [&](std::size_t count, std::string_view id, std::string_view en_one,
                       std::string_view en_many) {
    return is_english(visit.language) ? count_of(count, en_one, en_many)
                                      : std::to_string(count) + " " + std::string(id);
  };
  auto words = say(done.reports.size(), "laporan diarsipkan sebagai spam.",
                   "report archived as spam.", "reports archived as spam.");
  if (done.left_out > 0) {
    words += " " + say(done.left_out, "dilewati: berubah sejak halaman dibuka.",
                       "left out: it has changed since the page was opened.",
                       "left out: they have changed since the page was opened.");
  }
  if (done.not_blocked > 0) {
    words += " " + say(done.not_blocked, "pengirim gagal diblokir; coba lagi dari pesannya.",
                       "sender could not be blocked; try again from the message.",
                       "senders could not be blocked; try again from the message.");
  }
  return words;
}

}  // namespace

std::string tick_of(const View& view) {
  return print_sighting(view.code, view.steps);
}

void draw_undo(const Visit& visit, Block page, std::string_view to) {
  const auto asked = visit.request.field("undo");
  const auto done = read_done(visit, asked);
  if (!done || done->reports.empty()) return;
  auto undo = page.add("UNDO");
  undo.set("UNDO_TO", to);
  undo.set("UNDO_DONE", asked);
  undo.set("UNDO_WORDS", words_of(visit, *done));
}

void add_spam(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(form_route(desk, "/console/spam", Ability::read_reports,
                              [](Visit& visit) { return outcome(visit, act_on_spam(visit)); }));
}

}  // namespace kanal::console
