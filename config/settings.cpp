#include "config/settings.hpp"

#include <algorithm>

#include "config/listen.hpp"
#include "core/price.hpp"
#include "core/quiet_hours.hpp"

namespace kanal {

namespace {

constexpr std::string_view k_default_channels = "[channel.form]\nkind = \"webform\"\n";

// Reads the file's top level; channels apart, since their keys depend on the kind.
struct TopLevel {
  Settings& settings;
  template <class Visitor>
  void describe(Visitor& visit) {
    visit(settings.store, Field{.key = "store", .about = "Where everything is kept."});
    visit(settings.http, Field{.key = "http", .about = "The web server."});
    visit(settings.http_client,
          Field{.key = "http_client", .about = "What channels fetch and send by HTTP."});
    visit(settings.log, Field{.key = "log", .about = "What is logged."});
    visit(settings.organisation, Field{.key = "organisation", .about = "Who answers."});
  }
};

void check_forms(const ChannelSettings& channel, const Table& own, Problems& problems) {
  if (!channel.quiet_hours.empty() && !parse_quiet_hours(channel.quiet_hours, {})) {
    problems.push_back(
        own.problem("quiet_hours", "must be two different times of day (\"21:00-06:00\"), not \"" +
                                       channel.quiet_hours + "\""));
  }
  if (!channel.segment_price.empty() && !parse_price(channel.segment_price)) {
    problems.push_back(own.problem(
        "segment_price", "must be an amount and a currency (\"350 IDR\", \"0.0079 USD\"), not \"" +
                             channel.segment_price + "\""));
  }
}

// The keys that the description has, and all others.
std::pair<Table, Table> split_by(const Description& description, const Table& table) {
  auto known = table.node();
  auto others = table.node();
  const auto has = [&](const auto& member) {
    return std::ranges::find(description.items, member.first, &Description::Item::key) !=
           description.items.end();
  };
  std::erase_if(known.members, [&](const auto& member) { return !has(member); });
  std::erase_if(others.members, has);
  const auto table_of = [](Table::Node node) {
    return Table(std::make_shared<const Table::Node>(std::move(node)));
  };
  return {table_of(std::move(known)), table_of(std::move(others))};
}

void read_channels(const Table& table, Settings& settings, Problems& problems) {
  const auto* all = table.node().member("channel");
  if (all == nullptr) return;
  if (all->type != Table::Node::Type::table) {
    return settings::complain(*all, "must be tables, each with its name: [channel.NAME]", problems);
  }
  const auto channels = table.child("channel");
  for (const auto& [name, node] : all->members) {
    if (node.type != Table::Node::Type::table) {
      settings::complain(node, "must be a table: [channel." + name + "]", problems);
      continue;
    }
    if (!is_channel_name(name)) {
      problems.push_back(channels.problem(name, std::string(k_channel_names)));
    }
    const auto own = channels.child(name);
    auto [common, of_its_kind] = split_by(described<ChannelSettings>(), own);
    ChannelEntry entry;
    entry.name = ChannelName(name);
    entry.common = kanal::read<ChannelSettings>(common, problems);
    check_forms(entry.common, own, problems);
    entry.table = std::move(of_its_kind);
    settings.channels.push_back(std::move(entry));
  }
}

bool is_web_address(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) {
      return url.size() > scheme.size() && url.find_first_of(" \t\"<>") == std::string_view::npos;
    }
  }
  return false;
}

void check_http(const HttpSettings& http, const Table& table, Problems& problems) {
  const auto complain = [&](std::string_view key, std::string message) {
    problems.push_back(table.problem("http." + std::string(key), std::move(message)));
  };
  for (const auto& [key, address] :
       {std::pair("listen", http.listen), {"metrics_listen", http.metrics_listen}}) {
    const bool off = key == std::string_view("metrics_listen") && address == k_no_metrics;
    if (!address.empty() && !off && !parse_listen(address)) {
      complain(key, "\"" + address +
                        "\" is not an IP address and port (\"127.0.0.1:8080\", \"[::]:8080\")");
    }
  }
  const auto metrics = parse_listen(http.metrics_listen);
  const auto site = parse_listen(http.listen);
  if (metrics && site && metrics->port != 0 && metrics->print() == site->print()) {
    complain("metrics_listen", "is http.listen: /metrics needs an address or port of its own");
  }
  if (!http.public_url.empty() && !is_web_address(http.public_url)) {
    complain("public_url", "must be a web address (\"https://lapor.example.go.id\")");
  }
  for (const auto& proxy : http.trusted_proxies) {
    if (is_ip_address(proxy)) continue;
    complain("trusted_proxies", "\"" + proxy + "\" is not an IP address; ranges are not taken");
  }
  for (const auto& [key, file] :
       {std::pair("certificate_file", http.certificate_file), {"key_file", http.key_file}}) {
    std::error_code error;
    if (file.empty() || std::filesystem::exists(file, error)) continue;
    complain(key, file + " is not there, or cannot be looked at");
  }
}

