#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace kanal::test {

/// A TCP proxy on loopback that can act at a word on the wire: what makes a crash at a certain step
/// of a dialogue repeatable, with nothing built into the program under test.
class Wire {
 public:
  enum class From { client, server };
  enum class When { before, after };  ///< the bytes with the word are passed on
  /// A step of a dialogue, by what passes then.
  struct Step {
    const char* name;
    From from;
    const char* word;
    When when;
  };

  explicit Wire(std::uint16_t target_port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Where the next connections go.
  void lead_to(std::uint16_t target_port) { target_ = target_port; }
  /// Runs `then` once, on the proxy's thread, at the next time that `word` passes.
  void at(From from, std::string word, When when, std::function<void()> then);
  /// Ends a process at that step.
  void kills(pid_t victim, const Step& at);
  /// Whether what was asked for has happened.
  [[nodiscard]] bool happened() const { return happened_; }

 private:
  struct Trap {
    From from = From::client;
    std::string word;
    When when = When::before;
    std::function<void()> then;
  };
  void accept_all();
  void carry(int client);
  bool pass(int from, int to, From who, std::string& tail);

  std::atomic<std::uint16_t> target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> happened_{false};
  std::mutex mutex_;
  Trap trap_;
  std::vector<std::thread> threads_;
  std::thread accepter_;
};

}  // namespace kanal::test
