#include "connectors/smpp/message.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "connectors/smpp/submit.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

// The units in hexadecimal were written by another program (node-smpp 0.5.1).
namespace kanal::smpp {
namespace {

Pdu read_unit(const std::string& digits) {
  Framer framer;
  framer.feed(from_hex(digits).value());
  auto pdu = framer.next();
  REQUIRE(pdu);
  REQUIRE(pdu->has_value());
  return **pdu;
}

Message read_message(const std::string& digits) {
  const auto pdu = read_unit(digits);
  auto message = parse_message(pdu.command, pdu.body);
  REQUIRE(message);
  return *message;
}

std::string text_of(const Message& message, const Codings& codings = {}) {
  const auto content = content_of(message);
  return decode(content.bytes, message.data_coding, content.shift, codings);
}

constexpr const char* k_bind =
    "000000260000000900000000000000016b616e616c007261686173696100564d410034000000";
constexpr const char* k_submit =
    "000000410000000400000000000000070000003137303800010136323831323334353637383900000000000001"
    "000100104c61706f72616e206469746572696d61";
constexpr const char* k_wide =
    "00000041000000050000000000000009000101363238313233343536373839000000313730380000000000000000"
    "080010004a0061006c0061006e0020d83dde00";
constexpr const char* k_euro =
    "00000040000000050000000000000009000101363238313233343536373839000000313730380000000000000000"
    "01000f686172676120351b65201b3c781b3e";
constexpr const char* k_part =
    "00000042000000050000000000000009000000363238313233343536373839000000313730380040000000000000"
    "010011050003cc020162616769616e2073617475";
constexpr const char* k_sar =
    "0000004400000005000000000000000c000000363238313233343536373839000000313730380000000000000000"
    "010003647561020c00020201020e000103020f000102";
constexpr const char* k_payload =
    "0000003c00000103000000000000000b000000363238313233343536373839000000313730380000000104240"
    "00e70616e6a616e672073656b616c69";
constexpr const char* k_receipt =
    "000000a200000005000000000000000a000000363238313233343536373839000000313730380004000000000000"
    "01006369643a41314232207375623a30303120646c7672643a303031207375626d697420646174653a3236303330"
    "323039313520646f6e6520646174653a3236303330323039313620737461743a44454c49565244206572723a3030"
    "3020746578743a4c6170001e000541314232000427000102";

TEST_CASE("units are written as another program writes them") {
  Bind bind;
  bind.system_id = "kanal";
  bind.password = "rahasia";
  bind.system_type = "VMA";
  CHECK(to_hex(print(Pdu{Command::bind_transceiver, Status::ok, 1, print(bind)})) == k_bind);
  const auto read = parse_bind(read_unit(k_bind).body);
  REQUIRE(read);
  CHECK(read->system_id == "kanal");
  CHECK(read->password == "rahasia");

  Message message;
  message.source.digits = "1708";
  message.destination = {1, 1, "628123456789"};
  message.registered_delivery = 1;
  message.data_coding = 1;
  message.text = "Laporan diterima";
  CHECK(to_hex(print(Pdu{Command::submit_sm, Status::ok, 7, print(message)})) == k_submit);
  CHECK(to_hex(print(Pdu{answer_to(Command::deliver_sm), Status::ok, 9, print_id("")})) ==
        "0000001180000005000000000000000900");
  CHECK(to_hex(print(Pdu{Command::enquire_link, Status::ok, 3, ""})) ==
        "00000010000000150000000000000003");
}

TEST_CASE("messages of another program are read") {
  CHECK(text_of(read_message(k_wide)) == "Jalan 😀");
  Codings codings;
  codings.of_1 = Alphabet::gsm7;
  CHECK(text_of(read_message(k_euro), codings) == "harga 5€ [x]");
  const auto part = read_message(k_part);
  CHECK(text_of(part) == "bagian satu");
  REQUIRE(content_of(part).part);
  CHECK(content_of(part).part->reference == 0xCC);
  CHECK(content_of(part).part->total == 2);
  CHECK(content_of(part).part->number == 1);
  const auto sar = read_message(k_sar);
  REQUIRE(content_of(sar).part);
  CHECK(content_of(sar).part->reference == 513);
  CHECK(content_of(sar).part->total == 3);
  CHECK(content_of(sar).part->number == 2);
  CHECK(text_of(read_message(k_payload)) == "panjang sekali");
}

TEST_CASE("a message printed is read as it was, whatever it holds") {
  CHECK(rc::check([](const std::string& text, std::uint8_t coding, std::uint8_t esm) {
    Message message;
    message.source = {1, 1, "628111"};
    message.destination = {0, 1, "1708"};
    message.esm_class = esm;
    message.data_coding = coding;
    message.text = text.substr(0, 254);
    message.optional.push_back({Tag::message_payload, text});
    for (const auto command : {Command::deliver_sm, Command::submit_sm}) {
      const auto read = parse_message(command, print(message));
      RC_ASSERT(read.has_value());
      RC_ASSERT(read->text == message.text);
      RC_ASSERT(read->esm_class == esm);
      RC_ASSERT(*read->find(Tag::message_payload) == text);
    }
  }));
}

TEST_CASE("a stream is cut into units wherever it is torn") {
  const auto stream = from_hex(std::string(k_wide) + k_part + k_receipt).value();
  for (std::size_t step = 1; step < 40; ++step) {
    Framer framer;
    std::size_t found = 0;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      framer.feed(stream.substr(at, step));
      while (true) {
        const auto pdu = framer.next();
        REQUIRE(pdu);
        if (!*pdu) break;
        ++found;
      }
    }
    CHECK(found == 3);
  }
}

TEST_CASE("a unit of an impossible length ends the connection") {
  for (const auto* digits : {"0000000f", "00000000", "7fffffff", "ffffffff"}) {
    Framer framer;
    framer.feed(from_hex(std::string(digits) + "000000000000000000000000").value());
    CHECK_FALSE(framer.next());
  }
}

TEST_CASE("a torn body is no message, a torn parameter is only not there") {
  const auto body = read_unit(k_sar).body;
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto read = parse_message(Command::deliver_sm, body.substr(0, size));
    if (read) CHECK(read->text == "dua");
  }
  CHECK_FALSE(parse_message(Command::deliver_sm, body.substr(0, 30)));
}

