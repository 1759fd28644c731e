#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kanal::twitter {

inline constexpr std::size_t k_most_weight = 280;

/// What a post weighs by the published rules (twitter-text, configuration 3): after NFC, letters of
/// the common alphabets 1, an emoji however composed 2, everything else 2, a link 23 whatever its
/// length, with or without its scheme; where only X can tell whether it is one, what weighs more.
/// `text` is UTF-8.
std::size_t weigh(std::string_view text);

/// The text if it weighs at most `most`, else its beginning up to a word, with "…".
std::string fit(std::string_view text, std::size_t most = k_most_weight);

/// What is left of a text wherever X shows it: NFC, one blank between words, no links, which X
/// shortens.
std::string words_alone(std::string_view text);

/// Whether X would make a link of something in it, which makes a post many times dearer.
bool has_link(std::string_view text);

}  // namespace kanal::twitter
