#include "store/server_home.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <sodium.h>

#include "core/text.hpp"

namespace kanal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_socket_name = "/.s.PGSQL.5432";
constexpr std::size_t k_most_socket_bytes = sizeof(sockaddr_un::sun_path) - 1;
constexpr auto k_moved = "moved-to";

std::string fingerprint(const fs::path& path) {
  std::array<unsigned char, 16> digest{};
  const auto& text = path.native();
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  std::array<char, 17> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), 8);
  return hex.data();
}

// A directory of the user's own, closed to others; one that somebody else has put there is refused.
Result<> make_private(const fs::path& path, const ServerUser& user) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return fail(Remedy::reconfigure, "Cannot make " + path.string() + ": " + std::strerror(errno));
  }
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (directory < 0) {
    return fail(Remedy::reconfigure, "Cannot open " + path.string() + ": " + std::strerror(errno));
  }
  struct stat status {};
  const bool ours = fstat(directory, &status) == 0 &&
                    (status.st_uid == user.uid || (geteuid() == 0 && status.st_uid == 0));
  const bool done = ours &&
                    (status.st_uid == user.uid || fchown(directory, user.uid, user.gid) == 0) &&
                    fchmod(directory, S_IRWXU) == 0;
  close(directory);
  if (done) return {};
  return fail(Remedy::reconfigure, path.string() + " belongs to another user than '" + user.name +
                                       "': give it to that user, or name another directory");
}

// Of several commands that begin at once one names the place, and the others find it.
class OneAtATime {
 public:
  explicit OneAtATime(const fs::path& directory)
      : held_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (held_ >= 0) flock(held_, LOCK_EX);
  }
  ~OneAtATime() {
    if (held_ >= 0) close(held_);
  }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;

 private:
  int held_;
};

// Renaming changes nothing of it. None where the file system does not keep it.
std::optional<std::pair<std::int64_t, std::uint32_t>> made_at(const fs::path& path) {
  struct statx status {};
  const bool known =
      statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) == 0 &&
      (status.stx_mask & STATX_BTIME) != 0;
  if (!known) return std::nullopt;
  return std::pair(status.stx_btime.tv_sec, status.stx_btime.tv_nsec);
}

// An older Kanal named the place by the path alone, which another directory may have had before:
// that one's data are older than this directory is.
bool was_given(const fs::path& directory, const fs::path& place) {
  const auto began = made_at(directory);
  const auto filled = made_at(place / "data");
  return began && filled && *began < *filled;
}

Result<fs::path> place_below(const fs::path& base, const fs::path& directory) {
  const auto place = base / fingerprint(directory);
  if (was_given(directory, place)) return place;
  auto fresh = place.string() + "-XXXXXX";
  if (mkdtemp(fresh.data()) != nullptr) return fs::path(fresh);
  return fail(Remedy::reconfigure, "Cannot make " + fresh + ": " + std::strerror(errno));
}

Result<fs::path> root_of(const fs::path& directory, const ServerUser& user) {
  const OneAtATime held(directory);
  if (const auto moved = read_text(directory / k_moved); !moved.empty()) {
    const fs::path elsewhere = trim(moved);
    TRY(make_private(elsewhere, user));
    return elsewhere;
  }
  TRY(make_private(directory, user));
  if (is_writable_by(directory, user)) return directory;
  if (fs::exists(directory / "data")) {
    return fail(Remedy::reconfigure,
                "The database in " + directory.string() + " cannot be reached by the user '" +
                    user.name +
                    "' that it runs under: permit that user to enter the directories "
                    "above it (chmod o+x)");
  }
  const fs::path base = "/var/lib/kanal";
  std::error_code error;
  if (fs::create_directories(base, error)) {
    fs::permissions(base, fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add,
                    error);
  }
  const auto elsewhere = TRY(place_below(base, directory));
  TRY(make_private(elsewhere, user));
  if (!is_writable_by(elsewhere, user)) {
    fs::remove(elsewhere, error);
    return fail(Remedy::reconfigure, "The user '" + user.name +
                                         "', under which the database runs, can reach neither " +
                                         directory.string() + " nor " + elsewhere.string() +
                                         ": name a directory outside of root's own");
  }
  TRY(write_for(user, directory / k_moved, elsewhere.string() + "\n"));
  return elsewhere;
}

