#pragma once

#include <string>

#include "store/private_server.hpp"

namespace kanal::app {

/// Keeps a private database running that somebody else owns: each look starts it again if it has
/// ended, within a second, and logs each trouble once.
class Reviver {
 public:
  explicit Reviver(PrivateServer& server) : server_(server) {}
  void look();

 private:
  PrivateServer& server_;
  std::string said_;
};

}  // namespace kanal::app
