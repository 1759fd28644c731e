#include "web/console/words.hpp"

#include <algorithm>
#include <array>

#include "core/erased.hpp"
#include "core/language.hpp"
#include "core/month.hpp"
#include "core/reply.hpp"
#include "core/text.hpp"
#include "router/offices.hpp"
#include "router/outbox.hpp"
#include "web/console/said.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

// What the rooms below say in English of what they decided.
constexpr auto k_reasons = std::to_array<Said>({
    {"the sender is blocked", "pengirimnya diblokir"},
    {"the channel's own test message", "pesan uji kanal ini sendiri"},
    {"it says nothing", "tidak ada isinya"},
    {"an answer without words, to no report of its sender's",
     "jawaban tanpa isi, bukan untuk laporan pengirimnya"},
    {"its author did not call us, and what it goes on from is no report",
     "pengirimnya tidak memanggil kita, dan yang disambungnya bukan laporan"},
    {"the post that it passes on is known", "pos yang diteruskannya dikenal"},
    {"once for each person, never for its reporter",
     "sekali untuk tiap orang, tidak untuk pelapornya"},
    {"the post that it passes on is not known", "pos yang diteruskannya tidak dikenal"},
    {"it belongs to no report", "bukan bagian laporan mana pun"},
    {"counted", "dihitung"},
    {"the same message is stored already", "pesan yang sama sudah tersimpan"},
    {"the same message stands earlier in the batch", "pesan yang sama datang dua kali"},
    {"same author and text", "pengirim dan isinya sama"},
    {"the same author said the same; counted once", "pengirim yang sama, isi yang sama"},
    {"the author sent this text within a week", "pengirim mengirim isi ini dalam seminggu"},
    {"the author sent this text a moment ago", "pengirim mengirim isi ini barusan"},
    {"somebody else answers in a reporter's place", "orang lain menjawab sebagai pelapor"},
    {"its sender is blocked", "pengirimnya diblokir"},
    {"its report has as many messages as it can take",
     "laporannya sudah memuat pesan sebanyak yang dapat ditampung"},
    {"somebody else answers in an office's place", "orang lain menjawab sebagai instansi"},
    {"nobody has proven that the office wrote it", "tidak terbukti instansi yang menulisnya"},
    {"it answers a message to an office that we did not send",
     "menjawab surat kepada instansi yang tidak pernah kami kirim"},
    {k_not_handed_over, "laporan tidak lagi diserahkan kepada instansi ini dengan cara ini"},
    {"what the office wants is not clear", "maksud instansi belum jelas"},
    {"what the office wants is not possible now", "yang diminta instansi tidak mungkin sekarang"},
    {"answers a message to an office", "menjawab surat kepada instansi"},
    {"as its officer's own act", "sebagai tindakan petugasnya sendiri"},
    {"by mail", "lewat surel"},
    {k_found_there, "ternyata sudah terkirim: ditemukan di tujuannya"},
    {withheld::k_not_called,
     "Kanal ini hanya membolehkan kita membalas orang yang memanggil kita."},
    {withheld::k_enough, "Jatah balasan umum untuk laporan ini sudah terpakai."},
    {withheld::k_kept_for_outcome,
     "Langkah ini tidak diumumkan: balasan umum yang tersisa disimpan untuk tanggapan akhir."},
    {withheld::k_confidential, "Laporannya rahasia, sedangkan kanal ini terbuka untuk umum."},
    {withheld::k_no_post, "Tidak ada kiriman yang dapat dibalas."},
    {withheld::k_author_had_theirs,
     "Penerimanya sudah mendapat jatah balasan otomatis untuk satu jam."},
    {withheld::k_thread_had_its_own,
     "Laporan ini sudah mendapat jatah balasan otomatis untuk satu jam."},
    {withheld::k_sends_many,
     "Penerimanya mengirim banyak pesan dan sudah dijawab dalam satu jam terakhir."},
    {"the reply is kept back", "balasannya tidak dikirim"},
    {"erased before it was sent", "isinya dihapus sebelum terkirim"},
    {k_deleted_by_author, "Penulisnya menghapus kirimannya."},
    {k_changed_by_author, "Penulisnya mengubah kirimannya."},
    {k_asks_nothing, "Ucapan terima kasih, atau menanyakan keadaan laporan."},
    {k_began_later, "Awal pesan datang setelah bagian lainnya."},
    {"its author has changed the post", "penulisnya mengubah kirimannya"},
    {"its id is known with other words", "nomornya sudah dikenal dengan isi lain"},
    {"the message is one word for the service", "pesannya satu kata untuk layanan ini"},
    {"asked for silence", "minta tidak dikirimi pesan"},
    {"asked for messages again", "minta dikirimi pesan lagi"},
    {"asked for help", "minta bantuan"},
    {"the message only asks", "pesannya hanya bertanya"},
    {"asked how a report stands", "menanyakan keadaan laporan"},
    {"answered once", "dijawab sekali"},
    {"nothing is sent", "tidak ada yang dikirim"},
    {k_asked_for_silence, "penerimanya minta tidak dikirimi pesan"},
    {k_waits_for_morning, "menunggu jam tenang berakhir"},
    {"by the office's own system", "lewat sistem instansi sendiri"},
    {"the report belongs to somebody else: a report of its own",
     "laporan itu milik orang lain: menjadi laporan sendiri"},
    {"it asks not to be shown, and the report is somebody else's",
     "minta tidak ditampilkan, padahal laporannya milik orang lain"},
    {"the report is shown to others", "laporan itu terlihat oleh orang lain"},
    {"the report is theirs", "laporan itu miliknya"},
    {"it comes by the way that the report came", "datang lewat jalan yang sama dengan laporannya"},
    {"an officer put them to the report", "petugas menyertakannya pada laporan itu"},
    {"names a token of ours", "menyebut tanda dari kami"},
    {"names an earlier message", "menyebut pesan sebelumnya"},
    {"names a report's number", "menyebut nomor laporan"},
    {"names no report", "tidak menyebut laporan"},
    {"names no report, and says nothing of a new one",
     "tidak menyebut laporan, dan tidak mengatakan hal baru"},
    {"the text is an answer to their newest one", "isinya jawaban atas laporan terakhirnya"},
    {"nobody has proven who wrote it", "tidak terbukti siapa penulisnya"},
    {"a new matter", "hal baru"},
    {"a report of theirs waits for an answer", "laporannya menunggu jawaban"},
    {"a report of theirs waits for data", "laporannya menunggu keterangan"},
    {"the text is an answer to it", "isinya jawaban atas itu"},
    {"messages of this kind have no threads", "pesan seperti ini tidak berutas"},
    {"answers a message of this batch", "menjawab pesan yang datang bersama"},
    {"the same author goes on", "pengirim yang sama melanjutkan"},
    {"its id is known", "nomornya sudah dikenal"},
    {"its id is another message's", "nomornya dipakai pesan lain"},
    {"told apart", "dibedakan"},
    {"their times differ, and their texts or files",
     "waktunya berbeda, begitu pula isi atau "
     "berkasnya"},
    {"its id came twice", "nomornya datang dua kali"},
    {"nothing against it", "tidak ada halangan"},
    {"language unknown", "bahasa tidak dikenali"},
    {"nothing said", "tidak disebut"},
    {"an address", "sebuah alamat"},
    {"a point", "sebuah titik"},
    {"coordinates", "koordinat"},
    {"as given", "apa adanya"},
    {"a person decides", "petugas yang memutuskan"},
    {"no known word", "tidak ada kata yang dikenal"},
    {"no rule fits", "tidak ada aturan yang cocok"},
    {"the post names a category", "pengirim memilih kategori"},
    {"the reporter chose the agency", "pelapor memilih instansi"},
    {"the first words name an office", "kata-kata pertama menyebut instansi atau unit"},
    {"the category's usual agency", "instansi yang biasa menangani kategori ini"},
    {"straight to it", "langsung diteruskan"},
    {"suggested", "disarankan"},
    {"chosen", "dipilih"},
    {"keyword", "kata kunci"},
    {"rule", "aturan"},
    {"the channel is answered", "kanal ini dibalas"},
    {"this channel is not answered", "kanal ini tidak dibalas"},
    {"no address was left", "tidak ada alamat balasan"},
    {"the author is not known here", "pengirimnya belum dikenal di sini"},
    {"the author sends many messages and had an answer within the hour",
     "pengirim mengirim banyak pesan dan sudah dijawab jam ini"},
    {"no reply is owed", "tidak ada balasan yang perlu dikirim"},
    {"the thread had its replies for this hour", "utas ini sudah cukup dibalas jam ini"},
    {"an addition", "sebuah tambahan"},
    {"what the text asks for", "sesuai isi pesannya"},
    {"the report does not move", "laporannya tetap"},
    {"merged here", "digabungkan ke sini"},
    {"a message of it became a report of its own", "satu pesannya menjadi laporan sendiri"},
    {"the hidden field was filled in", "kolom yang tersembunyi diisi"},
    {"sent faster than a person writes", "dikirim lebih cepat daripada orang menulis"},
    {"many links", "banyak tautan"},
    {"the same words came before, and the message centre may not know that they are stored",
     "isi yang sama sudah masuk sebelumnya, dan pusat SMS mungkin belum tahu itu tersimpan"},
    {"It calls us to somebody else's post and says nothing itself.",
     "memanggil kami ke kiriman orang lain tanpa menulis apa-apa"},
    {"a retweet", "kiriman ulang (retweet)"},
    {"a quotation without words of its own", "kutipan tanpa tulisan sendiri"},
    {"it is a mail of ours", "surel dari kami sendiri"},
    {"it went out from here (X-Loop)", "surel ini keluar dari sini (X-Loop)"},
    {"it came with no return path", "datang tanpa alamat balik"},
    {"it is a report of a mail server", "laporan dari peladen surel"},
    {"it asks for no automatic answer (X-Auto-Response-Suppress)",
     "minta tidak dijawab otomatis (X-Auto-Response-Suppress)"},
    {"its mail server found its sender to be forged (DMARC)",
     "peladen surel menemukan pengirimnya palsu (DMARC)"},
    {"it names no sender", "tidak menyebut pengirim"},
    {"it comes from our own address", "datang dari alamat kami sendiri"},
    {"nobody reads mail to its sender", "tidak ada orang di alamat pengirimnya"},
    {"its subject is that of an automatic answer", "judulnya seperti jawaban otomatis"},
    {"it answers a return path, where only machines write",
     "menjawab alamat balik, tempat hanya mesin menulis"},
    {"pass", "lolos"},
    {"none", "tidak ada"},
    {"kept", "disimpan"},
    {"joins", "bergabung"},
    {"joined", "bergabung"},
    {"alone", "berdiri sendiri"},
    {"held", "ditahan"},
    {"screened", "disaring"},
    {"repeated", "berulang"},
    {"received", "diterima"},
    {"comment", "tambahan"},
});

