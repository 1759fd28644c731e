#pragma once

#include <string>
#include <vector>

#include "config/schema.hpp"
#include "config/settings.hpp"

namespace kanal {

/// The page of all that can be set (docs/SETTINGS.md), every kind of channel with it.
std::string print_settings_page();
/// JSON Schema (draft 2020-12) of a settings file.
std::string print_settings_schema();
/// The same of the file that `[organisation] file` names.
std::string print_organisation_schema();
/// What holds, as TOML: secrets by their reference, or "sealed:…".
std::string print_settings(const Settings& settings);
/// One channel of it.
std::string print_channel(const ChannelEntry& channel);

/// All secrets that the settings name.
std::vector<SecretText> secrets_of(const Settings& settings);

}  // namespace kanal
