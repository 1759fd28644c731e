#pragma once

namespace kanal {

/// What a bound on memory or CPU time is multiplied by: 1, and more where a sanitizer's own costs
/// are counted with the program's.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int k_sanitizer_factor = 8;
#else
inline constexpr int k_sanitizer_factor = 1;
#endif

}  // namespace kanal
