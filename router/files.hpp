#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/lifecycle.hpp"
#include "core/post.hpp"
#include "core/result.hpp"

// Files that officers put to what they write.
namespace kanal {

inline constexpr std::size_t k_most_line_files = 4;
inline constexpr std::uint64_t k_most_line_file_bytes = 10U << 20U;

/// Whether files may go with the event's words: those that the reporter is told.
bool takes_files(Event event);

/// What a sender called a file, as something to show and to save under: without folders and signs
/// that nobody sees, of 100 bytes at most, with the end that `type` has. `number`: for one without
/// a name.
std::string plain_file_name(std::string_view said, std::string_view type, std::size_t number);

/// Pure: whether so many files of such sizes may go with the event; the error says why not.
Result<> check_files(Event event, const std::vector<Attachment>& files);

/// Finds out what each spooled file is by its content and takes out of it what tells of its maker
/// and of where it was made, in place. The error names the file that is not taken.
Result<> clean_files(std::vector<Attachment>& files);

}  // namespace kanal
