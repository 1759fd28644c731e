#include "connectors/open311/reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "connectors/office_words.hpp"
#include "core/file_link.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "format/phone_number.hpp"

namespace kanal::open311 {
namespace {

using georeport::Fault;

constexpr std::size_t k_most_fields = 200;
constexpr std::size_t k_most_name_bytes = 200;
constexpr std::size_t k_most_description_characters = 4000;
constexpr std::size_t k_most_values = 50;
constexpr std::size_t k_most_media = 10;
constexpr std::string_view k_perhaps_a_circle =
    "another bridge hands it over, and the office that it names hands its reports on itself";

struct Limit {
  std::string_view field;
  std::size_t most_characters;
};
constexpr Limit k_limits[] = {{"description", k_most_description_characters},
                              {"address_string", 500},
                              {"address_id", 200},
                              {"email", 254},
                              {"phone", 40},
                              {"first_name", 100},
                              {"last_name", 100},
                              {"device_id", 200},
                              {"account_id", 200},
                              {"update_id", 200}};

// mySociety's "Additional states"; an update may bear any of them.
constexpr auto k_statuses = std::to_array<std::string_view>(
    {"open", "closed", "fixed", "in_progress", "planned", "action_scheduled", "investigating",
     "duplicate", "not_councils_responsibility", "no_further_action", "internal_referral", "reopen",
     "for_triage", "cancelled"});

/// Gathers what is wrong, all of it, for one answer.
class Faults {
 public:
  void add(int status, std::string description) {
    faults_.push_back({status, std::move(description)});
  }
  [[nodiscard]] bool none() const { return faults_.empty(); }
  // What is not there says more than what is wrong besides.
  std::vector<Fault> take() {
    std::ranges::stable_sort(faults_, std::ranges::greater(), &Fault::status);
    return std::move(faults_);
  }

 private:
  std::vector<Fault> faults_;
};

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(value > -1e15 && value < 1e15)) return std::nullopt;
  return value;
}

void check_limits(const Fields& fields, Faults& faults) {
  for (const auto& limit : k_limits) {
    if (count_characters(text_of(fields, limit.field)) > limit.most_characters) {
      faults.add(400, std::string(limit.field) + " has more than " +
                          std::to_string(limit.most_characters) + " characters.");
    }
  }
}

void check_jurisdiction(const Fields& fields, const Occasion& occasion, Faults& faults) {
  if (auto fault = georeport::check_jurisdiction(
          occasion.organisation, text_of(fields, "jurisdiction_id"), occasion.needs_jurisdiction)) {
    faults.add(fault->status, std::move(fault->description));
  }
}

const Category* service_of(const Fields& fields, const Occasion& occasion, Faults& faults) {
  const auto code = text_of(fields, "service_code");
  if (code.empty()) {
    faults.add(400, "service_code was not provided.");
    return nullptr;
  }
  const auto* category = occasion.organisation.category(CategoryId(std::string(code)));
  if (category == nullptr ||
      !georeport::offers(occasion.organisation, *category, text_of(fields, "jurisdiction_id"))) {
    faults.add(404, "service_code was not found.");
    return nullptr;
  }
  return category;
}

std::optional<Place> place_of(const Fields& fields, Faults& faults) {
  const auto latitude_text = text_of(fields, "lat");
  const auto longitude_text = text_of(fields, "long");
  const auto address = text_of(fields, "address_string");
  Place place;
  place.address = address;
  if (!latitude_text.empty() || !longitude_text.empty()) {
    place.latitude = number_of(latitude_text);
    place.longitude = number_of(longitude_text);
    if (!place.latitude || !place.longitude || *place.latitude < -90 || *place.latitude > 90 ||
        *place.longitude < -180 || *place.longitude > 180) {
      faults.add(400, "lat and long must both be provided, in degrees (WGS84).");
    }
    return place;
  }
  if (address.empty() && text_of(fields, "address_id").empty()) {
    faults.add(400, "A location was not provided: lat and long, address_string or address_id.");
    return std::nullopt;
  }
  if (address.empty()) return std::nullopt;
  return place;
}

struct Answer {
  std::string code;
  std::vector<std::string> values;
};

// attribute[CODE]=value, and attribute[CODE][]=value as often as there are values.
std::vector<Answer> answers_of(const Fields& fields, Faults& faults) {
  constexpr std::string_view k_start = "attribute[";
  std::vector<Answer> answers;
  std::size_t count = 0;
  for (const auto& [name, value] : fields) {
    if (!name.starts_with(k_start) || trim(value).empty()) continue;
    auto code = std::string_view(name).substr(k_start.size());
    if (code.ends_with("][]")) code.remove_suffix(2);
    if (!code.ends_with(']') || code.size() < 2) continue;
    code.remove_suffix(1);
    if (++count > k_most_values) {
      faults.add(400, "There are more than " + std::to_string(k_most_values) + " attributes.");
      break;
    }
    const auto found = std::ranges::find(answers, code, &Answer::code);
    auto& answer =
        found == answers.end() ? answers.emplace_back(Answer{std::string(code), {}}) : *found;
    answer.values.emplace_back(trim(value));
  }
  return answers;
}

