#include <cstdio>

#include "app/commands.hpp"
#include "config/schema.hpp"
#include "connectors/kind.hpp"
#include "format/json.hpp"

namespace kanal::app {

Outcome<int> check(const Common& common) {
  const auto prepared = prepare(common);
  if (!prepared) return tl::unexpected(prepared.error());
  if (common.json) {
    JsonWriter out;
    out.begin_object().member("valid", true);
    out.member("channels", static_cast<std::int64_t>(prepared->settings.channels.size()));
    out.end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("The settings are sound: %zu channels, %zu agencies, %zu units.\n",
                prepared->settings.channels.size(), prepared->organisation.agencies.size(),
                prepared->organisation.units.size());
  }
  return 0;
}

namespace {

Description all_settings() {
  Description all;
  const auto section = [&](std::string key, std::string about, Description items) {
    Description::Item item;
    item.key = std::move(key);
    item.type = "table";
    item.about = std::move(about);
    item.items = std::move(items.items);
    all.items.push_back(std::move(item));
  };
  section("store", "Where everything is kept.", described<StoreSettings>());
  section("http", "The web server.", described<HttpSettings>());
  section("log", "What is logged.", described<LogSettings>());
  section("organisation", "Who answers.", described<OrganisationSettings>());
  return all;
}

std::string page() {
  std::string text = "# Settings\n\n";
  for (const auto& item : all_settings().items) {
    text += "## " + item.about + "\n\n" + print_documentation({item.items}, item.key) + "\n";
  }
  text += "## Channels\n\nEach `[channel.NAME]` has these, and those of its kind.\n\n" +
          print_documentation(described<ChannelSettings>(), "channel.NAME");
  for (const auto* kind : kinds()) {
    text += "\n## Channels of kind `" + std::string(kind->name()) + "`\n\n" +
            std::string(kind->about()) + "\n\n" +
            print_documentation(kind->settings(), "channel.NAME");
  }
  return text;
}

std::string schema() {
  JsonWriter out;
  out.begin_object();
  out.key("settings").raw(print_schema(all_settings(), "kanal.toml"));
  out.key("channel").raw(print_schema(described<ChannelSettings>(), "every channel"));
  out.key("kinds").begin_object();
  for (const auto* kind : kinds()) {
    out.key(kind->name()).raw(print_schema(kind->settings(), kind->name()));
  }
  out.end_object().end_object();
  return out.take() + "\n";
}

std::string holding(const Prepared& prepared) {
  std::string text;
  const auto& settings = prepared.settings;
  text += "[store]\n" + redacted(settings.store) + "\n[http]\n" + redacted(settings.http) +
          "\n[log]\n" + redacted(settings.log) + "\n[organisation]\n" +
          redacted(settings.organisation);
  for (const auto& channel : settings.channels) {
    text += "\n[channel." + channel.name.value() + "]\n" + redacted(channel.common);
  }
  return text;
}

}  // namespace

Outcome<int> settings(const Common& common, const SettingsOptions& options) {
  if (options.act == "docs") {
    std::fputs(page().c_str(), stdout);
  } else if (options.act == "schema") {
    std::fputs(schema().c_str(), stdout);
  } else {
    const auto prepared = prepare(common);
    if (!prepared) return tl::unexpected(prepared.error());
    std::fputs(holding(*prepared).c_str(), stdout);
  }
  return 0;
}

}  // namespace kanal::app
