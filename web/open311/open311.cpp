#include "web/open311/open311.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "net/throttle.hpp"
#include "web/language.hpp"
#include "web/open311/query.hpp"
#include "web/open311/show.hpp"
#include "web/problem.hpp"
#include "web/site/site.hpp"

namespace kanal {
namespace {

using georeport::Fault;
using georeport::k_requests;
using georeport::k_updates;
using open311::Frame;
using open311::Selection;

constexpr std::string_view k_root = "/open311/v2/";
constexpr std::chrono::milliseconds k_usual_patience{5000};
constexpr std::uint64_t k_most_form_bytes = 160U << 20U;
/// Of one range of updates, each with its history.
constexpr std::size_t k_most_moved_reports = 5000;
constexpr int k_reports_at_once = 1000;
// What one network asks of the database without an application's key: a list may read thousands of
// histories.
constexpr Rate k_reading_rate{120, 3600};
constexpr std::chrono::seconds k_reading_wait{30};

georeport::Target target_of(const Request& request) {
  const auto path = asked_path(request);
  auto target = georeport::parse_target(path.starts_with(k_root) ? path.substr(k_root.size())
                                                                 : std::string_view());
  const bool bare = path.rfind('.') == std::string_view::npos;
  if (bare && request.header("accept").find("json") != std::string::npos) {
    target.markup = Markup::json;
  }
  return target;
}

// Anybody may read it, from pages of other sites too: nothing here depends on a cookie.
Response answer_of(int status, std::string_view type, std::string body,
                   std::chrono::milliseconds patience = k_usual_patience) {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Access-Control-Allow-Origin", "*"}};
  if (status == 429 || status == 503) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience).count();
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  response.body = std::move(body);
  return response;
}

Response document(Markup markup, std::string body) {
  return answer_of(200, georeport::content_type(markup), std::move(body));
}

Response refusal(Markup markup, std::span<const Fault> faults,
                 std::chrono::milliseconds patience = k_usual_patience) {
  auto answer = georeport::refuse(markup, faults);
  return answer_of(answer.status, answer.type, std::move(answer.body), patience);
}
Response refusal(Markup markup, int status, std::string description,
                 std::chrono::milliseconds patience = k_usual_patience) {
  const Fault fault{status, std::move(description)};
  return refusal(markup, std::span(&fault, 1), patience);
}

// The standard has 400 for everything; a fault that passes is told apart, so that it is asked
// again.
Response trouble(Markup markup, const Error& error) {
  switch (error.remedy) {
    case Remedy::throttled:
      return refusal(markup, 429, "Too many requests at once: try again in a moment.",
                     std::max(error.retry_after, k_usual_patience));
    case Remedy::retry:
    case Remedy::uncertain:
      return refusal(markup, 503, "The service is busy: try again in a moment.");
    default:
      return refusal(markup, 400, error.message);
  }
}

bool is_file(const FormPart& part) {
  return !part.file.empty() || !part.file_name.empty();
}

// Whoever reads it goes by the address alone, and has a multipart form as the fields in it.
Delivery delivery_of(const Request& request, Markup markup) {
  auto path = request.path.substr(std::min(k_root.size(), request.path.size()));
  if (markup == Markup::json && path.rfind('.') == std::string::npos) path += ".json";
  Delivery delivery{request.method,  std::move(path), request.query,
                    request.headers, request.body,    request.peer};
  if (request.form.empty()) return delivery;
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& part : request.form) {
    if (!is_file(part)) fields.emplace_back(part.name, part.value);
  }
  delivery.body = print_form(fields);
  std::erase_if(delivery.headers,
                [](const auto& header) { return header.first == "content-type"; });
  delivery.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  return delivery;
}