Result<fs::path> socket_directory(const fs::path& root, const ServerUser& user) {
  const auto& text = root.native();
  if (text.size() + k_socket_name.size() <= k_most_socket_bytes &&
      text.find_first_of(",\"") == std::string::npos) {
    return root;
  }
  const fs::path base = geteuid() == 0 && fs::is_directory("/run") ? "/run" : "/tmp";
  const auto shorter = base / ("kanal-" + fingerprint(root));
  TRY(make_private(shorter, user));
  return shorter;
}

int major_version(const fs::path& path) {
  const auto text = path.filename().string();
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void sync_path(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  close(file);
}

Result<> write_for(const ServerUser& user, const fs::path& file, std::string_view text) {
  const auto fresh = file.string() + ".new";
  unlink(fresh.c_str());
  const int out =
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  bool done = out >= 0 && (!user.other || fchown(out, user.uid, user.gid) == 0) &&
              write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
              fsync(out) == 0;
  if (out >= 0) close(out);
  done = done && rename(fresh.c_str(), file.c_str()) == 0;
  if (!done) {
    return fail(Remedy::reconfigure, "Cannot write " + file.string() + ": " + std::strerror(errno));
  }
  sync_path(file.parent_path());
  return {};
}

Result<ServerHome> server_home(const fs::path& directory) {
  if (sodium_init() < 0) return fail(Remedy::reconfigure, "libsodium does not start");
  ServerHome home;
  home.user = TRY(server_user(directory));
  std::error_code error;
  const auto asked = fs::absolute(directory, error).lexically_normal();
  fs::create_directories(asked, error);
  const auto whole = fs::canonical(asked, error);
  if (error) {
    return fail(Remedy::reconfigure, "Cannot make " + asked.string() + ": " + error.message());
  }
  home.root = TRY(root_of(whole, home.user));
  home.socket = TRY(socket_directory(home.root, home.user));
  home.data = home.root / "data";
  home.log = home.root / "log";
  home.lock = home.root / "lock";
  home.unfinished = home.root / "initdb.unfinished";
  return home;
}

Result<fs::path> server_programs(const fs::path& data) {
  std::vector<fs::path> versions;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(entry.path() / "bin/postgres") && fs::exists(entry.path() / "bin/initdb")) {
      versions.push_back(entry.path());
    }
  }
  if (versions.empty()) {
    return fail(
        Remedy::reconfigure,
        "PostgreSQL is not installed on this machine: apt-get install postgresql-15, or name "
        "a running database with [store] url");
  }
  std::sort(versions.begin(), versions.end(), [](const fs::path& a, const fs::path& b) {
    return major_version(a) < major_version(b);
  });
  const auto text = read_text(data / "PG_VERSION");
  const std::string made_by(trim(text));
  if (made_by.empty()) return versions.back() / "bin";
  for (const auto& version : versions) {
    if (version.filename() == made_by) return version / "bin";
  }
  const auto here = versions.back().filename().string();
  return fail(Remedy::reconfigure,
              "The database in " + data.string() + " was made by PostgreSQL " + made_by +
                  ", and this machine has " + here + ". Install postgresql-" + made_by +
                  " beside it, then either leave it there, or move the data with pg_upgrade -b "
                  "/usr/lib/postgresql/" +
                  made_by + "/bin -B /usr/lib/postgresql/" + here + "/bin -d " + data.string() +
                  " -D NEW (or pg_dumpall from the old into a new one). Nothing was changed");
}

}  // namespace kanal
