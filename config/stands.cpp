#include "config/stands.hpp"

#include <system_error>

namespace kanal {

Result<bool> stands(const std::filesystem::path& path) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (!error) return there;
  return fail(Remedy::reconfigure, path.string() + " cannot be looked at: " + error.message() +
                                       "; is the directory yours?");
}

}  // namespace kanal
