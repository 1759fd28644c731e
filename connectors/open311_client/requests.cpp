#include "connectors/open311_client/requests.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/far_system.hpp"
#include "connectors/office_words.hpp"
#include "core/file_link.hpp"
#include "core/language.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "core/visibility.hpp"

namespace kanal::open311_client {
namespace {

constexpr std::size_t k_most_name_bytes = 100;
constexpr std::size_t k_most_description_bytes = 4000;
constexpr std::size_t k_most_address_bytes = 500;
constexpr std::string_view k_request = "request/";
constexpr std::string_view k_token = "token/";

// GeoReport v2 has "open", which every new request is, and "closed"; the others are mySociety's,
// and what is met besides.
struct Meaning {
  std::string_view status;
  std::string_view event;
};
constexpr auto k_meanings = std::to_array<Meaning>({{"open", "proceed"},
                                                    {"acknowledged", "proceed"},
                                                    {"in_progress", "proceed"},
                                                    {"investigating", "proceed"},
                                                    {"planned", "proceed"},
                                                    {"action_scheduled", "proceed"},
                                                    {"for_triage", "proceed"},
                                                    {"internal_referral", "proceed"},
                                                    {"reopen", "proceed"},
                                                    {"closed", "answer"},
                                                    {"fixed", "answer"},
                                                    {"duplicate", "answer"},
                                                    {"cancelled", "answer"},
                                                    {"no_further_action", "answer"},
                                                    {"not_councils_responsibility", "not_ours"}});

std::string print_degrees(double degrees) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), degrees, std::chars_format::fixed, 6);
  return {text.data(), end.ptr};
}

std::string_view status_by(std::string_view news) {
  if (news == "added" || news == "overdue") return "OPEN";
  return news == "taken" ? "CANCELLED" : "REOPEN";
}

void locate(Fields& fields, const std::optional<Place>& place, std::string_view language) {
  const auto point = place && place->latitude && place->longitude;
  if (point) {
    fields.emplace_back("lat", print_degrees(*place->latitude));
    fields.emplace_back("long", print_degrees(*place->longitude));
  }
  const auto address = place ? clip_utf8(trim(place->address), k_most_address_bytes) : "";
  if (!address.empty()) {
    fields.emplace_back("address_string", address);
  } else if (!point) {
    // The standard takes no request without a place.
    fields.emplace_back("address_string",
                        is_english(language) ? "See the description" : "Lihat uraian");
  }
}

/// What such a system shows to everybody: no more than our own pages do.
OfficeNotice published(OfficeNotice notice) {
  for (auto* const words : {&notice.title, &notice.text, &notice.words}) {
    *words = redact_personal(without_file_links(*words));
  }
  if (notice.place) notice.place->address = redact_personal(notice.place->address);
  return notice;
}

std::string plain_status(std::string_view status) {
  auto plain = to_lower_ascii(trim(status));
  // FixMyStreet says who set it: "fixed - council".
  plain = trim(plain.substr(0, plain.find(" - ")));
  std::ranges::replace(plain, ' ', '_');
  std::ranges::replace(plain, '-', '_');
  return plain;
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= k_most_name_bytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

ExternalId print_name(const Name& name) {
  return ExternalId(name.id.empty() ? std::string(k_token) + name.token
                                    : std::string(k_request) + name.id);
}

std::optional<Name> parse_name(const ExternalId& id) {
  const std::string_view text = id.value();
  if (text.starts_with(k_request)) return Name{std::string(text.substr(k_request.size())), {}};
  if (text.starts_with(k_token)) return Name{{}, std::string(text.substr(k_token.size()))};
  return std::nullopt;
}

Fields request_fields(const Reply& reply, const std::optional<Name>& earlier,
                      const Settings& settings, std::chrono::minutes utc_offset) {
  auto notice = read_office_notice(reply.text);
  if (notice) notice = published(std::move(*notice));
  const auto service = notice ? settings.services.find(notice->category) : settings.services.end();
  Fields fields;
  if (!settings.jurisdiction.empty()) fields.emplace_back("jurisdiction_id", settings.jurisdiction);
  fields.emplace_back("service_code",
                      service == settings.services.end() ? settings.service_code : service->second);
  locate(fields, notice ? notice->place : std::nullopt, reply.language);
  const auto before = !earlier ? "" : earlier->id.empty() ? earlier->token : earlier->id;
  fields.emplace_back("description",
                      describe(reply, notice, before, k_most_description_bytes, utc_offset));
  return fields;
}

Fields update_fields(const Reply& reply, const OfficeNotice& notice, std::string_view request_id,
                     const Settings& settings, Time now) {
  Fields fields;
  if (!settings.jurisdiction.empty()) fields.emplace_back("jurisdiction_id", settings.jurisdiction);
  fields.emplace_back("service_request_id", request_id);
  fields.emplace_back("update_id", reply.key);
  fields.emplace_back("status", status_by(notice.news));
  fields.emplace_back("updated_datetime",
                      print_rfc3339(std::chrono::floor<std::chrono::seconds>(now)));
  fields.emplace_back("description",
                      describe_news(reply, published(notice), k_most_description_bytes));
  return fields;
}

std::string faults_of(const HttpReply& answer) {
  std::string said;
  const auto faults = read_spark(answer.body, "error");
  if (!faults) return said;
  for (const auto& fault : *faults) {
    const auto words = text_of(fault, "description");
    if (!words.empty()) said += (said.empty() ? "" : " ") + std::string(words);
  }
  return said;
}

Result<Name> read_created(const HttpReply& answer) {
  constexpr int k_not_found = 404;
  constexpr int k_conflict = 409;
  const bool conflict = answer.status == k_conflict;
  const auto faults = faults_of(answer);
  // One service that was withdrawn is no reason not to hand over the others.
  const bool is_of_this_alone = answer.status == k_not_found && !faults.empty() &&
                                to_lower_ascii(faults).find("jurisdiction") == std::string::npos;
  if (is_of_this_alone) {
    return fail(Remedy::drop, "the other system does not take the request: " + faults);
  }
  if (!conflict) TRY(judge_answer(answer, faults));
  const auto records = read_spark(answer.body, "request");
  for (const auto& record : records.value_or(std::vector<SparkRecord>())) {
    const auto id = text_of(record, "service_request_id");
    if (is_name(id)) return Name{std::string(id), {}};
    const auto token = text_of(record, "token");
    if (is_name(token)) return Name{{}, std::string(token)};
  }
  return fail(Remedy::uncertain, conflict
                                     ? "the other system says that it has such a request already"
                                     : "the other system took the request and gave it no number");
}

Standing read_standing(const SparkRecord& request, std::string_view language) {
  const auto status = plain_status(text_of(request, "status"));
  const auto meaning = std::ranges::find(k_meanings, status, &Meaning::status);
  const bool english = is_english(language);
  std::string notes(text_of(request, "status_notes"));
  if (meaning == k_meanings.end()) return {"unclear", "\"" + status + "\" " + notes, false};
  if (notes.empty() && meaning->event == "answer") {
    notes = english ? "The office says that this has been dealt with."
                    : "Instansi menyatakan laporan ini selesai ditangani.";
    if (status != "closed" && status != "fixed") notes += " (" + status + ")";
  }
  if (notes.empty() && meaning->event == "not_ours") {
    notes = english ? "It is not ours to do." : "Bukan wewenang kami.";
  }
  const bool unseen = (status == "open" || status == "for_triage") && notes.empty();
  return {std::string(meaning->event), std::move(notes), unseen};
}

}  // namespace kanal::open311_client