class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  explicit Endpoint(Open311Parts parts)
      : parts_(std::move(parts)),
        about_(parts_.entrances.front().host->about()),
        started_at_(parts_.clock.now()) {}

  [[nodiscard]] Response get(const Request& request) const;
  void post(const std::shared_ptr<Request>& request, const Responder& answer) const;

 private:
  using Parameters = open311::Parameters;

  [[nodiscard]] Frame frame(const Request& request, Markup markup) const {
    return {parts_.organisation, markup, language_of(request), false, parts_.public_url};
  }
  [[nodiscard]] Response services(const Request& request, const georeport::Target& target) const;
  [[nodiscard]] Response requests(const Request& request, const georeport::Target& target) const;
  [[nodiscard]] Response updates(const Request& request, const georeport::Target& target) const;
  [[nodiscard]] Response token(const georeport::Target& target) const;
  [[nodiscard]] Result<std::vector<View>> views_of(std::span<const Report> reports) const;
  [[nodiscard]] Result<std::vector<Report>> moved_reports(const Selection& selection) const;
  [[nodiscard]] std::optional<Fault> wrong_jurisdiction(const Request& request) const;
  [[nodiscard]] bool reads_too_much(const Request& request) const;

  /// What an application asked for: nothing in it yet is stored.
  struct Posted {
    const Open311Parts::Entrance* entrance = nullptr;
    Result<Received> received;
  };
  [[nodiscard]] Posted receive(const Delivery& delivery,
                               std::span<const FormPart* const> files) const;
  [[nodiscard]] Result<bool> is_blocked(const Open311Parts::Entrance& entrance,
                                        const PostRecord& own, const Delivery& delivery) const;
  [[nodiscard]] std::optional<Response> admit_update(Markup markup,
                                                     const Open311Parts::Entrance& entrance,
                                                     const Delivery& delivery, Post& post) const;
  [[nodiscard]] Response stored(const Request& request, const georeport::Target& target,
                                const std::string& id, const Filing& filing) const;

  Open311Parts parts_;
  GeoReportAbout about_;
  Time started_at_;  ///< the organisation is read at the start alone
  mutable Throttle readers_{k_reading_rate, Rate{1e9, 1e9}};
};

std::optional<Fault> Endpoint::wrong_jurisdiction(const Request& request) const {
  return georeport::check_jurisdiction(parts_.organisation,
                                       open311::parameter(request.fields, "jurisdiction_id"),
                                       about_.needs_jurisdiction);
}

bool Endpoint::reads_too_much(const Request& request) const {
  const auto delivery = delivery_of(request, Markup::json);
  const bool has_key = std::ranges::any_of(parts_.entrances, [&](const auto& entrance) {
    return entrance.host->is_of_application(delivery);
  });
  return !has_key && readers_.admit(request.peer, parts_.clock.now()) != Admission::admitted;
}

Response Endpoint::get(const Request& request) const {
  const auto target = target_of(request);
  const auto& [resource, id, markup, whole] = target;
  const auto missing = [&, of = markup] { return refusal(of, 404, "There is no such resource."); };
  if (!whole) return missing();
  if (resource == "discovery" && id.empty()) {
    return document(markup, open311::discovery_document(frame(request, markup), about_,
                                                        parts_.public_url, started_at_));
  }
  if (const auto fault = wrong_jurisdiction(request)) {
    return refusal(markup, fault->status, fault->description);
  }
  if (resource == "services") return services(request, target);
  if (reads_too_much(request)) {
    return refusal(markup, 429, "Too much was asked for without an api_key: come back later.",
                   k_reading_wait);
  }
  if (resource == k_requests) return requests(request, target);
  if (resource == k_updates && id.empty()) return updates(request, target);
  if (resource == "tokens" && !id.empty()) return token(target);
  return missing();
}

Response Endpoint::services(const Request& request, const georeport::Target& target) const {
  const auto jurisdiction = open311::parameter(request.fields, "jurisdiction_id");
  const auto around = frame(request, target.markup);
  if (target.id.empty()) {
    return document(target.markup, open311::services_document(around, jurisdiction));
  }
  const auto* category = parts_.organisation.category(CategoryId(target.id));
  if (category == nullptr || !georeport::offers(parts_.organisation, *category, jurisdiction)) {
    return refusal(target.markup, 404, "service_code was not found.");
  }
  return document(target.markup, open311::definition_document(around, *category));
}

