#pragma once

#include <functional>
#include <optional>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "router/intake.hpp"
#include "store/store.hpp"

namespace kanal {

/// Reads a quarantined message anew and sends it through the intake; marked as replayed when it is
/// no longer quarantined. `translator`: the channel's, if it has one; what was imported or is kept
/// in our own form is read without. The error says why it still cannot be read.
Result<Ingested> replay(Store& store, Intake& intake, QuarantineId id,
                        const Translator* translator);

/// Makes a report of a post that was screened or held, or files it with the report that it was held
/// for, because `who` (a monitor or an admin) says so. The message is read anew, so that the wish
/// to be anonymous or confidential holds; its author is told if the channel is answered and the
/// message was not a machine's. `rules`: as Surround has them.
Result<Report> promote(
    Store& store, const Organisation& organisation, const ChannelRules& channel, const Clock& clock,
    const Translator* translator, PostId post, const Actor& who,
    const std::function<std::optional<ChannelRules>(const ChannelName&)>& rules = {});

/// Makes a report of its own of a post that joined one, because `who` says that it is about
/// something else: confidential and anonymous as that one is, where a note leads to it. Else as
/// `promote`.
Result<Report> part(
    Store& store, const Organisation& organisation, const ChannelRules& channel, const Clock& clock,
    const Translator* translator, PostId post, const Actor& who,
    const std::function<std::optional<ChannelRules>(const ChannelName&)>& rules = {});

}  // namespace kanal
