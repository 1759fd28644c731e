#include "connectors/open311/open311.hpp"

#include <algorithm>

#include "connectors/open311/reading.hpp"
#include "connectors/standard_webhook.hpp"
#include "connectors/uploads.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::open311 {
namespace {

using georeport::Fault;
using georeport::k_requests;
using georeport::k_updates;

constexpr std::size_t k_most_payload_bytes = 256U << 10U;

constexpr std::chrono::milliseconds k_least_patience{1000};

// Keys of the kept payload; an application's own fields do not begin so.
constexpr std::string_view k_kept_resource = "_resource";
constexpr std::string_view k_kept_application = "_application";
constexpr std::string_view k_kept_id = "_id";
constexpr std::string_view k_kept_time = "_time";

std::string print_fields(Fields fields) {
  std::erase_if(fields, [](const auto& field) {
    return field.first == "api_key" || field.first.starts_with('_');
  });
  return print_form(fields);
}

std::string print_payload(std::string_view resource, const Fields& fields, const Post& post) {
  return print_form({{std::string(k_kept_resource), std::string(resource)},
                     {std::string(k_kept_application), post.hints.entrance},
                     {std::string(k_kept_id), post.id.value()},
                     {std::string(k_kept_time), print_rfc3339(post.posted_at)}}) +
         '&' + print_fields(fields);
}

// The same words sent again within a day are a repeat: an application that got no answer has no
// other way to ask again. Days begin at three in the morning of Jakarta.
std::string day_of(Time now) {
  constexpr std::chrono::hours k_shift{4};
  return std::to_string(
      std::chrono::floor<std::chrono::days>(now + k_shift).time_since_epoch().count());
}

Reading read_fields(std::string_view resource, const Fields& fields, const Occasion& occasion) {
  return resource == k_updates ? read_update(fields, occasion) : read_request(fields, occasion);
}

bool is_form(std::string_view type) {
  type = trim(type.substr(0, type.find(';')));
  return type.empty() || equals_ignoring_case(type, "application/x-www-form-urlencoded");
}

/// What tells a request from the same words with other files.
std::string names_of(std::span<const FormPart* const> files) {
  std::string names;
  for (const auto* const file : files) {
    names += '\n' + file->file_name + ' ' + std::to_string(file->size_bytes);
  }
  return names;
}

Received refused(Markup markup, std::vector<Fault> faults) {
  Received received;
  received.answer = georeport::refuse(markup, faults);
  return received;
}

// The key may stand in the address, wherever it is asked for.
tl::expected<Fields, Fault> fields_of(const Delivery& delivery) {
  auto fields = parse_fields(delivery.body);
  if (!fields) return fields;
  // The server has bounded it.
  for (auto& [name, value] : parse_form(delivery.query).value_or(FormFields())) {
    if (name == "api_key" || name == "jurisdiction_id") {
      fields->emplace_back(name, scrub_utf8(value));
    }
  }
  return fields;
}

bool is_application_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::ranges::all_of(name, [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '_';
  });
}

std::string_view application_in(const ExternalId& id) {
  return std::string_view(id.value()).substr(0, id.value().find('-'));
}

}  // namespace

WrongSettings wrong_settings(const Settings& settings) {
  WrongSettings wrong;
  for (const auto& [name, application] : settings.applications) {
    if (is_application_name(name)) continue;
    wrong.emplace_back("applications." + name,
                       "an application's name has only small letters, digits and \"_\"");
  }
  return wrong;
}

Open311::Open311(Settings settings, std::vector<Application> applications,
                 const Surroundings& around)
    : settings_(std::move(settings)), applications_(std::move(applications)), around_(around) {
  for (const auto& application : applications_) {
    const auto burst = static_cast<double>(application.posts_per_minute);
    const Rate rate{burst, burst * 60};
    throttles_[application.name] = std::make_unique<Throttle>(rate, rate);
  }
}

GeoReportAbout Open311::about() const {
  return {settings_.contact, settings_.key_service, settings_.test, settings_.needs_jurisdiction};
}

ExternalId Open311::author_of(const Delivery& delivery) const {
  const auto fields = fields_of(delivery);
  if (!fields) return {};
  const auto* application = application_of(text_of(*fields, "api_key"));
  return open311::author_of(*fields, application == nullptr ? "" : application->name,
                            settings_.region)
      .id;
}

bool Open311::is_of_application(const Delivery& delivery) const {
  const auto fields = fields_of(delivery);
  return fields && application_of(text_of(*fields, "api_key")) != nullptr;
}

bool Open311::is_same_application(const ExternalId& one, const ExternalId& other) const {
  return application_in(one) == application_in(other);
}

// Looks at all, so that the time tells nothing of which.
const Application* Open311::application_of(std::string_view key) const {
  const Application* found = nullptr;
  for (const auto& application : applications_) {
    if (equal_secrets(key, application.key)) found = &application;
  }
  return found;
}

