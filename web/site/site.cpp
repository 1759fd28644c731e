#include "web/site/site.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include <spdlog/spdlog.h>

#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "net/throttle.hpp"
#include "web/address.hpp"
#include "web/files.hpp"
#include "web/language.hpp"
#include "web/problem.hpp"
#include "web/site/answer.hpp"
#include "web/site/forms.hpp"
#include "web/site/pages.hpp"
#include "web/site/words.hpp"

namespace kanal {
namespace {

using site::Frame;
using site::page_answer;

constexpr std::uint64_t k_most_form_bytes = 160U << 20U;
constexpr int k_most_counted = 100'000'000;
constexpr std::chrono::minutes k_figures_life{1};
// After a count that failed.
constexpr std::chrono::seconds k_figures_rest{10};
constexpr int k_reports_per_page = 50;
constexpr std::size_t k_most_reply_bytes = 40'000;
// A reply that is too long arrives whole, to be given back.
constexpr std::uint64_t k_most_act_bytes = 256U << 10U;

constexpr std::string_view k_acts[] = {"reply", "confirm", "dispute", "rate", "reopen"};

// What reporters do on the tracking page: of one report, and of one network.
constexpr Rate k_report_rate{10, 20};
constexpr Rate k_network_rate{40, 120};
constexpr Rate k_unbounded{1e9, 1e9};
constexpr std::chrono::seconds k_act_wait{180};

// Named with their type, so that nothing else of what is built in can be fetched.
constexpr std::pair<std::string_view, std::string_view> k_assets[] = {
    {"site.css", "text/css; charset=utf-8"},
    {"site.js", "text/javascript; charset=utf-8"},
    {"upload.js", "text/javascript; charset=utf-8"},
    {"icon.svg", "image/svg+xml"},
};

class Site : public std::enable_shared_from_this<Site> {
 public:
  explicit Site(SiteParts parts) : parts_(std::move(parts)) {}

  Response home(const Request& request) const {
    return page_answer(request, 200,
                       site::home_page(frame(request), site::doors_to(forms(request))));
  }
  Response form(const Request& request, bool framed) const;
  void send(const std::shared_ptr<Request>& request, bool framed, const Responder& answer) const;
  Response look_up(const Request& request) const;
  Response track(const Request& request) const;
  Response file(const Request& request) const;
  Response act(const Request& request) const;
  /// Where what a reporter did was answered, asked for anew.
  Response back(const Request& request) const;
  Response list(const Request& request) const;
  Response figures(const Request& request) const;

 private:
  struct Found {
    Report report;
    std::vector<Entry> history;
    Viewer viewer;
    std::string secret;
    TrackingCode goes_on_at;
  };
  [[nodiscard]] Frame frame(const Request& request, bool framed = false) const;
  [[nodiscard]] std::vector<site::StandingForm> forms(const Request& request) const {
    return site::standing_forms(parts_.entrances, language_of(request));
  }
  [[nodiscard]] Response missing(const Request& request) const;
  [[nodiscard]] Response missing_form(const Request& request) const;
  // No report bears the number: what was sent may wait for an officer.
  [[nodiscard]] Response not_yet(const Request& request) const;
  [[nodiscard]] Response soon(const Request& request) const;
  [[nodiscard]] Response away(const Request& request) const;
  [[nodiscard]] std::pair<const SiteParts::Entrance*, std::string> entrance(
      const Request& request) const;
  [[nodiscard]] Response draw(const Request& request, const FormView& form, bool framed) const;
  [[nodiscard]] FormSubmission submission(const Request& request, const std::string& form) const;
  [[nodiscard]] Response sent(const Request& request, bool framed, const FormHost& host,
                              const std::string& form, const Filing& filing) const;
  /// What a reporter tried and could not do.
  struct Attempt {
    int status = 200;
    std::string_view act;
    std::string message;
    std::string typed;
    std::optional<std::chrono::seconds> wait = {};  ///< before it is worth trying again
  };
  [[nodiscard]] Response tracking(const Request& request, const Found& found,
                                  Attempt attempt) const;
  [[nodiscard]] Result<site::Figures> count() const;
  /// The last that were counted; none when that has never succeeded.
  [[nodiscard]] std::optional<site::Figures> newest_figures() const;
  [[nodiscard]] Response searched_out(const Request& request) const;
  [[nodiscard]] Result<std::optional<Found>> find(const Request& request,
                                                  const std::string& secret) const;

