#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "config/organisation.hpp"
#include "router/casework.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

// Who is told of what an office or a timer did; the same whichever way the act came in.
namespace kanal {

/// What there is to know about those to be told. Pure, as long as `rules` is.
struct Telling {
  const Organisation& organisation;
  std::function<std::optional<ChannelRules>(const ChannelName&)> rules;
  const std::vector<Contact>& contacts;
};

/// Whether anybody is told of the act at all.
bool is_told(const Report& before, const Command& command);

/// Owes the change's newest step to everybody of the report, once a person and channel. `other`:
/// the report that this one was merged into, if it was.
void tell_all(Change& change, const Report& before, const Command& command,
              const TrackingCode& other, const Telling& telling);

}  // namespace kanal