TEST_CASE("headers of 8 and 16 bits, national tables and broken ones are read") {
  Message message;
  message.esm_class = k_esm_header;
  message.text = from_hex("06080401020302").value() + "x";
  CHECK(content_of(message).part->reference == 0x0102);
  CHECK(content_of(message).part->total == 3);
  CHECK(content_of(message).part->number == 2);
  message.text = from_hex("03240103").value();
  message.text[3] = 2;
  message.text += "\x1b\x09";
  CHECK(text_of(message) == "ç");
  message.text = from_hex("03250101").value() + "\x0b";
  CHECK(text_of(message) == "Ğ");
  for (const auto* digits :
       {"050003010000", "050003010203", "05000301", "ff00", "0500030102", "0300030102"}) {
    message.text = from_hex(digits).value() + "abc";
    CHECK_FALSE(content_of(message).part);
    CHECK(is_utf8(text_of(message)));
  }
}

TEST_CASE("the codings are those of the operator") {
  const auto read = [](std::string bytes, int coding, const Codings& codings = {}) {
    return decode(bytes, static_cast<std::uint8_t>(coding), {}, codings);
  };
  Codings latin;
  latin.of_0 = Alphabet::latin1;
  CHECK(read(std::string(1, '\0'), 0) == "@");
  CHECK(read("caf\xe9", 0, latin) == "café");
  CHECK(read("caf\xe9", 3) == "café");
  CHECK(read("a_b", 1) == "a_b");
  CHECK(read(std::string("\0a", 2), 8) == "a");
  CHECK(read(std::string("\0a", 2), 0x18) == "a");
  CHECK(read(std::string("\0a", 2), 0x48) == "a");
  CHECK(read("\x05", 0x40) == "é");
  CHECK(read("\xe9", 0x44) == "é");
  CHECK(read(std::string("\0a", 2), 0xE0) == "a");
  CHECK(read("\x05", 0xF0) == "é");
  CHECK(read("\xe9", 0xF4) == "é");
  CHECK(read("\xe9", 4) == "é");
}

TEST_CASE("receipts are read by their parameters or their text") {
  const auto both = notice_of(read_message(k_receipt));
  REQUIRE(both);
  CHECK(both->id == "A1B2");
  CHECK(both->kind == Signal::Kind::delivered);

  Message message;
  message.esm_class = k_esm_receipt;
  const auto told = [&](const std::string& text) {
    message.text = text;
    return notice_of(message).value();
  };
  CHECK(told("id:77 sub:001 dlvrd:000 stat:UNDELIV err:005 Text:x").kind == Signal::Kind::failed);
  CHECK(told("id:77 stat:UNDELIV err:005").state == "UNDELIV 005");
  CHECK(told("ID: 77 Stat:delivered err:000").id == "77");
  CHECK(told("ID: 77 stat:DELIVRD").kind == Signal::Kind::delivered);
  CHECK(told("id:77 stat:REJECTD").kind == Signal::Kind::failed);
  CHECK(told("id:77 stat:EXPIRED").kind == Signal::Kind::failed);
  CHECK_FALSE(told("id:77 stat:ENROUTE").kind);
  CHECK_FALSE(told("id:77 stat:ACCEPTD").kind);
  CHECK(told("id:77 stat:UNKNOWN").kind == Signal::Kind::delayed);
  CHECK_FALSE(told("nothing to see").kind);
  message.esm_class = k_esm_intermediate;
  CHECK_FALSE(told("id:77 stat:DELIVRD").kind);
  message.esm_class = 0;
  message.text = "id:77 stat:DELIVRD";
  CHECK_FALSE(notice_of(message));
}

