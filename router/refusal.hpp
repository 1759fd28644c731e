#pragma once

#include <string>
#include <utility>

#include "core/result.hpp"

namespace kanal {

/// What the pipeline does not allow, and why; trying again changes nothing.
inline tl::unexpected<Error> refuse(std::string why) {
  return fail(Remedy::drop, std::move(why));
}

}  // namespace kanal
