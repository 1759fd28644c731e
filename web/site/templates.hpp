#pragma once

#include <string_view>

namespace kanal::site {

std::string_view frame_template();
std::string_view home_template();
std::string_view form_template();
std::string_view tracking_template();
std::string_view reports_template();
std::string_view statistics_template();
std::string_view message_template();

}  // namespace kanal::site
