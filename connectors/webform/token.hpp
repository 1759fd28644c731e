#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/keys.hpp"
#include "core/clock.hpp"

namespace kanal::webform {

/// What proves that a submission answers a form of ours: no cookie, no state. `random` is 16 bytes
/// and names the one report that this opening of the form can become.
struct FormToken {
  Time issued_at;
  std::string random;
};

std::string print_token(const Keys& keys, std::string_view form, const FormToken& token);
/// Nothing unless it is ours and for this form; says nothing about its age.
std::optional<FormToken> parse_token(const Keys& keys, std::string_view form,
                                     std::string_view text);

}  // namespace kanal::webform
