#include <algorithm>
#include <array>

#include "core/language.hpp"
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

constexpr auto k_signs = std::to_array<Sign>({
    // Of what came in and could not be read.
    {"is not a key of a post", "Ada kunci yang tidak dikenal di baris ini."},
    {"not valid json", "Isinya bukan JSON yang sah."},
    {"\" is there twice", "Ada kunci yang tertulis dua kali."},
    {"longer than 4 mb", k_too_large},
    {"larger than 25 mb", k_too_large},
    {"too large to be read", k_too_large},
    {": the attachment ", "Lampirannya tidak dapat dibaca."},
    {"\" must be ", "Ada isian yang bentuknya tidak dikenal."},
    {"\" has too many ", "Ada isian yang terlalu banyak."},
    {"not a message of smpp", "Ini bukan pesan SMS yang sah."},
    {"may be missing", "Mungkin ada kiriman yang terlewat."},
    {"stands on x alone", "Kiriman ini terlalu panjang; selebihnya hanya ada di X."},
    {"does not give this mail out", "Server surel tidak memberikan surel ini."},
    {"the post has no number or no text", "Kirimannya tidak bernomor atau kosong."},
    {"that one request may bring", "Terlalu banyak pesan dalam satu permintaan; baca lagi."},
    {"the pipeline failed", "Pesannya gagal diolah."},
    {"could not be stored", "Pesannya gagal disimpan."},
    // Of what goes out, and of the way there: what fails before anybody is asked about a receiver,
    // then RFC 3463, then words.
    {"cannot be reached", k_out_of_reach},
    {"cannot be opened", "Mapnya di server surel tidak dapat dibuka."},
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
    {"the caps leave", "Jatah permintaan ke penyedia sudah habis untuk sementara."},
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
