#pragma once

#include <string>

#include "config/organisation.hpp"
#include "core/visibility.hpp"
#include "format/json.hpp"
#include "router/alarms.hpp"
#include "store/store.hpp"
#include "web/parts.hpp"
#include "web/session.hpp"

// How things look as JSON. A member that is not known, or not for whoever asks, is absent.
namespace kanal::api {

/// A report as `seen`; officers also get its steps and what they may do with it. Its clock is amber
/// in its last days (falls_due_soon), and red when they are over.
void write_report(JsonWriter& out, const Report& report, const View& seen, const Viewer& viewer,
                  const Organisation& organisation, Time now);
void write_entry(JsonWriter& out, const Entry& entry, const View& seen);
/// Where a report's own addresses begin.
std::string address_of(const TrackingCode& code);
/// `content`: whether the words and files are for whoever asks. `files_at`: the address below which
/// the files' bytes are, if they are anywhere.
void write_post(JsonWriter& out, const PostRecord& post, bool content,
                std::string_view files_at = {});
void write_reply(JsonWriter& out, const OutboxRecord& record, bool content);
void write_organisation(JsonWriter& out, const Organisation& organisation);
/// `with_message`: whether their newest message is for whoever asks.
void write_blocked(JsonWriter& out, const BlockedSender& blocked, bool with_message);
void write_quarantined(JsonWriter& out, const QuarantineRecord& record);
void write_alarm(JsonWriter& out, const Alarm& alarm);
void write_channel(JsonWriter& out, const ChannelRecord& record, const WebParts::Channel& channel,
                   const SentSegments& sent, const std::vector<Alarm>& raised);
void write_officer(JsonWriter& out, const Officer& officer);

/// Writes the member unless the text is empty.
void write_some(JsonWriter& out, std::string_view name, std::string_view text);
void write_time(JsonWriter& out, std::string_view name, const std::optional<Time>& time);

}  // namespace kanal::api
