#include "core/text.hpp"
#include "web/api/api.hpp"
#include "web/api/show.hpp"
#include "web/files.hpp"

// What is kept and asked for by itself: files, raw messages, quarantine, and who is blocked.
namespace kanal::api {
namespace {

constexpr int k_most_blocked = 200;

// As it came, whatever it is: to be saved, and shown by no browser.
Response raw(std::string bytes) {
  Response response;
  response.headers = {{"Content-Type", "application/octet-stream"},
                      {"Content-Disposition", "attachment"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "private, no-store"}};
  response.body = std::move(bytes);
  return response;
}

std::string reason_of(const Asked& asked) {
  return std::string(trim(asked.body.text("reason")));
}

}  // namespace

Result<Response> Api::line_file(const Asked& asked) const {
  const auto found = TRY(find(asked));
  if (!found) return missing(asked);
  const auto lines = TRY(parts_.store.history(found->report.id));
  const auto seen = view(found->report, lines, asked.viewer(), Output::api);
  const auto& parameters = asked.request.parameters;
  const auto* file = find_file(seen, parameters.at("step"), parameters.at("number"));
  return file == nullptr ? missing(asked) : file_answer(parts_.store, *file);
}

Result<Response> Api::post_file(const Asked& asked) const {
  const auto found = TRY(find(asked));
  const auto post = TRY(parts_.store.post(PostId(number_of(asked))));
  if (!found || !post || post->report != found->report.id) return missing(asked);
  if (!TRY(may_read(asked.viewer(), *post))) return missing(asked);
  const auto& number = asked.request.parameters.at("number");
  for (std::size_t i = 0; i < post->attachments.size(); ++i) {
    if (std::to_string(i) == number) return file_answer(parts_.store, post->attachments[i]);
  }
  return missing(asked);
}

Result<Response> Api::raw_message(const Asked& asked) const {
  const PostId id(number_of(asked));
  const auto post = TRY(parts_.store.post(id));
  if (!post || post->erased) return missing(asked);
  TRY(parts_.store.record(asked.session->actor(), "payload", "post " + std::to_string(id.value()),
                          reason_of(asked)));
  return raw(TRY(parts_.store.payload(id)));
}

Result<Response> Api::quarantine(const Asked& asked) const {
  JsonWriter out;
  out.begin_object().key("quarantine").begin_array();
  QuarantineFilter filter;
  filter.channel = chosen_channel(asked);
  filter.waiting_only = asked.query.truth("waiting").value_or(false);
  filter.external_id = asked.query.text("external_id");
  filter.before_id = asked.query.whole("before").value_or(0);
  filter.most = most_of(asked);
  const auto found = TRY(parts_.store.quarantine(filter));
  for (const auto& record : found) write_quarantined(out, record);
  out.end_array();
  if (!found.empty() && found.size() == static_cast<std::size_t>(filter.most)) {
    out.member("next", found.back().id.value());
  }
  out.end_object();
  return json(200, out);
}

Result<Response> Api::quarantined(const Asked& asked) const {
  const auto record = TRY(parts_.store.quarantined(QuarantineId(number_of(asked))));
  if (!record) return missing(asked);
  JsonWriter out;
  write_quarantined(out, *record);
  return json(200, out);
}

Result<Response> Api::raw_quarantined(const Asked& asked) const {
  auto record = TRY(parts_.store.quarantined(QuarantineId(number_of(asked))));
  if (!record) return missing(asked);
  TRY(parts_.store.record(asked.session->actor(), "payload",
                          "quarantine " + std::to_string(record->id.value()), reason_of(asked)));
  return raw(std::move(record->payload));
}

Result<Response> Api::discard_quarantined(const Asked& asked) const {
  const QuarantineId id(number_of(asked));
  if (!TRY(parts_.store.quarantined(id))) return missing(asked);
  TRY(parts_.store.discard(id, asked.session->actor(), reason_of(asked)));
  return nothing_to_say();
}

Result<Response> Api::replay(const Asked& asked) const {
  const QuarantineId id(number_of(asked));
  if (!parts_.replay || !TRY(parts_.store.quarantined(id))) return missing(asked);
  TRY(parts_.store.record(asked.session->actor(), "replay",
                          "quarantine " + std::to_string(id.value())));
  const auto ingested = TRY(parts_.replay(id));
  JsonWriter out;
  out.begin_object().key("filings").begin_array();
  for (const auto& filing : ingested.filings) {
    out.begin_object().member("fate", name(filing.fate));
    write_some(out, "reason", filing.reason);
    if (asked.may(Ability::read_reports)) write_some(out, "report", filing.code.value());
    out.end_object();
  }
  out.end_array().end_object();
  return json(200, out);
}

Result<bool> Api::may_know_sender(const Viewer& viewer, const PostRecord& post) const {
  if (!post.author || !TRY(may_read(viewer, post))) return false;
  if (!post.report) return true;
  const auto report = TRY(parts_.store.report(post.report));
  // As on a page: an act of its own, recorded, which gives nobody's name away.
  return report && view(*report, {}, viewer, Output::page).may_see_identity;
}

Result<Response> Api::blocked_senders(const Asked& asked) const {
  JsonWriter out;
  out.begin_object().key("blocked").begin_array();
  const ReporterId after(asked.query.whole("before").value_or(0));
  const auto senders = TRY(parts_.store.blocked_senders(k_most_blocked, after));
  for (const auto& sender : senders) {
    const auto post = TRY(parts_.store.post(sender.newest_post));
    write_blocked(out, sender, post && TRY(may_know_sender(asked.viewer(), *post)));
  }
  out.end_array();
  if (senders.size() == static_cast<std::size_t>(k_most_blocked)) {
    out.member("next", senders.back().reporter.value());
  }
  out.end_object();
  return json(200, out);
}

Result<Response> Api::block_sender(const Asked& asked) const {
  const auto post = TRY(parts_.store.post(PostId(number_of(asked))));
  if (!post || !TRY(may_know_sender(asked.viewer(), *post))) return missing(asked);
  TRY(parts_.store.block(post->author, true, asked.session->actor(), reason_of(asked)));
  return nothing_to_say();
}

Result<Response> Api::unblock_sender(const Asked& asked) const {
  const ReporterId sender(number_of(asked));
  if (!TRY(parts_.store.blocked(sender))) return missing(asked);
  TRY(parts_.store.block(sender, false, asked.session->actor(), reason_of(asked)));
  return nothing_to_say();
}

}  // namespace kanal::api