  SiteParts parts_;
  mutable Throttle of_report_{k_report_rate, k_unbounded};
  mutable Throttle of_network_{k_network_rate, k_unbounded};
  mutable std::mutex figures_;  ///< never held while counting
  mutable bool is_counting_ = false;
  mutable std::optional<site::Figures> counted_;
  mutable Time count_again_at_;
};

std::string framers_of(const FormView& form) {
  std::string framers;
  for (const auto& origin : form.frame_origins) framers += (framers.empty() ? "" : " ") + origin;
  return framers.empty() ? "'none'" : framers;
}

Frame Site::frame(const Request& request, bool framed) const {
  return {parts_.organisation, language_of(request), request.path, framed,
          query_without(request, {"lang"})};
}

Response Site::missing(const Request& request) const {
  if (is_program(request)) return problem(request, 404, "There is nothing at this address.");
  const auto around = frame(request);
  return page_answer(
      request, 404,
      site::message_page(around, pick(around.language, "Tidak ditemukan", "Not found"),
                         pick(around.language,
                              "Periksa lagi nomor atau tautannya. Nomor laporan terdiri atas "
                              "12 angka. Laporan rahasia hanya terbuka lewat tautan "
                              "pribadinya.",
                              "Please check the number or the link. A report number has 12 "
                              "digits. Confidential reports open only by their private "
                              "link."),
                         {}));
}

Response Site::missing_form(const Request& request) const {
  if (is_program(request)) return problem(request, 404, "There is no form at this address.");
  return page_answer(request, 404, site::no_form_page(frame(request), !forms(request).empty()));
}

// Only we can have given out its key: what was sent waits to be stored.
Response Site::soon(const Request& request) const {
  const auto around = frame(request);
  auto answer = page_answer(
      request, 503,
      site::message_page(
          around, pick(around.language, "Sebentar lagi", "In a moment"),
          pick(around.language,
               "Laporan Anda tersimpan dan segera tampil di sini. Muat ulang halaman ini dalam "
               "beberapa menit.",
               "What you sent is kept and will stand here soon. Please reload this page in a few "
               "minutes."),
          {}));
  answer.headers.emplace_back("Retry-After", "60");
  return answer;
}

Response Site::not_yet(const Request& request) const {
  PostFilter filter;
  filter.code = parse_tracking_code(request.parameters.at("code")).value_or(TrackingCode());
  if (filter.code.empty()) return missing(request);
  const auto posts = parts_.store.find_posts(filter);
  if (!posts) return away(request);
  const bool own = equal_secrets(request.field("k"), tracking_secret(parts_.keys, filter.code));
  if (posts->empty() && own) return soon(request);
  if (posts->empty() || posts->front().erased) return missing(request);
  const auto& post = posts->front();
  if (post.confidential && !own) return missing(request);
  const auto around = frame(request);
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(around.language, id, en);
  };
  if (post.fate == Fate::held) {
    const bool is_new = own && request.field("new") == "1";
    const auto draw = is_new ? site::sent_page : site::message_page;
    return page_answer(
        request, 200,
        draw(around,
             is_new ? say("Terima kasih, kiriman Anda sudah kami terima",
                          "Thank you, we have what you sent")
                    : say("Menunggu dibaca petugas", "Waiting for an officer"),
             say("Petugas membacanya lebih dulu, lalu meneruskannya. Simpan nomor ini: "
                 "kabarnya nanti ada di halaman ini.",
                 "An officer reads it first, then passes it on. Keep this number: the "
                 "news will stand on this page."),
             {say("Nomor laporan:", "Report number:"), grouped(filter.code)}));
  }
  if (own && post.report) {
    const auto report = parts_.store.report(post.report);
    if (!report) return away(request);
    if (*report && view(**report, {}, Viewer::anyone(), Output::page).visible) {
      return Response::redirect("/r/" + (*report)->code.value());
    }
  }
  return page_answer(
      request, 200,
      site::message_page(around, say("Tidak menjadi laporan tersendiri", "Not a report of its own"),
                         post.report
                             ? say("Petugas menggabungkannya dengan laporan lain.",
                                   "An officer added it to another report.")
                             : say("Petugas tidak meneruskan kiriman ini. Bila itu keliru, "
                                   "sampaikan lagi.",
                                   "An officer did not pass this on. If that is wrong, please "
                                   "send it again."),
                         {say("Nomor laporan:", "Report number:"), grouped(filter.code)}));
}

Response Site::away(const Request& request) const {
  if (is_program(request)) {
    return problem(request, 503, "The service is busy: try again in a moment.");
  }
  const auto around = frame(request);
  return page_answer(
      request, 503,
      site::message_page(around, pick(around.language, "Sistem sedang sibuk", "The system is busy"),
                         pick(around.language, "Silakan muat ulang halaman ini beberapa saat lagi.",
                              "Please reload this page in a moment."),
                         site::reference_of(request.reference, around.language)));
}

std::pair<const SiteParts::Entrance*, std::string> Site::entrance(const Request& request) const {
  const auto wanted = request.parameters.find("form");
  for (auto& form : forms(request)) {
    if (wanted == request.parameters.end() || wanted->second == form.summary.name) {
      return {form.entrance, std::move(form.summary.name)};
    }
  }
  return {nullptr, {}};
}

Response Site::draw(const Request& request, const FormView& form, bool framed) const {
  if (form.status >= 400 && is_program(request)) {
    std::vector<Fault> faults;
    for (const auto& field : form.fields) {
      if (!field.message.empty()) faults.push_back({field.name, field.message});
    }
    return problem(request, form.status, form.message, faults);
  }
  // A frame keeps no cookie that would say it.
  const auto address =
      (framed ? "/embed/" : "/report/") + percent_encode(form.form) + "?lang=" + form.language;
  return page_answer(request, form.status, site::form_page(frame(request, framed), form, address),
                     framed ? framers_of(form) : "'none'");
}

Response Site::form(const Request& request, bool framed) const {
  const auto [found, name] = entrance(request);
  if (found == nullptr) return missing_form(request);
  const auto form = found->host->blank(name, language_of(request), parts_.clock.now());
  return form ? draw(request, *form, framed) : missing_form(request);
}

void Site::send(const std::shared_ptr<Request>& request, bool framed,
                const Responder& answer) const {
  const auto [found, name] = entrance(*request);
  if (found == nullptr) return answer(missing_form(*request));
  auto outcome = found->host->submit(submission(*request, name));
  if (const auto* form = std::get_if<FormView>(&outcome)) {
    return answer(draw(*request, *form, framed));
  }
  const auto& host = *found->host;
  parts_.intake.submit(
      found->channel, std::move(std::get<Received>(outcome)),
      [self = shared_from_this(), request, framed, answer, &host,
       form = name](const Result<Ingested>& ingested) {
        if (!ingested || ingested->filings.empty()) {
          const auto again = host.again(self->submission(*request, form));
          return answer(self->draw(*request, again, framed));
        }
        answer(self->sent(*request, framed, host, form, ingested->filings.front()));
      });
}

FormSubmission Site::submission(const Request& request, const std::string& form) const {
  // A proxy may have put its own name for us into Host.
  const auto origin = request.header("origin");
  const bool by_public_address = equals_ignoring_case(origin, parts_.public_url);
  const auto authority =
      by_public_address ? origin.substr(origin.find("://") + 3) : request.header("host");
  return {
      form,      request.form,         request.peer,      origin, request.header("sec-fetch-site"),
      authority, language_of(request), parts_.clock.now()};
}

Response Site::sent(const Request& request, bool framed, const FormHost& host,
                    const std::string& form, const Filing& filing) const {
  const auto& code = filing.code;
  const auto around = frame(request, framed);
  const auto view = host.blank(form, around.language, parts_.clock.now());
  const auto framers = framed && view ? framers_of(*view) : "'none'";
  if (code.empty()) {
    return page_answer(
        request, 202,
        site::sent_page(around, pick(around.language, "Terima kasih", "Thank you"),
                        pick(around.language, "Kiriman Anda tersimpan dan akan dibaca petugas.",
                             "What you sent is kept and an officer will read it."),
                        {}),
        framers);
  }
  const auto address = own_path(parts_.keys, code);
  if (!framed && !filing.waits) return Response::redirect(address + "&new=1");
  // The tracking page may not be framed, and a frame cannot leave its site by itself; nor is there
  // one as long as nothing can be read.
  const site::Sent sent{code, parts_.public_url + address,
                        !request.form_value("confidential").empty(), filing.fate == Fate::held,
                        filing.waits};
  return page_answer(request, filing.waits ? 202 : 200,
                     site::numbered_page(around, view ? view->title : std::string(), sent),
                     framers);
}

Response Site::look_up(const Request& request) const {
  const auto code = parse_tracking_code(request.field("code"));
  return code ? Response::redirect("/r/" + code->value()) : missing(request);
}

Result<std::optional<Site::Found>> Site::find(const Request& request,
                                              const std::string& secret) const {
  const auto code = parse_tracking_code(request.parameters.at("code"));
  if (!code) return std::nullopt;
  auto report = TRY(parts_.store.report(*code));
  if (!report) return std::nullopt;
  const bool own = equal_secrets(secret, tracking_secret(parts_.keys, *code));
  auto history = TRY(parts_.store.history(report->id));
  TrackingCode goes_on_at;
  if (own && report->merged_into) {
    const auto root = TRY(parts_.casework.worked_on(*report));
    for (auto& line : TRY(parts_.store.history(root.id))) {
      if (line.other != report->id || line.actor.role != Role::reporter) continue;
      line.by_another = false;
      history.push_back(std::move(line));
    }
    const auto seen = view(root, {}, Viewer::anyone(), Output::page);
    if (seen.visible) goes_on_at = seen.code;
  }
  return Found{std::move(*report), std::move(history),
               own ? Viewer::own_reporter() : Viewer::anyone(), own ? secret : std::string(),
               std::move(goes_on_at)};
}

Response Site::track(const Request& request) const {
  const auto result = find(request, request.field("k"));
  if (!result) return away(request);
  return *result ? tracking(request, **result, {}) : not_yet(request);
}

Response Site::tracking(const Request& request, const Found& found, Attempt attempt) const {
  if (attempt.status >= 400 && is_program(request)) {
    return attempt.wait ? problem(request, attempt.status, attempt.message, {}, *attempt.wait)
                        : problem(request, attempt.status, attempt.message);
  }
  const auto supports = parts_.store.supports({&found.report, 1});
  if (!supports) return away(request);
  site::Tracking tracking;
  tracking.view = view(found.report, found.history, found.viewer, Output::page, supports->front());
  if (!tracking.view.visible) return missing(request);
  tracking.message = std::move(attempt.message);
  tracking.typed = std::move(attempt.typed);
  tracking.typed_act = attempt.act;
  tracking.secret = found.secret;
  tracking.goes_on_at = found.goes_on_at;
  if (tracking.view.may_see_attachments || found.report.text.empty()) {
    const auto posts = parts_.store.posts_of(found.report.id);
    if (!posts) return away(request);
    const auto first = std::ranges::min_element(*posts, {}, &PostRecord::id);
    tracking.erased = found.report.text.empty() && first != posts->end() && first->erased;
    for (const auto& post : *posts) {
      // What others sent to the report is not its reporter's to know.
      if (post.author != found.report.reporter || !tracking.view.may_see_attachments) continue;
      for (const auto& file : post.attachments) {
        tracking.files.push_back(file_words(file, language_of(request)));
      }
    }
  }
  if (!found.secret.empty()) {
    tracking.secret_link = parts_.public_url + own_path(parts_.keys, found.report.code);
    // The address that says so is kept for weeks; of what the intake wrote all is of one moment.
    tracking.just_sent =
        request.field("new") == "1" && std::ranges::all_of(found.history, [&](const Entry& line) {
          return line.at == found.history.front().at;
        });
    tracking.done = site::done_words(request.field("done"), language_of(request));
    tracking.offer(permitted(found.report, found.viewer, parts_.clock.now()));
  }
  auto around = frame(request);
  // What was sent is shown under an address that only takes.
  if (request.method == "POST") {
    around.path = "/r/" + found.report.code.value();
    around.query = "k=" + found.secret;
  }
  auto response = page_answer(request, attempt.status, site::tracking_page(around, tracking));
  if (attempt.wait) {
    response.headers.emplace_back("Retry-After", std::to_string(attempt.wait->count()));
  }
  return response;
}

Response Site::file(const Request& request) const {
  const auto found = find(request, request.field("k"));
  if (!found) return away(request);
  if (!*found) return missing(request);
  const auto seen = view((*found)->report, (*found)->history, (*found)->viewer, Output::page);
  const auto* file =
      find_file(seen, request.parameters.at("step"), request.parameters.at("number"));
  return file == nullptr ? missing(request) : file_answer(parts_.store, *file);
}

Response Site::back(const Request& request) const {
  const auto code = parse_tracking_code(request.parameters.at("code"));
  const bool known = std::ranges::count(k_acts, request.parameters.at("act")) > 0;
  return code && known ? Response::redirect("/r/" + code->value()) : missing(request);
}

Response Site::act(const Request& request) const {
  const auto secret = request.form_value("k");
  const auto result = find(request, secret);
  if (!result) return away(request);
  const auto& found = *result;
  if (!found || found->secret.empty()) return missing(request);
  const auto name = request.parameters.at("act");
  Command command;
  command.actor.role = Role::reporter;
  const auto refuse = [&](int status, std::string_view id, std::string_view en,
                          std::optional<std::chrono::seconds> wait = {}) {
    return tracking(
        request, *found,
        {status, name, std::string(pick(language_of(request), id, en)), command.words, wait});
  };
  command.words = scrub_utf8(trim(request.form_value("text")));
  if (command.words.size() > k_most_reply_bytes) {
    return refuse(422,
                  "Terlalu panjang: paling banyak sekitar 40.000 karakter. Kirim dalam beberapa "
                  "bagian.",
                  "That is too long: about 40,000 characters at most. Send it in several parts.");
  }
  if (name == "reply") {
    if (command.words.empty()) {
      return refuse(422, "Tulis sesuatu dulu.", "Write something first.");
    }
  } else if (name == "confirm" || name == "dispute" || name == "reopen") {
    command.event = *event_of(name);
  } else if (name == "rate") {
    const auto mark = request.form_value("rating");
    if (mark.size() != 1 || mark[0] < '1' || mark[0] > '5') {
      return refuse(422, "Pilih nilainya dulu.", "Choose a mark first.");
    }
    command.event = Event::rate;
    command.rating = mark[0] - '0';
  } else {
    return missing(request);
  }
  const auto now = parts_.clock.now();
  const auto is_over = [&](Throttle& throttle, std::string_view whose) {
    return throttle.admit(whose, now) != Admission::admitted;
  };
  if (is_over(of_report_, found->report.code.value()) || is_over(of_network_, request.peer)) {
    return refuse(429,
                  "Terlalu banyak kiriman dalam waktu singkat. Yang Anda tulis "
                  "masih ada; tunggu beberapa menit lalu kirim lagi.",
                  "Too much at once. What you wrote is still here: wait a few minutes and send it.",
                  k_act_wait);
  }
  const auto heard = [&]() -> Result<Casework::Heard> {
    if (name == "reply") return parts_.casework.reply(found->report.id, command.words);
    TRY(parts_.casework.act(found->report.id, command));
    return Casework::Heard::said;
  }();
  if (!heard) {
    if (heard.error().remedy == Remedy::uncertain) {
      return refuse(503, "Belum pasti tersimpan: buka lagi halaman ini sebelum mengirim ulang.",
                    "It may have been kept: open this page again before you send it once more.");
    }
    if (heard.error().remedy != Remedy::drop) {
      return refuse(503, "Sistem sedang sibuk; coba lagi sebentar.",
                    "The system is busy; try again in a moment.");
    }
    const auto taking = parts_.casework.worked_on(found->report);
    return name == "reply" && taking && is_full(*taking)
               ? refuse(409, "Laporan ini sudah penuh. Untuk hal baru, kirim laporan baru.",
                        "This report is full. For anything new, send a new report.")
               : refuse(409, "Itu tidak bisa dilakukan lagi sekarang.",
                        "That can no longer be done now.");
  }
  static constexpr std::array<std::string_view, 3> k_heard = {"reply", "status", "too_late"};
  const auto what = name == "reply" ? k_heard.at(static_cast<std::size_t>(*heard)) : name;
  return Response::redirect(own_path(parts_.keys, found->report.code) +
                            "&done=" + std::string(what));
}

Response Site::list(const Request& request) const {
  ReportFilter filter;
  filter.public_only = true;
  const auto typed = std::string(clip_utf8(request.field("q"), 200));
  if (!typed.empty() &&
      parts_.searches->admit(request.peer, parts_.clock.now()) != Admission::admitted) {
    return searched_out(request);
  }
  // Else a search would tell whether a blotted-out number stands in a report.
  filter.words = parse_tracking_code(typed) ? typed : redact_personal(typed);
  if (const auto asked = request.field("before"); !asked.empty()) {
    const auto code = parse_tracking_code(asked);
    const auto last = code ? parts_.store.report(*code) : Result<std::optional<Report>>();
    if (!last) return away(request);
    // Of one that is not public, or no longer, not even that it exists: its list is begun again, as
    // of one that never was.
    if (!*last || !view(**last, {}, Viewer::anyone(), Output::page).visible) {
      const auto query = query_without(request, {"before"});
      return Response::redirect("/reports" + (query.empty() ? query : "?" + query));
    }
    filter.before_id = (*last)->id.value();
  }
  filter.most = k_reports_per_page + 1;
  auto reports = parts_.store.find_reports(filter);
  if (!reports) return away(request);
  TrackingCode before;
  if (reports->size() > static_cast<std::size_t>(k_reports_per_page)) {
    reports->pop_back();
    before = reports->back().code;
  }
  std::vector<View> views;
  for (const auto& report : *reports) {
    auto seen = view(report, {}, Viewer::anyone(), Output::page);
    if (seen.visible) views.push_back(std::move(seen));
  }
  return page_answer(request, 200, site::reports_page(frame(request), views, typed, before));
}

Response Site::searched_out(const Request& request) const {
  const auto language = language_of(request);
  const auto why = pick(language,
                        "Terlalu banyak pencarian dari jaringan Anda. Tunggu beberapa menit, lalu "
                        "coba lagi.",
                        "Too many searches from your network. Wait a few minutes and try again.");
  if (is_program(request)) return problem(request, 429, why, {}, k_search_wait);
  auto response = page_answer(
      request, 429,
      site::message_page(frame(request), pick(language, "Tunggu sebentar", "One moment"), why, {}));
  response.headers.emplace_back("Retry-After", std::to_string(k_search_wait.count()));
  return response;
}

Result<site::Figures> Site::count() const {
  const auto count = [&](std::vector<State> states, bool overdue) {
    ReportFilter filter;
    filter.public_only = true;
    filter.states = std::move(states);
    filter.overdue_only = overdue;
    filter.most = k_most_counted;
    return parts_.store.count_reports(filter);
  };
  site::Figures figures;
  figures.received = TRY(count({}, false));
  figures.answered = TRY(count({State::answered}, false));
  figures.closed = TRY(count({State::closed}, false));
  figures.overdue = TRY(count({}, true));
  return figures;
}

// Counting takes longer the more there are, and each request holds one of the server's threads: one
// counts, and nobody waits for it.
std::optional<site::Figures> Site::newest_figures() const {
  std::unique_lock lock(figures_);
  if (is_counting_ || parts_.clock.now() < count_again_at_) return counted_;
  is_counting_ = true;
  lock.unlock();
  const auto fresh = count();
  lock.lock();
  is_counting_ = false;
  if (fresh) {
    counted_ = *fresh;
  } else {
    spdlog::warn("the reports were not counted: {}", fresh.error().message);
  }
  count_again_at_ =
      parts_.clock.now() + (fresh ? std::chrono::seconds(k_figures_life) : k_figures_rest);
  return counted_;
}

Response Site::figures(const Request& request) const {
  const auto figures = newest_figures();
  return figures ? page_answer(request, 200, site::statistics_page(frame(request), *figures))
                 : away(request);
}

}  // namespace