TEST_CASE("only a number that does not exist is failed for good") {
  Message message;
  message.esm_class = k_esm_receipt;
  message.text = "id:77 stat:UNDELIV err:001";
  CHECK_FALSE(notice_of(message)->permanent);
  message.optional.push_back({Tag::network_error_code, std::string("\x03\x00\x01", 3)});
  CHECK(notice_of(message)->permanent);
}

TEST_CASE("an id is the same in hexadecimal and in decimal") {
  CHECK(canonical_id("A1B2", IdForm::hex) == "41394");
  CHECK(canonical_id("0000a1b2", IdForm::hex) == "41394");
  CHECK(canonical_id("0041394", IdForm::decimal) == "41394");
  CHECK(canonical_id("A1B2", IdForm::text) == "A1B2");
  CHECK(canonical_id("A1-B2", IdForm::hex) == "A1-B2");
  CHECK(canonical_id("FFFFFFFFFFFFFFFFFFFF", IdForm::hex) == "1208925819614629174706175");
  CHECK(canonical_id("0", IdForm::hex) == "0");
  CHECK(rc::check([](std::uint64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(number >> static_cast<unsigned>(shift));
    }
    RC_ASSERT(canonical_id(to_hex(bytes), IdForm::hex) == std::to_string(number));
  }));
}

Reply owed(const std::string& text, const std::string& address = "+628123456789") {
  Reply reply;
  reply.key = "7.1.sms";
  reply.address = address;
  reply.text = text;
  return reply;
}

TEST_CASE("a short answer is one message, a long one is cut as the operator wants") {
  Sending sending;
  sending.source.digits = "1708";
  const auto one = compose(owed("Laporan #1 diterima."), sending);
  REQUIRE(one.size() == 1);
  CHECK(one[0].destination.digits == "628123456789");
  CHECK(one[0].destination.ton == k_ton_international);
  CHECK(one[0].registered_delivery == 1);
  CHECK(one[0].esm_class == 0);

  const std::string long_text(300, 'a');
  const auto two = compose(owed(long_text), sending);
  REQUIRE(two.size() == 2);
  CHECK(two[0].text.size() == 159);
  CHECK(two[0].registered_delivery == 0);
  CHECK(two[1].registered_delivery == 1);
  CHECK(content_of(two[1]).part->number == 2);
  CHECK(content_of(two[0]).part->reference == content_of(two[1]).part->reference);

  sending.long_messages = LongMessages::sar;
  const auto sar = compose(owed(long_text), sending);
  REQUIRE(sar.size() == 2);
  CHECK(sar[0].text.size() == 153);
  CHECK(content_of(sar[1]).part->number == 2);

  sending.long_messages = LongMessages::payload;
  const auto payload = compose(owed(long_text), sending);
  REQUIRE(payload.size() == 1);
  CHECK(payload[0].text.empty());
  CHECK(payload[0].find(Tag::message_payload)->size() == 300);
}

TEST_CASE("an answer is said in what the operator's SMSC reads") {
  Sending sending;
  CHECK(compose(owed("é"), sending)[0].text == "\x05");
  CHECK(compose(owed("é"), sending)[0].data_coding == 0);
  sending.codings.of_0 = Alphabet::latin1;
  CHECK(compose(owed("é"), sending)[0].text == "\xe9");
  CHECK(compose(owed("é"), sending)[0].data_coding == 0);
  sending.codings.of_0 = Alphabet::ascii;
  CHECK(compose(owed("é"), sending)[0].data_coding == 3);
  CHECK(compose(owed("5€"), sending)[0].data_coding == 8);
  CHECK(compose(owed("路"), sending)[0].data_coding == 8);
}

TEST_CASE("names and short codes are never answered") {
  for (const auto* address : {"TELKOMSEL", "1708", "", "+62 81", "+62812345678x", "\r\n\r\n"}) {
    CHECK(compose(owed("x", address), {}).empty());
  }
}

}  // namespace
}  // namespace kanal::smpp
