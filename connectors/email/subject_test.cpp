#include "connectors/email/subject.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace kanal::email {
namespace {

std::string asked(const std::string& subject, const std::string& text = "Ada pungli.") {
  const auto secrecy = secrecy_in(subject, text);
  return std::string(secrecy.anonymous ? "a" : "") + (secrecy.confidential ? "c" : "");
}

}  // namespace

TEST_CASE("marks and labels that ask for nothing are no part of a subject") {
  using Mark = Subject::Mark;
  struct Example {
    const char* subject;
    const char* bare;
    Mark mark;
  };
  for (const auto& [subject, bare, mark] : {
           Example{"Jalan", "Jalan", Mark::none},
           Example{" RE[2]: Jalan", "Jalan", Mark::answer},
           Example{"[EXTERNAL] FW: Surat", "Surat", Mark::forward},
           Example{"EXTERNAL: [luar] Bls: Jalan", "Jalan", Mark::answer},
           Example{"***SPAM*** Re: Trs: Jalan", "Jalan", Mark::answer},
           Example{"{Spam?} TRS: Re: Jalan", "Jalan", Mark::forward},
           Example{"[Fwd: Jalan]", "Jalan", Mark::forward},
           Example{"[EXT]: balas: Jalan", "Jalan", Mark::answer},
           Example{"[SPAM] Re: [RAHASIA] Jalan", "[RAHASIA] Jalan", Mark::answer},
           Example{"Balas budi: parkir", "Balas budi: parkir", Mark::none},
           Example{"[", "[", Mark::none},
           Example{"[]", "", Mark::none},
           Example{"***", "***", Mark::none},
           Example{"Re:", "", Mark::answer},
       }) {
    INFO(subject);
    CHECK(peel(subject).bare == bare);
    CHECK(peel(subject).mark == mark);
  }
}

TEST_CASE("who asks for secrecy in so many words gets it, and nobody else") {
  CHECK(asked("RAHASIA: pungli di kantor desa") == "c");
  CHECK(asked("[Anonim] Pungli") == "a");
  CHECK(asked("Re: Fwd: [ANONIM, RAHASIA] Pungli") == "ac");
  CHECK(asked("Laporan anonim dan rahasia: pungli") == "ac");
  CHECK(asked("(confidential) bribe") == "c");
  CHECK(asked("Pungli (rahasia)") == "c");
  CHECK(asked("Jalan [belum] (dekat pasar)").empty());
  CHECK(asked("Anonymous report: bribe") == "a");
  CHECK(asked("Rahasia") == "c");
  CHECK(asked("Fwd") == "");
  CHECK(asked("Re: fw") == "");
  CHECK(asked("Pungli", "Rahasia\nAda pungli di kantor desa.") == "c");
  CHECK(asked("Pungli", "*Mohon anonim!*\r\nAda pungli.") == "a");
  CHECK(asked("Rahasia dapur restoran terbongkar: mohon dicek").empty());
  CHECK(asked("Surat anonim beredar di sekolah").empty());
  CHECK(asked("Pungli", "Rahasia umum kalau di sini ada pungli.").empty());
  CHECK(asked("", "").empty());
  CHECK(asked("[", "[").empty());
  CHECK(asked(std::string(100'000, 'r') + ":", std::string(100'000, '[')).empty());
}

TEST_CASE("no label of a gateway hides a wish for secrecy") {
  for (const auto* subject :
       {"[EXTERNAL] RAHASIA: pungli", "[SPAM] Re: [RAHASIA] pungli", "TRS: RAHASIA: pungli",
        "RE[2]: Rahasia: pungli", "***SPAM*** Bls: Terusan: rahasia: pungli", "[RAHASIA][EXT] x",
        "***RAHASIA*** pungli", "Re: {Rahasia} pungli", "[EXTERNAL] *Rahasia* pungli",
        "[Fwd: pungli] (rahasia)", "[Fwd: pungli (rahasia)]"}) {
    INFO(subject);
    CHECK(asked(subject) == "c");
  }
}

