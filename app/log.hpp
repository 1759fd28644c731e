#pragma once

#include <string>

#include "config/settings.hpp"

namespace kanal::app {

/// Sends the log to stderr in the form that the settings want. Every line, whoever wrote it, goes
/// out with what could be a number or address of a person blotted out.
void start_log(const LogSettings& settings);

}  // namespace kanal::app