std::string Open311::mac_of(std::string_view what) const {
  return to_hex(around_.keys.tag(Purpose::form, "open311\n" + std::string(what), 16));
}

std::optional<Fault> Open311::wrong_files(std::string_view resource,
                                          std::span<const FormPart* const> files) const {
  if (files.empty()) return std::nullopt;
  if (resource != k_requests) return Fault{400, "Files can come with a request only."};
  if (files.size() > static_cast<std::size_t>(settings_.most_files)) {
    return Fault{400, "There are more than " + std::to_string(settings_.most_files) + " files."};
  }
  for (const auto* const file : files) {
    if (file->size_bytes > static_cast<std::uint64_t>(settings_.most_file_bytes)) {
      return Fault{400,
                   "A file has more than " + std::to_string(settings_.most_file_bytes) + " bytes."};
    }
  }
  return std::nullopt;
}

Result<Received> Open311::receive_with(const Delivery& delivery,
                                       std::span<const FormPart* const> files) const {
  const auto target = georeport::parse_target(delivery.path);
  const auto refuse = [&](int status, std::string description) {
    return refused(target.markup, {{status, std::move(description)}});
  };
  const bool known = target.resource == k_requests || target.resource == k_updates;
  if (delivery.method != "POST" || !known || !target.id.empty() || !target.is_whole) {
    return refuse(404, "There is no such resource to post to.");
  }
  if (!is_form(header(delivery, "content-type"))) {
    return refuse(400, "Send application/x-www-form-urlencoded or multipart/form-data.");
  }
  const auto fields = fields_of(delivery);
  if (!fields) return refused(target.markup, {fields.error()});
  const auto* application = application_of(text_of(*fields, "api_key"));
  if (application == nullptr) {
    return refuse(403, text_of(*fields, "api_key").empty() ? "api_key was not provided."
                                                           : "api_key is not known.");
  }
  if (throttles_.at(application->name)->admit({}, around_.clock.now()) != Admission::admitted) {
    constexpr std::chrono::milliseconds k_minute{60'000};
    return fail(Remedy::throttled, "This api_key posts too much.",
                std::max(k_minute / application->posts_per_minute, k_least_patience));
  }
  const Occasion occasion{around_.organisation, application->name, around_.clock.now(),
                          settings_.region, settings_.needs_jurisdiction};
  auto post = read_fields(target.resource, *fields, occasion);
  if (!post) return refused(target.markup, std::move(post).error());
  if (auto fault = wrong_files(target.resource, files)) {
    return refused(target.markup, {std::move(*fault)});
  }
  const bool updates = target.resource == k_updates;
  const auto identity =
      updates ? post->hints.tracking_code + "\n" + std::string(text_of(*fields, "update_id"))
              : day_of(occasion.now) + "\n" + print_fields(*fields) + names_of(files);
  post->id = ExternalId(application->name + (updates ? "-u-" : "-r-") +
                        mac_of(application->name + "\n" + identity));
  if (post->author.id.empty()) post->author.id = post->id;
  post->payload = print_payload(target.resource, *fields, *post);
  auto taken = take_files(files, settings_, around_.spool);
  if (!taken && taken.error().error.remedy != Remedy::drop) {
    return tl::unexpected(std::move(taken.error().error));
  }
  if (!taken) {
    return refuse(400,
                  "A file cannot be taken: send an undamaged JPEG, PNG or WebP picture, a PDF "
                  "document or an MP4 film.");
  }
  post->attachments = std::move(taken->attachments);
  Received received;
  received.answer = {200, std::string(georeport::content_type(target.markup)), ""};
  received.posts.push_back(std::move(*post));
  return received;
}

Result<Batch> Open311::translate(std::string_view raw) const {
  if (raw.size() > k_most_payload_bytes) return fail(Remedy::drop, "the request is too long");
  const auto fields = parse_fields(raw);
  if (!fields) return fail(Remedy::drop, fields.error().description);
  const auto time = parse_rfc3339(text_of(*fields, k_kept_time)).value_or(around_.clock.now());
  const auto resource = text_of(*fields, k_kept_resource);
  const auto by = text_of(*fields, k_kept_application);
  auto post = read_fields(
      resource, *fields,
      {around_.organisation, by.empty() ? "trace" : std::string(by), time, settings_.region});
  if (!post) {
    std::string why;
    for (const auto& fault : post.error()) why += (why.empty() ? "" : " ") + fault.description;
    return fail(Remedy::drop, std::move(why));
  }
  const auto id = text_of(*fields, k_kept_id);
  post->id = ExternalId(id.empty() ? "trace-r-" + mac_of(raw) : std::string(id));
  if (post->author.id.empty()) post->author.id = post->id;
  post->payload = raw;
  Batch batch;
  batch.posts.push_back(std::move(*post));
  return batch;
}

}  // namespace kanal::open311
