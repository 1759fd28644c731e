#include "web/site/words.hpp"

#include "core/language.hpp"

namespace kanal::site {

std::string_view state_words(State state, Reader reader, std::string_view language) {
  switch (state) {
    case State::received:
      return pick(language, "Diterima", "Received");
    case State::needs_info:
      return reader == Reader::reporter
                 ? pick(language, "Menunggu keterangan Anda", "Waiting for you")
                 : pick(language, "Menunggu keterangan pelapor", "Waiting for the reporter");
    case State::at_agency:
      return pick(language, "Di instansi", "At the agency");
    case State::at_unit:
      return pick(language, "Di unit pelaksana", "At the responsible unit");
    case State::returned:
      return pick(language, "Dialihkan", "Being redirected");
    case State::in_progress:
      return pick(language, "Sedang dikerjakan", "Being worked on");
    case State::answered:
      return pick(language, "Sudah ditanggapi", "Answered");
    case State::closed:
      return pick(language, "Selesai", "Closed");
    case State::reopened:
      return pick(language, "Dibuka kembali", "Opened again");
    case State::merged:
      return pick(language, "Digabungkan", "Merged");
    case State::archived:
      return pick(language, "Diarsipkan", "Archived");
    case State::rejected:
      return pick(language, "Tidak dapat diproses", "Cannot be taken up");
  }
  return {};
}

std::string_view next_words(State state, Reader reader, std::string_view language) {
  const bool own = reader == Reader::reporter;
  switch (state) {
    case State::received:
    case State::returned:
    case State::reopened:
      return pick(language, "Petugas memeriksa laporan dan meneruskannya ke instansi yang tepat.",
                  "An officer checks the report and passes it to the right agency.");
    case State::needs_info:
      return own ? pick(language,
                        "Kami memerlukan keterangan tambahan dari Anda. Balas di bawah ini.",
                        "We need to know more from you. Please reply below.")
                 : pick(language, "Petugas memerlukan keterangan tambahan dari pelapornya.",
                        "Officers need to know more from the reporter.");
    case State::at_agency:
      return pick(language, "Instansi menunjuk unit yang akan menanganinya.",
                  "The agency names the unit that will deal with it.");
    case State::at_unit:
    case State::in_progress:
      return own ? pick(language, "Unit pelaksana menangani laporan dan menjawab Anda.",
                        "The unit deals with the report and answers you.")
                 : pick(language, "Unit pelaksana menangani laporan dan menjawab pelapornya.",
                        "The unit deals with the report and answers the reporter.");
    case State::answered:
      return own ? pick(language,
                        "Sudah selesai? Beri tahu kami. Tanpa kabar, laporan ditutup sendiri.",
                        "Is it solved? Tell us. If we do not hear from you, it closes "
                        "automatically.")
                 : pick(language,
                        "Pelapornya menyatakan apakah sudah selesai. Tanpa kabar, laporan ditutup "
                        "sendiri.",
                        "The reporter says whether it is solved. Without news the report closes by "
                        "itself.");
    case State::closed:
      return pick(language, "Laporan sudah ditutup.", "The report is closed.");
    case State::merged:
      return pick(language, "Laporan ini ditangani bersama laporan lain yang sama.",
                  "This is dealt with together with a report on the same matter.");
    case State::archived:
    case State::rejected:
      return own ? pick(language, "Laporan tidak dilanjutkan. Alasannya ada di bawah.",
                        "The report goes no further. See the reason below.")
                 : pick(language,
                        "Laporan tidak dilanjutkan. Alasannya disampaikan kepada pelapornya.",
                        "The report goes no further. The reporter was told why.");
  }
  return {};
}

std::string_view reply_words(State state, std::string_view language) {
  if (state == State::archived) {
    return pick(language, "Lengkapi laporan, dan laporan dibuka kembali",
                "Complete the report, and it is opened again");
  }
  if (state == State::rejected) {
    return pick(language, "Ajukan keberatan, dan laporan diperiksa lagi",
                "Appeal, and the report is checked again");
  }
  return pick(language, "Tulis balasan atau tambahan", "Write a reply");
}

std::string_view reply_button(State state, std::string_view language) {
  if (state == State::archived) {
    return pick(language, "Kirim dan buka kembali", "Send and open again");
  }
  if (state == State::rejected) return pick(language, "Kirim keberatan", "Send the appeal");
  return pick(language, "Kirim balasan", "Send the reply");
}

std::string_view done_words(std::string_view act, std::string_view language) {
  if (act == "reply") return pick(language, "Balasan Anda tersimpan.", "Your reply was saved.");
  if (act == "status") {
    return pick(language, "Status laporan Anda ada di bawah ini.",
                "How your report stands is below.");
  }
  if (act == "too_late") {
    return pick(language,
                "Pesan Anda tersimpan, tetapi laporan ini tidak dapat dibuka kembali. Masih ada "
                "masalah? Buat laporan baru.",
                "Your message was saved, but this report can no longer be reopened. Still a "
                "problem? Please make a new report.");
  }
  if (act == "confirm") {
    return pick(language, "Terima kasih. Laporan ditutup.", "Thank you. The report is closed.");
  }
  if (act == "dispute") {
    return pick(language, "Laporan dikembalikan untuk dikerjakan lagi.",
                "The report goes back to work.");
  }
  if (act == "rate")
    return pick(language, "Terima kasih atas nilai Anda.", "Thank you for your rating.");
  if (act == "reopen")
    return pick(language, "Laporan dibuka kembali.", "The report is open again.");
  return {};
}

}  // namespace kanal::site
