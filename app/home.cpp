#include "app/home.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "app/demonstration.hpp"
#include "app/running.hpp"
#include "config/stands.hpp"
#include "connectors/kind.hpp"
#include "format/encode.hpp"
#include "store/child.hpp"
#include "store/migrations.hpp"

namespace kanal::app {

namespace {

constexpr std::string_view k_default_config = "kanal.toml";
constexpr int k_reconfigure = 2;

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

void check_channels(const Prepared& prepared, Problems& problems) {
  for (const auto& channel : prepared.settings.channels) {
    const auto* kind = find_kind(channel.common.kind);
    if (kind != nullptr) {
      kind->check(channel.table, named_offices(prepared), problems);
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

std::string office_handed_over_by(const ChannelName& channel, const Organisation& organisation) {
  const auto find = [&](const auto& offices) -> std::string {
    for (const auto& office : offices) {
      if (office.handed_over && office.handed_over.channel == channel) return office.id.value();
    }
    return {};
  };
  const auto unit = find(organisation.units);
  return unit.empty() ? find(organisation.agencies) : unit;
}

void check_senders(const Prepared& prepared, Problems& problems) {
  for (const auto& channel : prepared.settings.channels) {
    const auto* kind = find_kind(channel.common.kind);
    const auto key = kind == nullptr ? std::string() : kind->needed_to_send(channel.table);
    if (key.empty()) continue;
    const auto office = office_handed_over_by(channel.name, prepared.organisation);
    if (!office.empty()) {
      problems.push_back(channel.table.problem(
          key, "is missing: the office \"" + office + "\" is handed reports by this channel"));
    } else if (channel.common.replies) {
      problems.push_back(channel.table.problem(
          key, "is missing: nobody could be answered; set it, or replies = false"));
    }
  }
}

// The channels of a demonstration that runs here are those that other commands operate, and its
// offices are handed reports by them. Gives its organisation's file, where there is one.
std::filesystem::path add_demonstration(Prepared& prepared) {
  const auto file = demonstration_settings(prepared.data);
  std::error_code error;
  if (prepared.settings.declares_channels || !std::filesystem::exists(file, error)) return {};
  Problems problems;
  auto demonstration = Settings::read(file, problems);
  if (!problems.empty()) return {};
  prepared.settings.channels = std::move(demonstration.channels);
  return demonstration.organisation.file;
}

// A newer one is refused where the store is opened.
Outcome<> check_schema(const std::string& url, Access access) {
  const auto version = TRY(or_stop(schema_version(url)));
  const int newest = migrations().back().version;
  if (version >= newest || (version == 0 && access == Access::begin)) return {};
  return stop(k_reconfigure,
              "the database's schema has version " + std::to_string(version) +
                  ", and this program needs " + std::to_string(newest) +
                  ": restart the bridge, or start it if it does not run; it brings the database "
                  "up to date");
}

}  // namespace

tl::unexpected<Stop> stop(int code, std::string message) {
  return tl::unexpected<Stop>(Stop{code, std::move(message)});
}

tl::unexpected<Stop> stop(const Error& error) {
  return stop(error.remedy == Remedy::reconfigure ? k_reconfigure : 1, error.message);
}

Outcome<Prepared> prepare(const Common& common, Reader reader) {
  Problems problems;
  auto prepared = read_all(common, problems, reader);
  if (problems.empty()) return prepared;
  return stop(2, "the settings cannot be used:\n" + print(in_order(std::move(problems))));
}

Problem problem_at(const Settings& settings, std::string_view key, std::string message) {
  Problems none;
  return Table::read(settings.file, none).problem(key, std::move(message));
}

const Organisation* named_offices(const Prepared& prepared) {
  const auto& chart = prepared.organisation;
  const auto has_no_id = [](const auto& each) { return each.id.empty(); };
  const bool known = !chart.agencies.empty() && std::ranges::none_of(chart.agencies, has_no_id) &&
                     std::ranges::none_of(chart.categories, has_no_id);
  return known ? &chart : nullptr;
}

Prepared read_all(const Common& common, Problems& problems, Reader reader) {
  auto file = common.config;
  if (file.empty()) {
    const auto here = stands(k_default_config);
    if (!here) problems.push_back({{}, 0, {}, here.error().message});
    if (here && *here) file = k_default_config;
  }
  Prepared prepared;
  prepared.settings = file.empty() ? Settings::defaults() : Settings::read(file, problems);
  std::error_code error;
  prepared.data = std::filesystem::absolute(
      common.data.empty() ? file.parent_path() / "var" : common.data, error);
  const auto demonstrated =
      reader == Reader::command ? add_demonstration(prepared) : std::filesystem::path();
  const bool plays = !prepared.settings.declares_channels &&
                     (reader == Reader::demonstration ||
                      (reader == Reader::bridge && !prepared.settings.from_file));
  const auto& own = prepared.settings.organisation.file;
  const auto& chart = own.empty() ? demonstrated : own;
  if (chart.empty()) {
    prepared.organisation = Organisation::shipped();
  } else if (std::filesystem::is_directory(chart, error) || !std::ifstream(chart)) {
    problems.push_back(problem_at(prepared.settings, "organisation.file",
                                  chart.string() + " cannot be read; does it exist?"));
  } else {
    const Organisation::Ways ways{plays ? nullptr : &prepared.settings.channels, handing_kinds()};
    prepared.organisation = Organisation::read(chart, &ways, problems);
  }
  check_channels(prepared, problems);
  check_senders(prepared, problems);
  return prepared;
}

std::filesystem::path database_of(const Prepared& prepared) {
  return prepared.data / "postgres";
}

std::filesystem::path key_file_of(const Prepared& prepared) {
  return prepared.data / "kanal.key";
}

Outcome<std::optional<Keys>> find_keys(const Prepared& prepared) {
  const auto file = key_file_of(prepared);
  const auto there = TRY(or_stop(stands(file)));
  if (!there) return std::nullopt;
  return TRY(or_stop(Keys::open(file)));
}

std::string no_key(const Prepared& prepared) {
  return "there is no key " + key_file_of(prepared).string() + "; is --data missing?";
}

Outcome<bool> has_begun(const Prepared& prepared) {
  const bool own_database = !prepared.settings.store.url.empty();
  return TRY(or_stop(stands(own_database ? key_file_of(prepared) : database_of(prepared))));
}

std::string nothing_kept(const Prepared& prepared) {
  return "no bridge has begun to keep anything in " + prepared.data.string() +
         ": name its directory with --data, or begin there with `kanal serve`";
}

Outcome<> work_as_owner(const Prepared& prepared) {
  if (geteuid() != 0) return {};
  auto owner = owner_of(key_file_of(prepared));
  if (!owner) owner = owner_of(prepared.data);
  if (!owner || owner->uid == 0) return {};
  if (setgroups(0, nullptr) == 0 && setresgid(owner->gid, owner->gid, owner->gid) == 0 &&
      setresuid(owner->uid, owner->uid, owner->uid) == 0) {
    return {};
  }
  return stop(1, prepared.data.string() + " belongs to the user '" + owner->name +
                     "', and nothing can be done as that user here: run this as '" + owner->name +
                     "'");
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

// Held by the descriptor.
Outcome<> hold_directory(const std::filesystem::path& data) {
  TRY(make_data_directory(data));
  const auto file = data / "serve.lock";
  const int held = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (held < 0) return stop(1, file.string() + " cannot be made: is the directory yours?");
  if (::flock(held, LOCK_EX | LOCK_NB) != 0) {
    return stop(1, "another bridge runs with " + data.string() +
                       ", or `kanal database` does; stop it, or give this one a directory of its "
                       "own with --data");
  }
  return {};
}

Outcome<std::unique_ptr<Home>> Home::open(const Common& common, Access access, Reader reader) {
  auto prepared = TRY(prepare(common, reader));
  const auto begun = TRY(has_begun(prepared));
  if (!begun && access == Access::use) return stop(2, nothing_kept(prepared));
  if (access != Access::serve) {
    TRY(work_as_owner(prepared));
  }
  if (access == Access::serve || !begun) {
    TRY(make_data_directory(prepared.data));
  }
  const auto key_file = key_file_of(prepared);
  const auto had_key = TRY(or_stop(stands(key_file)));
  auto keys = TRY(or_stop(Keys::open(key_file)));
  auto home = std::unique_ptr<Home>(new Home(std::move(prepared), std::move(keys)));
  auto opened = home->open_store(access);
  // A key made for nothing would stand in the way of the right one.
  if (!opened && !had_key && opened.error().code == k_reconfigure) {
    std::error_code error;
    std::filesystem::remove(key_file, error);
  }
  if (!opened) return tl::unexpected(opened.error());
  // It may have been told on its command line alone.
  if (access != Access::serve) {
    auto address = running_address(home->prepared.data);
    if (!address.empty()) home->prepared.settings.http.listen = std::move(address);
  }
  return home;
}

Outcome<> Home::open_store(Access access) {
  const auto& settings = prepared.settings.store;
  auto url = settings.url;
  if (url.empty()) {
    if (access == Access::serve) std::fputs("Starting the private database …\n", stderr);
    server = TRY(or_stop(PrivateServer::open(database_of(prepared))));
    url = server->url();
  } else {
    const auto password = settings.password.reveal(&keys);
    if (!password) return stop(2, "store.password: " + password.error().message);
    url = with_password(url, *password);
  }
  if (access != Access::serve) {
    TRY(check_schema(url, access));
  }
  store = TRY(or_stop(Store::open(
      {url, prepared.data / "attachments", static_cast<std::size_t>(settings.connections)}, keys,
      clock)));
  return {};
}

Outcome<> make_findable(Store& store) {
  for (;;) {
    const auto lot = TRY(or_stop(store.index_words()));
    if (lot == 0) return {};
  }
}

}  // namespace kanal::app
