#include "web/console/usage.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/language.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

constexpr auto k_meters = std::to_array<Label>({
    {"caps.reads_per_day", "Dibaca hari ini (hari UTC)", "Read today (UTC day)"},
    {"caps.reads_per_month", "Dibaca bulan ini (bulan UTC)", "Read this month (UTC month)"},
    {"caps.rechecks_per_day", "Ditanyakan ulang hari ini (hari UTC)",
     "Asked after again today (UTC day)"},
    {"recheck_hours", "Jam sejak kiriman lama mulai ditanyakan ulang",
     "Hours since stored posts began to be asked after"},
    {"caps.posts_per_day", "Dikirim hari ini (hari UTC)", "Sent today (UTC day)"},
    {"caps.posts_per_month", "Dikirim bulan ini (bulan UTC)", "Sent this month (UTC month)"},
    {"caps.cost_per_day_usd", "Biaya hari ini (hari UTC)", "Cost today (UTC day)"},
    {"caps.cost_per_month_usd", "Biaya bulan ini (bulan UTC)", "Cost this month (UTC month)"},
});
// What X calls an endpoint, in people's words.
constexpr auto k_windows = std::to_array<Label>({
    {"mentions", "kiriman yang menyebut kita", "mentions"},
    {"search", "pencarian", "searches"},
    {"dm_events", "pesan langsung", "direct messages"},
    {"lookup", "pencarian kembali kiriman", "look-ups of posts"},
    {"tweets", "balasan", "answers"},
    {"dm", "pesan langsung keluar", "direct messages sent"},
    {"own_posts", "kiriman kita sendiri", "our own posts"},
    {"account", "akun", "accounts"},
    {"dm_with", "percakapan", "conversations"},
    {"media", "gambar", "pictures"},
});

const Label* find(std::span<const Label> labels, std::string_view key) {
  const auto found = std::ranges::find(labels, key, &Label::key);
  return found == labels.end() ? nullptr : &*found;
}

std::string amount(const Visit& visit, double number, bool is_money) {
  const bool english = is_english(visit.language);
  auto text = fmt::format("{:.2f}", number);
  const auto point = text.size() - 3;
  if (!is_money) {
    text = fmt::format("{:.0f}", number);
  } else if (!english) {
    text[point] = ',';
  }
  const auto whole = is_money ? point : text.size();
  for (auto at = static_cast<std::ptrdiff_t>(whole) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), english ? "," : ".");
  }
  return (is_money ? "US$ " : "") + text;
}

std::string span_words(const Visit& visit, std::chrono::milliseconds span) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
  if (seconds < 120) return std::to_string(seconds) + std::string(visit.say(" detik", " s"));
  return std::to_string((seconds + 59) / 60) + std::string(visit.say(" menit", " min"));
}

std::string meter_words(const Visit& visit, const Meter& meter) {
  auto text = amount(visit, meter.used, meter.is_money);
  if (meter.most <= 0) return text + std::string(visit.say(" (tanpa batas)", " (no limit)"));
  text += std::string(visit.say(" dari ", " of ")) + amount(visit, meter.most, meter.is_money);
  return text + std::string(visit.say(", sisa ", ", ")) +
         amount(visit, meter.left(), meter.is_money) + std::string(visit.say("", " left"));
}

void draw_meter(const Visit& visit, Block block, const Meter& meter, std::string_view label) {
  auto line = block.add("METER");
  line.set("METER_LABEL", label);
  line.set("METER_WORDS", meter_words(visit, meter));
  if (meter.starts_anew) line.add("ANEW").set("ANEW_AT", visit.date(*meter.starts_anew));
  if (meter.most <= 0) return;
  auto bar = line.add("BAR");
  const auto percent = std::clamp(meter.used / meter.most * 100, 0.0, 100.0);
  bar.set("PERCENT", static_cast<long long>(percent));
  bar.show_if("NEAR", meter.is_near_its_end());
}

std::string advice(const Visit& visit, const ChannelName& channel, const Meter& meter,
                   std::string_view label) {
  const bool sends = meter.what.find("posts") != std::string::npos;
  auto text = std::string(label) + ": " + meter_words(visit, meter) + ". ";
  if (meter.what == "recheck_hours") {
    return text +
           std::string(visit.say(
               "Yang dihapus penulisnya terhapus di sini lebih lambat dari sehari: naikkan "
               "caps.rechecks_per_day atau turunkan recheck_days",
               "What authors delete is erased here later than within a day: raise "
               "caps.rechecks_per_day or lower recheck_days")) +
           " [channel." + channel.value() + "].";
  }
  const auto setting = meter.what + " [channel." + channel.value() + "]";
  text += visit.say("Naikkan ", "Raise ");
  text += setting;
  if (sends) {
    text += visit.say(" atau kurangi balasan (answers_per_report).",
                      " or answer less (answers_per_report).");
  } else {
    text += visit.say(
        " atau baca lebih jarang (mentions_every_s, hashtags, recheck_days); bila habis, "
        "pembacaan berhenti sampai mulai lagi.",
        " or read less (mentions_every_s, hashtags, recheck_days); once it is used up, reading "
        "stops until it starts anew.");
  }
  return text;
}

}  // namespace

void draw_usage(const Visit& visit, Block row, const ChannelName& channel, const Usage& usage) {
  if (usage.empty()) return;
  auto block = row.add("USAGE");
  std::string windows;
  Time open_again;
  for (const auto& meter : usage.meters) {
    if (const auto* label = find(k_meters, meter.what)) {
      const auto words = pick(visit.language, label->indonesian, label->english);
      draw_meter(visit, block, meter, words);
      if (meter.is_near_its_end()) {
        block.add("SHORT").set("SHORT_WORDS", advice(visit, channel, meter, words));
      }
    } else if (meter.starts_anew && *meter.starts_anew > visit.now()) {
      const auto* known = find(k_windows, meter.what);
      windows += windows.empty() ? "" : "; ";
      windows += known != nullptr ? pick(visit.language, known->indonesian, known->english)
                                  : std::string_view(meter.what);
      windows += " " + meter_words(visit, meter);
      open_again = std::max(open_again, *meter.starts_anew);
    }
  }
  if (!windows.empty()) {
    windows += std::string(visit.say("; semua mulai lagi ", "; all start anew by ")) +
               visit.brief(open_again);
    block.add("WINDOWS").set("WINDOW_WORDS", windows);
  }
  auto pace = span_words(visit, usage.pace);
  if (usage.pace > usage.usual) {
    pace += std::string(visit.say(" (diperlambat supaya cukup; biasanya ",
                                  " (slowed down so that it lasts; usually ")) +
            span_words(visit, usage.usual) + ")";
  }
  block.set("PACE", pace);
  if (!usage.shared_with.empty()) block.add("SHARED").set("SHARED_WITH", usage.shared_with);
}

}  // namespace kanal::console
