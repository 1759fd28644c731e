#pragma once

#include <libpq-fe.h>
#include <memory>

namespace kanal {

/// Closes a connection of libpq.
struct CloseSession {
  void operator()(PGconn* session) const { PQfinish(session); }
};
/// A connection by libpq itself, closed with it.
using DatabaseSession = std::unique_ptr<PGconn, CloseSession>;

}  // namespace kanal
