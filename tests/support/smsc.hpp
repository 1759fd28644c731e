#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/smpp/pdu.hpp"

namespace kanal::test {

/// An SMSC on loopback over SMPP 3.4, with its phones: what they send goes to whoever is bound,
/// what is submitted reaches them, and it can be told to misbehave. Keeps a phone's message until
/// it is answered, and sends it again over the next session. Safe from any thread.
class Smsc {
 public:
  struct Orders {
    std::string system_id = "kanal";
    std::string password = "rahasia";
    std::uint16_t port = 0;  ///< 0: one that the system gives
    bool away = false;       ///< connections are closed at once
    bool silent = false;     ///< takes connections and says nothing
    std::optional<smpp::Status> bind_status;
    std::optional<smpp::Status> submit_status;
    int throttle_next = 0;  ///< so many submits are answered ESME_RTHROTTLED
    int lose_answers = 0;   ///< so many submits are taken, and the link is gone before it says so
    bool receipts = true;
    bool hold_receipts = false;  ///< until they are released
    std::string receipt_state = "DELIVRD";
    bool receipts_by_parameter = false;
    bool hex_ids = false;               ///< ids are hexadecimal in answers, decimal in receipts
    std::size_t window = 10;            ///< unanswered deliver_sm at once
    std::chrono::milliseconds slow{0};  ///< before each answer
  };
  /// What a phone got, put together.
  struct Shown {
    std::string phone;
    std::string from;
    std::string text;
    int segments = 1;
    std::uint8_t data_coding = 0;
    std::chrono::system_clock::time_point at = std::chrono::system_clock::now();
  };
  /// How a phone's message is cut and labelled.
  struct Sending {
    std::string alphabet = "auto";  ///< "auto", "gsm7", "ucs2", "latin1"
    std::string parts = "udh8";     ///< "udh8", "udh16", "sar", "payload"
    std::vector<int> order;         ///< in which the parts go out; empty: as they are
    std::vector<int> lost;          ///< parts that never go out
  };

  explicit Smsc(Orders orders);
  Smsc() : Smsc(Orders{}) {}
  ~Smsc();
  Smsc(const Smsc&) = delete;
  Smsc& operator=(const Smsc&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void order(const std::function<void(Orders&)>& change);
  [[nodiscard]] Orders orders() const;
  /// Puts the message on its way; returns when it was written to a session that stands.
  void text(const std::string& phone, const std::string& to, const std::string& words,
            const Sending& how);
  void text(const std::string& phone, const std::string& to, const std::string& words) {
    text(phone, to, words, Sending());
  }
  /// The same for a message as it is.
  void deliver(const smpp::Message& message);
  /// A deliver_sm whose body is this.
  void deliver_torn(std::string body);
  /// A unit of any kind.
  void push(const smpp::Pdu& pdu);
  [[nodiscard]] std::vector<Shown> shown() const;
  /// Messages of phones that nobody has answered yet.
  [[nodiscard]] std::size_t unanswered() const;
  [[nodiscard]] int binds() const { return binds_; }
  /// That stand now and are bound.
  [[nodiscard]] std::size_t sessions() const;
  void hang_up();  ///< all sessions
  /// Sends the receipts that were held, the newest first if that is wanted.
  void release_receipts(bool newest_first);
  /// Waits until phones were shown so many messages in all; false when it takes too long.
  bool wait_for(std::size_t shown, std::chrono::milliseconds patience);
  bool wait_sessions(std::size_t count, std::chrono::milliseconds patience);
  /// Waits until every message was answered.
  bool wait_answered(std::chrono::milliseconds patience);

 private:
  struct Waiting {
    std::string body;
    std::uint64_t session = 0;  ///< where it is under way; 0: nowhere
    std::uint32_t sequence = 0;
  };
  struct Part {
    std::string phone;
    std::uint32_t reference = 0;
    int total = 1;
    int number = 1;
    smpp::Message message;
  };
  struct Client {
    std::uint64_t id = 0;
    int socket = -1;
    std::thread thread;
    smpp::Framer framer;
    bool sends = false;     ///< bound to submit
    bool receives = false;  ///< bound to be delivered to
    std::uint32_t sequence = 0;
    std::atomic<bool> over{false};
    std::atomic<bool> ended{false};  ///< its thread needs nothing more
  };

  [[nodiscard]] std::size_t bound() const;  ///< the mutex is held
  void accept_all();
  void forget_ended();
  void serve(Client& client);
  bool handle(Client& client, const smpp::Pdu& pdu);
  void bind(Client& client, const smpp::Pdu& pdu);
  bool submit(Client& client, const smpp::Pdu& pdu);
  void show(const smpp::Message& message);
  void flush();
  bool write(Client& client, const std::string& bytes);
  void receipt(const smpp::Message& message, std::uint64_t id);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Orders orders_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<int> binds_{0};
  std::list<Client> clients_;
  std::deque<Waiting> waiting_;
  std::deque<Waiting> held_;  ///< receipts
  std::vector<Part> parts_;
  std::vector<Shown> shown_;
  std::uint64_t last_client_ = 0;
  std::uint64_t last_id_ = 0xA0F;
  std::uint8_t last_reference_ = 0;
  std::thread accepter_;
};

}  // namespace kanal::test
