#include "connectors/smpp/session.hpp"

#include <utility>

namespace kanal::smpp {
namespace {

constexpr std::size_t k_read_bytes = 64U << 10U;
constexpr int k_most_reads = 64;
constexpr std::size_t k_most_requests = 2000;
constexpr std::chrono::milliseconds k_goodbye{500};
constexpr std::uint32_t k_last_sequence = 0x7FFFFFFF;

Command bind_command(Session::Role role) {
  switch (role) {
    case Session::Role::transmitter:
      return Command::bind_transmitter;
    case Session::Role::receiver:
      return Command::bind_receiver;
    case Session::Role::transceiver:
      return Command::bind_transceiver;
  }
  return Command::bind_transceiver;
}

bool is_answer(Command command) {
  return (static_cast<std::uint32_t>(command) & 0x80000000U) != 0;
}

bool answers(Command answer, Command asked) {
  return answer == Command::generic_nack || answer == answer_to(asked);
}

tl::unexpected<Error> refused(const Pdu& answer) {
  const auto said = "the SMSC refused the bind with " + verdict_of(answer);
  switch (answer.status) {
    case Status::bind_failed:
    case Status::invalid_password:
    case Status::invalid_system_id:
    case Status::invalid_system_type:
    case Status::invalid_command:
      return fail(Remedy::reconfigure, said + "; check system_id, password, system_type and bind");
    // A session of ours that the SMSC has not yet given up looks the same, and passes.
    case Status::already_bound:
      return fail(Remedy::retry,
                  said +
                      ": another program is bound with this system_id, or more binds are wanted "
                      "than the operator allows");
    case Status::throttled:
    case Status::queue_full:
      return fail(Remedy::throttled, said, std::chrono::seconds(30));
    default:
      return fail(Remedy::retry, said);
  }
}

}  // namespace

Session::Session(std::unique_ptr<Pipe> pipe, Options options, const Clock& clock)
    : pipe_(std::move(pipe)),
      options_(std::move(options)),
      clock_(clock),
      heard_at_(clock.steady()) {}

Session::~Session() {
  if (!alive()) return;
  (void)pipe_->write(print(Pdu{Command::unbind, Status::ok, ++sequence_, {}}), k_goodbye);
}

Result<std::unique_ptr<Session>> Session::open(std::unique_ptr<Pipe> pipe, Options options,
                                               const Clock& clock) {
  std::unique_ptr<Session> session(new Session(std::move(pipe), std::move(options), clock));
  TRY(session->ended(session->bind()));
  return session;
}

Result<> Session::bind() {
  const auto sequence = TRY(ask(bind_command(options_.role), print(options_.bind)));
  const auto until = clock_.steady() + options_.bind_within_ms;
  while (true) {
    // Whoever talks on of other things has not answered.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.steady());
    if (left.count() <= 0 || !TRY(pipe_->wait(left))) {
      return fail(Remedy::retry, "the SMSC did not answer the bind in time");
    }
    TRY(read());
    if (const auto answer = take_answer(sequence)) {
      if (!accepts(*answer)) return refused(*answer);
      far_side_ = parse_id(answer->body);
      return {};
    }
  }
}

template <class T>
Result<T> Session::ended(Result<T> result) {
  if (!result) ended_by_ = result.error();
  return result;
}

Result<> Session::pump() {
  if (ended_by_) return tl::unexpected(*ended_by_);
  return ended([this]() -> Result<> {
    TRY(read());
    return keep_alive();
  }());
}

Result<> Session::read() {
  for (int reads = 0; reads < k_most_reads; ++reads) {
    const auto bytes = TRY(pipe_->read_some(k_read_bytes));
    if (bytes.empty()) break;
    const auto now = clock_.steady();
    framer_.feed(bytes);
    while (auto pdu = TRY(framer_.next())) {
      heard_at_ = now;
      begun_at_.reset();
      TRY(handle(std::move(*pdu)));
    }
    if (framer_.is_within_unit() && !begun_at_) begun_at_ = now;
  }
  return {};
}

Result<> Session::handle(Pdu pdu) {
  if (is_answer(pdu.command)) {
    take(std::move(pdu));
    return {};
  }
  switch (pdu.command) {
    case Command::enquire_link:
      return answer(pdu, Status::ok);
    case Command::unbind:
      (void)answer(pdu, Status::ok);
      return fail(Remedy::retry, "the SMSC ended the session");
    case Command::deliver_sm:
    case Command::data_sm:
      // No memory for more: the SMSC keeps it (§5.1.3, ESME_RX_T_APPN).
      if (requests_.size() >= k_most_requests) return answer(pdu, Status::receiver_temporary);
      requests_.push_back({std::move(pdu), clock_.steady()});
      return {};
    default:
      return write(Pdu{Command::generic_nack, Status::invalid_command, pdu.sequence, {}});
  }
}

void Session::take(Pdu answer) {
  if (enquiry_ == answer.sequence && answers(answer.command, Command::enquire_link)) {
    enquiry_.reset();
    return;
  }
  const auto asked = asked_.find(answer.sequence);
  if (asked == asked_.end() || asked->second.answer) return;
  if (answers(answer.command, asked->second.command)) asked->second.answer = std::move(answer);
}

Result<> Session::keep_alive() {
  const auto now = clock_.steady();
  if (begun_at_ && now - *begun_at_ >= options_.timeout_ms) {
    return fail(Remedy::retry, "the SMSC did not end in time a unit that it had begun");
  }
  if (enquiry_) {
    if (now - enquired_at_ < options_.timeout_ms) return {};
    return fail(Remedy::retry, "the SMSC does not answer enquire_link");
  }
  if (now - heard_at_ < options_.enquire_every_ms) return {};
  const auto sequence = TRY(ask(Command::enquire_link, {}));
  asked_.erase(sequence);
  enquiry_ = sequence;
  enquired_at_ = now;
  return {};
}

Result<std::uint32_t> Session::ask(Command command, std::string body) {
  sequence_ = sequence_ >= k_last_sequence ? 1 : sequence_ + 1;
  TRY(write(Pdu{command, Status::ok, sequence_, std::move(body)}));
  asked_[sequence_] = {command, std::nullopt};
  return sequence_;
}

std::optional<Pdu> Session::take_answer(std::uint32_t sequence) {
  const auto asked = asked_.find(sequence);
  if (asked == asked_.end() || !asked->second.answer) return std::nullopt;
  auto answer = std::move(asked->second.answer);
  asked_.erase(asked);
  return answer;
}

Result<> Session::answer(const Pdu& request, Status status) {
  Pdu pdu{answer_to(request.command), status, request.sequence, {}};
  const bool carries_id =
      request.command == Command::deliver_sm || request.command == Command::data_sm;
  if (carries_id) pdu.body = print_id({});
  return write(pdu);
}

Result<> Session::write(const Pdu& pdu) {
  return ended(pipe_->write(print(pdu), options_.timeout_ms));
}

}  // namespace kanal::smpp
