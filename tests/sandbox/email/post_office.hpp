#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace kanal::sandbox::email {

inline constexpr std::string_view k_domain = "contoh.test";
inline constexpr std::string_view k_office = "lapor@contoh.test";
inline constexpr std::string_view k_password = "rahasia";
inline constexpr std::size_t k_most_mail_bytes = 32U << 20U;

using Uid = std::uint32_t;
using Flags = std::set<std::string>;

struct Envelope {
  std::string sender;  ///< empty: a bounce
  std::string recipient;
  std::string envelope_id;         ///< ENVID, as it was written
  std::string original_recipient;  ///< ORCPT
  bool reports_failure = true;     ///< NOTIFY
  bool returns_whole = false;      ///< RET=FULL
};

struct Mail {
  Uid uid = 0;
  Flags flags;
  Time arrived;
  Envelope envelope;
  std::shared_ptr<const std::string> bytes;  ///< shared by the folders that it was copied to
};

struct Folder {
  std::uint32_t validity = 0;
  Uid next = 1;
  std::vector<Mail> mails;  ///< in the order of their uids
  [[nodiscard]] Mail* find(Uid uid);
};

/// What is wrong with the servers.
struct Orders {
  std::chrono::milliseconds slow{0};  ///< before each answer
  bool away = false;                  ///< connections are closed at once
  bool silent = false;                ///< they are taken, and nothing is said
  bool refuse_login = false;
  bool too_many = false;  ///< every session is refused by asking for patience
  int drop_literal = 0;   ///< so many mails are read to their middle, and the session is gone
  int greylist = 0;       ///< so many recipients are told to come back (451)
  int refuse = 0;         ///< so many recipients are unknown (550)
  int bounce = 0;         ///< so many mails are taken and sent back
  int lose_answer = 0;    ///< so many mails are taken, and the session is gone before it says so
};

/// All mailboxes of one domain, in memory. Bounded: what does not fit is refused. Safe from any
/// thread.
class PostOffice {
 public:
  using Folders = std::map<std::string, Folder>;

  PostOffice();

  /// "wati" and "wati+tag@contoh.test" as "wati@contoh.test"; nothing for another domain or what
  /// is no address.
  static std::optional<std::string> account_of(std::string_view address);
  /// Hands a mail to its recipient; false when there is no room.
  bool deliver(const Envelope& envelope, const std::string& bytes);
  /// A mail that could not be delivered goes back as a report to its sender (RFC 3464), unless that
  /// is not wanted or there is none.
  void bounce(const Envelope& envelope, const std::string& bytes);
  /// Puts one mail into a folder; its uid, or nothing when the folder is full.
  static std::optional<Uid> put(Folder& folder, Mail mail);
  /// Whether so many bytes more may be held, and counts them; within `with` only.
  bool make_room(std::size_t bytes);
  /// Makes an account where there is none; false when there is no room.
  bool open(const std::string& account);
  /// A folder of an account, which is made when that is wanted; nothing when there is none, or no
  /// room for it. Within `with` only.
  Folder* folder(const std::string& account, const std::string& name, bool make);
  /// Gives a folder's mails new numbers, as after a restored backup.
  void renumber(const std::string& account);

  /// Calls `use` with the folders of an account that is open, while nobody else can.
  template <class Use>
  auto with(const std::string& account, Use use) {
    const std::scoped_lock lock(mutex_);
    return use(accounts_[account]);
  }
  /// The same with all accounts.
  template <class Use>
  auto with_all(Use use) {
    const std::scoped_lock lock(mutex_);
    return use(accounts_);
  }

  [[nodiscard]] Orders orders() const;
  template <class Change>
  void order(Change change) {
    const std::scoped_lock lock(orders_mutex_);
    change(orders_);
  }
  /// Whether one of so many faults was left; one less then.
  bool take(int Orders::*counted);

 private:
  std::mutex mutex_;
  std::map<std::string, Folders> accounts_;
  std::size_t held_bytes_ = 0;
  std::uint32_t last_validity_;
  mutable std::mutex orders_mutex_;
  Orders orders_;
};

/// "Wed, 25 Nov 2026 10:00:00 +0000"
std::string rfc5322_date(Time time);
/// A Message-ID of ours, without angle brackets.
std::string new_message_id();

}  // namespace kanal::sandbox::email
