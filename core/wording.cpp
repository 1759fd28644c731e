#include "core/wording.hpp"

#include <array>
#include <functional>
#include <optional>
#include <set>

#include "core/language.hpp"
#include "core/names.hpp"

namespace kanal {

namespace {

constexpr std::array<std::string_view, 3> k_lengths = {"short", "medium", "long"};

// A template's "{a|b}" is the first of these values that is not empty; what stands in "[…]" is left
// out when a value in it is missing.
struct Template {
  Wording wording;
  std::string_view short_id;
  std::string_view short_en;
  std::string_view subject_id;
  std::string_view subject_en;
  std::string_view long_id;
  std::string_view long_en;
};

constexpr auto k_templates = std::to_array<Template>({
    {Wording::received,
     "Laporan #{code} diterima.[ Verifikasi paling lambat {deadline}.][ Cek: {url}]",
     "Report #{code} received.[ To be checked by {deadline}.][ Track: {url}]",
     "Laporan Anda diterima", "Your report was received",
     "Terima kasih. Laporan Anda sudah kami terima dengan nomor {code}.[\n\n"
     "Laporan diverifikasi paling lambat {deadline}, lalu diteruskan ke instansi yang berwenang. "
     "Kami mengabari Anda di setiap langkah.][\n\nPantau laporan: {url}]",
     "Thank you. We have received your report; its number is {code}.[\n\n"
     "It is checked by {deadline} and then passed to the office in charge. We keep you informed "
     "at every step.][\n\nFollow your report: {url}]"},
    {Wording::hold,
     "#{code} perlu dilengkapi[: {words|reason}][, baca {read}]. Balas[ paling lambat {deadline}]; "
     "tanpa balasan, laporan diarsipkan.",
     "#{code} needs more information[: {words|reason}][, read {read}]. Reply[ by {deadline}], or "
     "it "
     "is archived.",
     "Laporan Anda perlu dilengkapi", "Your report needs more information",
     "Laporan {code} belum dapat diteruskan.[ Mohon lengkapi:\n\n{words|reason}][ Yang perlu "
     "dilengkapi dapat Anda baca di sini: {read}]\n\n"
     "Cukup balas pesan ini[ paling lambat {deadline}]. Tanpa jawaban, laporan akan diarsipkan."
     "[\n\nPantau laporan: {url}]",
     "Report {code} cannot be passed on yet.[ Please tell us:\n\n{words|reason}][ Read what "
     "we need here: {read}]\n\n"
     "Just reply to this message[ by {deadline}]. Without an answer the report will be archived."
     "[\n\nFollow your report: {url}]"},
    {Wording::agency,
     "#{code} terverifikasi, diteruskan ke {institution}.[ Ke unit paling lambat {deadline}.][ "
     "Cek: "
     "{url}]",
     "#{code} verified and sent to {institution}.[ To a unit by {deadline}.][ Track: {url}]",
     "Laporan Anda diteruskan", "Your report was passed on",
     "Laporan {code} sudah diverifikasi dan diteruskan ke {institution}.[ Diteruskan ke "
     "unit pelaksana paling lambat {deadline}.][\n\nPantau laporan: {url}]",
     "Report {code} has been verified and passed to {institution}.[ It goes to the "
     "responsible unit by {deadline}.][\n\nFollow your report: {url}]"},
    {Wording::unit,
     "#{code} sampai di {institution}, menunggu dikerjakan.[ Mulai paling lambat {deadline}.][ "
     "Cek: "
     "{url}]",
     "#{code} with {institution}, work not begun.[ To begin by {deadline}.][ Track: {url}]",
     "Laporan Anda sampai di unit pelaksana", "Your report reached the responsible unit",
     "Laporan {code} sampai di {institution} dan menunggu dikerjakan.[ Mulai paling lambat "
     "{deadline}.][\n\nPantau laporan: {url}]",
     "Report {code} has been assigned to {institution}, who have yet to act on it.[ Work is "
     "to begin by {deadline}.][\n\nFollow your report: {url}]"},
    {Wording::returned,
     "#{code} bukan wewenang {institution}; kami alihkan ke instansi yang tepat. Anda tak perlu "
     "lapor ulang.",
     "#{code} is outside {institution}'s remit; we are re-routing it. No need to report again.",
     "Laporan Anda dialihkan", "Your report is being re-routed",
     "Laporan {code} ternyata bukan wewenang {institution}. Kami alihkan ke instansi yang tepat; "
     "Anda tidak perlu melapor ulang.[\n\nPantau laporan: {url}]",
     "Report {code} turned out to be outside the remit of {institution}. We are re-routing it; "
     "you need not report again.[\n\nFollow your report: {url}]"},
    {Wording::progress,
     "#{code} dalam proses di {institution}.[ Target selesai {deadline}.][ Cek: {url}]",
     "#{code} in progress at {institution}.[ Target {deadline}.][ Track: {url}]",
     "Laporan Anda sedang diproses", "Your report is being worked on",
     "Laporan {code} sedang diproses oleh {institution}.[ Target selesai: {deadline}.]"
     "[\n\nPantau laporan: {url}]",
     "Report {code} is being worked on by {institution}.[ To be finished by {deadline}.]"
     "[\n\nFollow your report: {url}]"},
    {Wording::answered,
     "#{code} ditanggapi {institution}[: {read|url}]. Belum tuntas? Balas BELUM.[ Tanpa "
     "balasan ditutup {deadline}.][\n{answer|words}]",
     "#{code} answered by {institution}[: {read|url}]. Not solved? Reply NO.[ No reply: closes "
     "{deadline}.][\n{answer|words}]",
     "Laporan Anda ditanggapi", "Your report was answered",
     "{institution} menanggapi laporan {code}[:\n\n{answer|words}][. Baca di sini: "
     "{read}]{stop}\n\n"
     "Sudah tuntas? Balas SELESAI, atau nilai dengan angka 1 sampai 5. Belum tuntas? Balas BELUM "
     "dan ceritakan apa yang kurang.[ Tanpa balasan, laporan ditutup {deadline}.]"
     "[\n\nPantau laporan: {url}]",
     "{institution} has answered report {code}[:\n\n{answer|words}][. Read it here: "
     "{read}]{stop}\n\n"
     "Solved? Reply YES, or rate the answer with a number from 1 to 5. Not solved? Reply NO and "
     "tell us what is missing.[ Without a reply the report closes on {deadline}.]"
     "[\n\nFollow your report: {url}]"},
    {Wording::overdue, "#{code} lewat tenggat di {institution}; {escalated}.[ Cek: {url}]",
     "#{code} is overdue at {institution}; {escalated}.[ Track: {url}]",
     "Laporan Anda melewati tenggat", "Your report is overdue",
     "Laporan {code} melewati tenggat di {institution}; {escalated}."
     "[\n\nPantau laporan: {url}]",
     "Report {code} is overdue at {institution}; {escalated}."
     "[\n\nFollow your report: {url}]"},
    {Wording::closed,
     "#{code} selesai. Nilai 1-5 dengan membalas: {code} 5.[ Belum tuntas? Balas: {reopen} BUKA]",
     "#{code} closed. Rate 1-5: reply {code} 5.[ Not solved? Reply: {reopen} OPEN]",
     "Laporan Anda selesai", "Your report is closed",
     "Laporan {code} selesai. Terima kasih sudah melapor.\n\n"
     "Beri nilai dengan membalas angka 1 sampai 5.[ Belum tuntas? Balas BUKA paling lambat "
     "{reopen_by}.][\n\nPantau laporan: {url}]",
     "Report {code} is closed. Thank you for reporting.\n\n"
     "Rate the answer by replying with a number from 1 to 5.[ Not solved? Reply OPEN by "
     "{reopen_by}.][\n\nFollow your report: {url}]"},
    {Wording::archived,
     "#{code} diarsipkan[: {words|reason}]. Balas untuk melengkapi.[ Cek: {read|url}]",
     "#{code} archived[: {words|reason}]. Reply to complete it.[ Track: {read|url}]",
     "Laporan Anda diarsipkan", "Your report was archived",
     "Laporan {code} diarsipkan.[\n\nAlasan: {words|reason}][ Alasannya dapat Anda baca di sini: "
     "{read}]\n\n"
     "Data sudah lengkap? Balas pesan ini, dan laporan dibuka kembali.[\n\nPantau laporan: {url}]",
     "Report {code} was archived.[\n\nReason: {words|reason}][ Read the reason here: {read}]\n\n"
     "Once you have the information, answer this message: that reopens the report.[\n\nFollow your "
     "report: {url}]"},
    {Wording::merged,
     "#{code} sama dengan #{other}; digabung. Anda tetap menerima kabar lewat #{other}[: {url}]",
     "#{code} matches #{other} and was merged. You will get updates on #{other}[: {url}]",
     "Laporan Anda digabung", "Your report was merged",
     "Laporan {code} membahas hal yang sama dengan laporan {other}, maka keduanya digabung. Anda "
     "tetap menerima kabar, kini lewat laporan itu.[\n\nPantau laporan: {url}]",
     "Report {code} is about the same matter as report {other}, so the two were merged. You will "
     "go on hearing from us, now about that one.[\n\nFollow it: {url}]"},
    {Wording::reopened,
     "#{code} dibuka kembali[ dan dikirim ke {institution}].[ Ditindaklanjuti paling lambat "
     "{deadline}.]"
     "[ Verifikasi paling lambat {check_by}.]",
     "#{code} reopened[ and returned to {institution}].[ To be acted on by {deadline}.]"
     "[ To be checked by {check_by}.]",
     "Laporan Anda dibuka kembali", "Your report was reopened",
     "Laporan {code} dibuka kembali[ dan dikirim ke {institution}].[ Ditindaklanjuti "
     "paling lambat {deadline}.][ Petugas memeriksanya paling lambat {check_by}.][\n\nPantau "
     "laporan: {url}]",
     "Report {code} was reopened[ and returned to {institution}].[ It is to be acted "
     "on by {deadline}.][ An officer checks it by {check_by}.][\n\nFollow your report: {url}]"},
    {Wording::rejected,
     "#{code} tidak dapat diproses[: {words|reason}]. Keberatan? Balas pesan ini.[ Cek: "
     "{read|url}]",
     "#{code} cannot be handled[: {words|reason}]. To appeal, reply.[ Track: {read|url}]",
     "Laporan Anda tidak dapat diproses", "Your report cannot be handled",
     "Laporan {code} tidak dapat diproses.[\n\nAlasan: {words|reason}][ Alasannya dapat Anda baca "
     "di sini: {read}]\n\n"
     "Keberatan? Balas pesan ini atau tulis di halaman laporan.[\n\nPantau laporan: {url}]",
     "Report {code} cannot be handled.[\n\nReason: {words|reason}][ Read the reason "
     "here: {read}]\n\n"
     "To appeal, answer this message or write on the report's page.[\n\nFollow your report: "
     "{url}]"},
    {Wording::joined, "Pesan Anda ditambahkan ke laporan #{code}.[ Cek: {url}]",
     "Your message was added to report #{code}.[ Track: {url}]", "Pesan Anda ditambahkan",
     "Your message was added",
     "Pesan Anda sudah ditambahkan ke laporan {code}.[\n\nPantau laporan: {url}]",
     "Your message was added to report {code}.[\n\nFollow your report: {url}]"},
    {Wording::interim, "#{code}: kabar dari {institution}[: {words}].[ Cek: {read|url}]",
     "#{code}: news from {institution}[: {words}].[ Track: {read|url}]",
     "Kabar tentang laporan Anda", "News about your report",
     "Kabar dari {institution} tentang laporan {code}[:\n\n{words}][. Baca di sini: "
     "{read}][\n\nPantau laporan: {url}]",
     "News from {institution} about report {code}[:\n\n{words}][. Read it here: {read}][\n\nFollow "
     "your report: {url}]"},
    {Wording::asked,
     "#{code}: {institution} bertanya[: {words}][, baca {read}]. Balas untuk menjawab.[ Cek: "
     "{url}]",
     "#{code}: {institution} asks[: {words}][, read {read}]. Reply to answer.[ Track: {url}]",
     "Pertanyaan tentang laporan Anda", "A question about your report",
     "{institution} bertanya tentang laporan {code}[:\n\n{words}][. Baca pertanyaannya di sini: "
     "{read}]\n\nUntuk menjawab, balas pesan ini.[\n\nPantau laporan: {url}]",
     "{institution} has a question about report {code}[:\n\n{words}][. Read it here: "
     "{read}]\n\nTo answer, reply to this message.[\n\nFollow your report: {url}]"},
    {Wording::help,
     "{institution}: tulis masalah dan lokasinya. STATUS + nomor laporan: cek. Sudah ditanggapi? "
     "BELUM, SELESAI atau 1-5. Kabar: STOP henti, MULAI lagi.",
     "{institution}: write what is wrong and where. STATUS + report number: see progress. "
     "Answered? "
     "NO, YES or 1-5. News: STOP/START.",
     "Cara melapor", "How to report",
     "Tulis masalah dan lokasinya; {institution} meneruskannya ke instansi yang berwenang.\n\n"
     "STATUS dan nomor laporan: sampai di mana laporan itu. BELUM, SELESAI, atau 1 sampai 5: "
     "balasan "
     "atas tanggapan. STOP: tidak dikirimi pesan lagi; MULAI: dikirimi lagi.",
     "Write what is wrong and where; {institution} passes it on to the office in charge.\n\n"
     "STATUS and a report's number: how it stands. NO, YES, or 1 to 5: the reply to an answer. "
     "STOP: no more messages; START: messages again."},
    {Wording::stopped,
     "{institution}: kami berhenti mengirim pesan. Laporan Anda tetap diterima dan ditangani. "
     "Balas "
     "MULAI untuk menerima kabar lagi.",
     "{institution}: we send you no more messages. Your reports are still received and handled. "
     "Reply START for news again.",
     "Kami berhenti mengirim pesan", "No more messages",
     "{institution} berhenti mengirim pesan kepada Anda. Laporan Anda tetap kami terima dan "
     "tangani. "
     "Balas MULAI untuk menerima kabar lagi.",
     "{institution} will send you no more messages. Your reports are still received and handled. "
     "Reply START to hear from us again."},
    {Wording::resumed,
     "{institution}: kabar tentang laporan Anda kami kirim lagi. Balas STOP untuk berhenti.",
     "{institution}: we send you news of your reports again. Reply STOP to end it.",
     "Kabar kami kirim lagi", "News again",
     "{institution} mengirim kabar tentang laporan Anda lagi. Balas STOP untuk berhenti.",
     "{institution} sends you news of your reports again. Reply STOP to end it."},
    {Wording::rated,
     "#{code} selesai. Terima kasih atas nilai Anda.[ Belum tuntas? Balas: {reopen} BUKA]",
     "#{code} closed. Thank you for your rating.[ Not solved? Reply: {reopen} OPEN]",
     "Laporan Anda selesai", "Your report is closed",
     "Terima kasih atas nilai Anda. Laporan {code} selesai.[\n\nBelum tuntas? Balas BUKA paling "
     "lambat {reopen_by}.][\n\nPantau laporan: {url}]",
     "Thank you for your rating. Report {code} is closed.[\n\nNot solved? Reply OPEN by "
     "{reopen_by}.][\n\nFollow your report: {url}]"},
    {Wording::ombudsman,
     "#{code} belum selesai setelah {days} hari. Anda berhak mengadu ke Ombudsman RI.[ Cek: {url}]",
     "#{code} unsolved after {days} days. You may turn to the Ombudsman RI.[ Track: {url}]",
     "Laporan Anda belum selesai", "Your report is still unsolved",
     "Laporan {code} belum selesai setelah {days} hari. Kami tetap menindaklanjutinya. Bila Anda "
     "menghendaki, Anda berhak mengadu ke Ombudsman Republik Indonesia.[\n\nPantau laporan: {url}]",
     "Report {code} is still unsolved after {days} days. We are still working on it. If you wish, "
     "you are "
     "entitled to turn to the Ombudsman of the Republic of Indonesia.[\n\nFollow your report: "
     "{url}]"},
    {Wording::too_late,
     "#{code} tidak dapat dibuka kembali sejak {closed_since}. Masih ada masalah? Kirim laporan "
     "baru, tanpa nomor ini.[ Cek: {url}]",
     "#{code} can no longer be reopened, since {closed_since}. Still wrong? Send a new report, "
     "without this number.[ Track: {url}]",
     "Laporan Anda tetap ditutup", "Your report stays closed",
     "Laporan {code} sudah selesai dan tidak dapat dibuka kembali sejak {closed_since}; pesan Anda "
     "kami simpan di sana, tetapi tidak dikerjakan lagi.\n\nMasih ada masalah? Kirim laporan baru: "
     "pesan tersendiri, bukan balasan, dan tanpa nomor ini.[\n\nLihat laporan: {url}]",
     "Report {code} is closed and can no longer be reopened, since {closed_since}. Your message is "
     "kept with it, but nobody works on it any more.\n\nStill a problem? Please send it as a new "
     "report: a message of its own, no reply, and without this number.[\n\nSee the report: {url}]"},
    {Wording::standing, "#{code}: {state}.[ Cek: {url}]", "#{code}: {state}.[ Track: {url}]",
     "Laporan Anda", "Your report", "Laporan {code}: {state}.[\n\nPantau laporan: {url}]",
     "Report {code}: {state}.[\n\nFollow your report: {url}]"},
    {Wording::unknown,
     "{institution}: nomor laporan itu tidak kami kenal. Kirim STATUS dan 12 angka dari balasan "
     "kami. Melapor? Tulis masalah dan lokasinya.",
     "{institution}: we know no report of that number. Send STATUS and the 12 digits of our "
     "answer. To report: write what is wrong and where.",
     "Nomor laporan tidak dikenal", "Unknown report number",
     "{institution} tidak mengenal laporan dengan nomor itu. Nomornya 12 angka dan ada di balasan "
     "pertama kami; kirim STATUS dan nomor itu. Untuk melapor, tulis masalah dan lokasinya.",
     "{institution} knows no report of that number. It has 12 digits and stands in our first "
     "answer; send STATUS and that number. To report something, write what is wrong and where."},
});

// What is said at more length where there is room for it: the office's own words.
constexpr std::string_view k_answered_id =
    "#{code} ditanggapi {institution}[: {answer|words}]{stop}\n"
    "Belum tuntas? Balas BELUM.[ Tanpa balasan ditutup {deadline}.]";
constexpr std::string_view k_answered_en =
    "#{code} answered by {institution}[: {answer|words}]{stop}\n"
    "Not solved? Reply NO.[ No reply: closes {deadline}.]";

std::string_view lookup(std::string_view names, const WordingValues& values) {
  while (!names.empty()) {
    const auto bar = names.find('|');
    const auto found = values.find(names.substr(0, bar));
    if (found != values.end() && !found->second.empty()) return found->second;
    if (bar == std::string_view::npos) break;
    names.remove_prefix(bar + 1);
  }
  return {};
}

bool ends_sentence(std::string_view text) {
  return !text.empty() && std::string_view(".!?").find(text.back()) != std::string_view::npos;
}

// Nothing when a value is missing and `all` are asked for.
std::optional<std::string> fill(std::string_view text, const WordingValues& values, bool all) {
  std::string filled;
  while (!text.empty()) {
    const auto mark = text.find_first_of("{[");
    filled += text.substr(0, mark);
    if (mark == std::string_view::npos) break;
    const auto close = text.find(text[mark] == '{' ? '}' : ']', mark);
    if (close == std::string_view::npos) {
      filled += text.substr(mark);
      break;
    }
    const auto inner = text.substr(mark + 1, close - mark - 1);
    if (text[mark] == '[') {
      filled += fill(inner, values, true).value_or("");
    } else {
      const auto value = lookup(inner, values);
      if (value.empty() && all) return std::nullopt;
      filled += value;
    }
    text.remove_prefix(close + 1);
    // Officers end their sentences themselves.
    if (text.starts_with('.') && ends_sentence(filled)) text.remove_prefix(1);
  }
  return filled;
}

std::string_view overridden(const std::map<std::string, std::string>& overrides,
                            std::string_view wording, std::string_view language, Length length,
                            std::string_view channel, std::string_view fallback) {
  if (overrides.empty()) return fallback;
  const auto general = std::string(wording) + '.' + std::string(language);
  const auto exact = general + '.' + std::string(name(length));
  const auto here = '@' + std::string(channel);
  for (const auto& key : {exact + here, general + here, exact, general}) {
    if (const auto found = overrides.find(key); found != overrides.end()) return found->second;
  }
  return fallback;
}

// The names between "{", "|" and "}".
void for_each_name(std::string_view text, const std::function<void(std::string_view)>& call) {
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    text.remove_prefix(open + 1);
    auto names = text.substr(0, text.find('}'));
    if (names.size() == text.size()) return;
    for (auto bar = names.find('|'); bar != std::string_view::npos; bar = names.find('|')) {
      call(names.substr(0, bar));
      names.remove_prefix(bar + 1);
    }
    call(names);
  }
}

// What none of our own texts names, no reply has.
std::set<std::string_view> known_values() {
  std::set<std::string_view> known;
  for (const auto& each : k_templates) {
    for (const auto text : {each.short_id, each.long_id, each.short_en, each.long_en}) {
      for_each_name(text, [&](std::string_view name) { known.insert(name); });
    }
  }
  return known;
}

}  // namespace

