#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"

namespace kanal {

/// Notes how a step went: with `detail` when it went well, else with what is wrong. Whether it did.
template <class T>
bool note_step(std::vector<ProbeStep>& steps, std::string what, const Result<T>& result,
               std::string detail = {}) {
  steps.push_back(
      {std::move(what), result.has_value(), result ? std::move(detail) : result.error().message});
  return result.has_value();
}

}  // namespace kanal
