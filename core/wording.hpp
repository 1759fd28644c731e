#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/lifecycle.hpp"

namespace kanal {

/// What a wording may name: code, url, institution, deadline, reason, words, answer; `read`, the
/// reporter's own page, where words are left out; `reopen` (the number) and `reopen_by`, while a
/// report can be reopened; `stop`, where an answer's words are told elsewhere; `check_by`, the
/// deadline of who has yet to name an office…
using WordingValues = std::map<std::string, std::string, std::less<>>;

struct Worded {
  std::string subject;
  std::string text;
};

/// How much room a reply has.
enum class Length : std::uint8_t {
  brief,   ///< "short": one SMS of 160 septets while an institution has 24 characters, a link 43
           ///< and words 32
  medium,  ///< a post of 280 characters
  full     ///< "long"
};
std::string_view name(Length);
std::optional<Length> length_of(std::string_view name);

/// The text of a reply on that channel. Language: "id" or "en" (anything else: "id"). `overrides`
/// by "wording.language[.length][@channel]": what names the channel goes before what names a
/// length.
Worded word(Wording wording, std::string_view language, Length length, const WordingValues& values,
            const std::map<std::string, std::string>& overrides, std::string_view channel = {});

/// Which value an override asks for that no reply has, and which there are; empty when it asks for
/// none such.
std::string unknown_value(std::string_view text);

}  // namespace kanal