std::string wrong_with(const Question& question, const Answer& answer) {
  const bool is_list = question.type.ends_with("list");
  if (question.type != "multivaluelist" && answer.values.size() > 1) return "takes one value";
  for (const auto& value : answer.values) {
    if (count_characters(value) > k_most_description_characters) return "is too long";
    if (is_list &&
        std::ranges::find(question.choices, value, &Choice::key) == question.choices.end()) {
      return "is none of its values";
    }
    if (question.type == "number" && !number_of(value)) return "must be a number";
    if (question.type == "string" && value.find('\n') != std::string::npos) {
      return "must be one line";
    }
    if (question.type == "datetime" && !parse_rfc3339(value) &&
        !parse_rfc3339(value + "T00:00:00Z")) {
      return "must be a date and time with its zone (2026-01-02T03:04:05+07:00)";
    }
  }
  return {};
}

std::string print_answer(const Question* question, const Answer& answer) {
  std::string line = question == nullptr ? answer.code : question->text_id;
  if (!line.ends_with('?')) line += ':';
  std::string_view separator = " ";
  for (const auto& value : answer.values) {
    line += separator;
    separator = ", ";
    const auto* name = &value;
    if (question != nullptr) {
      const auto choice = std::ranges::find(question->choices, value, &Choice::key);
      if (choice != question->choices.end()) name = &choice->name_id;
    }
    line += clip_utf8(*name, k_most_description_characters);
  }
  return line;
}

// What was answered, a line each. What the service does not ask is kept too: some systems send
// numbers of their own.
std::string read_answers(const Category& category, const Fields& fields, Faults& faults) {
  const auto answers = answers_of(fields, faults);
  std::string lines;
  for (const auto& question : category.questions) {
    const auto answer = std::ranges::find(answers, question.code, &Answer::code);
    if (answer == answers.end()) {
      if (question.required) {
        faults.add(400, "attribute[" + question.code + "] was not provided.");
      }
      continue;
    }
    if (const auto wrong = wrong_with(question, *answer); !wrong.empty()) {
      faults.add(400, "attribute[" + question.code + "] " + wrong + ".");
    }
    lines += print_answer(&question, *answer) + '\n';
  }
  for (const auto& answer : answers) {
    if (std::ranges::find(category.questions, answer.code, &Question::code) ==
        category.questions.end()) {
      lines += print_answer(nullptr, answer) + '\n';
    }
  }
  return lines;
}

std::string media_lines(const Fields& fields, Faults& faults) {
  std::string lines;
  std::size_t count = 0;
  for (const auto& [name, value] : fields) {
    const auto url = trim(value);
    if ((name != "media_url" && name != "media_url[]") || url.empty()) continue;
    const bool fits = (url.starts_with("https://") || url.starts_with("http://")) &&
                      url.size() <= 2000 && url.find_first_of(" \n\t") == std::string_view::npos;
    if (!fits || ++count > k_most_media) {
      faults.add(400, "media_url must be an address of http or https, and at most " +
                          std::to_string(k_most_media) + " of them.");
      break;
    }
    lines += picture_link(url) + '\n';
  }
  return lines;
}

std::string name_of(const Fields& fields) {
  std::string name(text_of(fields, "first_name"));
  // FixMyStreet fills a missing last name with a dash.
  if (const auto last = text_of(fields, "last_name"); !last.empty() && last != "-") {
    name += (name.empty() ? "" : " ") + std::string(last);
  }
  return name;
}

bool is_true(std::string_view text) {
  return equals_ignoring_case(text, "true") || text == "1";
}

bool hands_on(const Organisation& organisation, const AgencyId& agency_id, const UnitId& unit_id) {
  const auto to_a_system = [](const HandOver& way) {
    return way.by != "console" && way.by != "email";
  };
  const auto* agency = organisation.agency(agency_id);
  const auto* unit = organisation.unit(unit_id);
  return (agency != nullptr && to_a_system(agency->handed_over)) ||
         (unit != nullptr && to_a_system(unit->handed_over));
}

std::string join_parts(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) {
    const auto trimmed = trim(part);
    if (trimmed.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += trimmed;
  }
  return text;
}

}  // namespace

tl::expected<Fields, georeport::Fault> parse_fields(std::string_view body) {
  if (body.size() > georeport::k_most_body_bytes) {
    return tl::unexpected(Fault{400, "The request is too long."});
  }
  const auto form = parse_form(trim(body));
  if (!form || form->size() > k_most_fields) {
    return tl::unexpected(Fault{400, "The request has too many fields."});
  }
  Fields fields;
  for (const auto& [name, value] : *form) {
    fields.emplace_back(scrub_utf8(clip_utf8(name, k_most_name_bytes)), scrub_utf8(value));
  }
  return fields;
}

