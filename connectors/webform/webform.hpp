#pragma once

#include <filesystem>
#include <memory>

#include "connectors/form.hpp"
#include "connectors/kind.hpp"
#include "connectors/unpolled.hpp"
#include "connectors/webform/settings.hpp"

namespace kanal::webform {

/// Web forms as a channel: posts are pushed through FormHost, and a reply is delivered by standing
/// on the tracking page. `around` outlives it; its spool directory exists.
class Webform final : public Standing, public FormHost, public Translator {
 public:
  Webform(Settings settings, const Surroundings& around);
  ~Webform() override;

  [[nodiscard]] std::vector<FormSummary> forms(std::string_view language) const override;
  [[nodiscard]] std::optional<FormView> blank(std::string_view form, std::string_view language,
                                              Time now) const override;
  FormOutcome submit(const FormSubmission& submission) override;
  [[nodiscard]] FormView again(const FormSubmission& submission) const override;

  /// A form POST as urlencoded text, as Post::payload keeps it; its token is not asked for.
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal::webform
