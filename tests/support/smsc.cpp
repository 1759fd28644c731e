#include "tests/support/smsc.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/smpp/message.hpp"
#include "format/gsm7.hpp"
#include "format/sms.hpp"
#include "format/unicode.hpp"

namespace kanal::test {
namespace {

using namespace smpp;

constexpr int k_look_ms = 20;

std::string byte(std::size_t value) {
  return {static_cast<char>(value)};
}

std::string hex_of(std::uint64_t value) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string text;
  for (; value > 0 || text.empty(); value >>= 4U) text.insert(0, 1, k_digits[value & 15U]);
  return text;
}

Address address_of(const std::string& written) {
  if (written.starts_with('+')) return {k_ton_international, 1, written.substr(1)};
  const bool digits = std::ranges::all_of(written, [](char c) { return c >= '0' && c <= '9'; });
  return {digits ? std::uint8_t{0} : k_ton_alphanumeric, digits ? std::uint8_t{1} : std::uint8_t{0},
          written};
}

std::string written(const Address& address) {
  return (address.ton == k_ton_international ? "+" : "") + address.digits;
}

struct Cut {
  std::uint8_t data_coding = 0;
  std::vector<std::string> segments;
};

Cut cut(const std::string& words, const std::string& alphabet) {
  const auto sms = fit_sms(words);
  const bool wide = alphabet == "ucs2" || sms.coding == SmsText::Coding::ucs2;
  if (wide) return {8, wide_segments(words)};
  Cut cut{0, sms.segments};
  if (alphabet != "latin1") return cut;
  cut.data_coding = 3;
  for (auto& segment : cut.segments) {
    const auto text = gsm7::decode(segment);
    std::string_view rest = text;
    segment.clear();
    while (!rest.empty()) segment += static_cast<char>(next_point(rest));
  }
  return cut;
}

/// Whether the other side has said goodbye, or is gone, and its thread has yet to see it.
bool is_leaving(int socket) {
  unsigned char head[k_header_bytes];
  const auto count = ::recv(socket, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
  const bool quiet = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (count == 0 || (count < 0 && !quiet)) return true;
  return count >= 8 && head[4] == 0 && head[7] == static_cast<unsigned char>(Command::unbind);
}

}  // namespace

Smsc::Smsc(Orders orders) : orders_(std::move(orders)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  name.sin_port = ::htons(orders_.port);
  socklen_t size = sizeof name;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
      ::listen(listener_, 16) != 0) {
    ::close(listener_);
    throw std::runtime_error("port " + std::to_string(orders_.port) + " cannot be had");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
  port_ = ::ntohs(name.sin_port);
  accepter_ = std::thread([this] { accept_all(); });
}

Smsc::~Smsc() {
  stopping_ = true;
  accepter_.join();
  for (auto& client : clients_) {
    client.thread.join();
    ::close(client.socket);
  }
  ::close(listener_);
}

void Smsc::order(const std::function<void(Orders&)>& change) {
  {
    const std::scoped_lock lock(mutex_);
    change(orders_);
    flush();
  }
  changed_.notify_all();
}

Smsc::Orders Smsc::orders() const {
  const std::scoped_lock lock(mutex_);
  return orders_;
}

void Smsc::accept_all() {
  while (!stopping_) {
    pollfd waited{listener_, POLLIN, 0};
    if (::poll(&waited, 1, k_look_ms) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::scoped_lock lock(mutex_);
    forget_ended();
    if (orders_.away) {
      ::close(socket);
      continue;
    }
    auto& client = clients_.emplace_back();
    client.id = ++last_client_;
    client.socket = socket;
    client.thread = std::thread([this, &client] { serve(client); });
  }
}

/// The mutex is held, which no thread that has ended waits for.
void Smsc::forget_ended() {
  std::erase_if(clients_, [](Client& client) {
    if (!client.ended) return false;
    client.thread.join();
    ::close(client.socket);
    return true;
  });
}

void Smsc::serve(Client& client) {
  char buffer[65536];
  while (!stopping_ && !client.over) {
    pollfd waited{client.socket, POLLIN, 0};
    const int found = ::poll(&waited, 1, k_look_ms);
    if (found < 0) break;
    if (found == 0) continue;
    const auto count = ::recv(client.socket, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    client.framer.feed({buffer, static_cast<std::size_t>(count)});
    bool goes_on = true;
    while (goes_on) {
      auto pdu = client.framer.next();
      goes_on = pdu && pdu->has_value();
      if (!pdu) client.over = true;
      if (goes_on && !handle(client, **pdu)) client.over = true;
    }
  }
  ::shutdown(client.socket, SHUT_RDWR);
  {
    const std::scoped_lock lock(mutex_);
    client.over = true;
    client.sends = client.receives = false;
    for (auto& each : waiting_) {
      if (each.session == client.id) each.session = 0;
    }
    flush();
  }
  changed_.notify_all();
  client.ended = true;
}

bool Smsc::write(Client& client, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto count = ::send(client.socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (count <= 0) {
      client.over = true;
      return false;
    }
    at += static_cast<std::size_t>(count);
  }
  return true;
}

bool Smsc::handle(Client& client, const Pdu& pdu) {
  const auto orders = this->orders();
  if (orders.silent) return true;
  if (orders.slow.count() > 0) std::this_thread::sleep_for(orders.slow);
  switch (pdu.command) {
    case Command::bind_receiver:
    case Command::bind_transmitter:
    case Command::bind_transceiver:
      bind(client, pdu);
      return true;
    case Command::submit_sm:
    case Command::data_sm:
      return submit(client, pdu);
    case Command::enquire_link: {
      const std::scoped_lock lock(mutex_);
      return write(client, print(Pdu{answer_to(pdu.command), Status::ok, pdu.sequence, {}}));
    }
    case Command::unbind: {
      const std::scoped_lock lock(mutex_);
      (void)write(client, print(Pdu{answer_to(pdu.command), Status::ok, pdu.sequence, {}}));
      return false;
    }
    case Command::deliver_sm_answer: {
      {
        const std::scoped_lock lock(mutex_);
        const auto found = std::ranges::find_if(waiting_, [&](const Waiting& each) {
          return each.session == client.id && each.sequence == pdu.sequence;
        });
        if (found != waiting_.end()) {
          if (pdu.status == Status::ok) {
            waiting_.erase(found);
          } else {
            found->session = 0;
          }
        }
        flush();
      }
      changed_.notify_all();
      return true;
    }
    case Command::enquire_link_answer:
    case Command::unbind_answer:
    case Command::generic_nack:
      return true;
    default: {
      const std::scoped_lock lock(mutex_);
      return write(client,
                   print(Pdu{Command::generic_nack, Status::invalid_command, pdu.sequence, {}}));
    }
  }
}

void Smsc::bind(Client& client, const Pdu& pdu) {
  const std::scoped_lock lock(mutex_);
  const auto asked = parse_bind(pdu.body);
  auto status = orders_.bind_status.value_or(Status::ok);
  if (!asked || (status == Status::ok && asked->system_id != orders_.system_id)) {
    status = Status::invalid_system_id;
  } else if (status == Status::ok && asked->password != orders_.password) {
    status = Status::invalid_password;
  }
  std::string bytes = print(Pdu{answer_to(pdu.command), status, pdu.sequence,
                                status == Status::ok ? print_id("KANAL-SMSC") : std::string()});
  if (status == Status::ok) {
    ++binds_;
    client.sends = pdu.command != Command::bind_receiver;
    client.receives = pdu.command != Command::bind_transmitter;
  }
  for (const auto& other : clients_) {
    if (other.id == client.id || !(other.over || is_leaving(other.socket))) continue;
    for (auto& each : waiting_) {
      if (each.session == other.id) each.session = 0;
    }
  }
  // With the answer goes what has been waiting, so that nobody need look twice.
  if (client.receives) {
    std::size_t under_way = 0;
    for (auto& each : waiting_) {
      if (each.session != 0 || under_way >= orders_.window) continue;
      each.session = client.id;
      each.sequence = ++client.sequence;
      bytes += print(Pdu{Command::deliver_sm, Status::ok, each.sequence, each.body});
      ++under_way;
    }
  }
  (void)write(client, bytes);
  changed_.notify_all();
}

/// Sends what waits to those who are bound; the mutex is held.
void Smsc::flush() {
  for (auto& client : clients_) {
    if (!client.receives || client.over) continue;
    std::size_t under_way = static_cast<std::size_t>(std::ranges::count_if(
        waiting_, [&](const Waiting& each) { return each.session == client.id; }));
    for (auto& each : waiting_) {
      if (under_way >= orders_.window) break;
      if (each.session != 0) continue;
      each.session = client.id;
      each.sequence = ++client.sequence;
      if (!write(client, print(Pdu{Command::deliver_sm, Status::ok, each.sequence, each.body}))) {
        return;
      }
      ++under_way;
    }
  }
}

bool Smsc::submit(Client& client, const Pdu& pdu) {
  const auto message = parse_message(pdu.command, pdu.body);
  std::unique_lock lock(mutex_);
  auto status = orders_.submit_status.value_or(Status::ok);
  if (!client.sends) status = Status::wrong_bind_state;
  if (!message) status = Status::invalid_length;
  if (status == Status::ok && orders_.throttle_next > 0) {
    --orders_.throttle_next;
    status = Status::throttled;
  }
  std::string id;
  if (status == Status::ok) {
    const auto number = ++last_id_;
    id = orders_.hex_ids ? hex_of(number) : std::to_string(number);
    show(*message);
    if (orders_.lose_answers > 0) {
      --orders_.lose_answers;
      if (orders_.receipts && message->registered_delivery != 0) receipt(*message, number);
      lock.unlock();
      changed_.notify_all();
      return false;
    }
    const bool written =
        write(client, print(Pdu{answer_to(pdu.command), status, pdu.sequence, print_id(id)}));
    if (orders_.receipts && message->registered_delivery != 0) receipt(*message, number);
    lock.unlock();
    changed_.notify_all();
    return written;
  }
  return write(client, print(Pdu{answer_to(pdu.command), status, pdu.sequence, {}}));
}

void Smsc::receipt(const Message& message, std::uint64_t number) {
  const auto id = std::to_string(number);
  Message receipt;
  receipt.source = message.destination;
  receipt.destination = message.source;
  receipt.esm_class = k_esm_receipt;
  if (orders_.receipts_by_parameter) {
    const bool delivered = orders_.receipt_state == "DELIVRD";
    receipt.optional.push_back({Tag::receipted_message_id, print_id(id)});
    receipt.optional.push_back({Tag::message_state, byte(delivered ? 2 : 5)});
  } else {
    receipt.text = "id:" + id +
                   " sub:001 dlvrd:001 submit date:2603020915 done date:2603020916 stat:" +
                   orders_.receipt_state + " err:000 text:";
  }
  (orders_.hold_receipts ? held_ : waiting_).push_back({print(receipt), 0, 0});
  flush();
}

void Smsc::release_receipts(bool newest_first) {
  const std::scoped_lock lock(mutex_);
  if (newest_first) std::ranges::reverse(held_);
  std::ranges::move(held_, std::back_inserter(waiting_));
  held_.clear();
  flush();
}

/// The mutex is held.
void Smsc::show(const Message& message) {
  const auto content = content_of(message);
  Part part;
  part.phone = written(message.destination);
  if (content.part) {
    part.reference = content.part->reference;
    part.total = content.part->total;
    part.number = content.part->number;
  }
  part.message = message;
  const auto belongs = [&](const Part& other) {
    return other.phone == part.phone && other.reference == part.reference &&
           other.total == part.total;
  };
  std::erase_if(parts_,
                [&](const Part& other) { return belongs(other) && other.number == part.number; });
  parts_.push_back(part);
  if (std::ranges::count_if(parts_, belongs) < part.total) return;
  std::vector<Part> whole;
  std::ranges::copy_if(parts_, std::back_inserter(whole), belongs);
  std::erase_if(parts_, belongs);
  std::ranges::sort(whole, {}, &Part::number);
  std::string bytes;
  for (const auto& each : whole) bytes += content_of(each.message).bytes;
  shown_.push_back({part.phone, written(message.source),
                    decode(bytes, message.data_coding, content.shift, Codings{}), part.total,
                    message.data_coding});
}

void Smsc::text(const std::string& phone, const std::string& to, const std::string& words,
                const Sending& how) {
  const auto [coding, segments] = cut(words, how.alphabet);
  std::uint8_t reference = 0;
  {
    const std::scoped_lock lock(mutex_);
    reference = ++last_reference_;
  }
  Message plain;
  plain.source = address_of(phone);
  plain.destination = address_of(to);
  plain.data_coding = coding;
  std::vector<Message> messages;
  const auto total = segments.size();
  if (total > 1 && how.parts == "payload") {
    std::string whole;
    for (const auto& segment : segments) whole += segment;
    plain.optional.push_back({Tag::message_payload, whole});
    return deliver(plain);
  }
  for (std::size_t i = 0; i < total; ++i) {
    auto message = plain;
    message.text = segments[i];
    if (total > 1 && how.parts == "sar") {
      message.optional.push_back({Tag::sar_reference, byte(0) + byte(reference)});
      message.optional.push_back({Tag::sar_total, byte(total)});
      message.optional.push_back({Tag::sar_number, byte(i + 1)});
    } else if (total > 1) {
      const auto header = how.parts == "udh16"
                              ? byte(6) + byte(8) + byte(4) + byte(1) + byte(reference)
                              : byte(5) + byte(0) + byte(3) + byte(reference);
      message.esm_class = k_esm_header;
      message.text = header + byte(total) + byte(i + 1) + segments[i];
    }
    messages.push_back(std::move(message));
  }
  std::vector<int> order = how.order;
  if (order.empty()) {
    for (std::size_t i = 1; i <= total; ++i) order.push_back(static_cast<int>(i));
  }
  for (const int number : order) {
    if (number < 1 || number > static_cast<int>(total)) continue;
    if (std::ranges::find(how.lost, number) != how.lost.end()) continue;
    deliver(messages[static_cast<std::size_t>(number) - 1]);
  }
}

void Smsc::deliver(const Message& message) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back({print(message), 0, 0});
  flush();
}

void Smsc::deliver_torn(std::string body) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back({std::move(body), 0, 0});
  flush();
}

void Smsc::push(const Pdu& pdu) {
  const std::scoped_lock lock(mutex_);
  for (auto& client : clients_) {
    if (client.receives && !client.over) (void)write(client, print(pdu));
  }
}

std::vector<Smsc::Shown> Smsc::shown() const {
  const std::scoped_lock lock(mutex_);
  return shown_;
}

std::size_t Smsc::unanswered() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void Smsc::hang_up() {
  const std::scoped_lock lock(mutex_);
  for (auto& client : clients_) {
    if (!client.over) ::shutdown(client.socket, SHUT_RDWR);
    client.receives = client.sends = false;
  }
}

bool Smsc::wait_for(std::size_t shown, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return shown_.size() >= shown; });
}

std::size_t Smsc::bound() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      clients_, [](const Client& client) { return client.sends || client.receives; }));
}

std::size_t Smsc::sessions() const {
  const std::scoped_lock lock(mutex_);
  return bound();
}

bool Smsc::wait_sessions(std::size_t count, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return bound() == count; });
}

bool Smsc::wait_answered(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return waiting_.empty(); });
}

}  // namespace kanal::test
