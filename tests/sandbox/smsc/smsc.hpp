#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"
#include "tests/support/smsc.hpp"

namespace kanal::sandbox::smsc {

/// An operator's SMSC over SMPP 3.4, and a control API to play the phones:
///   POST   /texts     {"as","to","text","alphabet","parts","order":[2,1],"lost":[3]}
///   GET    /texts     what phones were shown, oldest first: {"shown":[{"to","from","text",
///                     "segments","data_coding"}],"unanswered","binds"}
///   POST   /units     {"hex"}: a whole unit as it is, to all who are bound to receive
///   POST   /faults    {"fault","times","delay_ms"}: throttled, lost_answer (so many submits),
///                     hang_up (once), silent, away, refused, slow
///   DELETE /faults
///   POST   /settings  {"receipts","hold_receipts","receipt_state","receipts_by_parameter",
///                     "hex_ids","window"}
///   POST   /receipts  {"newest_first"}: sends those that were held
class Operator final : public FarSide {
 public:
  explicit Operator(const Ports& ports);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override;

 private:
  Answer answer(const Request& request);
  Answer fault(const Request& request);
  Answer settings(const Request& request);
  [[nodiscard]] Answer texts() const;

  test::Smsc smsc_;
  HttpFace face_;  // last: requests use the other
};

}  // namespace kanal::sandbox::smsc