Result<std::vector<View>> Endpoint::views_of(std::span<const Report> reports) const {
  std::vector<ReportId> ids;
  for (const auto& report : reports) ids.push_back(report.id);
  const auto histories = TRY(parts_.store.histories(ids));
  std::vector<View> views;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    auto seen = view(reports[i], histories[i], Viewer::anyone(), Output::api);
    if (seen.visible) views.push_back(std::move(seen));
  }
  return views;
}

Response Endpoint::requests(const Request& request, const georeport::Target& target) const {
  auto parameters = request.fields;
  if (!target.id.empty()) {
    std::erase_if(parameters, [](const auto& each) { return each.first == "service_request_id"; });
    parameters.emplace_back("service_request_id", target.id);
  }
  const auto selection = open311::read_selection(parameters, parts_.organisation,
                                                 about_.needs_jurisdiction, parts_.clock.now());
  if (!selection) return refusal(target.markup, selection.error());
  ReportFilter filter;
  filter.most = selection->page_size;
  if (selection->codes) {
    filter.codes = *selection->codes;
  } else {
    filter.public_only = true;
    filter.categories = selection->categories;
    if (!selection->agency.empty()) filter.agency = selection->agency;
    if (selection->open) filter.states = open311::states_of(*selection->open);
    filter.received_from = selection->from;
    filter.received_before = selection->before;
    filter.skip = selection->skip();
  }
  std::vector<View> views;
  if (!selection->codes || !selection->codes->empty()) {
    const auto reports = parts_.store.find_reports(filter);
    if (!reports) return trouble(target.markup, reports.error());
    auto seen = views_of(*reports);
    if (!seen) return trouble(target.markup, seen.error());
    views = std::move(*seen);
  }
  if (!target.id.empty() && views.empty()) {
    return refusal(target.markup, 404, "service_request_id was not found.");
  }
  auto around = frame(request, target.markup);
  around.extensions = selection->extensions;
  return document(target.markup, open311::requests_document(around, views));
}

// What is public, and what came from applications, which wait to hear of it before it is.
Result<std::vector<Report>> Endpoint::moved_reports(const Selection& selection) const {
  std::vector<Report> all;
  std::unordered_set<std::int64_t> known;
  const auto add = [&](ReportFilter filter) -> Result<> {
    filter.moved_from = selection.from;
    filter.moved_before = selection.before;
    filter.most = k_reports_at_once;
    for (;;) {
      const auto found = TRY(parts_.store.find_reports(filter));
      for (const auto& report : found) {
        if (known.insert(report.id.value()).second) all.push_back(report);
      }
      if (all.size() > k_most_moved_reports) {
        return fail(Remedy::drop, "Too much happened between those dates: ask for fewer days.");
      }
      if (static_cast<int>(found.size()) < k_reports_at_once) return {};
      filter.before_id = found.back().id.value();
    }
  };
  ReportFilter open_to_all;
  open_to_all.public_only = true;
  TRY(add(open_to_all));
  for (const auto& entrance : parts_.entrances) {
    ReportFilter own;
    own.channel = entrance.channel;
    TRY(add(own));
  }
  return all;
}

