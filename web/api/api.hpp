#pragma once

#include <memory>
#include <string>

#include "format/json.hpp"
#include "web/api/operation.hpp"
#include "web/parts.hpp"

namespace kanal::api {

/// What the operations do. An error becomes a problem: drop 422, throttled 429, others 503.
/// Immutable; safe from any thread.
class Api {
 public:
  explicit Api(WebParts parts);
  /// Lets in, reads, and hands to the operation.
  Response answer(const Operation& operation, const Request& request) const;

  Result<Response> openapi(const Asked& asked) const;
  Result<Response> me(const Asked& asked) const;
  Result<Response> organisation(const Asked& asked) const;

  Result<Response> reports(const Asked& asked) const;
  Result<Response> report(const Asked& asked) const;
  Result<Response> history(const Asked& asked) const;
  Result<Response> posts(const Asked& asked) const;
  Result<Response> replies(const Asked& asked) const;
  Result<Response> reporter(const Asked& asked) const;
  Result<Response> line_file(const Asked& asked) const;
  Result<Response> post_file(const Asked& asked) const;
  Result<Response> act(const Asked& asked) const;

  Result<Response> messages(const Asked& asked) const;
  Result<Response> message(const Asked& asked) const;
  Result<Response> raw_message(const Asked& asked) const;
  Result<Response> promote(const Asked& asked) const;
  Result<Response> part(const Asked& asked) const;
  Result<Response> make_report(
      const Asked& asked, const std::function<Result<ReportId>(PostId, const Actor&)>& make) const;
  Result<Response> discard(const Asked& asked) const;
  Result<Response> quarantine(const Asked& asked) const;
  Result<Response> quarantined(const Asked& asked) const;
  Result<Response> raw_quarantined(const Asked& asked) const;
  Result<Response> discard_quarantined(const Asked& asked) const;
  Result<Response> replay(const Asked& asked) const;
  Result<Response> blocked_senders(const Asked& asked) const;
  Result<Response> block_sender(const Asked& asked) const;
  Result<Response> unblock_sender(const Asked& asked) const;

  Result<Response> channels(const Asked& asked) const;
  Result<> write_channel(JsonWriter& out, const WebParts::Channel& of,
                         const SentSegments& sent) const;
  Result<Response> pause(const Asked& asked) const { return set_paused(asked, true); }
  Result<Response> resume(const Asked& asked) const { return set_paused(asked, false); }
  Result<Response> probe(const Asked& asked) const;
  Result<Response> outbox(const Asked& asked) const;
  Result<Response> decide(const Asked& asked) const;

  Result<Response> officers(const Asked& asked) const;
  Result<Response> add_officer(const Asked& asked) const;
  Result<Response> set_remit(const Asked& asked) const;
  Result<Response> set_password(const Asked& asked) const;
  Result<Response> disable(const Asked& asked) const { return set_disabled(asked, true); }
  Result<Response> enable(const Asked& asked) const { return set_disabled(asked, false); }
  Result<Response> issue_token(const Asked& asked) const;
  Result<Response> revoke_token(const Asked& asked) const;

 private:
  struct Found {
    Report report;
    View seen;
  };
  /// Nothing: there is no such report for whoever asks.
  Result<std::optional<Found>> find(const Asked& asked, std::span<const Entry> history = {}) const;
  /// The report as the viewer may see it.
  Result<Response> shown(const Asked& asked, const Report& report) const;
  Result<bool> may_read(const Viewer& viewer, const PostRecord& post) const;
  Result<bool> may_know_sender(const Viewer& viewer, const PostRecord& post) const;
  [[nodiscard]] const WebParts::Channel* channel(const Asked& asked) const;
  [[nodiscard]] Result<std::map<ChannelName, SentSegments>> sent_this_month() const;
  Result<Response> set_paused(const Asked& asked, bool paused) const;
  Result<Response> set_disabled(const Asked& asked, bool disabled) const;

  WebParts parts_;
  // Signing in keeps count of what it lengthened; the rest of it is immutable.
  std::unique_ptr<Sessions> sessions_;
  std::string document_;
};

/// JSON that nobody keeps.
Response json(int status, JsonWriter& out);
Response missing(const Asked& asked);
Response nothing_to_say();  ///< 204

/// What addresses and queries of several operations hold: the number of the address (0 when it is
/// none that the database gives), the channel, how many.
std::int64_t number_of(const Asked& asked);
std::optional<ChannelName> chosen_channel(const Asked& asked);
int most_of(const Asked& asked);

}  // namespace kanal::api
