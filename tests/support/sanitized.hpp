#pragma once

namespace kanal {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool k_sanitized = true;
#else
inline constexpr bool k_sanitized = false;
#endif

/// What a bound on CPU time is multiplied by: 1, and more where a sanitizer's own costs are counted
/// with the program's.
inline constexpr int k_sanitizer_factor = k_sanitized ? 8 : 1;

/// A bound on memory: as much as said, and where a sanitizer watches, its shadow besides and the
/// freed memory that it holds back (quarantine_size_mb of AddressSanitizer: 256).
constexpr long bound_kib(long kib) {
  return k_sanitized ? (8 * kib) + (256L << 10) : kib;
}

}  // namespace kanal
