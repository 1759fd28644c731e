#include <algorithm>
#include <system_error>

#include "connectors/kind_of.hpp"
#include "connectors/webform/fields.hpp"
#include "connectors/webform/webform.hpp"

namespace kanal {
namespace {

// Stands in an address and in tokens.
bool is_form_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// RFC 6454 §6.2, as it goes into a header: scheme, host, port, and nothing that ends a directive.
bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto host = text.substr(scheme.size());
    return !host.empty() && host.size() <= 255 && std::ranges::all_of(host, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '-' || c == ':';
    });
  }
  return false;
}

void check_forms(const webform::Settings& settings, const Table& table, Problems& problems) {
  for (const auto& [name, form] : settings.forms) {
    const auto at = "forms." + name;
    if (!is_form_name(name)) {
      problems.push_back(
          table.problem(at, "a form's name has only small letters, digits, \"-\" and \"_\""));
    }
    for (std::size_t i = 0; i < form.fields.size(); ++i) {
      if (webform::is_field(form.fields[i])) continue;
      problems.push_back(table.problem(at + ".fields[" + std::to_string(i) + "]",
                                       "there is no field \"" + form.fields[i] + "\""));
    }
    for (std::size_t i = 0; i < form.frame_origins.size(); ++i) {
      if (is_origin(form.frame_origins[i])) continue;
      problems.push_back(
          table.problem(at + ".frame_origins[" + std::to_string(i) + "]",
                        "must be a site without a path, like \"https://buleleng.example\""));
    }
  }
}

void check_places(const webform::Settings& settings, const Organisation& organisation,
                  const Table& table, Problems& problems) {
  for (const auto& [name, form] : settings.forms) {
    const auto at = "forms." + name;
    if (!form.agency.empty() && organisation.agency(AgencyId(form.agency)) == nullptr) {
      problems.push_back(
          table.problem(at + ".agency", "there is no agency \"" + form.agency + "\""));
    }
    if (!form.category.empty() && organisation.category(CategoryId(form.category)) == nullptr) {
      problems.push_back(
          table.problem(at + ".category", "there is no category \"" + form.category + "\""));
    }
  }
}

Result<std::unique_ptr<Connector>> make(const ChannelName& channel, webform::Settings settings,
                                        const Surroundings& around) {
  std::error_code error;
  std::filesystem::create_directories(around.spool, error);
  if (error) {
    return fail(Remedy::reconfigure, "channel " + channel.value() + ": the directory " +
                                         around.spool.string() +
                                         " cannot be made: " + error.message());
  }
  return std::make_unique<webform::Webform>(std::move(settings), around);
}

class WebformKind final : public KindOf<webform::Settings> {
 public:
  using KindOf::KindOf;

 private:
  // A form says what is wrong with it even where another cannot be read.
  webform::Settings read_checked(const Table& table, const Organisation* organisation,
                                 Problems& problems) const override {
    auto settings = read<webform::Settings>(table, problems);
    check_forms(settings, table, problems);
    if (organisation != nullptr) check_places(settings, *organisation, table, problems);
    return settings;
  }
};

}  // namespace

const Kind& webform_kind() {
  static const WebformKind kind({
      .name = "webform",
      .about = "Forms on the public site, which work without JavaScript.",
      .title_id = "Formulir web",
      .title_en = "Web form",
      .manner = {.answers = false, .sender_ids = true},
      .make = make,
  });
  return kind;
}

}  // namespace kanal
