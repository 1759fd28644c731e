#include "connectors/email/translate.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "connectors/email/cursor.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

const Keys& keys() {
  static const auto all = Keys::of_seed("translate");
  return all;
}

Batch translated(const std::string& raw, std::optional<Time> arrived = {},
                 const std::string& authserv_id = {}) {
  Settings settings;
  settings.authserv_id = authserv_id;
  settings.address = "lapor@contoh.go.id";
  settings.also_ours = {"aduan@contoh.go.id"};
  settings.trusted_forwarders = {"Formulir@desa.id"};
  Batch batch;
  Translation(settings, keys()).add(raw, arrived, batch);
  return batch;
}

Post post_of(const std::string& raw, std::optional<Time> arrived = {}) {
  auto batch = translated(raw, arrived);
  REQUIRE(batch.posts.size() == 1);
  return std::move(batch.posts[0]);
}

std::string plain(const std::string& headers, const std::string& text) {
  return "From: Wati Warga <Wati@Contoh.id>\r\nTo: lapor@contoh.go.id\r\nSubject: Jalan rusak\r\n"
         "Message-ID: <m1@contoh.id>\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\n" +
         headers + "\r\n" + text + "\r\n";
}

bool proven(const std::string& results, const std::string& more = {}) {
  const auto raw =
      plain(more + (results.empty() ? "" : "Authentication-Results: " + results + "\r\n"), "x");
  return translated(raw, {}, "mx.contoh.go.id").posts.at(0).author.proven;
}

Time at(const std::string& raw) {
  return post_of(raw).posted_at;
}

}  // namespace

TEST_CASE("a mail becomes a post with its sender, subject, time and words") {
  const auto post = post_of(plain("", "Jalan berlubang di depan pasar.\r\n\r\n-- \r\nWati"));
  CHECK(post.id.value() == "m1@contoh.id");
  CHECK(post.author.id.value() == "wati@contoh.id");
  CHECK(post.author.email == "wati@contoh.id");
  CHECK(post.author.name == "Wati Warga");
  CHECK(post.text == "Jalan berlubang di depan pasar.");
  CHECK(post.full_text.find("Wati") != std::string::npos);
  CHECK(post.hints.subject == "Jalan rusak");
  CHECK(post.hints.entrance == "lapor@contoh.go.id");
  CHECK(post.hints.automatic.empty());
  CHECK(post.posted_at ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::minutes(135)));
  CHECK_FALSE(post.payload.empty());
}

TEST_CASE("only of an answer to us goes what it quotes") {
  const std::string words =
      "Belum.\r\n\r\nOn Mon, 2 Mar 2026 at 09:15 Lapor <lapor@contoh.go.id> wrote:\r\n"
      "> Sudah?\r\n";
  const auto text_of = [&](const std::string& headers, const std::string& subject = "Jalan",
                           const std::string& to = "lapor@contoh.go.id") {
    return post_of("From: wati@contoh.id\r\nTo: " + to + "\r\nSubject: " + subject +
                   "\r\nMessage-ID: <m1@x>\r\n" + headers + "\r\n" + words)
        .text;
  };
  const auto ours = "<" + Tokens(keys()).sign_key("41.2.email") + "@contoh.go.id>";
  CHECK(text_of("In-Reply-To: " + ours + "\r\n") == "Belum.");
  CHECK(text_of("References: " + ours + " <a@b>\r\nIn-Reply-To: <a@b>\r\n") == "Belum.");
  const auto numbered = "Jalan [#" + make_tracking_code(7).value() + "]";
  CHECK(text_of("", "Re: " + numbered) == "Belum.");
  CHECK(text_of("", "[EXTERNAL] Bls: " + numbered) == "Belum.");
  const auto token = Tokens(keys()).sign_report(ReportId(41));
  CHECK(text_of("", "Jalan", "lapor+t." + token + "@contoh.go.id") == "Belum.");
  for (const auto* subject : {"Jalan", "Re: Jalan", "Fwd: Re: Jalan", "Laporan: re jalan"}) {
    INFO(subject);
    CHECK(text_of("", subject).find("Sudah?") != std::string::npos);
    CHECK(text_of("In-Reply-To: <a@b>\r\n", subject).find("Sudah?") != std::string::npos);
  }
  for (const auto* subject : {"Fwd: Jalan", "[EXTERNAL] FW: Jalan", "Trs: Re: Jalan"}) {
    INFO(subject);
    CHECK(text_of("References: " + ours + "\r\n", subject).find("Sudah?") != std::string::npos);
  }
}

