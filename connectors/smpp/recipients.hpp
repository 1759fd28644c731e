#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/id.hpp"

namespace kanal::smpp {

/// Whom our latest messages went to, by the ids that the SMSC gave them. Only this process knows:
/// of what was sent before it, every receipt is believed.
class Recipients {
 public:
  void remember(const ExternalId& id, std::string_view number);
  /// nullptr when it is not known.
  [[nodiscard]] const std::string* find(const ExternalId& id) const;

 private:
  std::map<std::string, std::string, std::less<>> numbers_;
  std::deque<std::string> ids_;  ///< the latest last
};

}  // namespace kanal::smpp
