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
/// Whether it is forgotten, and a peak can be read at all.
inline bool reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;
  return file.good() && peak_kib() > 0;
}

}  // namespace kanal
