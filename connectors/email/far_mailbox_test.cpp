#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <catch2/catch.hpp>

#include "connectors/email/cursor.hpp"
#include "connectors/email/email.hpp"
#include "core/text.hpp"
#include "tests/support/no_http.hpp"
#include "tests/support/scripted_mail.hpp"

// What real servers cannot be told to do.
namespace kanal::email::test {
namespace {

using kanal::test::ScriptedMail;

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                     std::chrono::hours(3)};

std::string mail(const std::string& id, const std::string& text = "Jalan rusak.") {
  return "From: warga@contoh.id\r\nTo: lapor@contoh.go.id\r\nSubject: Jalan\r\nMessage-ID: <" + id +
         ">\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\n\r\n" + text + "\r\n";
}

/// A folder whose server does as it is told, and the server for sending beside it.
class FarMailbox {
 public:
  FarMailbox() {
    settings.address = "lapor@contoh.go.id";
    settings.start_from = "all";
    settings.imap.host = settings.smtp.host = "mail.contoh.go.id";
    settings.imap.login = settings.smtp.login = "none";
    open();
  }

  std::map<unsigned, std::string> mails;  ///< by UID
  std::set<unsigned> breaks;              ///< the session ends within the body of these
  std::set<unsigned> withheld;            ///< NIL stands for their bodies
  std::set<unsigned> seen;
  std::string unasked;                      ///< said before the listing of the first mail
  std::map<std::string, std::string> smtp;  ///< what the server says to a command's first word
  Settings settings;

  Email& open() {
    email_ = std::make_unique<Email>(ChannelName("email"), settings, around_);
    return *email_;
  }
  Email& operator*() { return *email_; }
  Email* operator->() { return email_.get(); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return mail_.lines; }

  static Reply reply(int number) {
    Reply reply;
    reply.key = std::to_string(number) + ".1.email";
    reply.report = ReportId(number);
    reply.step = 1;
    reply.code = TrackingCode("123456789016");
    reply.channel = ChannelName("email");
    reply.address = "warga" + std::to_string(number) + "@contoh.id";
    reply.language = "id";
    reply.subject = "Laporan diterima";
    reply.text = "Laporan Anda kami terima.";
    return reply;
  }

 private:
  std::string answer(const std::string& line) {
    if (in_data_ && line != ".") return {};
    in_data_ = false;
    for (const auto& [word, said] : smtp) {
      if (!line.starts_with(word)) continue;
      in_data_ = word == "DATA" && said.starts_with('3');
      return said + "\r\n";
    }
    const auto words = split(line, ' ');
    const auto tag = std::string(words[0]);
    const auto done = tag + " OK done\r\n";
    if (words.size() < 2) return {};
    if (words[1] == "CAPABILITY") return "* CAPABILITY IMAP4rev1\r\n" + done;
    if (words[1] == "SELECT") {
      return "* " + std::to_string(mails.size()) +
             " EXISTS\r\n* OK [UIDVALIDITY 7] \r\n* OK [UIDNEXT " +
             std::to_string(mails.empty() ? 1 : mails.rbegin()->first + 1) + "] \r\n" + done;
    }
    if (words.size() < 4 || words[1] != "UID") return done;
    if (words[2] == "SEARCH") return search(line) + done;
    std::string said;
    for (const auto& [uid, raw] : mails) {
      if (!holds(words[3], uid)) continue;
      if (words[2] == "STORE") seen.insert(uid);
      if (words[2] != "FETCH") continue;
      const auto head = "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) + " ";
      if (line.find("RFC822.SIZE") != std::string::npos) {
        said += std::exchange(unasked, {}) + head + "RFC822.SIZE " + std::to_string(raw.size()) +
                " INTERNALDATE \"02-Mar-2026 09:15:00 +0700\")\r\n";
      } else if (line.find("HEADER") != std::string::npos) {
        const auto headers = raw.substr(0, raw.find("\r\n\r\n") + 4);
        said += head + "BODY[HEADER]<0> {" + std::to_string(headers.size()) + "}\r\n" + headers +
                ")\r\n";
      } else if (withheld.contains(uid)) {
        said += head + "BODY[] NIL)\r\n";
      } else {
        const bool breaks_here = breaks.contains(uid);
        said += head + "BODY[] {" + std::to_string(raw.size()) + "}\r\n" +
                raw.substr(0, breaks_here ? raw.size() / 2 : raw.size());
        if (breaks_here) return std::string(ScriptedMail::k_hang_up) + said;
        said += ")\r\n";
      }
    }
    return said + done;
  }
  [[nodiscard]] std::string search(const std::string& line) const {
    const auto words = split(line, ' ');
    std::string found;
    for (const auto& [uid, raw] : mails) {
      if (words.size() > 4 && !holds(words[4], uid)) continue;
      if (line.ends_with(" UNSEEN") && seen.contains(uid)) continue;
      found += ' ' + std::to_string(uid);
    }
    return "* SEARCH" + found + "\r\n";
  }
  [[nodiscard]] bool holds(std::string_view set, unsigned uid) const {
    return std::ranges::any_of(split(set, ','), [&](std::string_view range) {
      const auto number = [&](std::string_view text) {
        if (text == "*") return mails.empty() ? 0U : mails.rbegin()->first;
        return static_cast<unsigned>(std::stoul(std::string(text)));
      };
      const auto colon = range.find(':');
      const auto first = number(range.substr(0, colon));
      const auto last = colon == std::string_view::npos ? first : number(range.substr(colon + 1));
      return uid >= first && uid <= last;
    });
  }

