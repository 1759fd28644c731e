#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"
#include "store/child.hpp"

namespace kanal {

/// Where a private server keeps its things; made and owned by `user`, closed to all others.
struct ServerHome {
  ServerUser user;
  std::filesystem::path root;    ///< usually the directory asked for
  std::filesystem::path data;    ///< PGDATA
  std::filesystem::path socket;  ///< the directory of the unix socket
  std::filesystem::path log;
  std::filesystem::path lock;
  std::filesystem::path unfinished;  ///< stands while initdb runs
};

/// Finds or makes it. A directory that the database's user cannot reach (inside root's own) is
/// answered by a new one below /var/lib/kanal. A file `moved-to` in the directory names it and goes
/// along where the directory is renamed; without that file, what bears the same path begins anew. A
/// path too long for a socket is answered by one below /run or /tmp.
Result<ServerHome> server_home(const std::filesystem::path& directory);

/// The folder with initdb and postgres of the version that made `data`, or the newest there is.
Result<std::filesystem::path> server_programs(const std::filesystem::path& data);

/// Writes a file that `user` can read, in place of whatever stands there.
Result<> write_for(const ServerUser& user, const std::filesystem::path& file,
                   std::string_view text);
std::string read_text(const std::filesystem::path& file);
/// Flushes a directory's or a file's content to the disk.
void sync_path(const std::filesystem::path& path);

}  // namespace kanal
