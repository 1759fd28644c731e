#include "app/home.hpp"

#include <cstdio>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "app/demonstration.hpp"
#include "connectors/kind.hpp"
#include "format/encode.hpp"

namespace kanal::app {

namespace {

constexpr std::string_view k_default_config = "kanal.toml";

std::string with_password(const std::string& url, const std::string& password) {
  if (password.empty()) return url;
  if (url.find("://") != std::string::npos) {
    return url + (url.find('?') == std::string::npos ? "?" : "&") +
           "password=" + percent_encode(password);
  }
  std::string quoted;
  for (const char each : password) {
    if (each == '\'' || each == '\\') quoted += '\\';
    quoted += each;
  }
  return url + " password='" + quoted + "'";
}

void check_channels(const Settings& settings, Problems& problems) {
  for (const auto& channel : settings.channels) {
    const auto* kind = find_kind(channel.common.kind);
    if (kind != nullptr) {
      kind->check(channel.table, problems);
      if (!channel.common.canary_address.empty() && !kind->manner().hears_itself) {
        problems.push_back(channel.table.problem(
            "canary_address",
            "only a mail or SMS channel hears what it sends to itself: take it out"));
      }
    } else if (!channel.common.kind.empty()) {
      std::string known;
      for (const auto* each : kinds()) {
        known += (known.empty() ? "" : ", ") + std::string(each->name());
      }
      problems.push_back(channel.table.problem(
          "kind", "there is no kind \"" + channel.common.kind + "\"; there are: " + known));
    }
  }
}

// The channels of a demonstration that runs here are those that other commands operate.
void add_demonstration(Prepared& prepared) {
  const auto file = demonstration_settings(prepared.data);
  std::error_code error;
  if (prepared.settings.declares_channels || !std::filesystem::exists(file, error)) return;
  Problems problems;
  auto demonstration = Settings::read(file, problems);
  if (problems.empty()) prepared.settings.channels = std::move(demonstration.channels);
}

}  // namespace

tl::unexpected<Stop> stop(int code, std::string message) {
  return tl::unexpected<Stop>(Stop{code, std::move(message)});
}

tl::unexpected<Stop> stop(const Error& error) {
  return stop(error.remedy == Remedy::reconfigure ? 2 : 1, error.message);
}

Outcome<Prepared> prepare(const Common& common) {
  std::string faults;
  auto prepared = read_all(common, faults);
  if (!faults.empty()) return stop(2, std::move(faults));
  return prepared;
}

Prepared read_all(const Common& common, std::string& faults) {
  auto file = common.config;
  if (file.empty() && std::filesystem::exists(k_default_config)) file = k_default_config;
  Problems problems;
  Prepared prepared;
  prepared.settings = file.empty() ? Settings::defaults() : Settings::read(file, problems);
  std::error_code error;
  prepared.data = std::filesystem::absolute(
      common.data.empty() ? file.parent_path() / "var" : common.data, error);
  add_demonstration(prepared);
  check_channels(prepared.settings, problems);
  faults = print(problems);
  const auto& chart = prepared.settings.organisation.file;
  if (chart.empty()) {
    prepared.organisation = Organisation::shipped();
  } else if (auto read = Organisation::read(chart, &prepared.settings.channels)) {
    prepared.organisation = std::move(*read);
  } else {
    faults += read.error().message;
  }
  return prepared;
}

Outcome<> make_data_directory(const std::filesystem::path& data) {
  // Root's database runs as another user, who has to pass to its own directory.
  const bool root = geteuid() == 0;
  const auto before = umask(root ? S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH : S_IRWXG | S_IRWXO);
  std::error_code error;
  std::filesystem::create_directories(data, error);
  umask(before);
  if (error) return stop(1, data.string() + " cannot be made: " + error.message());
  // An older Kanal left these open to others.
  for (const auto* inside : {"attachments", "spool"}) {
    std::error_code absent;
    std::filesystem::permissions(data / inside, std::filesystem::perms::owner_all, absent);
  }
  return {};
}

Outcome<std::unique_ptr<Home>> Home::open(const Common& common, bool quiet) {
  auto prepared = prepare(common);
  if (!prepared) return tl::unexpected(prepared.error());
  const auto data = prepared->data;
  if (auto made = make_data_directory(data); !made) return tl::unexpected(made.error());
  const auto key_file = data / "kanal.key";
  std::error_code error;
  const bool had_key = std::filesystem::exists(key_file, error);
  auto keys = Keys::open(key_file);
  if (!keys) return stop(keys.error());
  auto home = std::unique_ptr<Home>(new Home(std::move(*prepared), std::move(*keys)));
  const auto& settings = home->prepared.settings.store;
  auto url = settings.url;
  if (url.empty()) {
    if (!quiet) std::fputs("Starting the private database …\n", stderr);
    auto server = PrivateServer::open(data / "postgres");
    if (!server) return stop(server.error());
    home->server = std::move(*server);
    url = home->server->url();
  } else {
    const auto password = settings.password.reveal(&home->keys);
    if (!password) return stop(2, "store.password: " + password.error().message);
    url = with_password(url, *password);
  }
  auto store =
      Store::open({url, data / "attachments", static_cast<std::size_t>(settings.connections)},
                  home->keys, home->clock);
  if (!store) {
    // A key made for nothing would stand in the way of the right one.
    if (!had_key && store.error().remedy == Remedy::reconfigure) {
      std::filesystem::remove(key_file, error);
    }
    return stop(store.error());
  }
  home->store = std::move(*store);
  return home;
}

Outcome<> make_findable(Store& store) {
  for (;;) {
    const auto lot = store.index_words();
    if (!lot) return stop(lot.error());
    if (*lot == 0) return {};
  }
}

}  // namespace kanal::app
