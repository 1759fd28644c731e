#pragma once

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "router/intake.hpp"
#include "store/store.hpp"

namespace kanal {

/// Reads a quarantined message anew and sends it through the intake; marked as replayed when it is
/// no longer quarantined. The error says why it still cannot be read.
Result<Ingested> replay(Store& store, Intake& intake, QuarantineId id,
                        const Translator& translator);

/// Makes a report of a post that was screened or held, because `who` (a monitor or an admin) says
/// so; its author is told if the channel is answered.
Result<Report> promote(Store& store, const Organisation& organisation, const ChannelRules& channel,
                       const Clock& clock, PostId post, const Actor& who);

}  // namespace kanal
