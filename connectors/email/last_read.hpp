#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "connectors/email/imap.hpp"

namespace kanal::email {

/// Which mail is being taken apart, in a file that outlives the process: a mail that the process
/// ended over twice is taken apart no more, and keeps neither the bridge down nor those behind it
/// back. A file that cannot be written, or none, guards nothing. One thread.
class LastRead {
 public:
  /// `file`: empty for none.
  explicit LastRead(std::filesystem::path file) : file_(std::move(file)) {}
  ~LastRead();
  LastRead(const LastRead&) = delete;
  LastRead& operator=(const LastRead&) = delete;

  /// Whether a mail is looked for that an earlier process ended over: mails are to be taken one by
  /// one, and each stored before the next, lest another one behind it end this process too.
  bool is_wary();
  /// False when this mail is not to be taken apart.
  bool begin(std::uint32_t uid_validity, Uid uid);
  /// The mail that was begun last is done, and so are all before it.
  void end();

 private:
  void open();
  void write(const std::string& text) const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  bool is_open_ = false;
  std::string fatal_;  ///< the mail that an earlier process ended over
  int deaths_ = 0;     ///< over it
  int wary_for_ = 0;   ///< so many mails
};

}  // namespace kanal::email
