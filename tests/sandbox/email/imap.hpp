#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/email/imap_mail.hpp"
#include "tests/sandbox/email/imap_words.hpp"
#include "tests/sandbox/email/post_office.hpp"
#include "tests/sandbox/email/wire.hpp"

namespace kanal::sandbox::email {

/// One session of IMAP4rev1 (RFC 3501) with LITERAL+, SASL-IR, IDLE, MOVE, UIDPLUS and UNSELECT,
/// without BODYSTRUCTURE. One thread.
class ImapSession {
 public:
  ImapSession(Wire& wire, PostOffice& office) : wire_(wire), office_(office) {}
  /// Until the client says goodbye or is gone.
  void run();

 private:
  struct Command {
    std::string tag;
    std::string name;  ///< in capitals, without UID
    std::vector<Word> words;
    bool by_uid = false;
    [[nodiscard]] std::string text(std::size_t index) const {
      return index < words.size() ? words[index].text : std::string();
    }
  };
  /// A mail as the session last told of it.
  struct Known {
    Uid uid = 0;
    Flags flags;
  };

  bool say(const std::string& line);
  bool finish(const Command& command, std::string_view outcome);
  bool refuse(const Command& command, std::string_view why = "BAD that cannot be read");
  std::optional<Command> read_command();
  bool carry_out(const Command& command);
  bool carry_out_signed_in(const Command& command);
  bool carry_out_selected(const Command& command);

  bool log_in(const Command& command, std::string_view user, std::string_view password);
  bool authenticate(const Command& command);
  bool select(const Command& command, bool read_only);
  bool list(const Command& command);
  bool status(const Command& command);
  bool create(const Command& command);
  bool append(const Command& command);
  bool idle(const Command& command);
  bool fetch(const Command& command);
  bool store(const Command& command);
  bool search(const Command& command);
  bool copy(const Command& command, bool move);
  bool expunge(const Command& command);

  /// Tells of what has changed in the folder; of what is gone only where that is allowed.
  bool tell_news(bool may_expunge);
  [[nodiscard]] LastNumbers last() const;
  /// The places, in what the session knows, that a command's first argument names.
  [[nodiscard]] std::optional<std::vector<std::size_t>> chosen(const Command& command) const;
  template <class Use>
  auto with_folder(Use use);

  Wire& wire_;
  PostOffice& office_;
  std::string account_;
  std::string folder_;  ///< empty: none is open
  bool read_only_ = false;
  std::uint32_t validity_ = 0;
  std::vector<Known> known_;
};

}  // namespace kanal::sandbox::email
