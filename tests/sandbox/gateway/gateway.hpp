#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/sandbox/control.hpp"
#include "tests/sandbox/courier.hpp"
#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"

namespace kanal::sandbox::gateway {

/// Somebody's Kannel: takes texts by POST /cgi-bin/sendsms and calls back what became of them,
/// posts those of phones as its post-url would (User Guide, "sendsms", "post-url", "dlr-url").
/// /control plays the phones:
///   POST   /control/texts   {"as","to","text","bridge"}; `bridge`: the channel's address there
///                           ("http://127.0.0.1:8080/in/sms"). Posted until the bridge takes it
///   GET    /control/texts   what phones were shown, and what the newest of them sent, oldest
///                           first: {"shown":[{"to","from","text","segments","at","told"}],
///                           "sent":[{"as","to","text","at","status"}]}; `told`: the status that
///                           the bridge answered the delivery report with, 0: none yet
///   POST   /control/faults  {"fault","times","delay_ms"}: refused, full, lost_answer, slow (the
///                           next sendsms), undeliverable, silent (the next delivery report),
///                           twice (the next text of a phone)
///   DELETE /control/faults
class Kannel final : public FarSide {
 public:
  explicit Kannel(const Ports& ports);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override;

 private:
  struct Shown {
    int number = 0;
    std::string to, from, text;
    std::size_t segments = 0;
    std::chrono::system_clock::time_point at;
    int told = 0;
  };
  struct Sent {
    int number = 0;
    std::string as, to, text;
    std::chrono::system_clock::time_point at;
    int status = 0;
  };
  Answer answer(const Request& request);
  Answer take(const Request& request);
  Answer post(const Request& request);
  void show(const Request& request);
  [[nodiscard]] Answer texts() const;

  FaultList faults_;
  mutable std::mutex mutex_;
  std::deque<Shown> shown_;
  std::deque<Sent> sent_;
  int last_ = 0;
  Courier courier_;  // tells the texts above what became of them
  HttpFace face_;    // last: requests use all the others
};

}  // namespace kanal::sandbox::gateway
