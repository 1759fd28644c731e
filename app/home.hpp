#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "config/keys.hpp"
#include "config/organisation.hpp"
#include "config/settings.hpp"
#include "core/clock.hpp"
#include "store/private_server.hpp"
#include "store/store.hpp"

namespace kanal::app {

/// Why a command ends early: the exit code of the interfaces page, and what to say on stderr.
struct Stop {
  int code = 1;
  std::string message;
};
template <class T = void>
using Outcome = tl::expected<T, Stop>;

tl::unexpected<Stop> stop(int code, std::string message);
/// A failure of the outside as the end of a command: settings' faults are 2, the others 1.
tl::unexpected<Stop> stop(const Error& error);
/// A result whose failure is the end of a command, for TRY.
template <class T>
Outcome<T> or_stop(Result<T> result) {
  return std::move(result).map_error([](const Error& error) { return stop(error).value(); });
}

/// The options that every command understands.
struct Common {
  std::filesystem::path config;  ///< empty: kanal.toml here if there is one, else the defaults
  std::filesystem::path data;    ///< empty: var/ beside the settings
  bool json = false;
};

/// The settings, and what they name, read and checked; everything wrong is in the error.
struct Prepared {
  Settings settings;
  Organisation organisation;
  std::filesystem::path data;
};
/// Who reads them: a command, for whichever bridge keeps its data there, be it a demonstration; a
/// bridge that begins, which takes over nothing of one; the same as a demonstration, whose channels
/// are not known yet.
enum class Reader : std::uint8_t { command, bridge, demonstration };
Outcome<Prepared> prepare(const Common& common, Reader reader = Reader::command);
/// The same as far as it can be read, with what is wrong in `problems`.
Prepared read_all(const Common& common, Problems& problems, Reader reader = Reader::command);
/// With the line of a key that the settings as they were read do not have.
Problem problem_at(const Settings& settings, std::string_view key, std::string message);
/// Whose offices and categories channels may name; nullptr when they could not all be read.
const Organisation* named_offices(const Prepared& prepared);

/// Where a private database lies.
std::filesystem::path database_of(const Prepared& prepared);
/// Where a bridge keeps its key.
std::filesystem::path key_file_of(const Prepared& prepared);
/// The key of the bridge, if there is one.
Outcome<std::optional<Keys>> find_keys(const Prepared& prepared);
/// Says that there is none.
std::string no_key(const Prepared& prepared);

/// Whether a bridge has begun to keep anything there.
Outcome<bool> has_begun(const Prepared& prepared);
/// Says that none has, and what to do about it.
std::string nothing_kept(const Prepared& prepared);

/// Root goes on, for good, as the user whose bridge that is, who can then read what is written; as
/// itself where there is none.
Outcome<> work_as_owner(const Prepared& prepared);

/// Makes the directory that holds everything, closed to other users. For the main thread at the
/// start, as it changes the process's file mask meanwhile.
Outcome<> make_data_directory(const std::filesystem::path& data);
/// The same, and it is this process's own until it ends, however it ends; refused while a bridge,
/// or `kanal database`, works there.
Outcome<> hold_directory(const std::filesystem::path& data);

/// What a command may do where everything is kept. Only the bridge brings a database up to date:
/// an older bridge that runs would fail on what others make of its tables.
enum class Access {
  use,    ///< works with what a bridge has begun
  begin,  ///< begins where there is nothing
  serve,  ///< begins, and brings up to date
};

/// Everything that a command needs to work with the store. To be opened by the main thread, as the
/// private database ends with the thread that started it.
class Home {
 public:
  static Outcome<std::unique_ptr<Home>> open(const Common& common, Access access,
                                             Reader reader = Reader::command);

  Prepared prepared;
  SystemClock clock;
  Keys keys;
  std::unique_ptr<PrivateServer> server;  ///< null with a database of the user's own
  std::unique_ptr<Store> store;

 private:
  Outcome<> open_store(Access access);
  Home(Prepared from, Keys opened) : prepared(std::move(from)), keys(std::move(opened)) {}
};

/// Makes all that is stored findable by its words.
Outcome<> make_findable(Store& store);

}  // namespace kanal::app
