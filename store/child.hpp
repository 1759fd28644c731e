#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "core/result.hpp"

namespace kanal {

/// The account that a child of ours runs under; `other`: not the one that we run under.
struct ServerUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  bool other = false;
};

/// The account that a file or directory belongs to; nothing where there is none of that name.
std::optional<ServerUser> owner_of(const std::filesystem::path& path);

/// Ours; when we are root, the one that `directory` belongs to, else an unprivileged one (postgres,
/// else nobody). PostgreSQL needs an account with a name.
Result<ServerUser> server_user(const std::filesystem::path& directory);

struct ChildPlan {
  std::vector<std::string> command;  ///< the first is an absolute path
  ServerUser user;
  std::filesystem::path log;  ///< takes its output, appended
  bool dies_with_us = false;  ///< gets SIGINT when the thread that started it ends (prctl(2))
};

/// Starts a program in a session of its own, with default signals and none of our descriptors.
Result<pid_t> start_child(const ChildPlan& plan);
/// Its wait status when it has ended; nothing while it runs.
std::optional<int> ended(pid_t child);
std::optional<int> await_end(pid_t child, std::chrono::milliseconds most);
/// Runs a program to its end; killed at the deadline.
Result<> run_child(const ChildPlan& plan, std::chrono::milliseconds most);
/// Whether `user` can enter and write the directory.
bool is_writable_by(const std::filesystem::path& directory, const ServerUser& user);

}  // namespace kanal
