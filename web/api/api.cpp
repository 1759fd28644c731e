#include "web/api/api.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "web/api/show.hpp"
#include "web/files.hpp"

namespace kanal {
namespace api {
namespace {

constexpr std::string_view k_root = "/api/v1";

Response unauthorised(const Request& request, bool tried) {
  auto response = problem(request, 401,
                          tried ? "This token is not valid (any more)."
                                : "A bearer token is needed: Authorization: Bearer …");
  response.headers.emplace_back(
      "WWW-Authenticate",
      tried ? "Bearer realm=\"kanal\", error=\"invalid_token\"" : "Bearer realm=\"kanal\"");
  return response;
}

Response failed(const Request& request, const Error& error, bool by_officer) {
  switch (error.remedy) {
    case Remedy::drop:
    case Remedy::withhold:
      // A reader's complaint about a message may quote it.
      return problem(request, 422, redact_personal(error.message));
    case Remedy::throttled:
      return problem(request, 429, error.message);
    case Remedy::reconfigure:
      if (by_officer) return problem(request, 503, error.message);
      break;
    case Remedy::retry:
    case Remedy::uncertain:
      break;
  }
  return trouble(request, error);
}

bool is_of_type(const Request& request, std::string_view wanted) {
  const auto type = request.header("content-type");
  return equals_ignoring_case(trim(std::string_view(type).substr(0, type.find(';'))), wanted);
}

tl::expected<Given, Unfit> read_form(const Request& request, Shape shape) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& part : request.form) {
    const bool file = !part.file.empty();
    if (!file) fields.emplace_back(part.name, part.value);
    if (file && part.name != "files") {
      return tl::unexpected(Unfit{
          422, "The form does not fit; see errors.", {{scrub_utf8(part.name), "takes no file"}}});
    }
  }
  auto given = read_query(fields, shape);
  if (!given) given.error().detail = "The form does not fit; see errors.";
  return given;
}

tl::expected<Given, Unfit> read_given(const Operation& operation, const Request& request) {
  if (is_of_type(request, "application/json")) return read_body(request.body, operation.body);
  if (operation.most_files_bytes == 0) {
    return tl::unexpected(Unfit{415, "The body must be application/json.", {}});
  }
  if (!is_of_type(request, "multipart/form-data") || request.form.empty()) {
    return tl::unexpected(
        Unfit{415, "The body must be application/json, or a form: multipart/form-data.", {}});
  }
  return read_form(request, operation.body);
}

bool is_let_in(const Operation& operation, const std::optional<Session>& session) {
  switch (operation.door) {
    case Door::anyone:
    case Door::officer:
      return true;
    case Door::reader:
      return !session || may(session->officer.role, Ability::read_reports);
    case Door::ability:
      return may(session->officer.role, operation.ability);
  }
  return false;
}

}  // namespace

Response json(int status, JsonWriter& out) {
  auto response = Response::json(status, out.take());
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response nothing_to_say() {
  Response response;
  response.status = 204;
  return response;
}

Response missing(const Asked& asked) {
  return problem(asked.request, 404, "There is nothing of this name for you.");
}

std::optional<ChannelName> chosen_channel(const Asked& asked) {
  if (!asked.query.has("channel")) return std::nullopt;
  return ChannelName(asked.query.text("channel"));
}

int most_of(const Asked& asked) {
  return static_cast<int>(asked.query.whole("most").value_or(50));
}

std::int64_t number_of(const Asked& asked) {
  const auto& text = asked.request.parameters.at("id");
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && number > 0 ? number : 0;
}

Api::Api(WebParts parts)
    : parts_(std::move(parts)),
      sessions_(std::make_unique<Sessions>(parts_.store, parts_.keys, parts_.clock)),
      document_(openapi_document(parts_.public_url, parts_.version)) {}

Response Api::answer(const Operation& operation, const Request& request) const {
  auto found = sessions_->find_bearer(request);
  if (!found) return failed(request, found.error(), false);
  const bool tried = !request.header("authorization").empty();
  if (!*found && (tried || operation.door > Door::reader)) return unauthorised(request, tried);
  Asked asked{request, std::move(*found), {}, {}, {}};
  if (!is_let_in(operation, asked.session)) {
    return problem(request, 403, "This is not for your role.");
  }
  auto query = read_query(request.fields, operation.query);
  if (!query)
    return problem(request, query.error().status, query.error().detail, query.error().faults);
  asked.query = std::move(*query);
  if (!operation.body.empty()) {
    auto body = read_given(operation, request);
    if (!body)
      return problem(request, body.error().status, body.error().detail, body.error().faults);
    asked.body = std::move(*body);
    asked.files = files_of(request);
  }
  auto response = (this->*operation.handle)(asked);
  return response ? std::move(*response)
                  : failed(request, response.error(), asked.session.has_value());
}

Result<Response> Api::openapi(const Asked& /*asked*/) const {
  auto response = Response::json(200, document_);
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  return response;
}

Result<Response> Api::organisation(const Asked& /*asked*/) const {
  JsonWriter out;
  write_organisation(out, parts_.organisation);
  return json(200, out);
}

Result<Response> Api::me(const Asked& asked) const {
  JsonWriter out;
  out.begin_object().key("officer");
  write_officer(out, asked.session->officer);
  out.key("may").begin_array();
  for (std::size_t i = 0; i < k_ability_names.size(); ++i) {
    if (asked.may(static_cast<Ability>(i))) out.value(k_ability_names.at(i));
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<Response> Api::issue_token(const Asked& asked) const {
  const auto label = std::string(trim(asked.body.text("label")));
  if (label.empty() || label == "console") {
    const Fault fault{"label", "must say what the token is for"};
    return problem(asked.request, 422, "The body does not fit; see errors.", {&fault, 1});
  }
  const auto days = std::chrono::days(asked.body.whole("days").value_or(30));
  const auto issued = TRY(sessions_->issue_token(*asked.session, days, label));
  TRY(parts_.store.record(asked.session->actor(), "token", label));
  JsonWriter out;
  out.begin_object().member("token", issued.token);
  out.member("label", label);
  write_time(out, "expires_at", issued.until);
  out.end_object();
  return json(201, out);
}

Result<Response> Api::revoke_token(const Asked& asked) const {
  TRY(sessions_->revoke_token(asked.session->token));
  return nothing_to_say();
}

}  // namespace api

std::vector<Route> api_routes(WebParts parts) {
  // Shared by the handlers, which are copied.
  const auto api = std::make_shared<const api::Api>(std::move(parts));
  std::vector<Route> routes;
  for (const auto& operation : api::operations()) {
    const bool reads = !operation.body.empty();
    routes.push_back(
        {std::string(operation.method),
         std::string(api::k_root) + std::string(operation.path),
         reads ? BodyKind::raw : BodyKind::none,
         operation.most_bytes,
         [api, &operation](const Request& request) { return api->answer(operation, request); },
         {},
         operation.most_files_bytes > 0 ? operation.most_files_bytes + operation.most_bytes : 0});
  }
  return routes;
}

}  // namespace kanal
