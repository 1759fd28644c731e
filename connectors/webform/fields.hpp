#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/form.hpp"
#include "connectors/webform/settings.hpp"
#include "core/post.hpp"

namespace kanal::webform {

/// Whether a form can be told to ask for it; `text` it asks for always.
bool is_field(std::string_view name);

/// What was typed, by field; files apart.
using Answers = std::vector<std::pair<std::string, std::string>>;
std::string_view answer(const Answers& answers, std::string_view name);

std::string_view translated(std::string_view language, std::string_view id, std::string_view en);

/// The form's fields in a language, holding `answers`.
std::vector<FormField> draw_fields(const FormSettings& form, const Organisation& organisation,
                                   std::string_view language, const Answers& answers);
/// Puts what is wrong at the fields; false when something is.
bool check_fields(std::vector<FormField>& fields, const Answers& answers,
                  std::string_view language);
/// A latitude and longitude in range, or nothing.
std::optional<Place> place_of(const Answers& answers);
/// The post that checked answers make; id, time and attachments are the caller's to add. Never
/// takes an answer that the form does not ask for.
Post post_of(const FormSettings& form, const Organisation& organisation, const Answers& answers);
/// Digits with a leading '+' and country code (a leading 0 is Indonesia's); empty when it cannot be
/// a telephone number.
std::string normal_phone(std::string_view text);
int count_links(std::string_view text);

}  // namespace kanal::webform
