#include "connectors/webform/webform.hpp"

#include <algorithm>

#include "connectors/raw_request.hpp"
#include "connectors/standard_webhook.hpp"
#include "connectors/uploads.hpp"
#include "connectors/webform/fields.hpp"
#include "connectors/webform/token.hpp"
#include "core/language.hpp"
#include "core/rfc3339.hpp"
#include "core/size_words.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "net/multipart.hpp"
#include "net/throttle.hpp"

namespace kanal::webform {
namespace {

constexpr std::string_view k_photos = "photos";
constexpr std::string_view k_latitude = "latitude";
constexpr std::string_view k_longitude = "longitude";
constexpr std::size_t k_most_fields = 64;
constexpr std::size_t k_most_payload_bytes = 256U << 10U;

// Keys of the kept payload that no field of a form bears.
constexpr std::string_view k_payload_form = "_form";
constexpr std::string_view k_payload_id = "_id";
constexpr std::string_view k_payload_time = "_time";

Rate rate(std::int64_t burst, std::int64_t per_hour) {
  return {static_cast<double>(burst), static_cast<double>(per_hour)};
}

Answers answers_of(std::span<const FormPart> parts) {
  Answers answers;
  for (const auto& part : parts) {
    if (answers.size() >= k_most_fields) break;
    if (part.file.empty() && part.file_name.empty())
      answers.emplace_back(part.name, scrub_utf8(part.value));
  }
  return answers;
}

/// Lines as they travel, of a body that went through an editor.
std::string with_whole_ends(const std::string& body) {
  if (body.find('\r') != std::string::npos) return body + "\r\n";
  std::string whole;
  for (const char each : body) whole += each == '\n' ? "\r\n" : std::string(1, each);
  return whole + "\r\n";
}

std::string print_payload(std::string_view form, const Answers& answers, const Post& post) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!text.empty()) text += '&';
    text += percent_encode(name) + '=' + percent_encode(value);
  };
  add(k_payload_form, form);
  add(k_payload_id, post.id.value());
  add(k_payload_time, print_rfc3339(post.posted_at));
  const bool located = post.place && post.place->latitude && post.place->longitude;
  for (const auto& [name, value] : answers) {
    const bool told = located && (name == k_latitude || name == k_longitude);
    if (name != k_form_token && !name.starts_with('_') && !told) add(name, value);
  }
  if (located) {
    add(k_latitude, std::to_string(*post.place->latitude));
    add(k_longitude, std::to_string(*post.place->longitude));
  }
  return text;
}

// A page with Referrer-Policy no-referrer sends the Origin "null"; the token speaks for it.
bool comes_from_us(const FormSubmission& submission) {
  const auto& site = submission.fetch_site;
  if (!site.empty()) return site == "same-origin" || site == "none";
  if (submission.origin.empty() || submission.origin == "null") return true;
  const auto at = submission.origin.find("://");
  return at != std::string::npos &&
         equals_ignoring_case(std::string_view(submission.origin).substr(at + 3), submission.host);
}

FormView unknown_form() {
  FormView view;
  view.status = 404;
  return view;
}

bool asks_for_files(const FormField& field) {
  return field.name == k_photos || field.name == "photo_place";
}

}  // namespace

struct Webform::Inside {
  Settings settings;
  const Surroundings& around;
  Throttle throttle;

  [[nodiscard]] FormView view(const std::string& name, const FormSettings& form,
                              std::string_view language, const Answers& answers,
                              const FormToken& token) const;
  [[nodiscard]] std::string suspicion(const Answers& answers, const FormToken& token,
                                      Time now) const;
  [[nodiscard]] Post post(const std::string& name, const FormSettings& form, const Answers& answers,
                          const FormToken& token, Time now) const;
  [[nodiscard]] std::string file_limits(std::string_view language) const;
  [[nodiscard]] std::string file_problem(std::span<const FormPart* const> files,
                                         std::string_view language) const;
  /// Moves the files into the post, or says what is wrong with them.
  [[nodiscard]] std::string attach(std::span<const FormPart* const> files, bool offers_place,
                                   std::string_view language, Post& post) const;
  [[nodiscard]] std::string refused_file(const FormPart& file, const Error& error,
                                         std::string_view language) const;
  /// A form as it was kept, or as a browser or a program sends it.
  struct Filled {
    Answers answers;
    std::vector<Attachment> files;  ///< what they are; the files themselves are gone
  };
  [[nodiscard]] Result<Filled> read_raw(std::string_view raw) const;
  [[nodiscard]] Result<Filled> read_multipart(const std::string& boundary,
                                              const std::string& body) const;
  /// What a browser sent, read, with the form as it stands then.
  struct Sent {
    Answers answers;
    bool fresh = false;  ///< whether the token is ours, and not too old
    FormToken token;     ///< it, else a new one
    std::vector<const FormPart*> files;
    FormView view;
    /// The field for files; null: the form asks for none.
    FormField* photos() {
      const auto found = std::ranges::find(view.fields, k_photos, &FormField::name);
      return found == view.fields.end() ? nullptr : &*found;
    }
  };
  [[nodiscard]] Sent read(const std::string& name, const FormSettings& form,
                          const FormSubmission& submission) const;
  static FormView refused(Sent sent, int status, std::string_view id, std::string_view en);
};