std::string tracking_secret(const Keys& keys, const TrackingCode& code) {
  return to_base64url(keys.tag(Purpose::tracking, code.value(), 16));
}

std::string own_path(const Keys& keys, const TrackingCode& code) {
  return "/r/" + code.value() + "?k=" + tracking_secret(keys, code);
}

std::vector<Route> site_routes(SiteParts parts) {
  // Shared by the handlers, which are copied.
  const auto site = std::make_shared<const Site>(std::move(parts));
  std::vector<Route> routes;
  const auto get = [&](std::string pattern, std::function<Response(const Request&)> handle) {
    routes.push_back({"GET", std::move(pattern), BodyKind::none, 0, std::move(handle), {}});
  };
  const auto post = [&](std::string pattern, std::uint64_t most,
                        std::function<Response(const Request&)> handle) {
    routes.push_back({"POST", std::move(pattern), BodyKind::form, most, std::move(handle), {}});
  };
  get("/", [site](const Request& r) { return site->home(r); });
  get("/report", [site](const Request& r) { return site->form(r, false); });
  get("/report/{form}", [site](const Request& r) { return site->form(r, false); });
  get("/embed/{form}", [site](const Request& r) { return site->form(r, true); });
  for (const auto* pattern : {"/report", "/report/{form}", "/embed/{form}"}) {
    const bool framed = std::string_view(pattern).starts_with("/embed");
    routes.push_back({"POST",
                      pattern,
                      BodyKind::form,
                      k_most_form_bytes,
                      {},
                      [site, framed](std::shared_ptr<Request> request, Responder answer) {
                        site->send(request, framed, answer);
                      }});
  }
  get("/r", [site](const Request& r) { return site->look_up(r); });
  get("/r/{code}", [site](const Request& r) { return site->track(r); });
  get("/r/{code}/files/{step}/{number}", [site](const Request& r) { return site->file(r); });
  get("/r/{code}/{act}", [site](const Request& r) { return site->back(r); });
  post("/r/{code}/{act}", k_most_act_bytes, [site](const Request& r) { return site->act(r); });
  get("/reports", [site](const Request& r) { return site->list(r); });
  get("/statistics", [site](const Request& r) { return site->figures(r); });
  for (const auto& [name, type] : k_assets) {
    get("/assets/" + std::string(name),
        [name, type](const Request&) { return asset_answer(name, type); });
  }
  return routes;
}

}  // namespace kanal
