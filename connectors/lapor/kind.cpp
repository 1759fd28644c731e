#include "connectors/kind_of.hpp"
#include "connectors/lapor/lapor.hpp"

namespace kanal {

const Kind& lapor_kind() {
  static const KindOf<lapor::Settings> kind({
      .name = "lapor",
      .about = "A system with the API of SP4N-LAPOR! v3, which reports are handed over to.",
      .title_id = "SP4N-LAPOR!",
      .manner = {.handing = Handing::is_asked},
      .wrong = wrong_far_system,
      .make = lapor::Lapor::create,
  });
  return kind;
}

}  // namespace kanal