std::string_view name(Length length) {
  return name_in(k_lengths, length);
}

std::optional<Length> length_of(std::string_view name) {
  return find_in<Length>(k_lengths, name);
}

std::string unknown_value(std::string_view text) {
  const auto known = known_values();
  std::string unknown;
  for_each_name(text, [&](std::string_view name) {
    if (unknown.empty() && !known.contains(name)) unknown = "{" + std::string(name) + "}";
  });
  if (unknown.empty()) return unknown;
  std::string all;
  for (const auto name : known) all += (all.empty() ? "{" : ", {") + std::string(name) + "}";
  return "no reply has a value " + unknown + "; there are: " + all;
}

Worded word(Wording wording, std::string_view language, Length length, const WordingValues& values,
            const std::map<std::string, std::string>& overrides, std::string_view channel) {
  const bool english = is_english(language);
  const bool brief = length != Length::full;
  for (const auto& each : k_templates) {
    if (each.wording != wording) continue;
    auto fallback =
        brief ? (english ? each.short_en : each.short_id) : (english ? each.long_en : each.long_id);
    if (length == Length::medium && wording == Wording::answered) {
      fallback = english ? k_answered_en : k_answered_id;
    }
    const auto text =
        overridden(overrides, name(wording), english ? "en" : "id", length, channel, fallback);
    return {std::string(english ? each.subject_en : each.subject_id),
            fill(text, values, false).value_or("")};
  }
  return {};
}

}  // namespace kanal
