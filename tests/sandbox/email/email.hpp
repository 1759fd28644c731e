#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sandbox/email/post_office.hpp"
#include "tests/sandbox/email/wire.hpp"
#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"

namespace kanal::sandbox::email {

/// A mail server of one domain, IMAP4rev1 and SMTP submission, and a control API to play who writes
/// and reads:
///   POST   /mails       {"as","name","to","subject","text","in_reply_to","references","raw"}:
///                       {"id"}, the Message-ID
///   GET    /mails?of=A  {"mails":[{"id","by","to","subject","text","in_reply_to","at","folder",
///                       "flags","bounce"}]}: what A sent and got, oldest first
///   POST   /faults      {"fault","times","delay_ms"}: drop_literal, greylist, refuse, bounce,
///                       lost_answer (so many), hang_up (once), slow, silent, away, refused,
///                       too_many
///   DELETE /faults
///   POST   /numbers     {"of"}: the folders' mails get new uids, and the folders a new validity
class MailServer final : public FarSide {
 public:
  explicit MailServer(const Ports& ports);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override;

 private:
  /// Whether a connection that came may be served; deals with it if not.
  bool is_open(Wire& wire, std::string_view too_many) const;
  Answer answer(const Request& request);
  Answer write(const Request& request);
  Answer mails(const Request& request);
  Answer fault(const Request& request);

  PostOffice office_;
  Door imap_;
  Door smtp_;
  HttpFace face_;  // last: requests use all the others
};

}  // namespace kanal::sandbox::email
