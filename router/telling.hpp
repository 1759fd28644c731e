#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/organisation.hpp"
#include "router/casework.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

// Who is told of what somebody or a timer did; the same whichever way the act came in.
namespace kanal {

/// Whoever wrote what is told of, and has an answer of their own.
struct Writer {
  ChannelName channel;
  ReporterId reporter;  ///< none: not known on the channel yet
  std::string who;      ///< Contact::who
};

/// What there is to know about those to be told. Pure, as long as `rules` is.
struct Telling {
  const Organisation& organisation;
  std::function<std::optional<ChannelRules>(const ChannelName&)> rules;
  const std::vector<Contact>& contacts;
  std::optional<Writer> writer = {};  ///< not told once more, under whichever name
};

/// Whether anybody is told of the act at all.
bool is_told(const Report& before, const Command& command);

/// Owes the change's newest step to everybody of the report, once a person and channel. `other`:
/// the report that this one was merged into, if it was.
void tell_all(Change& change, const Report& before, const Command& command,
              const TrackingCode& other, const Telling& telling);

}  // namespace kanal
