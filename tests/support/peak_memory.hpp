#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

namespace kanal {

/// The most memory that this process held since the last reset_peak, in KiB.
inline long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  }
  return -1;
}
inline void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace kanal
