#include "connectors/webform/fields.hpp"

#include <algorithm>
#include <charconv>

#include "core/language.hpp"
#include "core/text.hpp"

namespace kanal::webform {
namespace {

constexpr std::size_t k_least_letters = 10;

struct Sketch {
  std::string_view name;
  std::string_view type;
  std::string_view label_id;
  std::string_view label_en;
  std::string_view help_id;
  std::string_view help_en;
  std::string_view autocomplete;
  std::string_view inputmode;
  std::size_t most_characters;
};

constexpr Sketch k_sketches[] = {
    {"subject", "text", "Judul singkat", "Short title", "Misalnya: Lampu jalan mati",
     "For example: Street light is out", "off", "text", 200},
    {"text", "textarea", "Apa yang terjadi?", "What happened?",
     "Ceritakan apa, di mana, dan sejak kapan.", "Tell us what, where, and since when.", "off",
     "text", 10'000},
    {"category", "select", "Kategori", "Category", "Boleh dikosongkan; petugas akan memilihkan.",
     "You may leave this to us.", "off", "", 64},
    {"address", "text", "Lokasi kejadian", "Where is it?",
     "Nama jalan, patokan, desa atau kelurahan.", "Street, landmark, village.", "street-address",
     "text", 500},
    {"photos", "file", "Foto atau berkas", "Photos or files", "", "", "", "", 0},
    {"photo_place", "checkbox", "Gunakan lokasi dari foto saya", "Use the location from my photo",
     "Jika tidak dicentang, data lokasi di dalam foto kami hapus.",
     "If left unticked, the location inside the photo is removed.", "", "", 0},
    {"name", "text", "Nama", "Name", "Boleh dikosongkan.", "Optional.", "name", "text", 200},
    {"email", "email", "Alamat surel (email)", "Email address",
     "Untuk mengabari Anda. Boleh dikosongkan.", "So that we can tell you what happens. Optional.",
     "email", "email", 254},
    {"phone", "tel", "Nomor telepon", "Phone number",
     "Agar petugas dapat menghubungi Anda. Kabar laporan dikirim ke surel. Boleh dikosongkan.",
     "So that an officer can reach you. News is sent by email. Optional.", "tel", "tel", 32},
    {"anonymous", "checkbox", "Sembunyikan identitas saya", "Hide my identity",
     "Instansi yang dilaporkan dan publik tidak akan tahu siapa Anda.",
     "Neither the office concerned nor the public learns who you are.", "", "", 0},
    {"confidential", "checkbox", "Rahasiakan isi laporan", "Keep the report confidential",
     "Isi laporan tidak ditampilkan kepada publik.", "The public does not see the report.", "", "",
     0},
};

bool asks(const FormSettings& form, std::string_view name) {
  if (name == "text") return true;
  if (name == "category" && !form.category.empty()) return false;
  if (name == "photo_place") name = "photos";
  return std::ranges::find(form.fields, name) != form.fields.end();
}

std::vector<FormChoice> choices_of(const Organisation& organisation, std::string_view language) {
  std::vector<FormChoice> choices;
  for (const auto& category : organisation.categories) {
    if (category.parent.empty()) continue;
    const auto* heading = organisation.category(category.parent);
    choices.push_back(
        {category.id.value(), std::string(translated(language, category.name_id, category.name_en)),
         heading == nullptr
             ? std::string()
             : std::string(translated(language, heading->name_id, heading->name_en))});
  }
  return choices;
}

std::optional<double> number_in(std::string_view text, double most) {
  double value = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= -most && value <= most)) return std::nullopt;
  return value;
}

std::string too_long(std::size_t most, std::size_t now, std::string_view language) {
  const auto limit = std::to_string(most);
  const auto typed = std::to_string(now);
  return is_english(language) ? "Too long: at most " + limit + " characters, and this has " +
                                    typed + ". Please make it shorter."
                              : "Terlalu panjang: paling banyak " + limit + " karakter, sekarang " +
                                    typed + ". Mohon dipersingkat.";
}

std::string wrong_with(const FormField& field, const Answers& answers, std::string_view language) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return std::string(translated(language, id, en));
  };
  const auto text = trim(answer(answers, field.name));
  if (field.required && text.empty()) {
    return say("Isian ini diperlukan. Ceritakan apa yang terjadi.",
               "This is needed. Tell us what happened.");
  }
  const auto characters = count_characters(text);
  if (field.most_characters != 0 && characters > field.most_characters) {
    return too_long(field.most_characters, characters, language);
  }
  if (text.empty()) return {};
  if (field.name == "text" && characters < k_least_letters) {
    return say("Terlalu singkat. Tambahkan apa dan di mana.",
               "Too short. Add what happened and where.");
  }
  if (field.name == "email" && !looks_like_email(text)) {
    return say("Alamat surel ini tampaknya keliru. Contoh: nama@contoh.id",
               "This does not look like an email address. Example: name@example.org");
  }
  if (field.name == "phone" && normal_phone(text).empty()) {
    return say("Nomor ini tampaknya keliru. Contoh: 0812 3456 7890",
               "This does not look like a phone number. Example: +62 812 3456 7890");
  }
  if (field.type == "select" &&
      std::ranges::find(field.choices, text, &FormChoice::value) == field.choices.end()) {
    return say("Pilih salah satu dari daftar.", "Choose one from the list.");
  }
  return {};
}

}  // namespace

