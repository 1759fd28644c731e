#include "core/language.hpp"
#include "web/address.hpp"
#include "web/language.hpp"
#include "web/open311/open311.hpp"
#include "web/problem.hpp"
#include "web/site/answer.hpp"
#include "web/site/pages.hpp"
#include "web/site/site.hpp"

namespace kanal {
namespace {

/// Whose page it was that failed.
enum class Reader { citizen, officer };

std::string_view title_of(int status, Reader reader, std::string_view language) {
  if (status == 404) return pick(language, "Tidak ditemukan", "Not found");
  if (status == 413) return pick(language, "Kiriman terlalu besar", "Too much was sent");
  if (status == 429 || status == 503)
    return pick(language, "Sistem sedang sibuk", "The system is busy");
  if (status == 507 && reader == Reader::officer)
    return pick(language, "Berkas belum dapat diterima", "No file can be taken now");
  if (status == 507)
    return pick(language, "Foto belum dapat diterima", "No photo can be taken now");
  if (status >= 500)
    return pick(language, "Terjadi gangguan pada sistem kami", "Something went wrong on our side");
  return pick(language, "Permintaan tidak dapat dilayani", "This request cannot be served");
}

std::string_view words_of(int status, Reader reader, std::string_view language) {
  switch (status) {
    case 404:
      return pick(language, "Tidak ada halaman di alamat ini. Periksa lagi tautannya.",
                  "There is no page at this address. Please check the link.");
    case 405:
      return pick(language,
                  "Alamat ini tidak dapat dibuka seperti itu. Mulai lagi dari halaman depan.",
                  "This address cannot be opened like that. Start again from the front page.");
    case 408:
      return pick(language,
                  "Kirimannya terputus di jalan. Periksa sambungan internet Anda, lalu kirim lagi.",
                  "What you sent did not arrive whole. Check your connection and send it again.");
    case 413:
      return pick(language,
                  "Kembali, kurangi atau perkecil berkasnya, persingkat tulisannya bila sangat "
                  "panjang, lalu kirim lagi.",
                  "Go back, attach fewer or smaller files, shorten what you wrote if it is very "
                  "long, and send it again.");
    case 414:
    case 431:
      return pick(language, "Alamat ini terlalu panjang. Mulai lagi dari halaman depan.",
                  "This address is too long. Start again from the front page.");
    case 429:
      return pick(language, "Terlalu banyak permintaan sekaligus. Silakan coba beberapa saat lagi.",
                  "Too many requests at once. Try again in a moment.");
    case 503:
      return pick(language, "Silakan coba beberapa saat lagi.", "Please try again in a moment.");
    case 507:
      if (reader == Reader::officer) {
        return pick(language,
                    "Tulisan Anda belum terkirim: saat ini foto dan berkas tidak dapat diterima. "
                    "Kembali, lalu kirim lagi tanpa berkas, dan beri tahu pengelola server.",
                    "What you wrote was not sent: no photos and files can be taken just now. Go "
                    "back and send it again without files, and tell who runs the server.");
      }
      return pick(
          language,
          "Saat ini foto dan berkas tidak dapat kami terima. Kembali, lepaskan fotonya, lalu "
          "kirim lagi: laporan tanpa foto tetap kami terima.",
          "We cannot take photos and files just now. Go back, remove the photo, and send it "
          "again: a report without one is taken all the same.");
    default:
      break;
  }
  if (status >= 500) {
    return pick(language,
                "Silakan coba beberapa saat lagi. Bila terulang, sebutkan kode ini kepada petugas.",
                "Please try again in a moment. If it happens again, tell an officer this code.");
  }
  return pick(language, "Kiriman itu tidak dapat kami baca. Kembali, lalu coba lagi.",
              "We could not read what was sent. Go back and try again.");
}

}  // namespace

Response failure_page(const Organisation& organisation, const Request& request, int status,
                      std::string_view detail) {
  if (asked_path(request).starts_with("/open311/")) return open311_failure(request, status, detail);
  if (is_program(request)) return problem(request, status, detail);
  const auto language = language_of(request);
  // The page in the other language stands where this act was offered.
  const auto path = request.method == "POST" && request.path.starts_with("/r/")
                        ? request.path.substr(0, request.path.rfind('/'))
                        : request.path;
  // Whose site may frame a form is not known here, and there is nothing on this page to be misled
  // into.
  const bool framed = path.starts_with("/embed/");
  const auto reader = path.starts_with("/console") ? Reader::officer : Reader::citizen;
  return site::page_answer(
      request, status,
      site::message_page(
          {organisation, language, path, framed, query_without(request, {"lang"})},
          title_of(status, reader, language), words_of(status, reader, language),
          status >= 500 ? site::reference_of(request.reference, language) : site::Reference()),
      framed ? "*" : "'none'");
}

}  // namespace kanal