Response Endpoint::updates(const Request& request, const georeport::Target& target) const {
  const auto selection = open311::read_selection(request.fields, parts_.organisation,
                                                 about_.needs_jurisdiction, parts_.clock.now());
  if (!selection) return refusal(target.markup, selection.error());
  Result<std::vector<Report>> reports;
  if (!selection->codes) {
    reports = moved_reports(*selection);
  } else if (!selection->codes->empty()) {
    ReportFilter filter;
    filter.codes = *selection->codes;
    filter.most = k_reports_at_once;
    reports = parts_.store.find_reports(filter);
  }
  if (!reports) return trouble(target.markup, reports.error());
  auto views = views_of(*reports);
  if (!views) return trouble(target.markup, views.error());
  if (!selection->agency.empty() && !selection->codes) {
    // A report that went elsewhere is still news for where it was.
    std::erase_if(*views, [&](const View& seen) {
      return std::ranges::find(seen.history, selection->agency, &Entry::agency) ==
             seen.history.end();
    });
  }
  auto updates = selection->codes ? open311::updates_of(*views, Time::min(), Time::max())
                                  : open311::updates_of(*views, selection->from, selection->before);
  const auto skipped = std::min(updates.size(), static_cast<std::size_t>(selection->skip()));
  const auto rest = std::span(updates).subspan(skipped);
  return document(
      target.markup,
      open311::updates_document(
          frame(request, target.markup),
          rest.first(std::min(rest.size(), static_cast<std::size_t>(selection->page_size)))));
}

Response Endpoint::token(const georeport::Target& target) const {
  for (const auto& entrance : parts_.entrances) {
    PostFilter filter;
    filter.channel = entrance.channel;
    filter.external_id = target.id;
    filter.most = 1;
    const auto posts = parts_.store.find_posts(filter);
    if (!posts) return trouble(target.markup, posts.error());
    if (posts->empty()) continue;
    const auto& post = posts->front();
    open311::Outcome outcome;
    outcome.token = target.id;
    const bool settled = post.fate == Fate::report || post.fate == Fate::joined;
    if (settled && post.report) {
      const auto report = parts_.store.report(post.report);
      if (!report) return trouble(target.markup, report.error());
      if (*report) outcome.id = (*report)->code.value();
    }
    return document(target.markup, open311::outcome_document(target.markup, outcome));
  }
  return refusal(target.markup, 404, "token was not found.");
}

std::vector<const FormPart*> files_in(const Request& request) {
  std::vector<const FormPart*> files;
  for (const auto& part : request.form) {
    if (is_file(part) && part.size_bytes > 0) files.push_back(&part);
  }
  return files;
}

// Each host knows its own applications' keys.
Endpoint::Posted Endpoint::receive(const Delivery& delivery,
                                   std::span<const FormPart* const> files) const {
  Posted posted;
  for (const auto& entrance : parts_.entrances) {
    posted = {&entrance, entrance.host->receive_with(delivery, files)};
    if (!posted.received || posted.received->answer.status != 403) break;
  }
  return posted;
}

// Whoever made the request, or says now that they write: an update's own author is nobody.
Result<bool> Endpoint::is_blocked(const Open311Parts::Entrance& entrance, const PostRecord& own,
                                  const Delivery& delivery) const {
  if (TRY(parts_.store.blocked(own.author))) return true;
  PostFilter filter;
  filter.channel = entrance.channel;
  filter.sender = entrance.host->author_of(delivery).value();
  filter.most = 1;
  if (filter.sender.empty()) return false;
  const auto earlier = TRY(parts_.store.find_posts(filter));
  return !earlier.empty() && TRY(parts_.store.blocked(earlier.front().author)).has_value();
}

// Only the application that made a request speaks for whoever made it there.
std::optional<Response> Endpoint::admit_update(Markup markup,
                                               const Open311Parts::Entrance& entrance,
                                               const Delivery& delivery, Post& post) const {
  const auto missing = [&] { return refusal(markup, 404, "service_request_id was not found."); };
  const auto report = parts_.store.report(TrackingCode(post.hints.tracking_code));
  if (!report) return trouble(markup, report.error());
  if (!*report) return missing();
  const auto posts = parts_.store.posts_of((*report)->id);
  if (!posts) return trouble(markup, posts.error());
  const auto own = std::ranges::find_if(*posts, [&](const PostRecord& each) {
    return each.fate == Fate::report && each.channel == entrance.channel &&
           entrance.host->is_same_application(each.external_id, post.id);
  });
  if (own == posts->end()) {
    if (!view(**report, {}, Viewer::anyone(), Output::api).visible) return missing();
    return refusal(markup, 403, "This api_key did not make that request.");
  }
  const auto blocked = is_blocked(entrance, *own, delivery);
  if (!blocked) return trouble(markup, blocked.error());
  if (*blocked) post.hints.suspicion = "its sender is blocked";
  post.in_reply_to = own->external_id;
  post.hints.thread_token = std::to_string((*report)->id.value());
  return std::nullopt;
}

