#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"
#include "config/secret.hpp"

namespace kanal {

class JsonWriter;

/// JSON Schema (draft 2020-12) of what a description allows.
std::string print_schema(const Description& description, std::string_view title);
/// The members of an object schema (type, properties, required, additionalProperties), to be
/// written into one that is begun.
void write_schema(JsonWriter& out, const Description& description);
/// A Markdown table of the settings below `path` ("channel.NAME"; empty: of the whole file), tables
/// after it.
std::string print_documentation(const Description& description, std::string_view path);

/// A table of a settings file as TOML under the heading `path`, with the defaults of what it does
/// not say, and of secrets no more than `Secret::redacted`. What the description does not know is
/// left out.
std::string print_redacted(const Table& table, const Description& description,
                           std::string_view path);
/// All texts of the table that the description calls secrets, with where they stand.
struct SecretText {
  Secret secret;
  Problem place;  ///< its message is empty
};
std::vector<SecretText> secrets_in(const Table& table, const Description& description);

}  // namespace kanal
