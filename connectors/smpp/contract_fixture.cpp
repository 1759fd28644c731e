#include "connectors/smpp/pdu.hpp"
#include "format/encode.hpp"
#include "tests/contract/far_side.hpp"
#include "tests/support/smsc.hpp"

namespace kanal {

namespace {

using contract::Fault;
using contract::Letter;
using test::Smsc;

/// The bytes as they are: the settings below say that data_coding 1 is UTF-8.
smpp::Message message_of(const Letter& letter) {
  smpp::Message message;
  message.source = {smpp::k_ton_international, 1, contract::number_of(letter.author)};
  message.destination = {0, 1, "1708"};
  message.data_coding = 1;
  message.optional.push_back({smpp::Tag::message_payload, letter.text});
  return message;
}

/// The SMSC of the sandbox, here in the process.
class Operator final : public contract::FarSide {
 public:
  [[nodiscard]] std::string settings() const override {
    return "host = \"127.0.0.1\"\nport = " + std::to_string(smsc_.port()) +
           "\nsecurity = \"plain\"\nsystem_id = \"kanal\"\npassword = " +
           contract::secret_in("KANAL_CONTRACT_SMPP_PASSWORD") +
           "\nsource = \"1708\"\nalphabet_1 = \"utf8\"\ntimeout_s = " +
           (fault_ == Fault::silence ? "2" : "30") + "\n";
  }
  void set(Fault fault) override {
    fault_ = fault;
    smsc_.hang_up();
    smsc_.order([&](Smsc::Orders& all) {
      const auto port = all.port;
      all = orders();
      all.port = port;
      if (fault == Fault::refused) all.password = "lain";
      if (fault == Fault::throttled) {
        all.bind_status = smpp::Status::throttled;
        all.submit_status = smpp::Status::throttled;
      }
      all.lose_answers = fault == Fault::lost_answer ? 1000 : 0;
      all.silent = fault == Fault::silence;
      all.away = fault == Fault::away;
    });
  }
  void arrive(const Letter& letter) override { smsc_.deliver(message_of(letter)); }
  bool arrive_torn(const std::string& /*id*/) override {
    smsc_.deliver_torn("\x01\x02\x03");
    return true;
  }
  [[nodiscard]] std::string raw(const Letter& letter) const override {
    return to_hex(print(smpp::Pdu{smpp::Command::deliver_sm, smpp::Status::ok, 7,
                                  print(message_of(letter))})) +
           "\n";
  }
  [[nodiscard]] std::string address() const override { return "+628123456789"; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    std::size_t count = 0;
    for (const auto& each : smsc_.shown()) count += each.text == reply.text ? 1 : 0;
    return count;
  }

 private:
  static Smsc::Orders orders() {
    Smsc::Orders all;
    all.password = contract::k_secret;
    all.window = 1000;
    all.receipts = false;
    return all;
  }
  Smsc smsc_{orders()};
  Fault fault_ = Fault::none;
};

}  // namespace

std::unique_ptr<contract::FarSide> smpp_far_side();
std::unique_ptr<contract::FarSide> smpp_far_side() {
  return std::make_unique<Operator>();
}

}  // namespace kanal
