#include "connectors/all_settings.hpp"

#include "config/organisation.hpp"
#include "connectors/kind.hpp"
#include "format/json.hpp"

namespace kanal {
namespace {

struct Section {
  std::string_view key;
  std::string_view about;
  Description description;
};

std::vector<Section> sections() {
  return {{"store", "Where everything is kept", described<StoreSettings>()},
          {"http", "The web server", described<HttpSettings>()},
          {"http_client", "What channels fetch and send by HTTP", described<HttpClientSettings>()},
          {"log", "What is logged", described<LogSettings>()},
          {"organisation", "Who answers", described<OrganisationSettings>()}};
}

// A channel is set up by what is common to all and by what its kind knows.
Description whole(const Kind& kind) {
  auto description = described<ChannelSettings>();
  for (auto& item : kind.settings().items) description.items.push_back(std::move(item));
  return description;
}

void write_channels(JsonWriter& out) {
  out.key("channel").begin_object();
  out.member("type", "object").member("description", "The channels by their names.");
  out.key("additionalProperties").begin_object();
  out.member("type", "object");
  out.key("properties").begin_object().key("kind").begin_object().key("enum").begin_array();
  for (const auto* kind : kinds()) out.value(kind->name());
  out.end_array().end_object().end_object();
  out.key("required").begin_array().value("kind").end_array();
  out.key("allOf").begin_array();
  for (const auto* kind : kinds()) {
    out.begin_object();
    out.key("if").begin_object().key("properties").begin_object().key("kind").begin_object();
    out.member("const", kind->name()).end_object().end_object();
    out.key("required").begin_array().value("kind").end_array().end_object();
    out.key("then").begin_object().member("description", kind->about());
    write_schema(out, whole(*kind));
    out.end_object().end_object();
  }
  out.end_array().end_object().end_object();
}

}  // namespace

std::string print_settings_page() {
  std::string text =
      "# Settings\n\n"
      "`kanal serve` runs without any; what is set stands in `kanal.toml`, or in the file that\n"
      "`--config` names. `kanal check` says everything that is wrong with it, `kanal settings "
      "show`\n"
      "what holds, and `kanal settings schema` gives editors its JSON Schema.\n\n"
      "A secret never stands there in the clear. It is named: `\"env:VARIABLE\"`, `\"file:PATH\"`\n"
      "(from the directory of the settings; for its owner's eyes only: mode 600), or\n"
      "`\"sealed:…\"`, which `kanal settings seal` makes of what it reads and which can be opened\n"
      "with this installation's `kanal.key` alone.\n\n"
      "This page is made from the program: `KANAL_WRITE_DOCS=1 tidy_test` writes it anew.\n\n";
  for (const auto& section : sections()) {
    text += "## " + std::string(section.about) + "\n\n" +
            print_documentation(section.description, section.key) + "\n";
  }
  text += "## Channels\n\nEach `[channel.NAME]` has these, and those of its kind.\n\n" +
          print_documentation(described<ChannelSettings>(), "channel.NAME");
  for (const auto* kind : kinds()) {
    text += "\n## Channels of kind `" + std::string(kind->name()) + "`\n\n" +
            std::string(kind->about()) + "\n\n" +
            print_documentation(kind->settings(), "channel.NAME");
  }
  text +=
      "\n## The organisation's file\n\n"
      "`[organisation] file` names a file of its own; without one the example that Kanal ships\n"
      "holds (`config/shipped/organisation.toml`: copy it, and make it yours). `kanal settings\n"
      "schema --organisation` gives its JSON Schema, and `kanal check` says what is wrong.\n"
      "Officers do not stand there: `kanal user add`, or *Officers* in the console.\n\n" +
      print_documentation(described<Organisation>(), "");
  return text;
}

std::string print_organisation_schema() {
  return print_schema(described<Organisation>(), "organisation.toml");
}

std::string print_settings_schema() {
  JsonWriter out;
  out.begin_object();
  out.member("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.member("title", "kanal.toml").member("type", "object");
  out.key("properties").begin_object();
  for (const auto& section : sections()) {
    out.key(section.key).begin_object().member("description", section.about);
    write_schema(out, section.description);
    out.end_object();
  }
  write_channels(out);
  out.end_object().member("additionalProperties", false).end_object();
  return out.take();
}

std::string print_settings(const Settings& settings) {
  std::string text = "[store]\n" + redacted(settings.store) + "\n[http]\n" +
                     redacted(settings.http) + "\n[http_client]\n" +
                     redacted(settings.http_client) + "\n[log]\n" + redacted(settings.log) +
                     "\n[organisation]\n" + redacted(settings.organisation);
  for (const auto& channel : settings.channels) text += "\n" + print_channel(channel);
  return text;
}

std::string print_channel(const ChannelEntry& channel) {
  const auto path = "channel." + channel.name.value();
  auto text = "[" + path + "]\n" + redacted(channel.common);
  const auto* kind = find_kind(channel.common.kind);
  if (kind == nullptr) return text;
  // The heading stands already.
  const auto own = print_redacted(channel.table, kind->settings(), path);
  return text + own.substr(own.find('\n') + 1);
}

std::vector<SecretText> secrets_of(const Settings& settings) {
  std::vector<SecretText> secrets;
  if (!settings.store.password.empty()) {
    secrets.push_back({settings.store.password, {settings.file, 0, "store.password", {}}});
  }
  for (const auto& channel : settings.channels) {
    const auto* kind = find_kind(channel.common.kind);
    if (kind == nullptr) continue;
    for (auto& secret : secrets_in(channel.table, kind->settings())) {
      secrets.push_back(std::move(secret));
    }
  }
  return secrets;
}

}  // namespace kanal