std::string_view text_of(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return trim(value);
  }
  return {};
}

Author author_of(const Fields& fields, std::string_view application, std::string_view region) {
  Author author;
  author.proven = false;
  author.name = name_of(fields);
  const auto account = text_of(fields, "account_id");
  const auto device = text_of(fields, "device_id");
  const auto email = text_of(fields, "email");
  const auto phone = text_of(fields, "phone");
  author.handle = account;
  if (looks_like_email(email)) {
    author.email = to_lower_ascii(email);
  } else if (author.handle.empty()) {
    author.handle = email;
  }
  author.phone = to_e164(phone, region).value_or(std::string(phone));
  const auto own = [&](std::string_view kind, std::string_view id) {
    return ExternalId(std::string(application) + "/" + std::string(kind) + "/" + std::string(id));
  };
  if (!author.email.empty()) {
    author.id = ExternalId(author.email);
  } else if (author.phone.starts_with('+')) {
    author.id = ExternalId(author.phone);
  } else if (!account.empty()) {
    author.id = own("account", account);
  } else if (!device.empty()) {
    author.id = own("device", device);
  }
  return author;
}

Reading read_request(const Fields& fields, const Occasion& occasion) {
  Faults faults;
  check_jurisdiction(fields, occasion, faults);
  check_limits(fields, faults);
  const auto* category = service_of(fields, occasion, faults);
  Post post;
  post.place = place_of(fields, faults);
  const auto answers =
      category == nullptr ? std::string() : read_answers(*category, fields, faults);
  const auto media = media_lines(fields, faults);
  if (!faults.none()) return tl::unexpected(faults.take());

  const auto address_id = text_of(fields, "address_id");
  const auto address_line =
      address_id.empty() ? std::string() : "address_id: " + std::string(address_id);
  post.text = join_parts({text_of(fields, "description"), answers, address_line, media});
  // A bare tap on "Street lighting" says something too.
  if (post.text.empty()) post.text = category->name_id;
  post.author = author_of(fields, occasion.application, occasion.region);
  post.hints.category = category->id.value();
  post.hints.agency = text_of(fields, "jurisdiction_id");
  post.hints.anonymous = is_true(text_of(fields, "public_anonymity_required"));
  post.hints.entrance = occasion.application;
  const AgencyId agency(post.hints.agency.empty() ? category->agency.value() : post.hints.agency);
  if (ends_in_marker(text_of(fields, "description")) &&
      hands_on(occasion.organisation, agency, category->unit)) {
    post.hints.suspicion = k_perhaps_a_circle;
  }
  post.posted_at = occasion.now;
  return post;
}

Reading read_update(const Fields& fields, const Occasion& occasion) {
  Faults faults;
  check_jurisdiction(fields, occasion, faults);
  check_limits(fields, faults);
  for (const std::string_view needed :
       {"service_request_id", "update_id", "updated_datetime", "status"}) {
    if (text_of(fields, needed).empty())
      faults.add(400, std::string(needed) + " was not provided.");
  }
  const auto code = parse_tracking_code(text_of(fields, "service_request_id"));
  if (!code && !text_of(fields, "service_request_id").empty()) {
    faults.add(404, "service_request_id was not found.");
  }
  const auto status = to_lower_ascii(text_of(fields, "status"));
  if (!status.empty() && std::ranges::find(k_statuses, status) == k_statuses.end()) {
    faults.add(400, "status is none of those that are known.");
  }
  const auto updated = text_of(fields, "updated_datetime");
  const auto time = parse_rfc3339(updated);
  if (!time && !updated.empty()) {
    faults.add(400, "updated_datetime must have its zone (2026-01-02T03:04:05+07:00).");
  }
  const auto media = media_lines(fields, faults);
  auto description = std::string(text_of(fields, "description"));
  const bool settled = status == "fixed" || status == "closed";
  const bool again = status == "reopen";
  if (description.empty() && media.empty() && !settled && !again) {
    faults.add(400, "description was not provided.");
  }
  if (!faults.none()) return tl::unexpected(faults.take());

  // In the words that reporters settle or dispute an answer with on every channel.
  if (again) description = description.empty() ? "BELUM" : "BELUM: " + description;
  if (settled && description.empty() && media.empty()) description = "SELESAI";
  Post post;
  post.text = join_parts({description, media});
  post.author.proven = false;
  post.author.name = name_of(fields);
  post.hints.tracking_code = code->value();
  post.hints.entrance = occasion.application;
  post.posted_at = std::min(*time, occasion.now);
  return post;
}

}  // namespace kanal::open311
