#include "core/language.hpp"
#include "web/console/words.hpp"
#include "web/words.hpp"

namespace kanal::console {

std::string_view act_words(Event event, std::string_view language) {
  switch (event) {
    case Event::verify:
      return pick(language, "Verifikasi dan teruskan", "Verify and pass on");
    case Event::hold:
      return pick(language, "Minta keterangan", "Ask for information");
    case Event::complete:
      return pick(language, "Lanjutkan tanpa menunggu", "Go on without waiting");
    case Event::dispose:
      return pick(language, "Disposisikan ke unit", "Assign to a unit");
    case Event::accept:
      return pick(language, "Mulai mengerjakan", "Begin work");
    case Event::give_back:
      return pick(language, "Bukan wewenang kami", "Not ours: return it");
    case Event::interim:
      return pick(language, "Kirim kabar", "Send news");
    case Event::answer:
      return pick(language, "Jawab pelapor", "Answer the reporter");
    case Event::reopen:
      return pick(language, "Buka kembali", "Reopen");
    case Event::merge:
      return pick(language, "Gabungkan", "Merge");
    case Event::unmerge:
      return pick(language, "Pisahkan lagi", "Separate again");
    case Event::archive:
      return pick(language, "Arsipkan", "Archive");
    case Event::restore:
      return pick(language, "Pulihkan", "Restore");
    case Event::reject:
      return pick(language, "Tolak", "Reject");
    case Event::appeal:
      return pick(language, "Terima keberatan", "Take up the appeal");
    case Event::note:
      return pick(language, "Tulis catatan", "Write a note");
    case Event::correct:
      return pick(language, "Perbaiki data", "Correct the details");
    default:
      return event_words(event, language);
  }
}

std::string_view redirect_words(Event event, std::string_view language) {
  return event == Event::dispose
             ? pick(language, "Alihkan ke unit lain", "Pass to another unit")
             : pick(language, "Alihkan ke instansi lain", "Pass to another agency");
}

std::string_view act_prompt(Event event, std::string_view language) {
  switch (event) {
    case Event::hold:
      return pick(language, "Keterangan apa yang diperlukan?", "What do you need to know?");
    case Event::interim:
      return pick(language, "Kabar untuk pelapor", "News for the reporter");
    case Event::answer:
      return pick(language, "Jawaban untuk pelapor", "Answer to the reporter");
    case Event::appeal:
      return pick(language, "Keberatan pelapor", "The reporter's appeal");
    case Event::note:
      return pick(language, "Catatan antarpetugas", "Note among officers");
    default:
      return pick(language, "Alasan", "Reason");
  }
}

std::string_view act_done(Event event, std::string_view language) {
  switch (event) {
    case Event::verify:
      return pick(language, "Diteruskan ke instansi.", "Passed to the agency.");
    case Event::hold:
      return pick(language, "Keterangan diminta; laporan menunggu pelapor.",
                  "Information asked for; the report waits for the reporter.");
    case Event::complete:
      return pick(language, "Laporan dilanjutkan.", "The report goes on.");
    case Event::dispose:
      return pick(language, "Diteruskan ke unit.", "Assigned to the unit.");
    case Event::accept:
      return pick(language, "Pekerjaan dimulai.", "Work has begun.");
    case Event::give_back:
      return pick(language, "Dikembalikan untuk dialihkan.", "Returned to be re-routed.");
    case Event::interim:
      return pick(language, "Kabar dikirim.", "News sent.");
    case Event::answer:
      return pick(language, "Jawaban dikirim kepada pelapor.", "The answer goes to the reporter.");
    case Event::reopen:
      return pick(language, "Laporan dibuka kembali.", "The report is open again.");
    case Event::merge:
      return pick(language, "Laporan digabungkan.", "The reports are merged.");
    case Event::unmerge:
      return pick(language, "Laporan dipisahkan lagi.", "The reports are separate again.");
    case Event::archive:
      return pick(language, "Laporan diarsipkan.", "The report is archived.");
    case Event::restore:
      return pick(language, "Laporan dipulihkan.", "The report is restored.");
    case Event::reject:
      return pick(language, "Laporan ditolak.", "The report is rejected.");
    case Event::appeal:
      return pick(language, "Keberatan diterima.", "The appeal is taken up.");
    case Event::note:
      return pick(language, "Catatan disimpan.", "The note is kept.");
    case Event::correct:
      return pick(language, "Data diperbaiki.", "The details are corrected.");
    default:
      return {};
  }
}

}  // namespace kanal::console