TEST_CASE("what is answered to somebody else, with a copy to us, is a complaint as a whole") {
  const auto text = post_of(plain("In-Reply-To: <old@desa.id>\r\n",
                                  "Kami teruskan.\r\n\r\nPada Sen, 2 Mar 2026 Camat "
                                  "<camat@desa.id> menulis:\r\n\r\n> Jembatan putus."))
                        .text;
  CHECK(text.find("Kami teruskan.") == 0);
  CHECK(text.find("Jembatan putus.") != std::string::npos);
}

TEST_CASE("the author of what a list sends in its own name is whom it names") {
  const auto from_group = [](const std::string& headers) {
    return post_of(
        "From: 'Wati' via Lapor <lapor@contoh.go.id>\r\nTo: lapor@contoh.go.id\r\n"
        "Subject: Jalan\r\nMessage-ID: <g1@x>\r\nPrecedence: list\r\n"
        "List-ID: <lapor.contoh.go.id>\r\n" +
        headers + "\r\nJalan rusak.\r\n");
  };
  const auto post = from_group(
      "Reply-To: lapor@contoh.go.id\r\nX-Original-From: Wati Warga <Wati@Contoh.id>\r\n");
  CHECK(post.author.id.value() == "wati@contoh.id");
  CHECK(post.author.name == "Wati Warga");
  CHECK(post.hints.automatic.empty());
  CHECK(post.hints.unanswered.empty());
  CHECK(post.author.proven);
  CHECK(from_group("Reply-To: lapor@contoh.go.id, wati@contoh.id\r\n").author.email ==
        "wati@contoh.id");
  CHECK_FALSE(from_group("").hints.automatic.empty());
  CHECK_FALSE(from_group("Reply-To: aduan@contoh.go.id\r\n").hints.automatic.empty());
  CHECK_FALSE(from_group("Reply-To: wati@contoh.id\r\nX-Loop: lapor@contoh.go.id\r\n")
                  .hints.automatic.empty());

  const auto munged = post_of(
      "From: Wati via Warga <warga@lists.desa.id>\r\nReply-To: Wati <wati@contoh.id>\r\n"
      "List-Post: <mailto:warga@lists.desa.id>\r\nSubject: Jalan\r\n\r\nx\r\n");
  CHECK(munged.author.email == "wati@contoh.id");
  CHECK_FALSE(munged.author.proven);
  CHECK_FALSE(munged.hints.unanswered.empty());
}

TEST_CASE("a stranger's list does not prove who wrote, a form that is trusted does") {
  const auto by = [](const std::string& headers) {
    return post_of(headers +
                   "Reply-To: Wati <wati@contoh.id>\r\nSubject: Re: [#1] Jalan\r\n"
                   "Message-ID: <s1@x>\r\n\r\nSELESAI\r\n")
        .author;
  };
  const auto forged = by("From: x@else.example\r\nList-Post: <mailto:x@else.example>\r\n");
  CHECK(forged.email == "wati@contoh.id");
  CHECK_FALSE(forged.proven);
  CHECK_FALSE(by("From: x@else.example\r\nList-Id: <x.else.example>\r\n").proven);
  const auto form = by("From: formulir@desa.id\r\n");
  CHECK(form.email == "wati@contoh.id");
  CHECK(form.proven);
}