constexpr auto k_corrected = std::to_array<Said>({{"title", "judul"},
                                                  {"category", "kategori"},
                                                  {"kind", "jenis"},
                                                  {"anonymous", "anonim"},
                                                  {"confidential", "rahasia"}});

std::string rule_words(std::string_view rule, std::string_view language) {
  if (rule == "chosen")
    return std::string(pick(language, "dipilih pelapor", "the reporter's choice"));
  if (rule == "category") return std::string(pick(language, "dari kategorinya", "by its category"));
  if (rule == "prefix")
    return std::string(pick(language, "dari kata pertama", "by its first word"));
  return std::string(pick(language, "aturan: ", "rule: ")) + std::string(rule);
}

// "title, category" of a correction.
std::string corrected_words(std::string_view reason, std::string_view language) {
  std::string words;
  for (const auto part : split(reason, ',')) {
    const auto word = translate(k_corrected, trim(part));
    if (word.empty()) return {};
    words += (words.empty() ? "" : ", ") + std::string(pick(language, word, trim(part)));
  }
  return words;
}

// The code of a language, as the stages note it.
std::string_view language_words(std::string_view code, std::string_view language) {
  if (code == "id") return pick(language, "Indonesia", "Indonesian");
  if (code == "en") return pick(language, "Inggris", "English");
  return code;
}