Response Endpoint::stored(const Request& request, const georeport::Target& target,
                          const std::string& id, const Filing& filing) const {
  if (target.resource == k_updates) {
    return document(target.markup, open311::posted_update_document(target.markup, id));
  }
  const auto language = language_of(request);
  open311::Outcome outcome;
  outcome.id = filing.code.value();
  if (filing.code.empty() || filing.fate == Fate::held || !filing.report) {
    outcome.id.clear();
    outcome.token = id;
    outcome.notice = pick(language, "Kiriman Anda tersimpan dan akan dibaca petugas.",
                          "What you sent is kept and an officer will read it.");
    return document(target.markup, open311::outcome_document(target.markup, outcome));
  }
  outcome.notice =
      std::string(pick(language, "Petugas memeriksa laporan ini. Pantau dan tanggapi di ",
                       "An officer checks this report. Follow it and reply at ")) +
      parts_.public_url + "/r/" + filing.code.value();
  // Who only repeats what is there may be somebody else.
  if (filing.fate == Fate::report && filing.stored) {
    outcome.notice += "?k=" + tracking_secret(parts_.keys, filing.code);
  }
  return document(target.markup, open311::outcome_document(target.markup, outcome));
}

void Endpoint::post(const std::shared_ptr<Request>& request, const Responder& answer) const {
  const auto target = target_of(*request);
  const auto delivery = delivery_of(*request, target.markup);
  auto [entrance, received] = receive(delivery, files_in(*request));
  if (!received) return answer(trouble(target.markup, received.error()));
  if (received->posts.empty()) {
    auto& told = received->answer;
    return answer(answer_of(told.status, told.type, std::move(told.body)));
  }
  auto& post = received->posts.front();
  if (target.resource == k_updates) {
    if (auto refused = admit_update(target.markup, *entrance, delivery, post)) {
      return answer(std::move(*refused));
    }
  }
  const auto id = post.id.value();
  parts_.intake.submit(
      entrance->channel, std::move(*received),
      [self = shared_from_this(), request, target, answer, id](const Result<Ingested>& ingested) {
        if (!ingested) return answer(trouble(target.markup, ingested.error()));
        if (ingested->filings.empty()) {
          return answer(refusal(target.markup, 400, "The request could not be kept."));
        }
        answer(self->stored(*request, target, id, ingested->filings.front()));
      });
}

}  // namespace

std::vector<Route> open311_routes(Open311Parts parts) {
  std::vector<Route> routes;
  if (parts.entrances.empty()) return routes;
  // Shared by the handlers, which are copied.
  const auto endpoint = std::make_shared<const Endpoint>(std::move(parts));
  for (const auto* pattern : {"/open311/v2/{resource}", "/open311/v2/{resource}/{id}"}) {
    routes.push_back({"GET",
                      pattern,
                      BodyKind::none,
                      0,
                      [endpoint](const Request& request) { return endpoint->get(request); },
                      {}});
    routes.push_back({"POST",
                      pattern,
                      BodyKind::raw,
                      georeport::k_most_body_bytes,
                      {},
                      [endpoint](std::shared_ptr<Request> request, const Responder& answer) {
                        endpoint->post(request, answer);
                      },
                      k_most_form_bytes});
  }
  return routes;
}

Response open311_failure(const Request& request, int status, std::string_view detail) {
  return refusal(target_of(request).markup, status, std::string(detail));
}

}  // namespace kanal
