#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/lapor/settings.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"
#include "format/json.hpp"

// What the API's v3 is asked and what it answers, as far as clients of it are known. Pure, but for
// the files of a report, which are read.
namespace kanal::lapor {

/// The body of POST complaints/complaint; nobody's name stands in it. `earlier`: the number there
/// that the same report had before; empty: none. `utc_offset`: of its dates, which have no zone.
std::string print_complaint(const Reply& reply, std::string_view earlier,
                            const std::vector<std::int64_t>& files, const Settings& settings,
                            std::chrono::minutes utc_offset);

/// A report's files as the body of POST complaints/complaint/file; those beyond 12 MB together stay
/// here. Empty: there are none.
struct Upload {
  std::string type;
  std::string body;
};
Result<Upload> print_files(const std::vector<Attachment>& attachments);
/// The numbers that they were given.
std::vector<std::int64_t> read_files(std::string_view answer);

/// The number of a complaint that was made; empty when the answer names none.
std::string read_number(std::string_view answer);

/// How a complaint stands: what its status is to the report here, and the newest follow-up.
struct Standing {
  std::string event;  ///< as OfficeWord::event; empty: nothing has happened yet
  std::string words;
};
/// Error `drop`: the answers have no status. `followups` may be empty.
Result<Standing> read_standing(std::string_view complaint, std::string_view followups,
                               std::string_view language);

}  // namespace kanal::lapor