// "58 bytes of text", "the word \"jalan\"" and the like: what stands in them stays.
std::string stage_note_words(std::string_view note, std::string_view language) {
  constexpr std::string_view k_language = "language ";
  constexpr std::string_view k_owed = "owed in ";
  if (note.starts_with(k_language)) {
    return std::string(pick(language, "bahasa ", "in ")) +
           std::string(language_words(note.substr(k_language.size()), language));
  }
  if (note.starts_with(k_owed)) {
    return std::string(pick(language, "akan dikirim dalam bahasa ", "will be sent in ")) +
           std::string(language_words(note.substr(k_owed.size()), language));
  }
  if (is_english(language)) return std::string(note);
  struct Pattern {
    std::string_view before;
    std::string_view after;
    std::string_view indonesian_before;
    std::string_view indonesian_after;
  };
  static constexpr auto k_patterns = std::to_array<Pattern>({
      {"", " bytes of text", "", " bita teks"},
      {"the word ", "", "kata ", ""},
      {"rule ", "", "aturan ", ""},
      {"the report is ", "", "laporannya ", ""},
      {"written by a machine: ", "", "ditulis mesin: ", ""},
      {"no machine may answer it: ", "", "tidak boleh dijawab mesin: ", ""},
      {"it comes from a list ", "", "datang dari milis ", ""},
      {"it is an automatic answer ", "", "jawaban otomatis ", ""},
      {"support: ", "", "dukungan: ", ""},
      {"by an officer; was held: ", "", "oleh petugas; sebelumnya ditahan: ", ""},
      {"by an officer; was screened: ", "", "oleh petugas; sebelumnya disaring: ", ""},
      {"by an officer; was joined: ", "", "oleh petugas; sebelumnya bergabung: ", ""},
      {"by an officer; was ", "", "oleh petugas; sebelumnya ", ""},
  });
  for (const auto& pattern : k_patterns) {
    if (!note.starts_with(pattern.before) || !note.ends_with(pattern.after)) continue;
    auto inside = note.substr(pattern.before.size());
    inside.remove_suffix(pattern.after.size());
    if (inside.empty()) continue;
    const auto known = translate(k_reasons, inside);
    return std::string(pattern.indonesian_before) +
           (known.empty() ? stage_note_words(inside, language) : std::string(known)) +
           std::string(pattern.indonesian_after);
  }
  return std::string(note);
}

