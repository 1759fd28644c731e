#pragma once

#include <string_view>

#include "connectors/connector.hpp"

namespace kanal {

/// A request as somebody has saved it: with its head (RFC 9112 §2, lines may end in LF alone), or
/// the body of a POST or the query of a GET and nothing else, whose type is seen by its looks. For
/// `Translator`s; nothing that came by the web is read so.
Delivery read_raw_request(std::string_view raw);

}  // namespace kanal
