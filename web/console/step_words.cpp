#include <algorithm>
#include <array>

#include "core/language.hpp"
#include "web/console/words.hpp"

namespace kanal::console {
namespace {

// How each begins and ends; the names between stay.
struct Step {
  std::string_view before;
  std::string_view after;
  std::string_view indonesian_before;
  std::string_view indonesian_after;
};

constexpr auto k_steps = std::to_array<Step>({
    {"ask whose account it is", "", "tanyakan milik siapa akunnya", ""},
    {"ask X whose account it is (", ")", "tanyakan kepada X milik siapa akunnya (", ")"},
    {"ask about a complaint", "", "tanyakan sebuah laporan", ""},
    {"ask for its services", "", "tanyakan layanannya", ""},
    {"find the service ", "", "cari layanan ", ""},
    {"read mentions", "", "baca kiriman yang menyebut kita", ""},
    {"send a direct message", "", "kirim pesan langsung", ""},
    {"", " calls are left in this quarter of an hour", "sisa ",
     " panggilan dalam seperempat jam ini"},
    {"read the list of mails", "", "baca daftar surel", ""},
    {"send a mail", "", "kirim surel", ""},
    {"log in to ", " for sending", "masuk ke ", " untuk mengirim"},
    {"log in to ", "", "masuk ke ", ""},
    {"connect and bind to ", "", "sambungkan dan masuk ke ", ""},
    {"the SMSC calls itself ", "", "SMSC menyebut dirinya ", ""},
    {"the SMSC took it as ", "", "SMSC menerimanya sebagai ", ""},
    {"send a message", "", "kirim pesan", ""},
    {"ask the provider", "", "tanyakan kepada penyedia", ""},
    {"it takes our login", "", "penyedia menerima nama dan kata sandi kita", ""},
    {"the provider took it", "", "penyedia menerimanya", ""},
    {"messages are posted to us", "", "pesan dikirim kepada kita", ""},
    {"settings", "", "pengaturan", ""},
});
constexpr std::string_view k_folder = " and open the folder ";

}  // namespace

std::string step_words(std::string_view step, std::string_view language) {
  if (is_english(language)) return std::string(step);
  const auto found = std::ranges::find_if(k_steps, [&](const Step& each) {
    return step.size() >= each.before.size() + each.after.size() && step.starts_with(each.before) &&
           step.ends_with(each.after);
  });
  if (found == k_steps.end()) return std::string(step);
  step.remove_prefix(found->before.size());
  step.remove_suffix(found->after.size());
  auto inside = std::string(step);
  if (const auto folder = inside.find(k_folder); folder != std::string::npos) {
    inside.replace(folder, k_folder.size(), " dan buka folder ");
  }
  return std::string(found->indonesian_before) + inside + std::string(found->indonesian_after);
}

}  // namespace kanal::console
