#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/organisation.hpp"
#include "core/post.hpp"
#include "router/casework.hpp"
#include "store/store.hpp"

// Offices that keep their own mailbox: what they are told, and what their answers do.
namespace kanal {

/// The office that works on the report, when reports are handed over to it.
std::optional<HandedTo> handed_to(const Report& report, const Organisation& organisation);

/// Owes the change's newest step to that office when it is something to it: the report came, came
/// back, was added to, or is late (which the agency above a unit is told, too); and to the one that
/// had it `before`, when it was taken from there. What they are told is what core/visibility lets
/// them see. Not for an office's own acts.
void tell_office(Change& change, const Report& before, const Organisation& organisation);

/// Whether the agency above a unit is among those who are told of the change.
bool is_superior_told(const Change& change);

/// What an office's answer asks for, by its first line ("PROSES", "SELESAI", "BUKAN KAMI", "TANYA",
/// in English "IN PROGRESS", "DONE", "NOT OURS", "ASK"); without such a line it is the answer.
struct OfficeWish {
  enum class Kind { answer, proceed, not_ours, ask, unclear };
  Kind kind = Kind::unclear;
  std::string words;  ///< without that line and without our own message below it
};
/// Why a message to an office is not sent any more, and an answer from one not acted on.
inline constexpr std::string_view k_not_handed_over =
    "reports are no longer handed over to this office this way";

/// Where what is handed over to an office by a channel goes; nothing when it goes another way, or
/// none.
std::optional<std::string> address_of(const Organisation& organisation, const HandedTo& office,
                                      const ChannelName& channel);

/// `unclear`: nothing is said, or what is said may be meant otherwise (a thank-you, a question).
OfficeWish read_office_wish(std::string_view text);

/// The act that the wish is at this point of the report; nothing: it may not be done.
std::optional<Command> office_command(const Report& report, const HandedTo& office,
                                      const OfficeWish& wish);

/// Tells the office why nothing was done on its message, and what can be done.
Owed explain_to_office(const Report& report, const HandedTo& office, const HandOver& way,
                       const Post& post, const Organisation& organisation, bool unclear, Time now);

}  // namespace kanal