FormView Webform::Inside::refused(Sent sent, int status, std::string_view id, std::string_view en) {
  auto* const photos = sent.photos();
  // No page can fill in a file that somebody has chosen.
  if (!sent.files.empty() && photos->message.empty()) {
    photos->message = translated(sent.view.language, "Mohon pilih lagi foto atau berkas Anda.",
                                 "Please choose your photos or files again.");
  }
  sent.view.status = status;
  sent.view.message = translated(sent.view.language, id, en);
  return std::move(sent.view);
}

Webform::Inside::Sent Webform::Inside::read(const std::string& name, const FormSettings& form,
                                            const FormSubmission& submission) const {
  const auto& now = submission.now;
  Sent sent;
  sent.answers = answers_of(submission.parts);
  const auto token = parse_token(around.keys, name, trim(answer(sent.answers, k_form_token)));
  sent.fresh = token && token->issued_at <= now && now - token->issued_at <= settings.token_life_h;
  // Only a page that is opened starts the clock: who has written already need not write again.
  const auto spent = token ? settings.least_fill_s : std::chrono::seconds(0);
  sent.token = sent.fresh ? *token : FormToken{now - spent, random_bytes(16)};
  sent.view = view(name, form, submission.language, sent.answers, sent.token);
  for (const auto& part : submission.parts) {
    // A browser sends a part without a name where no file was chosen. An empty one has no file
    // here.
    const bool chosen = !part.file_name.empty() || (!part.file.empty() && part.size_bytes > 0);
    if (chosen && sent.photos() != nullptr) sent.files.push_back(&part);
  }
  return sent;
}

Webform::Webform(Settings settings, const Surroundings& around) {
  if (settings.forms.empty()) settings.forms.emplace(k_usual_form, FormSettings{});
  const auto peer = rate(settings.peer_burst, settings.peer_per_hour);
  const auto total = rate(settings.total_burst, settings.total_per_hour);
  inside_.reset(new Inside{std::move(settings), around, Throttle(peer, total)});
}

Webform::~Webform() = default;

std::string Webform::Inside::file_limits(std::string_view language) const {
  const auto most = std::to_string(settings.most_files);
  const auto size = size_words(static_cast<std::uint64_t>(settings.most_file_bytes));
  return is_english(language) ? "Photos, PDF or MP4 video. At most " + most +
                                    (settings.most_files == 1 ? " file" : " files") + " of " +
                                    size + (settings.most_files == 1 ? "." : " each.")
                              : "Foto, PDF, atau video MP4. Paling banyak " + most + " berkas, " +
                                    (settings.most_files == 1 ? "" : "masing-masing ") +
                                    "paling besar " + size + ".";
}

FormView Webform::Inside::view(const std::string& name, const FormSettings& form,
                               std::string_view language, const Answers& answers,
                               const FormToken& token) const {
  FormView view;
  view.form = name;
  view.language = is_english(language) ? "en" : "id";
  view.title = translated(view.language, form.title_id, form.title_en);
  view.fields = draw_fields(form, around.organisation, view.language, answers);
  view.token = print_token(around.keys, name, token);
  if (settings.most_files == 0) std::erase_if(view.fields, asks_for_files);
  for (auto& field : view.fields) {
    if (field.name != k_photos) continue;
    field.help = file_limits(view.language);
    field.most_files = static_cast<std::size_t>(settings.most_files);
    field.most_file_bytes = static_cast<std::uint64_t>(settings.most_file_bytes);
  }
  view.latitude = answer(answers, k_latitude);
  view.longitude = answer(answers, k_longitude);
  view.frame_origins = form.frame_origins;
  return view;
}

std::vector<FormSummary> Webform::forms(std::string_view language) const {
  std::vector<FormSummary> summaries;
  for (const auto& [name, form] : inside_->settings.forms) {
    summaries.push_back({name, std::string(translated(language, form.title_id, form.title_en)),
                         form.agency.empty() && form.category.empty()});
  }
  return summaries;
}

std::optional<FormView> Webform::blank(std::string_view form, std::string_view language,
                                       Time now) const {
  const auto found = inside_->settings.forms.find(std::string(form));
  if (found == inside_->settings.forms.end()) return std::nullopt;
  return inside_->view(found->first, found->second, language, {}, {now, random_bytes(16)});
}