std::chrono::local_days day_of(Time time, std::chrono::minutes offset) {
  return std::chrono::local_days(
      std::chrono::floor<std::chrono::days>(time + offset).time_since_epoch());
}

}  // namespace

std::string_view state_words(State state, std::string_view language) {
  switch (state) {
    case State::received:
      return pick(language, "Belum terverifikasi", "Received");
    case State::needs_info:
      return pick(language, "Tertunda", "On hold");
    case State::at_agency:
      return pick(language, "Terverifikasi", "Verified");
    case State::at_unit:
      return pick(language, "Terdisposisi", "Assigned");
    case State::returned:
      return pick(language, "Bukan wewenang", "Re-routing");
    case State::in_progress:
      return pick(language, "Dalam proses", "In progress");
    case State::answered:
      return pick(language, "Ditanggapi", "Answered");
    case State::closed:
      return pick(language, "Selesai", "Closed");
    case State::reopened:
      return pick(language, "Dibuka kembali", "Reopened");
    case State::merged:
      return pick(language, "Digabung", "Merged");
    case State::archived:
      return pick(language, "Diarsipkan", "Archived");
    case State::rejected:
      return pick(language, "Ditolak", "Rejected");
  }
  return {};
}

std::string_view badge_of(std::string_view status_colour) {
  if (status_colour == "red") return "red";
  if (status_colour == "yellow") return "yellow";
  if (status_colour == "green") return "green";
  return "secondary";
}