TEST_CASE("who wants their name kept secret is anonymous, in both languages") {
  for (const auto* wish :
       {"Mohon identitas saya dirahasiakan.", "Tolong rahasiakan nama saya", "Identitas rahasia",
        "Please keep my identity confidential.", "Please keep my name secret", "Hide my name!",
        "Mohon kerahasiaan identitas saya dijaga, terima kasih.",
        "Jangan sebutkan nama saya ya pak", "Please do not reveal my identity",
        "Please don't disclose my name."}) {
    INFO(wish);
    CHECK(asked("Pungli", std::string(wish) + "\n\nCamat meminta uang.") == "a");
    CHECK(asked(wish) == "a");
  }
  CHECK(asked("Pungli", "Camat meminta uang. Mohon identitas saya dirahasiakan. Budi") == "a");
  CHECK(asked("Pungli",
              "Camat meminta uang.\n\nPlease keep my name confidential, thank you\nBudi") == "a");
  for (const auto* text :
       {"Sebutkan nama saya", "Jangan rahasiakan nama saya", "Do not keep my name secret",
        "Camat meminta uang.\nIdentitas pribadi\nNama", "Identitas saya tidak dirahasiakan",
        "Nama saya dirahasiakan oleh camat dari daftar", "Not anonymous"}) {
    INFO(text);
    CHECK(asked("Pungli", text).empty());
  }
  CHECK(asked("***Jalan** rusak").empty());
  CHECK(asked("Nama saya Budi").empty());
  CHECK(asked("Nama: Budi").empty());
  CHECK(asked("Identitas pelapor").empty());
}

TEST_CASE("a wish for secrecy is heard however its mail program wraps and marks it") {
  for (const auto* text :
       {"Camat meminta uang sejak Maret.\nMohon identitas saya\ndirahasiakan.",
        "Camat meminta uang sejak Maret. Mohon\r\nidentitas saya dirahasiakan\r\n\r\nBudi",
        "Camat meminta uang.\n*Mohon identitas saya dirahasiakan.*",
        "Camat meminta uang.\nMohon *identitas saya* dirahasiakan",
        "Camat meminta uang (Mohon identitas saya dirahasiakan)",
        "Camat meminta uang.\nNB: Mohon identitas saya dirahasiakan",
        "Camat meminta uang.\n_\u201CMohon identitas saya dirahasiakan\u201D_",
        "He took money.\nPlease don\u2019t disclose\nmy name\nBudi"}) {
    INFO(text);
    CHECK(asked("Pungli", text) == "a");
  }
  for (const auto* text : {"Camat meminta uang.\nMohon identitas saya\n\ndirahasiakan",
                           "Camat meminta uang.\nMohon\nidentitas\nsaya\ntetap\ndirahasiakan"}) {
    INFO(text);
    CHECK(asked("Pungli", text).empty());
  }
}

TEST_CASE("a wish for secrecy is heard at the end of a long letter") {
  std::string letter;
  while (letter.size() < 90'000) letter += "Camat meminta uang kepada warga yang datang.\n";
  CHECK(asked("Pungli", letter).empty());
  CHECK(asked("Pungli", letter + "Mohon identitas saya dirahasiakan.\nBudi") == "a");
}

TEST_CASE("a report that is called secret is so beside the identity of its author") {
  for (const auto* label : {"RAHASIA, identitas saya", "Laporan rahasia, identitas dirahasiakan",
                            "Confidential, please hide my name"}) {
    INFO(label);
    CHECK(asked(std::string(label) + ": pungli") == "ac");
    CHECK(asked("Pungli", std::string(label) + "\nCamat meminta uang.") == "ac");
  }
  CHECK(asked("Identitas saya rahasia: pungli") == "a");
  CHECK(asked("Laporan dan identitas saya dirahasiakan: pungli") == "a");
}

}  // namespace kanal::email
