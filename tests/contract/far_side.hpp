#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "core/reply.hpp"
#include "net/http_client.hpp"
#include "net/mail_pipe.hpp"

// What a kind of channel brings along to be held to the contract of all kinds (tests/contract).
//
// A kind `NAME` of connectors/kinds.def defines, in `contract_fixture.cpp` of its own folder,
//
//   namespace kanal {
//   std::unique_ptr<contract::FarSide> NAME_far_side();
//   }
//
// and nothing else: the clauses find it by themselves, and without it they do not link. Each clause
// asks for a new one, which must be empty: what is dear to start is shared within the fixture.
namespace kanal::contract {

/// Stands in every secret of a far side, and must come out of nothing.
inline constexpr std::string_view k_secret = "rahasia4kontrak.7penanda";

/// A message that a citizen sends. The same id is the same message, sent or read again; `author` is
/// letters ("warga"), to be made into whatever the channel knows people by.
struct Letter {
  std::string id;
  std::string text;
  std::string author = "warga";
};

/// "env:NAME" in quotes, of a variable that holds `k_secret` from now on.
inline std::string secret_in(const char* variable) {
  ::setenv(variable, k_secret.data(), 1);
  return std::string("\"env:") + variable + '"';
}

/// An author as an Indonesian telephone number, without the plus.
inline std::string number_of(std::string_view author) {
  unsigned sum = 0;
  for (const char c : author) sum = sum * 31U + static_cast<unsigned char>(c);
  return "62812" + std::to_string(1'000'000U + sum % 9'000'000U);
}

/// What is wrong with the far side.
enum class Fault {
  none,
  refused,      ///< our credential is not taken, for reading and for sending
  throttled,    ///< it answers everything by asking for patience
  lost_answer,  ///< it takes a reply and is gone before it says so
  silence,      ///< it takes connections and says nothing
  away,         ///< nobody is there
};

/// The other end of one channel: real, or as real as can be had on loopback. The abilities of the
/// connector (Receiver, Translator, Confirmer, FormHost …) are found by the clauses; what cannot be
/// seen from outside is said here. One thread.
class FarSide {
 public:
  FarSide() = default;
  virtual ~FarSide() = default;
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;

  /// The table of a channel at this far side, in TOML. Every secret in it is "env:NAME" of a
  /// variable that holds `secret()` or begins with it. Reads from the oldest message on, waits a
  /// second or two for answers, and takes only messages smaller than `oversized_bytes()`.
  [[nodiscard]] virtual std::string settings() const = 0;
  [[nodiscard]] virtual std::string_view secret() const { return k_secret; }

  /// What the connector calls out by.
  virtual Http& http();
  virtual Mail& mail();

  /// From now on, also for connectors that are open; `none` mends it.
  virtual void set(Fault fault) = 0;

  /// Whether `poll` brings what arrives; false: messages are pushed, or typed into a form.
  [[nodiscard]] virtual bool polls() const { return true; }
  /// The letter is there to be read by the next poll.
  virtual void arrive(const Letter& /*letter*/) {}
  /// So is something in a message's place that cannot be read: torn off, of another format. False:
  /// the channel has no such thing.
  virtual bool arrive_torn(const std::string& /*id*/) { return false; }
  /// Size of a message that is too large; 0: the channel carries none.
  [[nodiscard]] virtual std::size_t oversized_bytes() const { return 0; }

  /// For a Receiver: the request that brings the letter, signed as the provider does it.
  [[nodiscard]] virtual Delivery delivery(const Letter& /*letter*/) const { return {}; }
  /// For a Translator: the letter as a raw message.
  [[nodiscard]] virtual std::string raw(const Letter& /*letter*/) const { return {}; }

  /// Whether replies leave the process; false: they are delivered by standing on a page of ours.
  [[nodiscard]] virtual bool sends_out() const { return true; }
  /// Whether it knows a reply again that is sent twice.
  [[nodiscard]] virtual bool knows_again() const { return false; }
  /// Whom a reply can be sent to.
  [[nodiscard]] virtual std::string address() const { return {}; }
  /// How often the far side has taken a reply with this text.
  [[nodiscard]] virtual std::size_t taken(const Reply& /*reply*/) const { return 0; }
};

/// The clients that the bridge uses, shared by all far sides of the program.
inline Http& real_http() {
  static const auto http = make_http({});
  return *http;
}
inline Mail& real_mail() {
  static const auto mail = make_mail();
  return *mail;
}

/// A far side that is asked by HTTP, shown to the connector by its client.
class HttpFarSide : public FarSide, private Http {
 public:
  Http& http() override { return *this; }
  void set(Fault fault) override { fault_ = fault; }
  [[nodiscard]] bool polls() const override { return false; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    return static_cast<std::size_t>(std::ranges::count_if(texts_, [&](const std::string& each) {
      return each == reply.text || each.starts_with(reply.text + '\n');
    }));
  }

 protected:
  /// A reply's text, with nothing below it or lines of the connector's own.
  void take(std::string text) { texts_.push_back(std::move(text)); }
  /// All that were taken, the oldest first.
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  /// What it answers when nothing is wrong.
  virtual HttpReply answer(const HttpCall& call) = 0;
  [[nodiscard]] virtual HttpReply refusal() const { return {401, {}, "who are you"}; }
  [[nodiscard]] virtual HttpReply patience() const { return {429, {{"retry-after", "20"}}, ""}; }

 private:
  Result<HttpReply> fetch(const HttpCall& call) override {
    if (fault_ == Fault::away) return fail(Remedy::retry, "the far side cannot be reached");
    if (fault_ == Fault::silence) return fail(Remedy::uncertain, "no answer in time");
    if (fault_ == Fault::refused) return refusal();
    if (fault_ == Fault::throttled) return patience();
    auto said = answer(call);
    if (fault_ == Fault::lost_answer) return fail(Remedy::uncertain, "the connection broke");
    return said;
  }
  Fault fault_ = Fault::none;
  std::vector<std::string> texts_;
};

inline Http& FarSide::http() {
  return real_http();
}
inline Mail& FarSide::mail() {
  return real_mail();
}

}  // namespace kanal::contract