std::string_view role_words(Role role, std::string_view language) {
  switch (role) {
    case Role::system:
      return pick(language, "Sistem", "System");
    case Role::reporter:
      return pick(language, "Pelapor", "Reporter");
    case Role::monitor:
      return pick(language, "Pemantau kanal", "Channel monitor");
    case Role::national_admin:
      return pick(language, "Admin nasional", "National admin");
    case Role::agency_admin:
      return pick(language, "Admin instansi", "Agency admin");
    case Role::liaison:
      return pick(language, "Pejabat penghubung", "Liaison officer");
    case Role::connector_admin:
      return pick(language, "Admin konektor", "Connector admin");
    case Role::auditor:
      return pick(language, "Auditor", "Auditor");
  }
  return {};
}

namespace {

std::string credential_words(const Alarm& alarm, std::string_view language) {
  const auto say = [&](std::string_view indonesian, std::string_view english) {
    return std::string(pick(language, indonesian, english));
  };
  if (!alarm.ends) {
    return say(
        "Sertifikat yang terpasang untuk server web tidak dapat dipakai; yang lama masih "
        "berlaku sampai habis. Log menyebut sebabnya.",
        "The certificate that is in place for the web server cannot be used; the earlier "
        "one stays until it ends. The log says why.");
  }
  const auto date = day_words(*alarm.ends, language) + ". ";
  if (alarm.channel.empty()) {
    return say("Sertifikat server web berlaku sampai ", "The web server's certificate ends on ") +
           date +
           say("Perbarui dan pasang di certificate_file; tidak perlu dimulai ulang.",
               "Renew it and put it in certificate_file; nothing need be restarted.");
  }
  return say("Kata sandi, kunci, sertifikat, atau kontrak kanal ini berlaku sampai ",
             "This channel's password, key, certificate or contract ends on ") +
         date +
         say("Perbarui di penyedianya, pasang, lalu isi credential_ends dengan tanggal yang baru.",
             "Renew it with the provider, put it in, and set credential_ends to the new day.");
}

}  // namespace

std::string_view fate_words(Fate fate, std::string_view language) {
  switch (fate) {
    case Fate::report:
      return pick(language, "Menjadi laporan", "Became a report");
    case Fate::joined:
      return pick(language, "Masuk ke laporan", "Joined a report");
    case Fate::repeated:
      return pick(language, "Berulang", "A repeat");
    case Fate::screened:
      return pick(language, "Disaring", "Screened out");
    case Fate::held:
      return pick(language, "Ditahan, menunggu petugas", "Held for an officer");
    case Fate::quarantined:
      return pick(language, "Di karantina", "In quarantine");
    case Fate::office:
      return pick(language, "Dari instansi", "From the office");
    case Fate::errand:
      return pick(language, "Perintah untuk layanan", "A command to the service");
  }
  return {};
}

std::string alarm_words(const Alarm& alarm, std::string_view language) {
  const auto say = [&](std::string_view indonesian, std::string_view english) {
    return std::string(pick(language, indonesian, english));
  };
  switch (alarm.kind) {
    case Alarm::Kind::stale:
      return say("Sudah terlalu lama tidak berhasil membaca. Keadaan di atas menyebut sebabnya.",
                 "Nothing could be read for too long. Its state above says why.");
    case Alarm::Kind::low_volume:
      return say("Jauh lebih sepi dari biasanya. Periksa sumbernya.",
                 "Far quieter than usual. Check its source.");
    case Alarm::Kind::nearly_used_up:
      return say("Sebuah jatah hampir habis. Saran ada pada pemakaian di bawah.",
                 "A cap is nearly used up. What to do stands with its use below.");
    case Alarm::Kind::offices_untold:
      return say("Pesan untuk instansi yang gagal atau diragukan: ",
                 "Messages to offices that failed or are in doubt: ") +
             std::to_string(alarm.untold) +
             say(". Sebabnya ada pada Balasan: perbaiki lalu kirim lagi, atau beri tahu "
                 "instansinya dengan cara lain lalu pilih Jangan kirim.",
                 ". Replies says why: mend it and send them again, or tell the office in another "
                 "way and choose Do not send.");
    case Alarm::Kind::credential_ends:
      return credential_words(alarm, language);
    case Alarm::Kind::disk_nearly_full:
      return say(
          "Ruang di server hampir habis: foto tidak diterima lagi bila sisanya kurang dari "
          "256 MB. Beri tahu pengelola server.",
          "The server has hardly any room left: photos are not taken below 256 MB. Tell who "
          "runs it.");
    case Alarm::Kind::canary_late:
      break;
  }
  return say(
      "Pesan uji yang dikirim kanal ini kepada dirinya sendiri belum tiba. Cari pesan itu di "
      "penyedianya.",
      "The test message that this channel sent itself has not arrived. Look for it at the "
      "provider.");
}

