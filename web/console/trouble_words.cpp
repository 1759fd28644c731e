#include <algorithm>
#include <array>

#include "core/language.hpp"
#include "core/reply.hpp"
#include "core/text.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

/// A kind of trouble by what is said of it, in small letters; the first that fits is meant.
struct Sign {
  std::string_view said;
  std::string_view indonesian;
};

constexpr std::string_view k_unknown_address = "Alamat penerimanya tidak ada atau ditolak.";
constexpr std::string_view k_full_mailbox = "Kotak surat penerimanya penuh.";
constexpr std::string_view k_credentials = "Nama pengguna, kata sandi, atau kuncinya ditolak.";
constexpr std::string_view k_patience =
    "Diminta menunggu: terlalu banyak permintaan atau sambungan sekaligus.";
constexpr std::string_view k_no_answer = "Tidak ada jawaban sampai batas waktunya.";
constexpr std::string_view k_out_of_reach = "Server tujuannya tidak dapat dihubungi.";
constexpr std::string_view k_broken = "Sambungannya terputus.";
constexpr std::string_view k_certificate = "Sertifikat servernya tidak dapat dipercaya.";
constexpr std::string_view k_unwanted = "Ditolak sebagai spam atau oleh aturan penerimanya.";
constexpr std::string_view k_in_trouble = "Sistem tujuannya sedang bermasalah.";
constexpr std::string_view k_too_large = "Terlalu besar.";
constexpr std::string_view k_used_up = "Jatah permintaan ke penyedia sudah habis untuk sementara.";
constexpr std::string_view k_no_mail = "Ini bukan surel yang sah.";
constexpr std::string_view k_no_sms = "Ini bukan pesan SMS yang sah.";
constexpr std::string_view k_no_office = "Jawaban instansi ini tidak dapat dibaca.";
constexpr std::string_view k_no_picture = "Gambarnya tidak dapat diambil atau dikirim.";
constexpr std::string_view k_unreadable = "Jawabannya tidak dapat dibaca.";
constexpr std::string_view k_no_address =
    "Alamatnya bukan alamat yang dapat dihubungi. Periksa alamatnya.";
constexpr std::string_view k_no_request = "Permintaannya tidak dapat dibuat.";
constexpr std::string_view k_weak_secret = "Kuncinya kosong atau tidak memenuhi syarat.";
constexpr std::string_view k_fault = "Terjadi kesalahan pada program ini. Lihat log.";
constexpr std::string_view k_others_write = "Laporannya sedang diubah di tempat lain. Coba lagi.";
constexpr std::string_view k_not_found_again = "Tidak dapat dicari di antara yang sudah terkirim.";