TEST_CASE("only of an address that is trusted to write for others the Reply-To is the author") {
  const auto by = [](const std::string& from) {
    return translated("From: Situs <" + from +
                          ">\r\nReply-To: Wati <wati@contoh.id>\r\n"
                          "Authentication-Results: mx; dmarc=pass header.from=desa.id\r\n"
                          "Subject: Jalan\r\nMessage-ID: <f1@x>\r\n\r\nx\r\n",
                      {}, "mx")
        .posts.at(0)
        .author;
  };
  CHECK(by("formulir@desa.id").email == "wati@contoh.id");
  CHECK(by("formulir@desa.id").name == "Wati");
  CHECK_FALSE(by("formulir@desa.id").proven);
  CHECK(by("web@desa.id").email == "web@desa.id");
  CHECK(by("web@desa.id").proven);
}

TEST_CASE("a note of absence that only its precedence shows answers no question of ours") {
  const auto ours = Tokens(keys()).sign_key("41.2.email") + "@contoh.go.id";
  const std::string bulk = "Precedence: bulk\r\n";
  CHECK_FALSE(post_of(plain(bulk + "In-Reply-To: <" + ours + ">\r\n", "Saya cuti."))
                  .hints.automatic.empty());
  CHECK(post_of(plain(bulk + "In-Reply-To: <a@b>\r\n", "Jalan.")).hints.automatic.empty());
}

