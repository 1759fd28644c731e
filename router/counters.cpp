#include "router/counters.hpp"

namespace kanal {

Counters& counters() {
  static Counters the_counters;
  return the_counters;
}

}  // namespace kanal