std::string Webform::Inside::suspicion(const Answers& answers, const FormToken& token,
                                       Time now) const {
  if (!answer(answers, k_form_trap).empty()) return "the hidden field was filled in";
  if (now - token.issued_at < settings.least_fill_s) return "sent faster than a person writes";
  if (count_links(answer(answers, "text")) >= settings.hold_links) return "many links";
  return {};
}

Post Webform::Inside::post(const std::string& name, const FormSettings& form,
                           const Answers& answers, const FormToken& token, Time now) const {
  auto post = post_of(form, around.organisation, answers);
  post.id = ExternalId("form-" + to_hex(token.random));
  if (post.author.id.empty()) post.author.id = post.id;
  post.posted_at = now;
  post.hints.entrance = name;
  post.hints.suspicion = suspicion(answers, token, now);
  return post;
}

std::string Webform::Inside::file_problem(std::span<const FormPart* const> files,
                                          std::string_view language) const {
  if (files.size() > static_cast<std::size_t>(settings.most_files)) {
    return std::string(translated(language, "Terlalu banyak berkas. Paling banyak ",
                                  "Too many files. At most ")) +
           std::to_string(settings.most_files) + ".";
  }
  for (const auto* file : files) {
    if (file->size_bytes == 0) {
      return scrub_utf8(file->file_name) +
             std::string(translated(language, " kosong. Coba pilih lagi berkasnya.",
                                    " is empty. Try to choose the file again."));
    }
    if (file->size_bytes > static_cast<std::uint64_t>(settings.most_file_bytes)) {
      return scrub_utf8(file->file_name) +
             std::string(
                 translated(language, " terlalu besar. Paling besar ", " is too big. At most ")) +
             size_words(static_cast<std::uint64_t>(settings.most_file_bytes)) + ".";
    }
  }
  return {};
}

std::string Webform::Inside::refused_file(const FormPart& file, const Error& error,
                                          std::string_view language) const {
  if (error.remedy != Remedy::drop) {
    return std::string(translated(language, "Berkas belum dapat kami simpan. Coba lagi sebentar.",
                                  "We cannot keep files just now. Try again in a moment."));
  }
  const auto most = std::to_string(settings.most_megapixels);
  return scrub_utf8(file.file_name) +
         (is_english(language)
              ? " cannot be taken. Send an undamaged JPEG, PNG or WebP photo of at most " + most +
                    " megapixels, a PDF file or an MP4 video."
              : " tidak dapat kami terima. Kirim foto JPEG, PNG atau WebP yang utuh, paling "
                "besar " +
                    most + " megapiksel, berkas PDF, atau video MP4.");
}

std::string Webform::Inside::attach(std::span<const FormPart* const> files, bool offers_place,
                                    std::string_view language, Post& post) const {
  auto taken = take_files(files, settings, around.spool);
  if (!taken) return refused_file(*taken.error().file, taken.error().error, language);
  if (offers_place && taken->place && (!post.place || !post.place->latitude)) {
    if (!post.place) post.place.emplace();
    post.place->latitude = taken->place->latitude;
    post.place->longitude = taken->place->longitude;
  }
  post.attachments = std::move(taken->attachments);
  return {};
}

FormOutcome Webform::submit(const FormSubmission& submission) {
  const auto& now = submission.now;
  const auto found = inside_->settings.forms.find(submission.form);
  if (found == inside_->settings.forms.end()) return unknown_form();
  const auto& [name, form] = *found;
  auto sent = inside_->read(name, form, submission);
  auto& view = sent.view;
  const auto& answers = sent.answers;
  const auto& files = sent.files;
  auto* const photos = sent.photos();
  const auto refuse = [&](int status, std::string_view id, std::string_view en) {
    return Inside::refused(std::move(sent), status, id, en);
  };
  if (!comes_from_us(submission)) {
    return refuse(403,
                  "Kiriman ini datang dari halaman situs lain. Kalau memang Anda yang mengirim, "
                  "periksa isian di bawah lalu kirim sekali lagi.",
                  "This was sent from a page of another site. If it was you, check what stands "
                  "below and send it once more.");
  }
  if (!sent.fresh) {
    return refuse(403,
                  "Halaman ini sudah terlalu lama terbuka. Isian Anda masih ada; silakan kirim "
                  "sekali lagi.",
                  "This page was open for too long. What you wrote is still here; please send it "
                  "once more.");
  }
  const bool right = check_fields(view.fields, answers, view.language);
  if (photos != nullptr) photos->message = inside_->file_problem(files, view.language);
  if (!right || (photos != nullptr && !photos->message.empty())) {
    return refuse(422, "Ada yang perlu diperbaiki.", "Please check the fields below.");
  }
  if (const auto admission = inside_->throttle.admit(submission.peer, now);
      admission == Admission::peer_is_over) {
    return refuse(
        429,
        "Terlalu banyak laporan dari jaringan Anda. Isian Anda masih ada; tunggu beberapa "
        "menit lalu kirim lagi.",
        "Too many reports from your network. What you wrote is still here; wait a few "
        "minutes and send it again.");
  } else if (admission == Admission::all_are_over) {
    return refuse(429,
                  "Terlalu banyak laporan masuk saat ini. Isian Anda masih ada; tunggu beberapa "
                  "menit lalu kirim lagi.",
                  "Very many reports are coming in just now. What you wrote is still here; wait a "
                  "few minutes and send it again.");
  }
  auto post = inside_->post(name, form, answers, sent.token, now);
  post.language = view.language;
  const bool offers_place = !answer(answers, "photo_place").empty();
  if (auto problem = inside_->attach(files, offers_place, view.language, post); !problem.empty()) {
    photos->message = std::move(problem);
    return refuse(422, "Ada yang perlu diperbaiki.", "Please check the fields below.");
  }
  // The place may have come out of a picture that no longer tells it.
  post.payload = print_payload(name, answers, post);
  Received received;
  received.posts.push_back(std::move(post));
  return received;
}

