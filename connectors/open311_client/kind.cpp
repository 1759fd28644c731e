#include "connectors/kind_of.hpp"
#include "connectors/open311_client/open311_client.hpp"

namespace kanal {

const Kind& open311_client_kind() {
  static const KindOf<open311_client::Settings> kind({
      .name = "open311_client",
      .about = "An office's own Open311 system, which reports are handed over to.",
      .title_id = "Sistem Open311",
      .title_en = "Open311 system",
      .manner = {.handing = Handing::is_asked},
      .wrong = wrong_far_system,
      .make = open311_client::Open311Client::create,
  });
  return kind;
}

}  // namespace kanal
