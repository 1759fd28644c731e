#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "format/json.hpp"
#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"
#include "tests/support/smsc.hpp"

namespace kanal::sandbox::smsc {

/// An operator's SMSC over SMPP 3.4, and a control API to play the phones:
///   POST   /texts     {"as","to","text","alphabet","parts","order":[2,1],"lost":[3]}
///   GET    /texts     what phones were shown, and what the newest of them sent, oldest first:
///                     {"shown":[{"to","from","text","segments","data_coding","at"}],
///                     "sent":[{"as","to","text","at"}],"unanswered","binds"}
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
  struct Sent {
    std::string phone;
    std::string to;
    std::string text;
    std::chrono::system_clock::time_point at;
  };
  Answer answer(const Request& request);
  void send(const Json& body);
  Answer fault(const Request& request);
  Answer settings(const Request& request);
  [[nodiscard]] Answer texts() const;

  mutable std::mutex mutex_;
  std::deque<Sent> sent_;

  test::Smsc smsc_;
  HttpFace face_;  // last: requests use the other
};

}  // namespace kanal::sandbox::smsc
