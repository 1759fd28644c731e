#include "tests/sandbox/smsc/smsc.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "connectors/smpp/pdu.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/sandbox/control.hpp"

namespace kanal::sandbox {

namespace smsc {
namespace {

constexpr std::size_t k_most_kept = 1000;

test::Smsc::Orders orders_at(std::uint16_t port) {
  test::Smsc::Orders orders;
  orders.port = port;
  return orders;
}

constexpr auto k_faults = std::to_array<std::string_view>(
    {"throttled", "lost_answer", "hang_up", "silent", "away", "refused", "slow"});

std::vector<int> numbers_in(const Json& body, std::string_view key) {
  std::vector<int> numbers;
  const auto* const found = body.find(key);
  if (found == nullptr) return numbers;
  for (const auto& each : found->array) numbers.push_back(static_cast<int>(each.integer));
  return numbers;
}

std::string print(std::chrono::system_clock::time_point at) {
  return print_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(at));
}

void push(test::Smsc& smsc, const Json& body) {
  const auto bytes = from_hex(to_lower_ascii(body.text("hex")));
  if (!bytes) throw std::runtime_error("that is not hexadecimal");
  smpp::Framer framer;
  framer.feed(*bytes);
  auto pdu = framer.next();
  if (!pdu || !*pdu) throw std::runtime_error("that is no whole unit");
  smsc.push(**pdu);
}

}  // namespace

Operator::Operator(const Ports& ports)
    : smsc_(orders_at(ports.channel)),
      face_(ports.control, [this](const Request& request) { return answer(request); }) {}

std::vector<std::pair<std::string, std::string>> Operator::addresses() const {
  const auto orders = smsc_.orders();
  return {{"host", "127.0.0.1"},
          {"port", std::to_string(smsc_.port())},
          {"system_id", orders.system_id},
          {"password", orders.password},
          {"control", face_.url()}};
}

Answer Operator::answer(const Request& request) {
  const auto called = request.method + " " + request.path;
  if (called == "POST /texts") {
    send(parse_body(request));
    return told();
  }
  if (called == "GET /texts") return texts();
  if (called == "POST /units") {
    push(smsc_, parse_body(request));
    return told();
  }
  if (called == "POST /faults") return fault(request);
  if (called == "DELETE /faults") {
    smsc_.order([](test::Smsc::Orders& all) {
      const auto usual = test::Smsc::Orders();
      all.bind_status = usual.bind_status;
      all.throttle_next = usual.throttle_next;
      all.lose_answers = usual.lose_answers;
      all.silent = usual.silent;
      all.away = usual.away;
      all.slow = usual.slow;
    });
    return told();
  }
  if (called == "POST /settings") return settings(request);
  if (called == "POST /receipts") {
    smsc_.release_receipts(truth_in(parse_body(request), "newest_first", false));
    return told();
  }
  return refused(404, "there is no " + called);
}

void Operator::send(const Json& body) {
  test::Smsc::Sending how;
  how.alphabet = text_in(body, "alphabet", how.alphabet);
  how.parts = text_in(body, "parts", how.parts);
  how.order = numbers_in(body, "order");
  how.lost = numbers_in(body, "lost");
  const Sent sent{body.text("as"), text_in(body, "to", "1708"), body.text("text"),
                  std::chrono::system_clock::now()};
  {
    const std::scoped_lock lock(mutex_);
    sent_.push_back(sent);
    if (sent_.size() > k_most_kept) sent_.pop_front();
  }
  smsc_.text(sent.phone, sent.to, sent.text, how);
}

Answer Operator::fault(const Request& request) {
  const auto ordered = fault_in(parse_body(request));
  const auto& name = ordered.name;
  bool known = true;
  smsc_.order([&](test::Smsc::Orders& all) {
    if (name == "throttled") {
      all.throttle_next = ordered.times;
    } else if (name == "lost_answer") {
      all.lose_answers = ordered.times;
    } else if (name == "silent") {
      all.silent = true;
    } else if (name == "away") {
      all.away = true;
    } else if (name == "refused") {
      all.bind_status = smpp::Status::invalid_password;
    } else if (name == "slow") {
      all.slow = ordered.delay;
    } else {
      known = name == "hang_up";
    }
  });
  if (!known) return unknown("fault", name, k_faults);
  if (name == "hang_up" || name == "away" || name == "refused") smsc_.hang_up();
  return told();
}

Answer Operator::settings(const Request& request) {
  const auto body = parse_body(request);
  smsc_.order([&](test::Smsc::Orders& all) {
    all.receipts = truth_in(body, "receipts", all.receipts);
    all.hold_receipts = truth_in(body, "hold_receipts", all.hold_receipts);
    all.receipt_state = text_in(body, "receipt_state", all.receipt_state);
    all.receipts_by_parameter = truth_in(body, "receipts_by_parameter", all.receipts_by_parameter);
    all.hex_ids = truth_in(body, "hex_ids", all.hex_ids);
    all.window = static_cast<std::size_t>(
        std::max<std::int64_t>(1, number_in(body, "window", static_cast<int>(all.window))));
  });
  return told();
}

Answer Operator::texts() const {
  JsonWriter json;
  json.begin_object().key("shown").begin_array();
  for (const auto& each : smsc_.shown()) {
    json.begin_object()
        .member("to", each.phone)
        .member("from", each.from)
        .member("text", each.text)
        .member("segments", each.segments)
        .member("data_coding", static_cast<int>(each.data_coding))
        .member("at", print(each.at))
        .end_object();
  }
  json.end_array().key("sent").begin_array();
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& each : sent_) {
      json.begin_object().member("as", each.phone).member("to", each.to);
      json.member("text", each.text).member("at", print(each.at)).end_object();
    }
  }
  json.end_array()
      .member("unanswered", smsc_.unanswered())
      .member("binds", smsc_.binds())
      .end_object();
  return told(json.take());
}

}  // namespace smsc

std::unique_ptr<FarSide> make_smsc(const Ports& ports);
std::unique_ptr<FarSide> make_smsc(const Ports& ports) {
  return std::make_unique<smsc::Operator>(ports);
}

}  // namespace kanal::sandbox
