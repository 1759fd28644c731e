#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/smpp/pdu.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/pipe.hpp"

namespace kanal::smpp {

/// One bound session of SMPP 3.4: numbers requests, matches their answers, answers enquire_link and
/// unbind by itself. One thread. After an error it is of no use.
class Session {
 public:
  enum class Role : std::uint8_t { transceiver, transmitter, receiver };
  struct Options {
    Role role = Role::transceiver;
    Bind bind;
    std::chrono::milliseconds bind_within_ms{30'000};
    std::chrono::milliseconds timeout_ms{30'000};        ///< for other answers
    std::chrono::milliseconds enquire_every_ms{30'000};  ///< when nothing else is heard
  };

  /// Binds. Wrong credentials are `reconfigure`; `throttled` when the SMSC is full.
  static Result<std::unique_ptr<Session>> open(std::unique_ptr<Pipe> pipe, Options options,
                                               const Clock& clock);
  /// Says goodbye, without waiting for the answer.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Reads all that is there; asks whether the other side still lives when it is time.
  Result<> pump();
  struct Request {
    Pdu pdu;
    Moment came_at;
  };
  /// Requests of the other side, to be taken from the front and answered.
  std::deque<Request>& requests() { return requests_; }
  /// Sends a request and returns its number.
  Result<std::uint32_t> ask(Command command, std::string body);
  /// The answer, once it has come: the first of that number that answers what was asked.
  std::optional<Pdu> take_answer(std::uint32_t sequence);
  /// Gives an answer up; a late one is then ignored.
  void forget(std::uint32_t sequence) { asked_.erase(sequence); }
  [[nodiscard]] std::size_t unanswered() const { return asked_.size(); }
  Result<> answer(const Pdu& request, Status status);

  [[nodiscard]] bool alive() const { return !ended_by_; }
  /// Why it is not alive.
  [[nodiscard]] const std::optional<Error>& ended_by() const { return ended_by_; }
  [[nodiscard]] bool sends() const { return options_.role != Role::receiver; }
  [[nodiscard]] bool receives() const { return options_.role != Role::transmitter; }
  [[nodiscard]] Pipe& pipe() { return *pipe_; }
  [[nodiscard]] const std::string& far_side() const { return far_side_; }

 private:
  Session(std::unique_ptr<Pipe> pipe, Options options, const Clock& clock);
  Result<> bind();
  Result<> read();
  Result<> handle(Pdu pdu);
  void take(Pdu answer);
  Result<> keep_alive();
  Result<> write(const Pdu& pdu);
  template <class T>
  Result<T> ended(Result<T> result);

  struct Asked {
    Command command = Command::enquire_link;
    std::optional<Pdu> answer;
  };

  std::unique_ptr<Pipe> pipe_;
  Options options_;
  const Clock& clock_;
  Framer framer_;
  std::deque<Request> requests_;
  std::map<std::uint32_t, Asked> asked_;
  std::uint32_t sequence_ = 0;
  std::optional<std::uint32_t> enquiry_;
  Moment heard_at_;                 ///< a whole unit
  std::optional<Moment> begun_at_;  ///< the unit that is not whole yet
  Moment enquired_at_;
  std::string far_side_;
  std::optional<Error> ended_by_;
};

}  // namespace kanal::smpp