TEST_CASE("the sender's clock is not believed against the mail server's") {
  const Time arrived{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
  auto raw = plain("", "Jalan berlubang.");
  raw.replace(raw.find("2026"), 4, "2031");
  CHECK(post_of(raw, arrived).posted_at == arrived);
  raw.replace(raw.find("2031"), 4, "1999");
  CHECK(post_of(raw, arrived).posted_at == arrived);
  CHECK(at(raw) != arrived);
}

TEST_CASE("a mail without a Message-ID is known by its bytes") {
  auto raw = plain("", "Jalan berlubang.");
  raw.erase(raw.find("Message-ID"), raw.find("Date:") - raw.find("Message-ID"));
  CHECK(post_of(raw).id == post_of(raw).id);
  CHECK(post_of(raw).id.value().starts_with("sha256:"));
  CHECK(post_of(raw).id != post_of(raw + "lagi").id);
}

TEST_CASE("the address that a mail came to is its entrance, and our token in it names the report") {
  const auto token = Tokens(keys()).sign_report(ReportId(41));
  auto raw = plain("", "Belum selesai.");
  const auto to = [&](const std::string& address) {
    auto changed = raw;
    changed.replace(changed.find("lapor@"), std::string("lapor@contoh.go.id").size(), address);
    return post_of(changed).hints;
  };
  CHECK(to("aduan@contoh.go.id").entrance == "aduan@contoh.go.id");
  CHECK(to("lapor+t." + token + "@contoh.go.id").thread_token == "41");
  CHECK(to("LAPOR+T." + token + "@contoh.go.id").thread_token == "41");
  CHECK(to("lapor+t.41.aaaa@contoh.go.id").thread_token.empty());
  CHECK(to("lapor+t." + token + "@lain.id").thread_token.empty());
  const auto key = Tokens(keys()).sign_key("41.3.7.email");
  CHECK(to("lapor+a." + key + "@contoh.go.id").thread_token == "41.3.7.email");
  CHECK(to("lapor+a.41.3.7.email.aaaa@contoh.go.id").thread_token.empty());
  CHECK(to("lapor+pasar@contoh.go.id").entrance == "lapor+pasar@contoh.go.id");
  CHECK(to("lapor+b." + Tokens(keys()).sign_key("41.1.email") + "@contoh.go.id").automatic != "");
}

TEST_CASE("a Message-ID of ours among the references names the report; a made-up one does not") {
  const auto ours = Tokens(keys()).sign_key("41.2.email") + "@contoh.go.id";
  const auto hints =
      post_of(plain("References: <a@b> <" + ours + ">\r\nIn-Reply-To: <c@d>\r\n", "Belum.")).hints;
  CHECK(hints.thread_token == "41.2.email");
  REQUIRE(hints.references.size() == 3);
  CHECK(hints.references.front().value() == "c@d");
  CHECK(post_of(plain("References: <41.2.email.aaaaaaaaaaaaaaaa@contoh.go.id>\r\n", "Belum."))
            .hints.thread_token.empty());
}

TEST_CASE("a tracking code is found in brackets or behind a hash, and only when it is sound") {
  const auto code = make_tracking_code(7);
  CHECK(tracking_code_in("Re: [#" + code.value() + "] Jalan") == code.value());
  CHECK(tracking_code_in("soal #" + grouped(code)) == code.value());
  CHECK(tracking_code_in("soal " + code.value()).empty());
  auto wrong = code.value();
  wrong.back() = wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
  CHECK(tracking_code_in("#" + wrong).empty());
  CHECK(tracking_code_in(std::string(1'000'000, '#')).empty());
}

TEST_CASE("what a mail program calls private is confidential") {
  CHECK(post_of(plain("Sensitivity: Company-Confidential\r\n", "Pungli.")).hints.confidential);
  CHECK_FALSE(post_of(plain("Sensitivity: Normal\r\n", "Pungli.")).hints.confidential);
}

TEST_CASE("a mail by a list is read, and says that it is not to be answered") {
  const auto hints = post_of(plain("List-Id: <warga.contoh.id>\r\n", "Jalan rusak.")).hints;
  CHECK(hints.automatic.empty());
  CHECK(hints.unanswered.find("list-id") != std::string::npos);
  CHECK(post_of(plain("", "Jalan rusak.")).hints.unanswered.empty());
}

TEST_CASE("a mail that its server says is forged is not to be answered") {
  const auto unanswered = [](const std::string& results) {
    const auto raw = plain("Authentication-Results: mx.contoh.go.id; " + results + "\r\n", "x");
    return translated(raw, {}, "mx.contoh.go.id").posts.at(0).hints.unanswered;
  };
  CHECK_FALSE(unanswered("dmarc=fail header.from=contoh.id").empty());
  CHECK_FALSE(unanswered("dmarc=fail header.from=contoh.id; dkim=pass header.d=x.id").empty());
  for (const auto* results : {"none", "dmarc=none", "spf=fail smtp.mailfrom=wati@contoh.id",
                              "dmarc=temperror", "dmarc=pass header.from=contoh.id"}) {
    INFO(results);
    CHECK(unanswered(results).empty());
  }
  CHECK(post_of(plain("Authentication-Results: mx; dmarc=fail\r\n", "x")).hints.unanswered.empty());
}

TEST_CASE("no part of a mail is dropped") {
  const auto post = post_of(
      "From: wati@contoh.id\r\nSubject: Foto\r\nMessage-ID: <m2@contoh.id>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
      "--x\r\nContent-Type: text/plain\r\n\r\nLihat foto.\r\n"
      "--x\r\nContent-Type: image/jpeg; name=\"jalan.jpg\"\r\nContent-ID: <satu>\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      to_base64("\xFF\xD8\xFF\xE0"
                "foto") +
      "\r\n--x\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\n\r\nbukan gambar\r\n"
      "--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: budi@contoh.id\r\nSubject: Lama\r\n\r\n"
      "Surat lama.\r\n--x\r\nContent-Type: application/x-aneh\r\n\r\ndata\r\n--x--\r\n");
  CHECK(post.text == "Lihat foto.");
  REQUIRE(post.attachments.size() == 4);
  CHECK(post.attachments[0].name == "jalan.jpg");
  CHECK(post.attachments[0].type == "image/jpeg");
  CHECK(post.attachments[1].type == "application/octet-stream");
  CHECK(post.attachments[2].type == "message/rfc822");
  CHECK_FALSE(post.attachments[3].name.empty());
}

TEST_CASE("no part of a bounce is dropped that somebody sends on") {
  const auto post = post_of(
      "From: wati@contoh.id\r\nSubject: Ditolak\r\nMessage-ID: <m2@contoh.id>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
      "--x\r\nContent-Type: text/plain\r\n\r\nSurat saya ditolak.\r\n"
      "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.id\r\n\r\n"
      "Action: failed\r\nStatus: 5.1.1\r\nOriginal-Envelope-Id: " +
      Tokens(keys()).sign_key("41.1.email") +
      "\r\n"
      "--x\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: displayed\r\n"
      "--x\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Lama\r\n--x--\r\n");
  CHECK(post.text == "Surat saya ditolak.");
  REQUIRE(post.attachments.size() == 3);
  CHECK(post.attachments[0].type == "message/delivery-status");
  CHECK(post.attachments[0].bytes.find("Reporting-MTA") != std::string::npos);
  CHECK(post.attachments[1].type == "message/disposition-notification");
  CHECK(post.attachments[2].bytes.find("Lama") != std::string::npos);
}

