#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/mail_pipe.hpp"

namespace kanal::test {

/// A mail server made of one function: what it answers to each line. For faults that real servers
/// cannot be told to make. An answer of `k_hang_up` closes the connection, one that starts with it
/// sends the rest first; `k_silence` lets every wait run out.
class ScriptedMail final : public Mail {
 public:
  static constexpr std::string_view k_hang_up = "\x01";
  static constexpr std::string_view k_silence = "\x02";
  using Script = std::function<std::string(const std::string& line)>;

  explicit ScriptedMail(Script script) : script_(std::move(script)) {}
  /// What connecting answers instead of a session, as long as it is set.
  std::optional<Error> refusal;
  std::vector<MailServer> connected;
  std::vector<std::string> lines;  ///< all that clients said

  Result<std::unique_ptr<kanal::Pipe>> connect(const MailServer& server) override {
    if (refusal) return tl::unexpected(*refusal);
    connected.push_back(server);
    return std::make_unique<Pipe>(*this);
  }

 private:
  class Pipe final : public kanal::Pipe {
   public:
    explicit Pipe(ScriptedMail& mail) : mail_(mail) {}

    Result<> write(std::string_view bytes, std::chrono::milliseconds /*timeout_ms*/) override {
      if (closed_) return gone();
      said_ += bytes;
      for (auto end = said_.find("\r\n"); end != std::string::npos; end = said_.find("\r\n")) {
        const auto line = said_.substr(0, end);
        said_.erase(0, end + 2);
        mail_.lines.push_back(line);
        if (closed_) continue;
        auto answer = mail_.script_(line);
        if (answer.starts_with(k_hang_up)) {
          closed_ = true;
          answer.erase(0, 1);
        }
        if (answer == k_silence) answer.clear();
        answers_ += answer;
      }
      return {};
    }
    Result<std::string> read_line(std::size_t most_bytes,
                                  std::chrono::milliseconds /*timeout_ms*/) override {
      const auto end = answers_.find("\r\n");
      if (end == std::string::npos) return closed_ ? gone() : late();
      if (end + 2 > most_bytes) return fail(Remedy::retry, "line too long");
      return take(end + 2);
    }
    Result<std::string> read_exactly(std::size_t count,
                                     std::chrono::milliseconds /*timeout_ms*/) override {
      if (answers_.size() < count) return closed_ ? gone() : late();
      return take(count);
    }
    Result<std::string> read_some(std::size_t most_bytes) override {
      if (answers_.empty() && closed_) return gone();
      return take(std::min(most_bytes, answers_.size()));
    }
    Result<bool> wait(std::chrono::milliseconds /*timeout_ms*/) override {
      if (answers_.empty() && closed_) return gone();
      return !answers_.empty();
    }

   private:
    std::string take(std::size_t count) {
      auto bytes = answers_.substr(0, count);
      answers_.erase(0, count);
      return bytes;
    }
    static tl::unexpected<Error> gone() {
      return fail(Remedy::retry, "the server closed the connection");
    }
    static tl::unexpected<Error> late() {
      return fail(Remedy::retry, "the server did not answer in time");
    }

    ScriptedMail& mail_;
    std::string said_;
    std::string answers_;
    bool closed_ = false;
  };

  Script script_;
};

}  // namespace kanal::test
