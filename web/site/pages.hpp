#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/form.hpp"
#include "core/visibility.hpp"

namespace kanal::site {

/// What all pages of one answer share.
struct Frame {
  const Organisation& organisation;
  std::string language;  ///< "id" or "en"
  std::string path;      ///< of the page, which the language switch leads to
  bool framed = false;   ///< inside another site: no header and footer
  std::string query;     ///< the same
};

/// What was sent and is a report now, or will be one.
struct Sent {
  TrackingCode code;
  std::string link;  ///< the private one, absolute
  bool confidential = false;
  bool held = false;   ///< an officer reads it first
  bool waits = false;  ///< until it can be stored
};

/// A report as its tracking page shows it. `secret` is empty for everybody but the reporter.
struct Tracking {
  View view;
  std::string secret;
  std::string secret_link;  ///< absolute; shown in the box to keep
  bool just_sent = false;
  bool may_reply = false;
  bool may_confirm = false;
  std::string done;  ///< what the reporter has just done is confirmed in these words
  bool may_dispute = false;
  bool may_rate = false;
  bool may_reopen = false;
  std::vector<std::string> files;  ///< names of those that arrived
  std::string message;
  std::string typed;        ///< words that could not be taken, to be kept
  std::string typed_act;    ///< in whose box: "reply", "dispute", "reopen"
  TrackingCode goes_on_at;  ///< where a merged one is worked on, if its reporter may go there
  bool erased = false;      ///< something of it: what its text said, where that is empty
  /// What its reporter may do.
  void offer(std::span<const Move> moves);
};

/// The forms that the front page leads to.
struct Doors {
  bool leads_on = false;           ///< one for everything, or the only one, stands at /report
  std::vector<FormSummary> named;  ///< each at /report/NAME
};

struct Figures {
  int received = 0;
  int answered = 0;
  int closed = 0;
  int overdue = 0;
};

/// Pure; escape everything (ctemplate's auto-escape). Safe from any thread.
std::string home_page(const Frame& frame, const Doors& doors);
/// Of an address where no form stands.
std::string no_form_page(const Frame& frame, bool has_form);
std::string form_page(const Frame& frame, const FormView& form, std::string_view action);
std::string tracking_page(const Frame& frame, const Tracking& tracking);
/// `before`: the report behind which the next page begins; empty: this is the last.
std::string reports_page(const Frame& frame, std::span<const View> reports, std::string_view words,
                         const TrackingCode& before);
std::string statistics_page(const Frame& frame, const Figures& figures);
/// What may be quoted to an officer, with what it is called.
struct Reference {
  std::string_view label;
  std::string text;
};
Reference reference_of(const std::string& request, std::string_view language);
std::string message_page(const Frame& frame, std::string_view title, std::string_view text,
                         const Reference& reference);
/// The same for what was sent and is stored: the browser forgets its draft.
std::string sent_page(const Frame& frame, std::string_view title, std::string_view text,
                      const Reference& reference);
/// The same with its number, where its own page cannot follow: inside another site's frame, or as
/// long as it waits.
std::string numbered_page(const Frame& frame, std::string_view title, const Sent& sent);

}  // namespace kanal::site