TEST_CASE("of alternatives the one that says something wins") {
  const auto text_of = [](const std::string& plain, const std::string& html) {
    return post_of(
               "From: wati@contoh.id\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/alternative; boundary=x\r\n\r\n"
               "--x\r\nContent-Type: text/plain\r\n\r\n" +
               plain + "\r\n--x\r\nContent-Type: text/html\r\n\r\n" + html + "\r\n--x--\r\n")
        .text;
  };
  const std::string complaint =
      "Jalan di depan pasar sudah tiga minggu berlubang dan dua pengendara motor sudah jatuh. "
      "Mohon segera diperbaiki sebelum ada korban lain, terima kasih banyak sebelumnya. "
      "Lampu jalan di sebelahnya juga mati sejak bulan lalu.";
  CHECK(text_of("Your mail program cannot show HTML.", "<p>" + complaint + "</p>") == complaint);
  CHECK(text_of("-", "<p>" + complaint + "</p>") == complaint);
  CHECK(text_of("Jalan di depan pasar sudah tiga minggu berlubang.", "<p>" + complaint + "</p>") ==
        "Jalan di depan pasar sudah tiga minggu berlubang.");
  CHECK(text_of("Belum.", "<p>Belum.</p><blockquote>" + complaint + "</blockquote>") == "Belum.");
  CHECK(text_of("Lampu mati.", "<p>Lampu</p>") == "Lampu mati.");
}

TEST_CASE("HTML alone gives the words; beside plain text it gives way") {
  const std::string html =
      "--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Jalan <b>rusak</b></p>"
      "<script>alert(1)</script>\r\n";
  const std::string head =
      "From: wati@contoh.id\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=x\r\n\r\n";
  CHECK(post_of(head + html + "--x--\r\n").text == "Jalan rusak");
  CHECK(post_of(head + "--x\r\nContent-Type: text/plain\r\n\r\nPolos.\r\n" + html + "--x--\r\n")
            .text == "Polos.");
  CHECK(post_of(head + "--x\r\nContent-Type: text/plain\r\n\r\n \r\n" + html + "--x--\r\n").text ==
        "Jalan rusak");
}

TEST_CASE("a mail of a subject only has it for its words") {
  CHECK(post_of(plain("", "")).text == "Jalan rusak");
}

TEST_CASE("an answer of nothing but our own words has no words") {
  const auto ours = Tokens(keys()).sign_key("41.2.email") + "@contoh.go.id";
  auto raw = plain("In-Reply-To: <" + ours + ">\r\n",
                   "Pada 2 Mar 2026 07.30, Lapor <lapor@contoh.go.id> menulis:\r\n> Balas BELUM.");
  raw.replace(raw.find("Subject: "), 9, "Subject: Re: ");
  CHECK(post_of(raw).text.empty());
  CHECK(post_of(raw).full_text.find("BELUM") != std::string::npos);
}

TEST_CASE("what is no mail at all is kept as it is, with the reason") {
  for (const auto& raw : {std::string(), std::string("halo"), std::string(1000, '\0')}) {
    const auto batch = translated(raw);
    CHECK(batch.posts.empty());
    REQUIRE(batch.unreadable.size() == 1);
    CHECK(batch.unreadable[0].payload == raw);
    CHECK_FALSE(batch.unreadable[0].reason.empty());
  }
}

