#include "store/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace kanal {
namespace {

using std::chrono::steady_clock;

constexpr auto k_poll = std::chrono::milliseconds(5);
constexpr int k_exit_unable = 126;

// Only calls that are safe after a fork from a program with threads; the raw calls because glibc's
// would look for other threads to tell.
bool become(const ServerUser& user) {
  if (!user.other) return true;
  return syscall(SYS_setgroups, 0, nullptr) == 0 &&
         syscall(SYS_setresgid, user.gid, user.gid, user.gid) == 0 &&
         syscall(SYS_setresuid, user.uid, user.uid, user.uid) == 0;
}

[[noreturn]] void become_program(const ChildPlan& plan, char* const* arguments,
                                 char* const* environment, int log, pid_t parent) {
  setsid();
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) {
    _exit(k_exit_unable);
  }
  syscall(SYS_close_range, 3U, ~0U, 0U);
  umask(077);
  if (!become(plan.user) || chdir("/") != 0) _exit(k_exit_unable);
  if (plan.dies_with_us) {
    // setresuid clears it, and the parent may have gone before it was set.
    prctl(PR_SET_PDEATHSIG, SIGINT);
    if (getppid() != parent) _exit(k_exit_unable);
  }
  execve(arguments[0], arguments, environment);
  _exit(k_exit_unable);
}

std::optional<ServerUser> find_user(const char* name, uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const int error = name != nullptr ? getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found)
                                    : getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (error != 0 || found == nullptr) return std::nullopt;
  return ServerUser{entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_uid != geteuid()};
}

}  // namespace

std::optional<ServerUser> owner_of(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return find_user(nullptr, status.st_uid);
}

Result<ServerUser> server_user(const std::filesystem::path& directory) {
  if (geteuid() != 0) {
    if (auto user = find_user(nullptr, geteuid())) return *user;
    return fail(Remedy::reconfigure,
                "The user id " + std::to_string(geteuid()) +
                    " has no name on this machine, and PostgreSQL does not run without one: add it "
                    "to /etc/passwd, or name a running database with [store] url");
  }
  if (const auto owner = owner_of(directory); owner && owner->uid != 0) return *owner;
  for (const char* name : {"postgres", "nobody"}) {
    if (auto user = find_user(name, 0); user && user->uid != 0) return *user;
  }
  return fail(
      Remedy::reconfigure,
      "Running as root, and there is no user 'postgres' or 'nobody' for the database to run "
      "under: start as another user, or name a running database with [store] url");
}

Result<pid_t> start_child(const ChildPlan& plan) {
  std::vector<std::string> command = plan.command;
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> settings{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/",
                                    "TZ=UTC"};
  std::vector<char*> environment;
  for (auto& setting : settings) environment.push_back(setting.data());
  environment.push_back(nullptr);

  const int log = open(plan.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                       S_IRUSR | S_IWUSR);
  if (log < 0) {
    return fail(Remedy::reconfigure,
                "Cannot write " + plan.log.string() + ": " + std::strerror(errno));
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become_program(plan, arguments.data(), environment.data(), log, parent);
  const int error = errno;
  close(log);
  if (child < 0) {
    return fail(Remedy::retry, std::string("Cannot start a process: ") + std::strerror(error));
  }
  return child;
}

std::optional<int> ended(pid_t child) {
  int status = 0;
  const pid_t found = waitpid(child, &status, WNOHANG);
  if (found == child) return status;
  if (found < 0 && errno == ECHILD) return -1;
  return std::nullopt;
}

std::optional<int> await_end(pid_t child, std::chrono::milliseconds most) {
  const auto deadline = steady_clock::now() + most;
  for (;;) {
    if (auto status = ended(child)) return status;
    if (steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(k_poll);
  }
}

Result<> run_child(const ChildPlan& plan, std::chrono::milliseconds most) {
  const auto child = TRY(start_child(plan));
  auto status = await_end(child, most);
  const auto& program = plan.command.front();
  if (!status) {
    kill(-child, SIGKILL);
    await_end(child, most);
    return fail(Remedy::retry, program + " did not end in time");
  }
  if (*status != 0) {
    return fail(Remedy::reconfigure, program + " failed; see " + plan.log.string());
  }
  return {};
}

bool is_writable_by(const std::filesystem::path& directory, const ServerUser& user) {
  const pid_t child = fork();
  if (child == 0) {
    const bool can =
        become(user) && chdir(directory.c_str()) == 0 && eaccess(".", W_OK | X_OK) == 0;
    _exit(can ? 0 : 1);
  }
  return child > 0 && await_end(child, std::chrono::seconds(10)) == 0;
}

}  // namespace kanal