void check_http_client(const HttpClientSettings& client, const Table& table, Problems& problems) {
  const auto complain = [&](std::string_view key, std::string message) {
    problems.push_back(table.problem("http_client." + std::string(key), std::move(message)));
  };
  if (client.proxy.find('@') != std::string::npos) {
    complain("proxy", "must not hold a user or password; name such a proxy in https_proxy");
  } else if (!client.proxy.empty() && client.proxy != "direct" && !is_web_address(client.proxy)) {
    complain("proxy", "must be a web address (\"http://proxy.example.go.id:3128\"), or \"direct\"");
  }
  for (const auto& host : client.no_proxy) {
    if (host.empty() || host.find_first_of("/:, \t") != std::string::npos) {
      complain("no_proxy", "\"" + host + "\" is not the name of a host or domain");
    }
  }
  std::error_code error;
  if (!client.ca_file.empty() && !std::filesystem::is_regular_file(client.ca_file, error)) {
    complain("ca_file", client.ca_file + " is not there, or cannot be looked at");
  }
}

// In any of the spellings that libpq knows: user:password@, ?password=, "password = …".
bool holds_password(std::string_view url) {
  const auto scheme = url.find("://");
  const auto user = url.find('@');
  if (scheme != std::string_view::npos && user != std::string_view::npos &&
      url.substr(scheme + 3, user - scheme - 3).find(':') != std::string_view::npos) {
    return true;
  }
  for (auto place = url.find("password"); place != std::string_view::npos;
       place = url.find("password", place + 1)) {
    const bool named = place == 0 ||
                       std::string_view(" ?&'").find(url[place - 1]) != std::string_view::npos ||
                       url.substr(0, place).ends_with("ssl");
    const auto after = url.find_first_not_of(' ', place + std::string_view("password").size());
    if (named && after != std::string_view::npos && url[after] == '=') return true;
  }
  return false;
}

// `base`: where relative paths begin.
Settings read_table(const Table& table, const std::filesystem::path& base, Problems& problems) {
  Settings settings;
  TopLevel top{settings};
  settings::read_table(table.without({"channel"}).node(), top, problems);
  read_channels(table, settings, problems);
  const auto at = settings.store.url.find("://");
  if (holds_password(settings.store.url)) {
    problems.push_back(table.problem(
        "store.url", "must not hold the password; set store.password = \"env:VARIABLE\""));
  }
  if (at != std::string::npos && !settings.store.url.starts_with("postgres")) {
    problems.push_back(table.problem("store.url", "must begin with postgresql://"));
  }
  for (auto* path :
       {&settings.http.certificate_file, &settings.http.key_file, &settings.http_client.ca_file}) {
    if (!path->empty() && path->front() != '/') *path = (base / *path).string();
  }
  check_http(settings.http, table, problems);
  check_http_client(settings.http_client, table, problems);
  if (settings.http.certificate_file.empty() != settings.http.key_file.empty()) {
    problems.push_back(table.problem("http", "certificate_file and key_file are needed together"));
  }
  while (settings.http.public_url.ends_with('/')) settings.http.public_url.pop_back();
  for (const auto& channel : settings.channels) {
    const auto& target = channel.common.notify_by;
    if (target.empty()) continue;
    const auto why = unfit(settings.channels, ChannelName(target), "email");
    if (why.empty()) continue;
    problems.push_back(table.problem("channel." + channel.name.value() + ".notify_by", why));
  }
  return settings;
}

}  // namespace

bool is_channel_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '_' ||
           each == '-';
  });
}

std::string unfit(const std::vector<ChannelEntry>& channels, const ChannelName& name,
                  std::string_view kind) {
  const auto found = std::ranges::find(channels, name, &ChannelEntry::name);
  if (found == channels.end()) return "there is no channel \"" + name.value() + "\"";
  if (found->common.kind != kind) {
    return "\"" + name.value() + "\" is of the kind \"" + found->common.kind + "\", not \"" +
           std::string(kind) + "\"";
  }
  return found->common.enabled ? "" : "\"" + name.value() + "\" is not enabled";
}

Settings Settings::read(const std::filesystem::path& file, Problems& problems) {
  const auto table = Table::read(file, problems);
  if (!problems.empty()) return {};
  const auto base = file.parent_path();
  auto settings = read_table(table, base, problems);
  settings.from_file = true;
  settings.file = file.string();
  auto& organisation = settings.organisation.file;
  if (!organisation.empty() && organisation.is_relative()) organisation = base / organisation;
  settings.declares_channels = !settings.channels.empty();
  if (!settings.declares_channels) settings.channels = defaults().channels;
  return settings;
}

Settings Settings::defaults() {
  Problems problems;
  return read_table(Table::parse(k_default_channels, "defaults", problems), {}, problems);
}

}  // namespace kanal