FormView Webform::again(const FormSubmission& submission) const {
  const auto found = inside_->settings.forms.find(submission.form);
  if (found == inside_->settings.forms.end()) return unknown_form();
  return Inside::refused(
      inside_->read(found->first, found->second, submission), 503,
      "Sistem sedang sibuk. Isian Anda masih ada; tunggu sebentar lalu kirim lagi.",
      "The system is busy. What you wrote is still here; wait a moment and send it "
      "again.");
}

Result<Webform::Inside::Filled> Webform::Inside::read_multipart(const std::string& boundary,
                                                                const std::string& body) const {
  MultipartLimits limits;
  limits.spool = around.spool;
  Multipart multipart(boundary, limits);
  auto refusal = multipart.feed(with_whole_ends(body));
  if (!refusal) refusal = multipart.finish();
  if (refusal) return fail(Remedy::drop, refusal->detail);
  const auto parts = multipart.take();
  Filled filled;
  filled.answers = answers_of(parts);
  for (const auto& part : parts) {
    if (part.file.empty()) continue;
    Attachment file;
    file.name = scrub_utf8(part.file_name);
    file.type = scrub_utf8(part.type);
    file.size_bytes = part.size_bytes;
    if (part.size_bytes > 0) filled.files.push_back(std::move(file));
    std::error_code error;
    std::filesystem::remove(part.file, error);
  }
  return filled;
}

Result<Webform::Inside::Filled> Webform::Inside::read_raw(std::string_view raw) const {
  const auto request = read_raw_request(raw);
  if (const auto boundary = boundary_of(header(request, "content-type")); !boundary.empty()) {
    return read_multipart(boundary, request.body);
  }
  const auto& text = request.body.empty() ? request.query : request.body;
  if (text.size() > k_most_payload_bytes) return fail(Remedy::drop, "the form is too long");
  Filled filled;
  auto fields = TRY(parse_form(trim(text)));
  for (auto& [name, value] : fields) {
    if (filled.answers.size() >= k_most_fields) {
      return fail(Remedy::drop, "the form has too many fields");
    }
    filled.answers.emplace_back(scrub_utf8(name), scrub_utf8(value));
  }
  return filled;
}

Result<Batch> Webform::translate(std::string_view raw) const {
  auto [answers, files] = TRY(inside_->read_raw(raw));
  auto name = std::string(answer(answers, k_payload_form));
  if (name.empty()) name = inside_->settings.forms.begin()->first;
  const auto form = inside_->settings.forms.find(name);
  if (form == inside_->settings.forms.end()) return fail(Remedy::drop, "no form of that name");
  auto post = post_of(form->second, inside_->around.organisation, answers);
  if (post.text.empty()) return fail(Remedy::drop, "the form has no text");
  const auto id = answer(answers, k_payload_id);
  post.id =
      ExternalId(id.empty() ? "form-" + to_hex(inside_->around.keys.tag(Purpose::form, raw, 16))
                            : std::string(id));
  if (post.author.id.empty()) post.author.id = post.id;
  post.posted_at =
      parse_rfc3339(answer(answers, k_payload_time)).value_or(inside_->around.clock.now());
  post.attachments = std::move(files);
  post.hints.entrance = name;
  if (!answer(answers, k_form_trap).empty())
    post.hints.suspicion = "the hidden field was filled in";
  post.payload = raw;
  Batch batch;
  batch.posts.push_back(std::move(post));
  return batch;
}

}  // namespace kanal::webform