TEST_CASE("a mail too large to read is kept by its headers under its own name") {
  Settings settings;
  settings.address = "lapor@contoh.go.id";
  const auto kept =
      Translation(settings, keys()).oversized("From: a@b\r\nMessage-ID: <besar@b>\r\n\r\n", 99);
  CHECK(kept.id.value() == "besar@b");
  CHECK(kept.reason.find("99") != std::string::npos);
  // Its headers alone are no report, whoever reads them again.
  const auto again = translated(kept.payload);
  CHECK(again.posts.empty());
  REQUIRE(again.unreadable.size() == 1);
  CHECK(again.unreadable[0].id == kept.id);
  CHECK(again.unreadable[0].payload == kept.payload);
  CHECK(again.unreadable[0].reason.find("channel backfill") != std::string::npos);
}

TEST_CASE("a mail is its sender's when the mail server vouches for that, once it is asked to") {
  CHECK(post_of(plain("", "x")).author.proven);
  CHECK(
      proven("mx.contoh.go.id; spf=fail smtp.mailfrom=x@else.example; dmarc=pass (p=reject) "
             "header.from=contoh.id"));
  CHECK(proven("MX.contoh.go.id 1;\r\n dkim = pass (good; \"key\") header.d=contoh.id"));
  CHECK(proven("mx.contoh.go.id; dmarc=none; spf=pass smtp.mailfrom=wati@contoh.id"));
  for (const auto* results : {
           "mx.contoh.go.id; dmarc=fail header.from=contoh.id; dkim=pass header.d=contoh.id",
           "mx.contoh.go.id; dkim=pass header.d=else.example; spf=pass "
           "smtp.mailfrom=a@else.example",
           "mx.contoh.go.id; dkim=pass header.d=id; spf=pass smtp.mailfrom=a@notcontoh.id",
           "mx.contoh.go.id; spf=pass smtp.helo=contoh.id",
           "mx.contoh.go.id; x=\"; dmarc=pass\"; none",
           "mx.contoh.go.id; (dmarc=pass) none",
           "mx.contoh.go.id; dmarc=pass header.from=else.example",
           "mx.contoh.go.id; dmarc=pass header.from=contoh.id; dmarc=fail header.from=contoh.id",
           "mx.contoh.go.id; spf=pass smtp.mailfrom==?utf-8?Q?=3B_dmarc=3Dpass_?=@else.example; "
           "dmarc=fail header.from=contoh.id",
           "mx.contoh.go.id; spf=pass "
           "smtp.mailfrom=\"=?utf-8?Q?=22=3B_dkim=3Dpass_header.d=3Dcontoh.id_=22?=\"@else.example",
           "mx.contoh.go.id; spf=pass (of =?utf-8?Q?=29=3Bdkim=3Dpass_header.d=3Dcontoh.id_=28?="
           "@else.example) smtp.mailfrom=a@else.example",
           "mx.contoh.go.id; none",
           "mx.contoh.go.id",
           "mx.else.example; dmarc=pass",
           "; dmarc=pass",
           "",
       }) {
    INFO(results);
    CHECK_FALSE(proven(results));
  }
  const std::string good = "mx.contoh.go.id; dmarc=pass header.from=contoh.id";
  CHECK(proven(good));
  CHECK_FALSE(proven(good, "Authentication-Results: mx.contoh.go.id; dmarc=fail\r\n"));
  CHECK_FALSE(proven(good, "Authentication-Results: mx.contoh.go.id; spf=fail (" +
                               std::string(20'000, 'x') + ")\r\n"));
  CHECK_FALSE(proven(good, "From: a@else.example\r\n"));
  const auto several = "Authentication-Results: " + good +
                       "\r\nFrom: wati@contoh.id, a@else.example\r\nMessage-ID: <m2@x>\r\n\r\nx";
  CHECK_FALSE(translated(several, {}, "mx.contoh.go.id").posts.at(0).author.proven);
}

TEST_CASE("a place that an earlier Kanal stored is read on from") {
  const auto position = parse_position({"imap1 77 41 3 1767225600000000 INBOX"});
  REQUIRE(position);
  CHECK(position->uid_validity == 77);
  CHECK(position->last == 41);
  CHECK(position->first == 3);
  CHECK(position->begun == 41);
  CHECK(position->folder == "INBOX");
  CHECK(parse_position(print_position(*position))->since == position->since);
}

}  // namespace kanal::email