std::string_view reply_badge(ReplyState state) {
  switch (state) {
    case ReplyState::sent:
    case ReplyState::delivered:
      return "green";
    case ReplyState::uncertain:
      return "orange";
    case ReplyState::failed:
      return "red";
    default:
      return "secondary";
  }
}

std::string_view reply_words(ReplyState state, std::string_view language) {
  switch (state) {
    case ReplyState::owed:
      return pick(language, "Akan dikirim", "To be sent");
    case ReplyState::sending:
      return pick(language, "Sedang dikirim", "Being sent");
    case ReplyState::sent:
      return pick(language, "Terkirim", "Sent");
    case ReplyState::delivered:
      return pick(language, "Tersampaikan", "Delivered");
    case ReplyState::failed:
      return pick(language, "Gagal", "Failed");
    case ReplyState::uncertain:
      return pick(language, "Belum pasti", "Uncertain");
    case ReplyState::withheld:
      return pick(language, "Tidak dikirim", "Not sent");
  }
  return {};
}

std::string_view stage_words(std::string_view stage, std::string_view language) {
  static constexpr auto k_stages = std::to_array<Label>({
      {"normalise", "Rapikan", "Normalise"},
      {"screen", "Saring", "Screen"},
      {"identify", "Kenali", "Identify"},
      {"deduplicate", "Cari kembaran", "Deduplicate"},
      {"support", "Dukungan", "Support"},
      {"locate", "Tentukan lokasi", "Locate"},
      {"classify", "Golongkan", "Classify"},
      {"route", "Arahkan", "Route"},
      {"join", "Gabungkan", "Join"},
      {"reply", "Balas", "Reply"},
      {"errand", "Perintah", "Command"},
  });
  const auto found = std::ranges::find(k_stages, stage, &Label::key);
  return found == k_stages.end() ? stage : pick(language, found->indonesian, found->english);
}