constexpr auto k_signs = std::to_array<Sign>({
    // What an officer decided, before whatever stood there until then.
    {"an officer has it sent again", "Petugas meminta agar dikirim lagi."},
    {"an officer knows that it went out", "Menurut petugas, ini sudah terkirim."},
    {k_given_up, "Petugas memutuskan untuk tidak mengirimnya."},
    // Of what came in and could not be read.
    {"is not a key of a post", "Ada kunci yang tidak dikenal di baris ini."},
    {"not valid json", "Isinya bukan JSON yang sah."},
    {"\" is missing", "Ada kunci yang wajib dan tidak ada."},
    {"\" is there twice", "Ada kunci yang tertulis dua kali."},
    {"longer than 4 mb", k_too_large},
    {"larger than 25 mb", k_too_large},
    {"too large to be read", k_too_large},
    {": the attachment ", "Lampirannya tidak dapat dibaca."},
    {"\" must be ", "Ada isian yang bentuknya tidak dikenal."},
    {"\" has too many ", "Ada isian yang terlalu banyak."},
    {"neither valid json nor a form", "Ini bukan JSON dan bukan pula formulir yang sah."},
    {"too many values", "Isinya terlalu banyak."},
    {"too many fields", "Isiannya terlalu banyak."},
    {"no session that reads stands", "Tidak ada sambungan ke penyedia SMS."},
    {"x gives posts without their time", "X mengganti nama isiannya. Perbarui Kanal."},
    {"not a message of smpp", k_no_sms},
    {"hexadecimal digits of smpp", k_no_sms},
    {"no whole deliver_sm", k_no_sms},
    {"this is not a mail", k_no_mail},
    {"has more than 500 parts", "Surel ini terdiri dari terlalu banyak bagian."},
    {"the mail has more than ", "Surel ini disusun tidak wajar, seperti serangan; tidak dibaca."},
    {"not read whole", "Hanya kepala suratnya yang ada di sini; surelnya masih di kotak surat."},
    {"ended twice while this mail", "Surel ini dua kali menghentikan sistem; tidak dibaca lagi."},
    {"larger than most_mail_bytes", k_too_large},
    {"the form is too long", "Terlalu panjang."},
    {"the request is too long", "Terlalu panjang."},
    {"no form of that name", "Tidak ada formulir dengan nama itu."},
    {"the form has no text", "Tidak ada teksnya."},
    {"there is no post in it", "Tidak ada kiriman di dalamnya."},
    {"the key is missing", k_no_office},
    {"data.key is missing", k_no_office},
    {"data.event must be", k_no_office},
    {"none of an office's", k_no_office},
    {"not an office's word", k_no_office},
    {"type must be complaint", "Ada isian yang bentuknya tidak dikenal."},
    {"no webhook-id", "Ada isian yang wajib dan tidak ada."},
    {"the body is not json", "Isinya bukan JSON yang sah."},
    {"neither json nor a form", "Ini bukan JSON dan bukan pula formulir yang sah."},
    {"neither a message nor a status", "Ini bukan pesan dan bukan pula kabar pengiriman."},
    {"does not say who sent it", "Tidak disebut siapa pengirimnya."},
    {"may be missing", "Mungkin ada kiriman yang terlewat."},
    {"stands on x alone", "Kiriman ini terlalu panjang; selebihnya hanya ada di X."},
    {"does not give this mail out", "Server surel tidak memberikan surel ini."},
    {"the post has no number or no text", "Kirimannya tidak bernomor atau kosong."},
    {"that one request may bring", "Terlalu banyak pesan dalam satu permintaan; baca lagi."},
    {"the pipeline failed", "Pesannya gagal diolah."},
    {"the program failed", k_fault},
    {"a fault of the program", k_fault},
    {"the files that it names were not kept",
     "Berkas yang disebutnya tidak tersimpan: impor lagi barisnya beserta berkasnya."},
    {"the reports are being changed by others", k_others_write},
    {"another node works this channel", "Kanal ini sedang dijalankan oleh proses lain."},
    {"could not be stored", "Pesannya gagal disimpan."},
    // Of what goes out, and of the way there: what one kind of channel alone says, what fails
    // before anybody is asked about a receiver, then RFC 3463, then words.
    {"x wants payment",
     "Saldo kredit X habis. Beli kredit atau naikkan batas belanja di konsol pengembang X "
     "(console.x.com, Billing)."},
    {"x allows no more calls",
     "X belum mengizinkan permintaan lagi; dilanjutkan setelah waktunya."},
    {"x failed while it was told to post",
     "X bermasalah saat jawaban ini dikirim: mungkin sudah tayang, mungkin belum."},
    {"did not say its number", "X menerima jawaban ini tanpa menyebut nomornya."},
    {"does not show it yet",
     "Menurut X jawaban ini sudah tayang, tetapi belum terlihat; dicari lagi."},
    {"posted, and it could not be looked for",
     "Menurut X jawaban ini sudah tayang, tetapi belum dapat dicari; dicoba lagi."},
    {"could not be looked for", k_not_found_again},
    {"cannot be found again", k_not_found_again},
    {"this credential may not post",
     "Kunci ini tidak boleh mengirim. Beri aplikasinya izin membaca, menulis, dan mengirim pesan "
     "langsung, lalu buat kuncinya kembali."},
    {"the credential belongs to", "Kunci ini milik akun lain."},
    {"does not say whose account", "X tidak menyebut milik siapa akun ini."},
    {"a bearer token of an app cannot answer",
     "Token aplikasi tidak dapat menjawab. Gunakan oauth1 atau oauth2."},
    {"does not take the refresh token",
     "Token X tidak berlaku lagi. Beri izin lagi kepada aplikasinya dan perbarui refresh_token."},
    {"did not renew the access token", "X gagal memperbarui token aksesnya; dicoba lagi."},
    {"the access token", "Token akses X sedang diperbarui."},
    {"only the running bridge may renew", "Token ini hanya boleh diperbarui oleh bridge sendiri."},
    {"no account to send a direct message", "Tidak ada akun tujuan pesan langsungnya."},
    {"x gives out no pictures", "X sedang tidak memberikan gambar."},
    {"x gives a picture no number", k_no_picture},
    {"x has not made a picture ready", k_no_picture},
    {"x refuses a picture", k_no_picture},
    {"a picture is ", k_no_picture},
    {"a picture stands on", k_no_picture},
    {"is no picture that x shows", k_no_picture},
    {"something that is not json", k_unreadable},
    {"has no room just now", "Kannel sedang penuh; dicoba lagi sebentar lagi."},
    {"check user, password and balance",
     "Penyedia SMS menolaknya. Periksa nama pengguna, kata sandi, dan saldonya."},
    {"check send_url", "Alamat pengirimannya salah. Periksa send_url."},
    {"no send_url to send", "Alamat pengirimannya belum ada. Atur send_url."},
    {"no url to send to", "Alamat pengirimannya belum ada. Atur url."},
    {"the provider's answer cannot be read", k_unreadable},
    {"until it expired", "Penerimanya tidak terjangkau sampai batas waktu pesannya."},
    {"the message was refused on its way", "Pesannya ditolak di jalan."},
    {"the message could not be delivered", "Pesannya tidak dapat disampaikan."},
    {"the message is still on its way", "Pesannya masih dalam perjalanan."},
    {"no session that sends stands", "Belum ada sambungan ke pusat SMS."},
    {"the session ended before the answer", "Sambungannya terputus sebelum ada jawaban."},
    {"the smsc sent a unit of", k_unreadable},
    {"another program is bound", "Menurut pusat SMS, program lain sedang memakai nama ini."},
    {"check system_id",
     "Pusat SMS menolak nama atau kata sandinya. Periksa system_id dan "
     "password."},
    {"check source", "Pusat SMS menolak nomor pengirimnya. Periksa source."},
    {"is not told of this",
     "Kabar ini tidak dapat dikirim lewat sistem instansi: beri tahu instansinya dengan cara "
     "lain."},
    {"; check the secret", "Sistem instansi menolak kuncinya. Periksa kuncinya."},
    {"; check the address", "Alamat sistem instansi salah. Periksa alamatnya."},
    {"the office was not handed the report", "Instansi ini tidak pernah diserahi laporannya."},
    {"the setting \"address\"", "Pengaturan address bukan alamat surel. Periksa address."},
    {"takes no logins just now", "Server surel sedang tidak menerima siapa pun."},
    {"that address", k_unknown_address},
    {"stored position is not that", "Posisi baca yang tersimpan milik kanal jenis lain."},
    {"start_from is not a date", "Pengaturan start_from bukan tanggal. Periksa start_from."},
    {"a file of the report cannot be read", "Berkas laporannya tidak dapat dibaca."},
    {"a file could not be kept", "Berkasnya tidak dapat disimpan."},
    {"ca_file cannot be read", "Berkas ca_file tidak dapat dibaca. Periksa ca_file."},
    {"cannot be made: ", "Folder kanal ini tidak dapat dibuat."},
    {"out of memory", "Memori servernya habis."},
    {"no time was left", k_no_answer},
    {"the api_key is", k_weak_secret},
    {"an api_key has at least", k_weak_secret},
    {"two applications have one api_key", "Ada dua aplikasi dengan kunci yang sama."},
    {"api_key posts too much", k_patience},
    {"the secret is", k_weak_secret},
    {"the secret of an address", k_weak_secret},
    {"is not the name of a server", k_no_address},
    {"can be fetched", k_no_address},
    {"redirects ", "Servernya mengalihkan ke alamat yang tidak dapat dipakai."},
    {"characters that it must not hold", k_no_request},
    {"not a method that can be used", k_no_request},
    {"takes no body", k_no_request},
    {"not the caller's to set", k_no_request},
    {"sent a line of more than", k_unreadable},
    {"cannot be reached", k_out_of_reach},
    {"cannot be opened", "Foldernya di server surel tidak dapat dibuka."},
    {"did not answer in time", k_no_answer},
    {"5.2.2", k_full_mailbox},
    {"mailbox full", k_full_mailbox},
    {"mailbox is full", k_full_mailbox},
    {"over quota", k_full_mailbox},
    {"overquota", k_full_mailbox},
    {"5.1.1", k_unknown_address},
    {"5.1.2", k_unknown_address},
    {"5.1.3", k_unknown_address},
    {"no such user", k_unknown_address},
    {"user unknown", k_unknown_address},
    {"unknown user", k_unknown_address},
    {"does not exist", k_unknown_address},
    {"recipient address rejected", k_unknown_address},
    {"the address is no", k_unknown_address},
    {"the address cannot", k_unknown_address},
    {"esme_rinvdstadr", k_unknown_address},
    {"refused the login", k_credentials},
    {"check user and password", k_credentials},
    {"check the smtp login", k_credentials},
    {"unauthorized", k_credentials},
    {"unauthorised", k_credentials},
    {"authentication failed", k_credentials},
    {"invalid or expired token", k_credentials},
    {"credential", k_credentials},
    {"esme_rinvpaswd", k_credentials},
    {"esme_rbindfail", k_credentials},
    {"too many", k_patience},
    {"rate limit", k_patience},
    {"[limit]", k_patience},
    {"throttl", k_patience},
    {"slow down", k_patience},
    {"no more logins for a while", k_patience},
    {"sending quota", k_patience},
    {"the caps leave", k_used_up},
    {"or when it is raised", k_used_up},
    {"does not offer starttls",
     "Server surel tidak menawarkan sambungan aman. Periksa port dan security."},
    {"certificate", k_certificate},
    {"in time", k_no_answer},
    {"timed out", k_no_answer},
    {"timeout", k_no_answer},
    {"does not answer", k_no_answer},
    {"no answer", k_no_answer},
    {"cannot be resolved", k_out_of_reach},
    {"is not known; check the host", k_out_of_reach},
    {"connection refused", k_out_of_reach},
    {"connecting to", k_out_of_reach},
    {"closed the connection", k_broken},
    {"connection broke", k_broken},
    {"the connection to", k_broken},
    {"ended the session", k_broken},
    {"the session has ended", k_broken},
    {"spam", k_unwanted},
    {"5.7.1", k_unwanted},
    {"blocked", k_unwanted},
    {"blacklist", k_unwanted},
    {"greylist", "Server penerimanya meminta dikirim lagi nanti."},
    {"x is in trouble", k_in_trouble},
    {"x refuses", "X tidak menerima jawaban ini."},
    {"x does not let us answer there", "X tidak mengizinkan jawaban di sana."},
    {"the other system", "Sistem instansi tidak menerimanya, atau belum."},
    {"the mail server said: 4", "Server surel meminta dicoba lagi nanti."},
    {"the mail server said: 5", "Server surel menolaknya."},
    {"the mail server", "Jawaban server surel tidak dapat dipahami."},
    {"idle: ", "Server surel tidak mau memberi kabar bila ada surel baru."},
    {"the sender was lost: ", "Proses pengirimnya berhenti di tengah jalan."},
    {"did not say how it ended", "Hasil pengirimannya tidak diketahui."},
    {"it was left alone", "Pesan ujinya tidak dikirim."},
    {"the mail may have gone out", "Surelnya mungkin sudah terkirim, mungkin belum."},
    {"the smsc", "Pusat SMS tidak menerimanya, atau belum."},
    {"the provider answered", "Penyedia SMS tidak menerimanya, atau belum."},
    {"was asked and did not answer", k_no_answer},
    {"could not be asked", k_out_of_reach},
    {"the name ", k_out_of_reach},
    {"answered more than is read", k_too_large},
    {"open reports are asked after",
     "Laporan terbukanya terlalu banyak: yang lama tidak ditanyakan."},
    // What X says in words of its own, with its status.
    {" (401)", k_credentials},
    {" (403)", "X tidak mengizinkan permintaan ini. Periksa izin aplikasi dan paketnya."},
    {" (4", "X menolak permintaan ini."},
    {" is missing", "Ada isian yang wajib dan tidak ada."},
    {"could not be marked there as read",
     "Yang sudah dibaca tidak dapat ditandai terbaca di sana."},
});

// A number that stands in a longer one, as in an address, is none.
bool says(std::string_view text, std::string_view sign) {
  const auto goes_on = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  const bool is_number = sign[0] >= '0' && sign[0] <= '9';
  for (auto at = text.find(sign); at != text.npos; at = text.find(sign, at + 1)) {
    const auto end = at + sign.size();
    const bool before = at > 0 && goes_on(text[at - 1]);
    const bool after = end < text.size() && text[end] >= '0' && text[end] <= '9';
    if (!is_number || (!before && !after)) return true;
  }
  return false;
}

}  // namespace

Trouble trouble_words(std::string_view said, const Organisation& organisation,
                      std::string_view language) {
  auto words = reason_words(said, organisation, language);
  if (is_english(language) || words != said) return {std::move(words), {}};
  const auto small = to_lower_ascii(said);
  const auto sign =
      std::ranges::find_if(k_signs, [&](const Sign& each) { return says(small, each.said); });
  if (sign == k_signs.end()) return {std::move(words), {}};
  return {std::string(sign->indonesian), std::move(words)};
}

}  // namespace kanal::console
