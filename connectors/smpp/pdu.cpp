#include "connectors/smpp/pdu.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "format/encode.hpp"

namespace kanal::smpp {
namespace {

constexpr std::size_t k_longest_text = 254;
constexpr std::size_t k_most_optional = 64;
constexpr std::size_t k_longest_id = 65;

void put32(std::string& bytes, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes += static_cast<char>((value >> shift) & 0xFFU);
  }
}
void put16(std::string& bytes, std::size_t value) {
  bytes += static_cast<char>((value >> 8U) & 0xFFU);
  bytes += static_cast<char>(value & 0xFFU);
}
void put8(std::string& bytes, std::uint8_t value) {
  bytes += static_cast<char>(value);
}
void put_text(std::string& bytes, std::string_view text) {
  bytes += text.substr(0, text.find('\0'));
  bytes += '\0';
}
void put_address(std::string& bytes, const Address& address) {
  put8(bytes, address.ton);
  put8(bytes, address.npi);
  put_text(bytes, address.digits);
}

/// Reads from the front; once it fails it stays so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool fine() const { return fine_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      fine_ = false;
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint8_t u8() {
    const auto taken = bytes(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
  }
  std::uint16_t u16() {
    const auto high = u8();
    return static_cast<std::uint16_t>(high << 8U | u8());
  }
  std::uint32_t u32() {
    const auto high = u16();
    return static_cast<std::uint32_t>(high) << 16U | u16();
  }
  /// A C-octet string of at most `most` bytes with its NUL.
  std::string text(std::size_t most) {
    const auto end = rest_.substr(0, most).find('\0');
    if (end == std::string_view::npos) {
      fine_ = false;
      return {};
    }
    std::string taken(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return taken;
  }
  Address address(std::size_t most) {
    Address address;
    address.ton = u8();
    address.npi = u8();
    address.digits = text(most);
    return address;
  }

 private:
  std::string_view rest_;
  bool fine_ = true;
};

constexpr auto k_status_names = std::to_array<std::pair<Status, std::string_view>>(
    {{Status::ok, "ESME_ROK"},
     {Status::invalid_length, "ESME_RINVCMDLEN"},
     {Status::invalid_command, "ESME_RINVCMDID"},
     {Status::wrong_bind_state, "ESME_RINVBNDSTS"},
     {Status::already_bound, "ESME_RALYBND"},
     {Status::system_error, "ESME_RSYSERR"},
     {Status::invalid_source, "ESME_RINVSRCADR"},
     {Status::invalid_destination, "ESME_RINVDSTADR"},
     {Status::bind_failed, "ESME_RBINDFAIL"},
     {Status::invalid_password, "ESME_RINVPASWD"},
     {Status::invalid_system_id, "ESME_RINVSYSID"},
     {Status::queue_full, "ESME_RMSGQFUL"},
     {Status::invalid_system_type, "ESME_RINVSYSTYP"},
     {Status::throttled, "ESME_RTHROTTLED"},
     {Status::receiver_temporary, "ESME_RX_T_APPN"},
     {Status::receiver_permanent, "ESME_RX_P_APPN"}});

}  // namespace

std::string print(Status status) {
  std::string bytes;
  put32(bytes, static_cast<std::uint32_t>(status));
  auto digits = to_hex(bytes);
  digits.erase(0, std::min(digits.find_first_not_of('0'), std::size_t{6}));
  const auto* const found =
      std::ranges::find(k_status_names, status, &std::pair<Status, std::string_view>::first);
  if (found == k_status_names.end()) return "status 0x" + digits;
  return std::string(found->second) + " (0x" + digits + ")";
}

std::string print(const Pdu& pdu) {
  std::string bytes;
  bytes.reserve(k_header_bytes + pdu.body.size());
  put32(bytes, static_cast<std::uint32_t>(k_header_bytes + pdu.body.size()));
  put32(bytes, static_cast<std::uint32_t>(pdu.command));
  put32(bytes, static_cast<std::uint32_t>(pdu.status));
  put32(bytes, pdu.sequence);
  bytes += pdu.body;
  return bytes;
}

bool accepts(const Pdu& answer) {
  return answer.status == Status::ok && answer.command != Command::generic_nack;
}

std::string verdict_of(const Pdu& answer) {
  return (answer.command == Command::generic_nack ? "generic_nack, " : "") + print(answer.status);
}

Result<std::optional<Pdu>> Framer::next() {
  const auto rest = std::string_view(bytes_).substr(at_);
  Reader reader(rest);
  const auto length = reader.u32();
  if (!reader.fine()) {
    bytes_.erase(0, std::exchange(at_, 0));
    return std::optional<Pdu>();
  }
  if (length < k_header_bytes || length > k_most_pdu_bytes) {
    return fail(Remedy::retry, "the SMSC sent a unit of " + std::to_string(length) + " bytes");
  }
  if (rest.size() < length) {
    bytes_.erase(0, std::exchange(at_, 0));
    return std::optional<Pdu>();
  }
  Pdu pdu;
  pdu.command = static_cast<Command>(reader.u32());
  pdu.status = static_cast<Status>(reader.u32());
  pdu.sequence = reader.u32();
  pdu.body = reader.bytes(length - k_header_bytes);
  at_ += length;
  return std::optional(std::move(pdu));
}

std::string print(const Bind& bind) {
  std::string bytes;
  put_text(bytes, bind.system_id);
  put_text(bytes, bind.password);
  put_text(bytes, bind.system_type);
  put8(bytes, bind.interface_version);
  put_address(bytes, {bind.address_ton, bind.address_npi, bind.address_range});
  return bytes;
}

std::optional<Bind> parse_bind(std::string_view body) {
  Reader reader(body);
  Bind bind;
  bind.system_id = reader.text(16);
  bind.password = reader.text(64);
  bind.system_type = reader.text(13);
  bind.interface_version = reader.u8();
  const auto range = reader.address(41);
  bind.address_ton = range.ton;
  bind.address_npi = range.npi;
  bind.address_range = range.digits;
  if (!reader.fine()) return std::nullopt;
  return bind;
}

const std::string* Message::find(Tag tag) const {
  const auto found = std::ranges::find(optional, tag, &Optional::tag);
  return found == optional.end() ? nullptr : &found->value;
}

std::string print(const Message& message) {
  std::string bytes;
  put_text(bytes, message.service_type);
  put_address(bytes, message.source);
  put_address(bytes, message.destination);
  put8(bytes, message.esm_class);
  put8(bytes, message.protocol_id);
  put8(bytes, message.priority);
  put_text(bytes, message.schedule);
  put_text(bytes, message.validity);
  put8(bytes, message.registered_delivery);
  put8(bytes, message.replace);
  put8(bytes, message.data_coding);
  put8(bytes, message.predefined);
  const auto text = std::string_view(message.text).substr(0, k_longest_text);
  put8(bytes, static_cast<std::uint8_t>(text.size()));
  bytes += text;
  for (const auto& [tag, value] : message.optional) {
    put16(bytes, static_cast<std::size_t>(tag));
    put16(bytes, value.size());
    bytes += value;
  }
  return bytes;
}

std::optional<Message> parse_message(Command command, std::string_view body) {
  Reader reader(body);
  Message message;
  message.service_type = reader.text(6);
  // 21 by the standard, 65 in data_sm; some write longer names than they may.
  message.source = reader.address(65);
  message.destination = reader.address(65);
  message.esm_class = reader.u8();
  if (command == Command::data_sm) {
    message.registered_delivery = reader.u8();
    message.data_coding = reader.u8();
  } else {
    message.protocol_id = reader.u8();
    message.priority = reader.u8();
    message.schedule = reader.text(17);
    message.validity = reader.text(17);
    message.registered_delivery = reader.u8();
    message.replace = reader.u8();
    message.data_coding = reader.u8();
    message.predefined = reader.u8();
    message.text = reader.bytes(reader.u8());
  }
  if (!reader.fine()) return std::nullopt;
  while (!reader.done() && message.optional.size() < k_most_optional) {
    Optional each;
    each.tag = static_cast<Tag>(reader.u16());
    each.value = reader.bytes(reader.u16());
    // A torn parameter at the end costs nothing but itself.
    if (!reader.fine()) break;
    message.optional.push_back(std::move(each));
  }
  return message;
}

std::string print_id(std::string_view id) {
  std::string bytes;
  put_text(bytes, id.substr(0, k_longest_id - 1));
  return bytes;
}

std::string parse_id(std::string_view body) {
  return std::string(body.substr(0, std::min(body.find('\0'), k_longest_id)));
}

}  // namespace kanal::smpp
