#pragma once

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace kanal {

/// What the caller does next about a failure.
enum class Remedy {
  retry,        ///< a passing fault: try again, later and later
  throttled,    ///< the far side asks for patience: wait `retry_after`
  uncertain,    ///< it may have been done: find out before doing it again
  drop,         ///< this one will never work: give it up and say so
  withhold,     ///< a rule keeps it back; nothing has failed, and the message says which rule
  reconfigure,  ///< a person must change settings or credentials first
};

/// A failure of the outside world. `message` is for people, never holds a secret, and says what to
/// do where there is something to do.
struct Error {
  Remedy remedy = Remedy::drop;
  std::string message;
  std::chrono::milliseconds retry_after{0};
  bool of_this_alone = false;  ///< what goes another way need not wait for its remedy
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Remedy remedy, std::string message,
                                  std::chrono::milliseconds retry_after = {}) {
  return tl::unexpected<Error>(Error{remedy, std::move(message), retry_after});
}

template <class T, class E>
T take(tl::expected<T, E>&& expected) {
  if constexpr (!std::is_void_v<T>) return std::move(*expected);
}

}  // namespace kanal

/// The value of a Result (or an Outcome), or return its error from the enclosing function.
#define TRY(...)                                                             \
  (__extension__({                                                           \
    auto try_result_ = (__VA_ARGS__);                                        \
    if (!try_result_) return tl::unexpected(std::move(try_result_).error()); \
    ::kanal::take(std::move(try_result_));                                   \
  }))
