#include "connectors/email/text.hpp"

#include <ctime>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/sanitized.hpp"

namespace kanal::email {
namespace {

std::string own(const std::string& text) {
  return own_words(text, true);
}

std::string first(const std::string& text) {
  return own_words(text, false);
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("an answer above a quotation is all that its author wrote, in both languages") {
  const std::string quoted = "> Laporan Anda kami terima.\n> Terima kasih.\n";
  for (const std::string attribution : {
           "Pada Sen, 2 Mar 2026 pukul 09.15 Lapor <lapor@contoh.go.id> menulis:",
           "Pada tanggal Sen, 2 Mar 2026 pukul 09.15 Lapor Buleleng\n<lapor@contoh.go.id> menulis:",
           "Pada 2 Maret 2026 09.15,\nLapor Buleleng\n<lapor@contoh.go.id>\nmenulis:",
           "On Mon, Mar 2, 2026 at 9:15 AM Lapor <lapor@contoh.go.id> wrote:",
           "On Mon, Mar 2, 2026 at 9:15 AM, Lapor Buleleng\n<lapor@contoh.go.id> wrote:",
           "2026-03-02 9:15 GMT+07:00 Lapor <lapor@contoh.go.id>:",
           "Lapor Buleleng menulis:",
       }) {
    INFO(attribution);
    CHECK(own("Belum diperbaiki.\n\n" + attribution + "\n\n" + quoted) == "Belum diperbaiki.");
    CHECK(own("Belum diperbaiki.\r\n\r\n" + attribution + "\r\n" + quoted) == "Belum diperbaiki.");
  }
}

TEST_CASE("a quotation that no mark shows ends the author's words at its attribution") {
  CHECK(own("BELUM\n\nPada Sen, 2 Mar 2026 pukul 09.15 Lapor <lapor@contoh.go.id> menulis:\n\n"
            "Laporan Anda kami terima.\nTerima kasih.\n") == "BELUM");
}

TEST_CASE("a quotation goes however a mail program announces it") {
  const std::string ours = "\nTerima kasih. Laporan Anda sudah kami terima.\n";
  for (const std::string head :
       {"-------- Pesan asli --------Dari: Lapor <lapor@contoh.go.id> Tanggal: 02/03/26  07.30 "
        "(GMT+08:00) Kepada: wati@contoh.id Subjek: Re: Lubang",
        "    Pada Senin, 2 Maret 2026 pukul 07.30 WIB, Lapor <lapor@contoh.go.id> menulis:\u00a0 ",
        " \u00a0 \u00a0Pada Senin, 2 Maret 2026 07.30, Lapor <lapor@contoh.go.id> menulis:",
        "From: Lapor\nDate: Monday, March 2, 2026 at 7:30 AM\nTo: Wati\nSubject: Re: Lubang\n",
        "Dari: Lapor\nTanggal: 2 Maret 2026\nKepada: Wati\nPerihal: Bls: Lubang\n",
        "----- On Mar 2, 2026, at 7:30 AM, Lapor <lapor@contoh.go.id> wrote:",
        "Sen, 2 Mar 2026 07.30, Lapor Buleleng <lapor@contoh.go.id> menulis:",
        "Pada 02.03.2026 pukul 07.30.15 Lapor Buleleng menulis:"}) {
    INFO(head);
    CHECK(own("Belum.\n\n" + head + ours) == "Belum.");
    CHECK(own("Belum.\nDikirim dari Galaxy saya\n" + head + ours) == "Belum.");
  }
  CHECK(own("Belum.\n\u00a0\n\ufeff\n\u202f\n> Sudah?\n") == "Belum.");
}

TEST_CASE("what stands below and between marked quotations is the author's too") {
  CHECK(own("On Mon, Mar 2, 2026, Lapor <lapor@contoh.go.id> wrote:\n> Di mana tempatnya?\n\n"
            "Di depan pasar.\n\n> Sejak kapan?\n\nSejak Senin.\n") ==
        "Di depan pasar.\n\nSejak Senin.");
}

TEST_CASE("the headers of an earlier mail end the author's words, in both languages") {
  const std::string words = "Masih berlubang.";
  CHECK(own(words + "\n\nDari: Lapor <lapor@contoh.go.id>\nDikirim: Senin, 2 Maret 2026 09:15\n"
                    "Kepada: Wati <wati@contoh.id>\nSubjek: Re: Jalan\n\nLaporan diterima.\n") ==
        words);
  CHECK(own(words + "\n\nFrom: Lapor <lapor@contoh.go.id>\nSent: Monday, March 2, 2026 9:15 AM\n"
                    "To: Wati <wati@contoh.id>\nSubject: RE: Jalan\n\nLaporan diterima.\n") ==
        words);
  CHECK(own(words + "\n\n*Dari:* Lapor <lapor@contoh.go.id>\n*Dikirim:* Senin\n"
                    "*Kepada:* Wati\n*Subject:* Jalan\n\nLaporan diterima.\n") == words);
  for (const std::string line : {"-----Original Message-----", "---- Pesan Asli ----",
                                 "-------- Pesan Asli --------", "----- Pesan sebelumnya -----"}) {
    CHECK(own(words + "\n\n" + line + "\nLaporan Anda kami terima.\n") == words);
  }
}

TEST_CASE("signatures and a telephone's line go") {
  CHECK(own("Lampu jalan mati.\n\n-- \nWati\nJalan Mawar 3, Singaraja\n") == "Lampu jalan mati.");
  CHECK(own("Lampu jalan mati.\n--\nWati\n") == "Lampu jalan mati.");
  for (const std::string line :
       {"Dikirim dari iPhone saya", "Dikirim dari Yahoo Mail di Android", "Sent from my iPhone",
        "Terkirim dari Ponsel Galaxy saya", "Get Outlook for Android", "Sent from Outlook"}) {
    INFO(line);
    CHECK(own("Lampu jalan mati.\n\n" + line + "\n") == "Lampu jalan mati.");
    CHECK(own("Lampu jalan mati.\n\n" + line + "\n\nGet Outlook for Android\n") ==
          "Lampu jalan mati.");
  }
}

TEST_CASE("the line of Outlook on a telephone goes with the quotation below it") {
  const std::string block =
      "________________________________\nFrom: Lapor <lapor@contoh.go.id>\n"
      "Sent: Monday, March 2, 2026 7:30 AM\nTo: Wati <wati@contoh.id>\nSubject: Re: Jalan\n\nx\n";
  for (const std::string line : {"Get Outlook for Android<https://aka.ms/AAb9ysg>",
                                 "Dapatkan Outlook untuk iOS<https://aka.ms/o0ukef>"}) {
    INFO(line);
    CHECK(own("Selesai, terima kasih\n\n" + line + "\n" + block) == "Selesai, terima kasih");
  }
}

TEST_CASE("what only looks like a quotation or signature stays, in an answer too") {
  for (const std::string letter :
       {"Dari: pasar sampai terminal jalan rusak.\n\nOn the corner there is a hole.\n\n"
        "Pada hari Senin petugas datang lalu pergi lagi.\n\n- satu\n- dua\n\n"
        "Dikirim dari kantor desa bersama foto oleh kepala dusun, mohon segera ditangani.",
        "Selamat pagi.\nPada hari Senin saya ke kantor desa dan petugas berkata:\nBesok saja.\n"
        "Sampai sekarang KTP saya belum jadi.",
        "Good morning.\n\nOn Monday I went to the office.\nThe guard at the door said:\n"
        "\"Come tomorrow.\"\nThey asked me for a bribe.",
        "Pada hari Senin petugas menulis:\n\"Besok saja.\"\nSampai sekarang belum.",
        "On your road there is this sign:\nwatch out, they wrote:\n\nNo entry.",
        "Dengan hormat,\n\nDari: Dinas PUPR\nKepada: Pelapor\nPerihal: Jalan\n\n"
        "Lubang sudah kami tambal.",
        "Dengan hormat,\n\nDari: Dinas PUPR\nTanggal: 2 Maret 2026\nKepada: Pelapor\n"
        "Perihal: Jalan\n\nLubang sudah kami tambal.",
        "From: the market\nTo: the station\nSubject: holes\n\nEverywhere.",
        "Jawaban kami:\n__________\nLubang sudah ditambal kemarin.",
        "Jawaban kami:\n--\nLubang sudah ditambal kemarin oleh petugas kami.",
        "Yang berkata:\n\nbesok saja",
        "Belum.\nPada 2 Maret 2026 kepala desa menulis:\n\"Besok diperbaiki\".\nTidak ada apa-apa.",
        "Terima kasih.\nPada 02.03.2026 Kepala Desa menulis:\n\"Besok\".\nTidak ada apa-apa.",
        "Pada Maret 2026 camat minta Rp 10.00 dan menulis:\n\"Besok\".\nTidak ada apa-apa.",
        "Bukti terlampir.\n\nDikirim melalui telepon ke 112 jam 08.00\n\nTidak ada yang datang.",
        "Alamat lengkapnya:\n--\nJl. Melati 5\nRT 02 RW 03\nKel. Banyuasri",
        "Jalan rusak di\n--\nJl. Melati",
        "On Monday I asked.\n\nOn 5 March the guard said:\n\"Come tomorrow.\""}) {
    INFO(letter);
    CHECK(own(letter) == letter);
    CHECK(first(letter) == letter);
  }
}

TEST_CASE("a line of speech above a quotation takes nothing else with it") {
  CHECK(own("On Monday I went to the office.\nThe guard wrote:\n> Come tomorrow.\nI did.") ==
        "On Monday I went to the office.\nI did.");
  CHECK(own("On the road:\nholes\nOn Mon, Mar 2, 2026, Lapor <lapor@contoh.go.id> wrote:\n"
            "> Di mana?\n") == "On the road:\nholes");
}

TEST_CASE("a first mail quotes nothing of ours: all that looks quoted is its author's") {
  for (const std::string letter :
       {"Mohon ditindaklanjuti.\n\nPada Sen, 2 Mar 2026 pukul 09.15 Budi <budi@contoh.id> "
        "menulis:\n\n> Jalan berlubang di depan pasar.",
        "Please help.\n\nOn Mon, Mar 2, 2026 at 9:15 AM Budi <budi@contoh.id> wrote:\n"
        "A hole before the market.",
        "Mohon ditindaklanjuti.\n\n-----Pesan Asli-----\nDari: Budi <budi@contoh.id>\n"
        "Dikirim: Senin, 2 Maret 2026 09:15\nKepada: Wati\nSubjek: Jalan\n\nJalan berlubang.",
        "Petugas berkata:\n> Besok saja.\nSampai sekarang belum.", "> 5 meter lebarnya",
        "Aduan saya:\n--\nLampu mati di Jalan Mawar", "Aduan saya:\n_____\nLampu mati\nwati@x.id",
        "Dikirim dari ponsel\nJalan rusak.", "Foto jalan\nDikirim dari ponsel tetangga"}) {
    INFO(letter);
    CHECK(first(letter) == letter);
  }
}

TEST_CASE("of a first mail a signature goes that cannot be anything else") {
  CHECK(first("Lampu jalan mati.\n\n-- \nWati\nJalan Mawar 3, Singaraja\n0812 345\n") ==
        "Lampu jalan mati.");
  CHECK(first("Lampu jalan mati.\n\nDikirim dari iPhone saya\n") == "Lampu jalan mati.");
  CHECK(first("Lampu mati.\n\n-- \nWati\n\nSent from my iPhone\n") == "Lampu mati.");
  CHECK(first("-- \nWati") == "--\nWati");
  CHECK(first("Yth. Bupati\n-- \nJalan ini rusak parah sekali.") ==
        "Yth. Bupati\n--\nJalan ini rusak parah sekali.");
  CHECK(first("Jalan rusak di:\n-- \nJl. Melati\nJl. Mawar") ==
        "Jalan rusak di:\n--\nJl. Melati\nJl. Mawar");
  CHECK(first("Sent from my iPhone") == "Sent from my iPhone");
  CHECK(first("").empty());
}

TEST_CASE("the foot of a mailing list goes with an answer's signature") {
  CHECK(own("Belum.\n\n_______________________________________________\nwarga mailing list\n"
            "warga@contoh.id\nhttps://contoh.id/warga\n") == "Belum.");
}

TEST_CASE("a long text below two dashes is the letter, not a signature") {
  const auto letter = "Yth. Bupati\n--\n" + repeated("Jalan ini rusak parah sekali.\n", 40);
  CHECK(own(letter).find("rusak parah") != std::string::npos);
}

TEST_CASE("when nothing but quotation is there, it stays") {
  CHECK(own("> Jalan berlubang di depan pasar.\n") == "> Jalan berlubang di depan pasar.");
  CHECK(own("-- \nWati\n") == "--\nWati");
  CHECK(own("").empty());
}

TEST_CASE("an answer that only quotes says nothing") {
  const std::string quoted =
      "Pada 2 Mar 2026, pukul 07.30, Lapor <lapor@contoh.go.id> menulis:\n> Balas BELUM.\n";
  CHECK(own(quoted).empty());
  CHECK(own("\n\nDikirim dari iPhone saya\n\n" + quoted).empty());
  CHECK(first(quoted).find("BELUM") != std::string::npos);
}

TEST_CASE("a forwarded complaint keeps what is forwarded") {
  const std::string forwarded =
      "Mohon ditindaklanjuti.\n\n---------- Forwarded message ---------\n"
      "Dari: Budi <budi@contoh.id>\nDate: Sen, 2 Mar 2026\nSubject: Jalan\nTo: Wati\n\n"
      "Jalan berlubang di depan pasar.\n";
  CHECK(own(forwarded).find("depan pasar") != std::string::npos);
  const std::string bare =
      "Mohon ditindaklanjuti.\n\nFrom: Budi <budi@contoh.id>\nSent: Monday\nTo: Wati\n"
      "Subject: Jalan\n\nJalan berlubang di depan pasar.\n";
  CHECK(first(bare).find("depan pasar") != std::string::npos);
}

TEST_CASE("hostile text costs no more than its size") {
  // Each would take minutes if any line were looked at again for every other.
  constexpr int many = 200'000;
  constexpr int k_most_seconds = k_sanitizer_factor * 10;
  for (const std::string line : {"On \n",
                                 "Pada \n",
                                 "\n",
                                 "> > > > >\n",
                                 "-- \n",
                                 "Dari:\n",
                                 "a@b:\n",
                                 "____\n",
                                 "_____\n",
                                 "On a\n\nwrote\n",
                                 "--\n\n",
                                 "Sent from iphone\n",
                                 "Dari: x\nDikirim: y\n",
                                 "--\n",
                                 "Pada 2026\n",
                                 "Dari: a@b\nKe: a@b\n",
                                 "--- On \n",
                                 "\u00a0\n",
                                 "Sent from iphone\n\n",
                                 "x:\n-- \n"}) {
    INFO(line);
    const auto text = repeated(line, many);
    const auto began = std::clock();
    (void)own(text);
    (void)first(text);
    CHECK((std::clock() - began) / CLOCKS_PER_SEC < k_most_seconds);
  }
  CHECK_FALSE(own("On " + std::string(4'000'000, 'a') + " wrote:").empty());
  CHECK_FALSE(own(std::string(4'000'000, '-')).empty());
}

}  // namespace kanal::email
