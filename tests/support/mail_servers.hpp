#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace kanal::test {

/// A real Postfix and a real Dovecot on loopback in a temporary directory, on ports that the system
/// gave. The domain is test.local; the people are lapor@, warga@ and budi@ (all with
/// `k_password`); gone@ is accepted by Postfix and unknown to Dovecot, so that mail to it bounces;
/// anything+else@ reaches anything@. Everything ends with the object, or with the test program.
class MailServers {
 public:
  static constexpr const char* k_password = "rahasia-sekali-42";

  /// Both servers refuse to run for anyone but root: without it nothing can be started. Throws in
  /// place of false where KANAL_NEEDS_MAIL_SERVERS is set.
  static bool available();

  MailServers();
  ~MailServers();
  MailServers(const MailServers&) = delete;
  MailServers& operator=(const MailServers&) = delete;

  struct Ports {
    std::uint16_t imap = 0;  ///< plain, and STARTTLS
    std::uint16_t imaps = 0;
    std::uint16_t smtp = 0;  ///< plain, and STARTTLS
    std::uint16_t smtps = 0;
    std::uint16_t lmtp = 0;
    std::uint16_t auth = 0;
  };
  [[nodiscard]] const Ports& ports() const { return ports_; }
  /// The certificate of both servers ("localhost", 127.0.0.1), for `ca_file`.
  [[nodiscard]] std::filesystem::path certificate() const { return directory_ / "tls.pem"; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  void start_dovecot();
  void stop_dovecot();
  void start_postfix();
  void stop_postfix();

  /// Puts a mail into someone's mailbox as a server would, without one.
  void deliver(std::string_view person, std::string_view raw);
  /// Sends a mail the whole way, through Postfix and Dovecot.
  void submit(std::string_view sender, std::string_view recipient, std::string_view raw);

  struct Stored {
    std::string folder;  ///< "INBOX" or another
    bool seen = false;
    std::string raw;
  };
  /// What is in someone's mailbox, oldest first.
  [[nodiscard]] std::vector<Stored> mailbox(std::string_view person) const;
  /// Waits until there are so many; whatever there is when `patience_ms` has passed.
  [[nodiscard]] std::vector<Stored> wait_for(std::string_view person, std::size_t count,
                                             int patience_ms = 60'000) const;
  /// Gives the mails of a mailbox other UIDs under another UIDVALIDITY.
  void renumber(std::string_view person);
  void empty(std::string_view person);
  /// From the next login on; `k_password` at first.
  void set_password(std::string_view person, std::string_view password);

 private:
  void write_passwords();
  [[nodiscard]] std::filesystem::path home(std::string_view person) const;
  [[nodiscard]] std::filesystem::path maildir(std::string_view person) const;

  std::filesystem::path directory_;
  Ports ports_;
  pid_t dovecot_ = 0;
  pid_t postfix_ = 0;
  pid_t guard_ = 0;  ///< ends Postfix when the test program is cut off
  int leash_ = -1;
  int delivered_ = 0;
  std::map<std::string, std::string, std::less<>> passwords_;
};

}  // namespace kanal::test
