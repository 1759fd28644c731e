#include "web/words.hpp"

#include <algorithm>
#include <array>

#include "core/deadline.hpp"
#include "core/language.hpp"
#include "core/month.hpp"

namespace kanal {

std::string two_digits(long number) {
  return number < 10 ? "0" + std::to_string(number) : std::to_string(number);
}

std::string_view demonstration_words(std::string_view language) {
  return pick(language, "Ini demonstrasi: organisasi contoh, tidak ada yang terkirim ke luar.",
              "This is a demonstration: an example organisation, nothing is sent out.");
}

std::string_view demonstration_link(std::string_view language) {
  return pick(language, "Coba sebagai warga", "Try it as a citizen");
}

std::string_view erased_words(std::string_view language) {
  return pick(language, k_erased_id, k_erased_en);
}

std::string supporter_words(const std::optional<int>& support, std::string_view language) {
  if (support.value_or(0) == 0) return {};
  return std::to_string(*support) +
         std::string(pick(language, " orang", support == 1 ? " person" : " people"));
}

std::string support_words(const std::optional<int>& support, std::string_view language) {
  const auto people = supporter_words(support, language);
  if (people.empty()) return people;
  return is_english(language) ? people + " passed it on" : "Didukung " + people;
}

std::string_view event_words(Event event, std::string_view language) {
  switch (event) {
    case Event::receive:
      return pick(language, "Laporan diterima", "Report received");
    case Event::verify:
      return pick(language, "Diteruskan ke instansi", "Passed to an agency");
    case Event::hold:
      return pick(language, "Keterangan diminta", "More information asked for");
    case Event::complete:
      return pick(language, "Keterangan dilengkapi", "Information given");
    case Event::expire_hold:
      return pick(language, "Keterangan tidak dilengkapi", "No information came");
    case Event::dispose:
      return pick(language, "Diteruskan ke unit", "Passed to a unit");
    case Event::accept:
      return pick(language, "Mulai dikerjakan", "Work has begun");
    case Event::give_back:
      return pick(language, "Dikembalikan untuk dialihkan", "Returned for redirection");
    case Event::interim:
      return pick(language, "Kabar perkembangan", "News");
    case Event::answer:
      return pick(language, "Ditanggapi", "Answered");
    case Event::dispute:
      return pick(language, "Pelapor: belum selesai", "Reporter: not solved");
    case Event::confirm:
      return pick(language, "Pelapor: sudah selesai", "Reporter: solved");
    case Event::expire_answer:
      return pick(language, "Ditutup otomatis: batas waktu untuk menanggapi jawaban lewat",
                  "Closed automatically: the time to respond to the answer is over");
    case Event::rate:
      return pick(language, "Dinilai pelapor", "Rated by the reporter");
    case Event::reopen:
      return pick(language, "Dibuka kembali", "Opened again");
    case Event::merge:
      return pick(language, "Digabungkan", "Merged");
    case Event::unmerge:
      return pick(language, "Dipisahkan", "Separated");
    case Event::archive:
      return pick(language, "Diarsipkan", "Archived");
    case Event::restore:
      return pick(language, "Dipulihkan dari arsip", "Restored");
    case Event::reject:
      return pick(language, "Tidak dapat diproses", "Cannot be taken up");
    case Event::appeal:
      return pick(language, "Pelapor keberatan", "Reporter appealed");
    case Event::escalate:
      return pick(language, "Melewati tenggat; ditandai bagi para pengawas",
                  "Overdue; marked so for the supervisors");
    case Event::advise:
      return pick(language, "Belum selesai; pelapor diberi tahu tentang Ombudsman",
                  "Unsolved; the reporter was told of the Ombudsman");
    case Event::comment:
      return pick(language, "Tambahan dari pelapor", "Added by the reporter");
    case Event::note:
      return pick(language, "Catatan petugas", "Officers' note");
    case Event::correct:
      return pick(language, "Data diperbaiki", "Details corrected");
  }
  return {};
}

std::string_view event_words(const Entry& entry, std::string_view language) {
  const bool asks = entry.event == Event::interim && entry.audience == Audience::reporter;
  return asks ? pick(language, "Pertanyaan kepada pelapor", "A question to the reporter")
              : event_words(entry.event, language);
}

std::string_view zone_words(std::string_view time_zone) {
  if (time_zone == "Asia/Jakarta" || time_zone == "Asia/Pontianak") return "WIB";
  if (time_zone == "Asia/Makassar") return "WITA";
  if (time_zone == "Asia/Jayapura") return "WIT";
  return time_zone;
}

std::string date_words(Time time, std::string_view time_zone, std::string_view language) {
  const auto local = time + utc_offset_of(time_zone);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(local - day));
  return day_words(date, language) + ", " + two_digits(clock.hours().count()) +
         (is_english(language) ? ":" : ".") + two_digits(clock.minutes().count()) + " " +
         std::string(zone_words(time_zone));
}

std::string_view health_words(Health health, std::string_view language) {
  switch (health) {
    case Health::connecting:
      return pick(language, "Menyambung", "Connecting");
    case Health::working:
      return pick(language, "Bekerja", "Working");
    case Health::waiting:
      return pick(language, "Siap, menunggu pesan", "Ready, waiting for messages");
    case Health::throttled:
      return pick(language, "Diminta menunggu oleh sumbernya", "Asked to wait by its source");
    case Health::credentials_refused:
      return pick(language, "Kunci atau alamatnya ditolak", "Credentials or address refused");
    case Health::failing:
      return pick(language, "Terganggu", "Failing");
    case Health::paused:
      return pick(language, "Dijeda", "Paused");
  }
  return {};
}

namespace {

bool says_what_to_do(std::string_view said, std::string_view language) {
  static constexpr std::array<std::string_view, 5> k_indonesian = {"Periksa ", "Beli ", "Beri ",
                                                                   "Atur ", "Gunakan "};
  static constexpr std::array<std::string_view, 5> k_english = {
      "check ", "Check ", "Buy ", "Give the app ", "authorise the app "};
  return std::ranges::any_of(
      is_english(language) ? k_english : k_indonesian,
      [&](std::string_view sign) { return said.find(sign) != std::string_view::npos; });
}

}  // namespace

std::string health_advice(Health health, std::string_view said, std::string_view language) {
  const auto words = [&](std::string_view indonesian, std::string_view english) {
    return std::string(pick(language, indonesian, english));
  };
  switch (health) {
    case Health::throttled:
      return words("Lanjut sendiri setelah waktunya.", "It goes on by itself in time.");
    case Health::credentials_refused: {
      const auto general = says_what_to_do(said, language)
                               ? std::string()
                               : words(
                                     "Periksa pengaturan kanal ini: alamat, kata sandi, dan "
                                     "kuncinya. ",
                                     "Check the channel's settings and credentials. ");
      return general + words(
                           "Dicoba lagi dengan sendirinya; setelah pengaturan diubah, mulai "
                           "ulang.",
                           "It is tried again by itself; once you have changed the settings, "
                           "start again.");
    }
    case Health::failing:
      return words("Dicoba lagi dengan sendirinya. Uji sambungannya bila berlanjut.",
                   "It tries again by itself. Test the connection if it goes on.");
    case Health::paused:
      return words("Tidak membaca dan tidak mengirim sampai dilanjutkan.",
                   "It neither reads nor sends until it is resumed.");
    default:
      return {};
  }
}

}  // namespace kanal