  bool in_data_ = false;
  ManualClock clock_{k_now};
  Keys keys_ = Keys::of_seed("far mailbox");
  Organisation organisation_;
  kanal::test::NoHttp http_;
  ScriptedMail mail_{[this](const std::string& line) { return answer(line); }};
  Surroundings around_{clock_, keys_, organisation_, http_, mail_, {}};
  std::unique_ptr<Email> email_;
};

using Ids = std::vector<std::string>;

/// What is read in so many turns, with failures between them.
struct Read {
  Ids posts;
  std::vector<Unreadable> unreadable;
  int failures = 0;
  Cursor at;
};

Read read(FarMailbox& box, int turns, Cursor since = {}) {
  Read all;
  all.at = std::move(since);
  for (int i = 0; i < turns; ++i) {
    const auto batch = box->poll(all.at, {});
    if (!batch) {
      CHECK(batch.error().remedy == Remedy::retry);
      ++all.failures;
      continue;
    }
    for (const auto& post : batch->posts) all.posts.push_back(post.id.value());
    std::ranges::copy(batch->unreadable, std::back_inserter(all.unreadable));
    // What is asked for ahead may break the session meanwhile.
    if (!box->committed(*batch)) REQUIRE(box->committed(*batch));
    all.at = batch->next;
  }
  return all;
}

}  // namespace

TEST_CASE("a mail within which every session breaks is set aside by its headers in the end") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 5; ++uid) box.mails[uid] = mail("m" + std::to_string(uid) + "@x");
  box.breaks = {3};
  const auto all = read(box, 20);
  CHECK(all.posts == Ids{"m1@x", "m2@x", "m4@x", "m5@x"});
  REQUIRE(all.unreadable.size() == 1);
  CHECK(all.unreadable[0].id.value() == "m3@x");
  CHECK(all.unreadable[0].payload.find("Subject: Jalan") != std::string::npos);
  CHECK(all.unreadable[0].reason.find("broke") != std::string::npos);
  CHECK(all.failures > 2);
}

TEST_CASE("a line that breaks now and then costs no mail") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 5; ++uid) box.mails[uid] = mail("m" + std::to_string(uid) + "@x");
  box.breaks = {2};
  const auto first = read(box, 3);
  box.breaks = {4};
  const auto second = read(box, 3, first.at);
  box.breaks.clear();
  const auto third = read(box, 6, second.at);
  Ids ids = first.posts;
  std::ranges::copy(second.posts, std::back_inserter(ids));
  std::ranges::copy(third.posts, std::back_inserter(ids));
  CHECK(ids == Ids{"m1@x", "m2@x", "m3@x", "m4@x", "m5@x"});
  CHECK(first.unreadable.size() + second.unreadable.size() + third.unreadable.size() == 0);
}

}  // namespace kanal::email::test