std::string reason_words(std::string_view reason, const Organisation& organisation,
                         std::string_view language) {
  constexpr std::string_view k_suggested = "suggested: ";
  constexpr std::string_view k_rule = "rule: ";
  constexpr std::string_view k_rating = "rating=";
  // Where an officer made the report.
  constexpr std::string_view k_beside = "; suggested: ";
  if (const auto beside = reason.find(k_beside); beside != std::string_view::npos) {
    return reason_words(reason.substr(0, beside), organisation, language) + "; " +
           reason_words(reason.substr(beside + 2), organisation, language);
  }
  if (reason.starts_with(k_suggested)) {
    const auto rest = reason.substr(k_suggested.size());
    const auto open = std::min(rest.find(" ("), rest.size());
    const auto name = agency_name(organisation, AgencyId(std::string(rest.substr(0, open))));
    auto rule = open == rest.size() ? std::string_view() : rest.substr(open + 2);
    if (rule.ends_with(')')) rule.remove_suffix(1);
    return std::string(pick(language, "Disarankan: ", "Suggested: ")) + name +
           (rule.empty() ? "" : " (" + rule_words(rule, language) + ")");
  }
  if (reason.starts_with(k_rule)) return rule_words(reason.substr(k_rule.size()), language);
  if (reason.starts_with(k_rating)) {
    return std::string(pick(language, "Nilai ", "Rating ")) +
           std::string(reason.substr(k_rating.size())) +
           std::string(pick(language, " dari 5", " of 5"));
  }
  constexpr std::string_view k_aside = "set aside by ";
  if (reason.starts_with(k_aside)) {
    const auto rest = reason.substr(k_aside.size());
    constexpr std::string_view k_command = "a command: ";
    const bool by_command = rest.starts_with(k_command);
    const auto by = by_command ? std::string(pick(language, "perintah: ", k_command)) : "";
    return std::string(pick(language, "disisihkan oleh ", k_aside)) + by +
           std::string(by_command ? rest.substr(k_command.size()) : rest);
  }
  if (auto corrected = corrected_words(reason, language); !corrected.empty()) return corrected;
  const AgencyId agency{std::string(reason)};
  if (organisation.agency(agency) != nullptr) return agency_name(organisation, agency);
  const CategoryId category{std::string(reason)};
  if (organisation.category(category) != nullptr) {
    return category_name(organisation, category, language);
  }
  const auto translated = translate(k_reasons, reason);
  return translated.empty() ? stage_note_words(reason, language)
                            : std::string(pick(language, translated, reason));
}

std::string agency_name(const Organisation& organisation, const AgencyId& id) {
  const auto* agency = organisation.agency(id);
  return agency == nullptr ? id.value() : agency->name;
}

std::string unit_name(const Organisation& organisation, const UnitId& id) {
  const auto* unit = organisation.unit(id);
  return unit == nullptr ? id.value() : unit->name;
}

std::string category_name(const Organisation& organisation, const CategoryId& id,
                          std::string_view language) {
  const auto* category = organisation.category(id);
  if (category == nullptr) return id.value();
  return is_english(language) && !category->name_en.empty() ? category->name_en : category->name_id;
}

std::string kind_name(const Organisation& organisation, const KindId& id,
                      std::string_view language) {
  const auto* kind = organisation.kind(id);
  if (kind == nullptr) return id.value();
  return is_english(language) && !kind->name_en.empty() ? kind->name_en : kind->name_id;
}

std::string short_date(Time time, Time now, std::chrono::minutes offset,
                       std::string_view language) {
  const auto day = day_of(time, offset);
  const auto today = day_of(now, offset);
  const std::chrono::year_month_day date(day);
  const auto local = time + offset;
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(
      local - std::chrono::floor<std::chrono::days>(local)));
  const auto hour = two_digits(clock.hours().count()) + (is_english(language) ? ":" : ".") +
                    two_digits(clock.minutes().count());
  if (day == today) return std::string(pick(language, "hari ini ", "today ")) + hour;
  if (day == today - std::chrono::days(1)) {
    return std::string(pick(language, "kemarin ", "yesterday ")) + hour;
  }
  auto words = std::to_string(static_cast<unsigned>(date.day())) + " " +
               std::string(month_name(date.month(), language).substr(0, 3));
  if (date.year() != std::chrono::year_month_day(today).year()) {
    words += " " + std::to_string(static_cast<int>(date.year()));
  }
  return words;
}

std::string due_words(Time due, Time now, std::chrono::minutes offset, std::string_view language) {
  const auto days = (day_of(due, offset) - day_of(now, offset)).count();
  const auto some = [&](long count) {
    return std::to_string(count) +
           std::string(pick(language, " hari", count == 1 ? " day" : " days"));
  };
  if (days < 0) {
    return is_english(language) ? some(-days) + " overdue" : "lewat " + some(-days);
  }
  if (due < now) return std::string(pick(language, "baru saja lewat", "just overdue"));
  if (days == 0) return std::string(pick(language, "hari ini", "today"));
  if (days == 1) return std::string(pick(language, "besok", "tomorrow"));
  return is_english(language) ? "in " + some(days) : some(days) + " lagi";
}

}  // namespace kanal::console
