#include "core/language.hpp"
#include "web/console/said.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

constexpr auto k_refusals = std::to_array<Said>({
    {"The other report is merged, archived or rejected itself.",
     "Laporan yang lain sudah digabungkan, diarsipkan, atau ditolak."},
    {"A confidential report is only merged with a confidential one.",
     "Laporan rahasia hanya digabung dengan laporan rahasia."},
    {"The other report is not with your agency.", "Laporan yang lain bukan di instansi Anda."},
    {"The report has as many messages as it can take.",
     "Laporannya sudah memuat pesan sebanyak yang dapat ditampung."},
    {"This report is not with your agency.", "Laporan ini bukan di instansi Anda."},
    {"This report is not with your unit.", "Laporan ini bukan di unit Anda."},
    {"This report is confidential.", "Laporan ini rahasia."},
    {"It answers a message to an office and did not come from it: enter on the report's page what "
     "holds true of it.",
     "Pesan ini menjawab surat kepada instansi dan bukan dari instansi itu: masukkan yang benar di "
     "halaman laporannya."},
    {"Say why.", "Tulis alasannya."},
    {"Write a text.", "Tulis sesuatu."},
    {"The text is too long.", "Tulisannya terlalu panjang."},
    {"Name an agency.", "Pilih instansinya."},
    {"Name a unit of the agency that has the report.", "Pilih unit dari instansi laporan ini."},
    {"Name the other report.", "Sebutkan laporan yang lain."},
    {"There is no such category.", "Kategori itu tidak ada."},
    {"There is no such kind of report.", "Jenis laporan itu tidak ada."},
    {"Nothing would change.", "Tidak ada yang berubah."},
    {"A report can be reopened once, within 30 days.",
     "Laporan dapat dibuka kembali satu kali, dalam 30 hari."},
    {"Files go only with what the reporter is told: an answer, news or a question.",
     "Berkas hanya menyertai yang dibaca pelapor: jawaban, kabar, atau pertanyaan."},
    {"Four files at most.", "Paling banyak empat berkas."},
    {"The file is empty.", "Berkasnya kosong."},
    {"The file is larger than 10 MB.", "Berkasnya lebih besar dari 10 MB."},
    {"The file cannot be taken. Send an undamaged JPEG, PNG or WebP picture, a PDF document or an "
     "MP4 film.",
     "Berkasnya tidak dapat diterima. Kirim foto JPEG, PNG atau WebP yang utuh, berkas PDF, atau "
     "video MP4."},
    {"A file is no longer there: choose it again.", "Berkasnya tidak ada lagi; pilih lagi."},
    {"a channel of this kind needs no connection", "Kanal jenis ini tidak memerlukan sambungan."},
    {"This report has changed meanwhile: look at it again.",
     "Laporan ini sudah berubah. Lihat lagi dulu."},
    {"There is no such report.", "Laporan itu tidak ada."},
    {"There is no such other report.", "Laporan yang lain itu tidak ada."},
    {"Files go with what is said of one report.", "Berkas menyertai tulisan pada satu laporan."},
    {"The report is with that agency already.", "Laporan ini sudah di instansi itu."},
    {"The report is with that unit already.", "Laporan ini sudah di unit itu."},
    {"Give a mark from 1 to 5.", "Beri nilai 1 sampai 5."},
    {"Only the national admin may lift what keeps a reporter or a report from others: leave "
     "anonymous and confidential as they are.",
     "Hanya admin nasional yang boleh membuka pelapor anonim atau laporan rahasia. Biarkan "
     "anonim dan rahasia seperti semula."},
    {"There is no such message.", "Pesan itu tidak ada."},
    {"There is no such post", "Pesan itu tidak ada."},
    {"This message was erased.", "Pesan ini sudah dihapus."},
    {"This message is no addition to a report.", "Pesan ini bukan tambahan pada sebuah laporan."},
    {"This message belongs to a report already.", "Pesan ini sudah menjadi bagian sebuah laporan."},
    {"No held message of that number waits for anybody.",
     "Pesan itu tidak menunggu lagi: petugas lain sudah menanganinya."},
    {"No quarantined message of that number waits for anybody.",
     "Pesan itu tidak menunggu lagi: petugas lain sudah menanganinya."},
    {"the message can no longer be read", "Pesan itu tidak dapat dibaca lagi."},
    {"there is no such message in quarantine", "Pesan itu tidak ada di karantina."},
    {"there is no post in it", "Tidak ada kiriman di dalamnya."},
    {"the files that it names were not kept: import the line again with its files",
     "Berkas yang disebutnya tidak tersimpan: impor lagi barisnya beserta berkasnya."},
    {"it could not be stored", "Pesan itu tidak dapat disimpan."},
    {"There is no such reporter", "Pengirim itu tidak ada."},
    {"There is no such officer", "Petugas itu tidak ada."},
    {"This token was ended meanwhile", "Token ini sudah diakhiri."},
});

// How each begins and ends; what stands in it stays.
struct Pattern {
  std::string_view before;
  std::string_view after;
  std::string_view indonesian_before;
  std::string_view indonesian_after;
};
constexpr auto k_patterns = std::to_array<Pattern>({
    {"", " is the last national admin: make or enable another one first", "",
     " adalah admin nasional terakhir: tambah atau aktifkan yang lain dulu."},
    {"There is an officer with the user name '", "'", "Sudah ada petugas dengan nama pengguna '",
     "'."},
    {"No report can be made of it: ", "", "Tidak dapat dijadikan laporan: ", ""},
});

// An act that the lifecycle does not have there; its words name the event and the state.
constexpr std::string_view k_not_possible = " is not possible while the report is ";

std::string translated(std::string_view message) {
  if (const auto known = translate(k_refusals, message); !known.empty()) return std::string(known);
  if (message.find(k_not_possible) != std::string_view::npos) {
    return "Itu tidak mungkin pada status laporan sekarang, atau bukan untuk peran Anda.";
  }
  for (const auto& [before, after, indonesian_before, indonesian_after] : k_patterns) {
    const bool fits = message.size() >= before.size() + after.size();
    if (!fits || !message.starts_with(before) || !message.ends_with(after)) continue;
    message.remove_prefix(before.size());
    message.remove_suffix(after.size());
    return std::string(indonesian_before) + std::string(message) + std::string(indonesian_after);
  }
  return std::string(message);
}

}  // namespace

std::string refusal_words(std::string_view message, std::string_view language) {
  if (is_english(language)) return std::string(message);
  // Of a file: its name stands before it, in quotation marks.
  const auto named = message.starts_with('"') ? message.find("\": ") : std::string_view::npos;
  if (named == std::string_view::npos) return translated(message);
  const auto why = named + 3;
  return std::string(message.substr(0, why)) + translated(message.substr(why));
}

}  // namespace kanal::console
