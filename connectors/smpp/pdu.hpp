#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

// SMPP 3.4: the protocol's data units as values. Pure; numbers in brackets are of that standard.
namespace kanal::smpp {

/// command_id (§5.1.2.1); an answer has the top bit besides.
enum class Command : std::uint32_t {
  bind_receiver = 0x01,
  bind_transmitter = 0x02,
  submit_sm = 0x04,
  deliver_sm = 0x05,
  unbind = 0x06,
  bind_transceiver = 0x09,
  enquire_link = 0x15,
  data_sm = 0x103,
  generic_nack = 0x80000000,
  deliver_sm_answer = 0x80000005,
  unbind_answer = 0x80000006,
  enquire_link_answer = 0x80000015,
};
constexpr Command answer_to(Command command) {
  return static_cast<Command>(static_cast<std::uint32_t>(command) | 0x80000000U);
}

/// command_status (§5.1.3), those that we act on or give.
enum class Status : std::uint32_t {
  ok = 0x00,
  invalid_length = 0x02,
  invalid_command = 0x03,
  wrong_bind_state = 0x04,
  already_bound = 0x05,
  system_error = 0x08,
  invalid_source = 0x0A,
  invalid_destination = 0x0B,
  bind_failed = 0x0D,
  invalid_password = 0x0E,
  invalid_system_id = 0x0F,
  queue_full = 0x14,
  invalid_system_type = 0x53,
  throttled = 0x58,
  receiver_temporary = 0x64,
  receiver_permanent = 0x65,
};
/// "ESME_RTHROTTLED (0x58)"; the number alone for those without a name here.
std::string print(Status status);

inline constexpr std::size_t k_header_bytes = 16;
/// A message_payload may have 64 KB (§5.3.2.32).
inline constexpr std::size_t k_most_pdu_bytes = 70'000;

struct Pdu {
  Command command = Command::generic_nack;
  Status status = Status::ok;
  std::uint32_t sequence = 0;
  std::string body;
};
std::string print(const Pdu& pdu);
/// Whether the answer says that what was asked is done: a generic_nack never does (§4.3.1).
bool accepts(const Pdu& answer);
/// The status of an answer for people to read, and whether it came by generic_nack.
std::string verdict_of(const Pdu& answer);

/// Cuts a stream into units. After an error the connection is of no use.
class Framer {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  /// Nothing: more bytes are needed.
  Result<std::optional<Pdu>> next();
  /// Once `next` has brought all that is whole: whether some bytes of another unit are there.
  [[nodiscard]] bool is_within_unit() const { return at_ < bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// bind_transmitter, bind_receiver and bind_transceiver (§4.1).
struct Bind {
  std::string system_id;
  std::string password;
  std::string system_type;
  std::uint8_t interface_version = 0x34;
  std::uint8_t address_ton = 0;
  std::uint8_t address_npi = 0;
  std::string address_range;
};
std::string print(const Bind& bind);
std::optional<Bind> parse_bind(std::string_view body);

/// Type of number and numbering plan (§5.2.5, §5.2.6).
struct Address {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
  std::string digits;
};
inline constexpr std::uint8_t k_ton_international = 1;
inline constexpr std::uint8_t k_ton_alphanumeric = 5;

/// Tags of optional parameters (§5.3.2).
enum class Tag : std::uint16_t {
  receipted_message_id = 0x001E,
  sar_reference = 0x020C,
  sar_total = 0x020E,
  sar_number = 0x020F,
  network_error_code = 0x0423,
  message_payload = 0x0424,
  message_state = 0x0427,
};
struct Optional {
  Tag tag = Tag::message_payload;
  std::string value;
};

/// esm_class (§5.2.12).
inline constexpr std::uint8_t k_esm_header = 0x40;        ///< the message begins with a UDH
inline constexpr std::uint8_t k_esm_type = 0x3C;          ///< the bits that say what it is
inline constexpr std::uint8_t k_esm_receipt = 0x04;       ///< delivery receipt of the SMSC
inline constexpr std::uint8_t k_esm_intermediate = 0x20;  ///< notice on the way

/// submit_sm (§4.4.1), deliver_sm (§4.6.1) and data_sm (§4.7.1), which have the same fields.
struct Message {
  std::string service_type;
  Address source;
  Address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority = 0;
  std::string schedule;
  std::string validity;
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t predefined = 0;
  std::string text;  ///< short_message: bytes, with the UDH if there is one
  std::vector<Optional> optional;
  [[nodiscard]] const std::string* find(Tag tag) const;
};
std::string print(const Message& message);
/// `command` tells data_sm from the other two. Nothing when the body is not whole.
std::optional<Message> parse_message(Command command, std::string_view body);

/// The body of submit_sm_resp, deliver_sm_resp and data_sm_resp: a C string.
std::string print_id(std::string_view id);
std::string parse_id(std::string_view body);

}  // namespace kanal::smpp