bool is_field(std::string_view name) {
  return name != "text" && name != "photo_place" &&
         std::ranges::find(k_sketches, name, &Sketch::name) != std::end(k_sketches);
}

std::string_view answer(const Answers& answers, std::string_view name) {
  for (const auto& [key, value] : answers) {
    if (key == name) return value;
  }
  return {};
}

std::string_view translated(std::string_view language, std::string_view id, std::string_view en) {
  return is_english(language) && !en.empty() ? en : id;
}

std::vector<FormField> draw_fields(const FormSettings& form, const Organisation& organisation,
                                   std::string_view language, const Answers& answers) {
  std::vector<FormField> fields;
  for (const auto& sketch : k_sketches) {
    if (!asks(form, sketch.name)) continue;
    FormField field;
    field.name = sketch.name;
    field.type = sketch.type;
    field.label = translated(language, sketch.label_id, sketch.label_en);
    field.help = translated(language, sketch.help_id, sketch.help_en);
    field.autocomplete = sketch.autocomplete;
    field.inputmode = sketch.inputmode;
    field.most_characters = sketch.most_characters;
    field.required = sketch.name == "text";
    field.value = answer(answers, sketch.name);
    if (sketch.type == "select") field.choices = choices_of(organisation, language);
    fields.push_back(std::move(field));
  }
  return fields;
}

bool check_fields(std::vector<FormField>& fields, const Answers& answers,
                  std::string_view language) {
  bool right = true;
  for (auto& field : fields) {
    field.message = wrong_with(field, answers, language);
    right = right && field.message.empty();
  }
  return right;
}

std::optional<Place> place_of(const Answers& answers) {
  const auto latitude = number_in(answer(answers, "latitude"), 90);
  const auto longitude = number_in(answer(answers, "longitude"), 180);
  if (!latitude || !longitude) return std::nullopt;
  return Place{latitude, longitude, {}};
}

Post post_of(const FormSettings& form, const Organisation& organisation, const Answers& answers) {
  const auto asked = [&](std::string_view name) {
    return asks(form, name) ? scrub_utf8(trim(answer(answers, name))) : std::string();
  };
  Post post;
  post.text = asked("text");
  post.author.name = asked("name");
  post.author.email = to_lower_ascii(asked("email"));
  post.author.phone = normal_phone(asked("phone"));
  post.author.proven = false;
  post.author.id = ExternalId(post.author.email.empty() ? post.author.phone : post.author.email);
  post.hints.subject = asked("subject");
  post.hints.category = form.category.empty() ? asked("category") : form.category;
  if (organisation.category(CategoryId(post.hints.category)) == nullptr) {
    post.hints.category.clear();
  }
  post.hints.agency = form.agency;
  post.hints.anonymous = !asked("anonymous").empty();
  post.hints.confidential = !asked("confidential").empty();
  post.place = asks(form, "address") ? place_of(answers) : std::nullopt;
  if (auto address = asked("address"); !address.empty()) {
    if (!post.place) post.place.emplace();
    post.place->address = std::move(address);
  }
  return post;
}

std::string normal_phone(std::string_view text) {
  text = trim(text);
  const bool international = text.starts_with('+');
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (std::string_view("+-.() ").find(c) == std::string_view::npos) {
      return {};
    }
  }
  if (!international) {
    if (digits.starts_with("00")) {
      digits.erase(0, 2);
    } else if (digits.starts_with('0')) {
      digits.replace(0, 1, "62");
    } else if (digits.starts_with('8')) {
      digits.insert(0, "62");
    }
  }
  if (digits.size() < 8 || digits.size() > 15) return {};
  return "+" + digits;
}

int count_links(std::string_view text) {
  int count = 0;
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    ++count;
  }
  return count;
}

}  // namespace kanal::webform
