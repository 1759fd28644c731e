#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/id.hpp"
#include "net/http_server.hpp"

namespace kanal {

struct FormChoice {
  std::string value;
  std::string label;
  std::string group;  ///< the heading it stands under; empty for none
};

/// One input of a form, ready to be drawn: words in the language asked for, `value` as the citizen
/// gave it, `message` what is wrong with it (empty: nothing).
struct FormField {
  std::string name;
  std::string label;
  std::string help;
  std::string type;  ///< "text", "textarea", "select", "email", "tel", "file", "checkbox"
  std::string autocomplete;
  std::string inputmode;
  bool required = false;
  std::size_t most_characters = 0;
  std::size_t most_files = 0;         ///< of a "file": 0 when it is none
  std::uint64_t most_file_bytes = 0;  ///< of each
  std::vector<FormChoice> choices;
  std::string value;
  std::string message;
};

/// A form as it stands, blank or with what was typed and what is wrong with it.
struct FormView {
  std::string form;
  std::string title;
  std::string language;  ///< "id" or "en"
  int status = 200;      ///< 200 blank, 403 and 429 refused, 422 something to mend, 503 not kept
  std::string message;   ///< about the form as a whole; empty: nothing
  std::vector<FormField> fields;
  /// The point that was given already, into the hidden fields of these names; empty: none.
  std::string latitude;
  std::string longitude;
  std::string token;                       ///< goes into the hidden field `k_form_token`
  std::vector<std::string> frame_origins;  ///< who may frame it (CSP frame-ancestors)
};

/// The form that /report shows, where there is one of that name.
inline constexpr std::string_view k_usual_form = "report";
inline constexpr std::string_view k_form_token = "token";
/// A field that people do not see and must leave empty.
inline constexpr std::string_view k_form_trap = "website";

struct FormSummary {
  std::string name;
  std::string title;
  bool is_general = true;  ///< neither an agency nor a category is set for its reports
};

/// What a browser sent. `parts` hold the fields and the files, which submit moves away on success.
struct FormSubmission {
  std::string form;
  std::span<const FormPart> parts;
  std::string peer;
  std::string origin;      ///< the Origin header
  std::string fetch_site;  ///< the Sec-Fetch-Site header
  std::string host;        ///< the authority that browsers call us by
  std::string language;
  Time now;
};

/// Either posts for Intake::submit, or the form again with its input kept.
using FormOutcome = std::variant<Received, FormView>;

/// Ability: has forms that people fill in. All calls are safe from any thread.
class FormHost {
 public:
  virtual ~FormHost() = default;
  [[nodiscard]] virtual std::vector<FormSummary> forms(std::string_view language) const = 0;
  /// Nothing when there is no form of that name.
  [[nodiscard]] virtual std::optional<FormView> blank(std::string_view form,
                                                      std::string_view language,
                                                      Time now) const = 0;
  /// The same token submitted again gives a post with the same id. A doubtful submission becomes a
  /// post with `Hints::suspicion`; nothing that was typed is dropped without a word.
  virtual FormOutcome submit(const FormSubmission& submission) = 0;
  /// The form with all that was typed, for what submit took and nobody could keep (503). Sent again
  /// it gives a post with the same id.
  [[nodiscard]] virtual FormView again(const FormSubmission& submission) const = 0;
};

}  // namespace kanal
