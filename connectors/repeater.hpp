#pragma once

namespace kanal {

/// Ability: the far side knows a reply again by its key, so that one that may have gone out is sent
/// once more; there is nothing to ask then.
class Repeater {
 public:
  virtual ~Repeater() = default;
};

}  // namespace kanal
