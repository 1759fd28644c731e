#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <unistd.h>

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

constexpr Time k_far_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                         std::chrono::hours(3)};

std::string far_mail(const std::string& id, const std::string& text = "Jalan rusak.") {
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
  std::set<unsigned> breaks_in_headers;   ///< and within the headers of these
  std::set<unsigned> refused;             ///< NO is said to whoever asks for their headers
  bool takes_marks = true;                ///< else NO is said to all
  std::set<unsigned> withheld;            ///< NIL stands for their bodies
  std::set<unsigned> seen;
  std::map<unsigned, std::string> arrived;  ///< at another time than the others
  std::string unasked;                      ///< said before the listing of the first mail
  std::map<std::string, std::string> smtp;  ///< what the server says to a command's first word
  std::deque<std::string> at_the_dot;  ///< the same of the ends of mails, before what `smtp` has
  Settings settings;
  std::filesystem::path spool;

  Email& open() {
    around_.spool = spool;
    in_data_ = false;
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
    const bool ends_mail = std::exchange(in_data_, false);
    if (ends_mail && !at_the_dot.empty()) {
      const auto said = at_the_dot.front();
      at_the_dot.pop_front();
      return said + "\r\n";
    }
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
      if (words[2] == "STORE" && !takes_marks) return tag + " NO over quota\r\n";
      if (words[2] == "STORE") seen.insert(uid);
      if (words[2] != "FETCH") continue;
      const auto head = "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) + " ";
      if (line.find("RFC822.SIZE") != std::string::npos) {
        said += std::exchange(unasked, {}) + head + "RFC822.SIZE " + std::to_string(raw.size()) +
                " INTERNALDATE \"" + arrival_of(uid) + "\")\r\n";
      } else if (line.find("HEADER") != std::string::npos) {
        if (refused.contains(uid)) return tag + " NO damaged\r\n";
        const auto headers = raw.substr(0, raw.find("\r\n\r\n") + 4);
        if (breaks_in_headers.contains(uid)) {
          return std::string(ScriptedMail::k_hang_up) + said + head + "BODY[HEADER]<0> {" +
                 std::to_string(headers.size()) + "}\r\nFrom: ";
        }
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
  [[nodiscard]] std::string arrival_of(unsigned uid) const {
    const auto found = arrived.find(uid);
    return found == arrived.end() ? "02-Mar-2026 09:15:00 +0700" : found->second;
  }
  [[nodiscard]] std::string search(const std::string& line) const {
    const auto words = split(line, ' ');
    std::string found;
    for (const auto& [uid, raw] : mails) {
      // All that tests search for is of the month.
      if (words[3] == "SINCE" && arrival_of(uid).find("Mar-2026") == std::string::npos) continue;
      if (words[3] == "UID" && !holds(words[4], uid)) continue;
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
  ManualClock clock_{k_far_now};
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
  for (unsigned uid = 1; uid <= 5; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  box.breaks = {3};
  const auto all = read(box, 20);
  CHECK(all.posts == Ids{"m1@x", "m2@x", "m4@x", "m5@x"});
  REQUIRE(all.unreadable.size() == 1);
  CHECK(all.unreadable[0].id.value() == "m3@x");
  CHECK(all.unreadable[0].payload.find("Subject: Jalan") != std::string::npos);
  CHECK(all.unreadable[0].reason.find("broke") != std::string::npos);
  CHECK(all.failures > 2);
}

TEST_CASE("a mail whose headers are refused, or break every session, holds none behind it back") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 5; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  const bool breaks = GENERATE(false, true);
  if (breaks) {
    box.breaks = box.breaks_in_headers = {3};
  } else {
    box.mails[3] = far_mail("m3@x", std::string(80U << 10U, 'x'));
    box.settings.most_mail_bytes = 64 << 10;
    box.open();
    box.refused = {3};
  }
  const auto all = read(box, 30);
  CHECK(all.posts == Ids{"m1@x", "m2@x", "m4@x", "m5@x"});
  REQUIRE(all.unreadable.size() == 1);
  CHECK(all.unreadable[0].id.value() == "uid:7:3");
  CHECK(all.unreadable[0].reason.find(breaks ? "broke within" : "damaged") != std::string::npos);
  CHECK(box.seen == std::set<unsigned>{1, 2, 4, 5});
}

TEST_CASE("a mail that the bridge ended over twice holds none behind it back") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 5; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  box.spool = std::filesystem::temp_directory_path() / ("kanal-far-" + std::to_string(::getpid()));
  const auto file = std::filesystem::path(box.spool) += ".reading";
  std::ofstream(file) << "7:3 2";
  box.open();
  const auto all = read(box, 6);
  CHECK(all.posts == Ids{"m1@x", "m2@x", "m4@x", "m5@x"});
  REQUIRE(all.unreadable.size() == 1);
  CHECK(all.unreadable[0].id.value() == "m3@x");
  CHECK(all.unreadable[0].payload.find("m3@x") != std::string::npos);
  CHECK(all.unreadable[0].payload.find("Jalan rusak.") == std::string::npos);
  CHECK(all.unreadable[0].reason.find("ended twice") != std::string::npos);
  std::string left;
  std::ifstream(file) >> left;
  CHECK(left == "-");
}

TEST_CASE("marks that could not be set for long are all set in the end") {
  FarMailbox box;
  box.takes_marks = false;
  std::vector<Batch> stored;
  Cursor at;
  constexpr unsigned k_mails = 40;
  for (unsigned uid = 1; uid <= k_mails; ++uid) {
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
    auto batch = box->poll(at, {});
    REQUIRE(batch);
    at = batch->next;
    stored.push_back(std::move(*batch));
    CHECK_FALSE(box->committed(stored.front()));
  }
  box.takes_marks = true;
  for (const auto& batch : stored) CHECK(box->committed(batch));
  CHECK(box.seen.size() == k_mails);
}

TEST_CASE("a line that breaks now and then costs no mail") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 5; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
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

TEST_CASE("an answer that is refused for our lack of a right waits for the settings") {
  for (const std::string said :
       {"554 5.7.1 <warga@contoh.id>: Relay access denied", "550 5.7.54 SMTP; Unable to relay",
        "550 5.7.0 Mail relay denied [203.0.113.7]. Invalid credentials for relay",
        "550 5.7.57 Client not authenticated to send mail",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "553 sorry, that domain isn't in my list of allowed rcpthosts; you must authenticate "
        "first"}) {
    INFO(said);
    FarMailbox box;
    box.smtp = {{"EHLO", "250 mail"}, {"MAIL", "250 ok"}, {"RCPT", said}, {"RSET", "250 ok"},
                {"NOOP", "250 ok"},   {"DATA", "354 go"}, {".", "250 ok"}};
    const auto refused = box->send(std::vector{FarMailbox::reply(1), FarMailbox::reply(2)});
    REQUIRE(refused.size() == 2);
    REQUIRE_FALSE(refused[0]);
    CHECK(refused[0].error().remedy == Remedy::reconfigure);
    CHECK(refused[0].error().message.find("check the smtp login") != std::string::npos);
    CHECK_FALSE(refused[1]);
    box.smtp["RCPT"] = "250 ok";
    box.smtp["."] = said;
    const auto at_the_end = box->send(std::vector{FarMailbox::reply(1)});
    REQUIRE_FALSE(at_the_end.at(0));
    CHECK(at_the_end[0].error().remedy == Remedy::reconfigure);
  }
}

TEST_CASE("an answer whose one recipient is refused is given up, and the next goes out") {
  for (const std::string said :
       {"550 5.1.1 User unknown", "550 5.1.1 <x@privaterelay.example> unknown",
        "550 5.1.1 <x@y>: undeliverable address: host mx.y said: 554 5.7.1 Relay access denied",
        "550 5.7.1 Message rejected as spam", "554 5.7.1 Service unavailable; client host blocked",
        "550 no mailbox by that name"}) {
    INFO(said);
    FarMailbox box;
    box.smtp = {{"EHLO", "250 mail"},       {"MAIL", "250 ok"},
                {"RCPT TO:<warga1@", said}, {"RCPT TO:<warga2@", "250 ok"},
                {"RSET", "250 ok"},         {"NOOP", "250 ok"},
                {"DATA", "354 go"},         {".", "250 ok"}};
    const auto sent = box->send(std::vector{FarMailbox::reply(1), FarMailbox::reply(2)});
    REQUIRE(sent.size() == 2);
    REQUIRE_FALSE(sent[0]);
    CHECK(sent[0].error().remedy == Remedy::drop);
    CHECK(sent[1]);
  }
}

TEST_CASE("an answer that one recipient's server will not have for us is tried again") {
  FarMailbox box;
  box.smtp = {{"EHLO", "250 mail"},
              {"MAIL", "250 ok"},
              {"RCPT TO:<warga1@", "554 5.7.1 Relay access denied"},
              {"RCPT TO:<warga2@", "250 ok"},
              {"RSET", "250 ok"},
              {"NOOP", "250 ok"},
              {"DATA", "354 go"},
              {".", "250 ok"}};
  const auto sent = box->send(std::vector{FarMailbox::reply(1), FarMailbox::reply(2)});
  REQUIRE(sent.size() == 2);
  REQUIRE_FALSE(sent[0]);
  CHECK(sent[0].error().remedy == Remedy::retry);
  CHECK(sent[1]);
}

TEST_CASE("a mailbox that refuses for now is its owner's trouble, a busy server everybody's") {
  const auto refused = [](const std::string& said) {
    INFO(said);
    FarMailbox box;
    box.smtp = {{"EHLO", "250 mail"}, {"MAIL", "250 ok"}, {"RCPT", said}, {"RSET", "250 ok"}};
    const auto sent = box->send(std::vector{FarMailbox::reply(1)});
    REQUIRE_FALSE(sent.at(0));
    CHECK(sent[0].error().remedy == Remedy::retry);
    return sent[0].error().of_this_alone;
  };
  for (const auto* said :
       {"452 4.2.2 mailbox full", "452 mailbox full", "450 4.2.1 mailbox busy",
        "450 4.7.1 <x@y.example>: Recipient address rejected: Greylisted for 300 seconds",
        "451 Graylisted, come back later"}) {
    INFO(said);
    CHECK(refused(said));
  }
  for (const auto* said :
       {"450 4.7.1 Client host rejected: cannot find your hostname", "451 4.3.0 queue file trouble",
        "452 4.3.1 Insufficient system storage", "451 local error"}) {
    INFO(said);
    CHECK_FALSE(refused(said));
  }
  FarMailbox busy;
  busy.smtp = {{"EHLO", "250 mail"}, {"MAIL", "451 4.3.0 out of memory"}, {"RSET", "250 ok"}};
  const auto away = busy->send(std::vector{FarMailbox::reply(1)});
  REQUIRE_FALSE(away.at(0));
  CHECK_FALSE(away[0].error().of_this_alone);
}

TEST_CASE("an answer takes the files that the server has room for, and none if it has less") {
  const auto path =
      std::filesystem::temp_directory_path() / ("kanal-far-mailbox-" + std::to_string(::getpid()));
  std::ofstream(path) << std::string(40'000, 'x');
  auto answer = FarMailbox::reply(1);
  Attachment photo;
  photo.name = "foto.jpg";
  photo.type = "image/jpeg";
  photo.size_bytes = 40'000;
  photo.file = path;
  answer.attachments = {photo, photo};
  const auto photos_in = [](const FarMailbox& box) {
    return std::ranges::count_if(box.lines(), [](const std::string& line) {
      return line.find("filename=\"foto.jpg\"") != std::string::npos;
    });
  };
  const auto says_how_many = [](const FarMailbox& box, const std::string& count) {
    return std::ranges::any_of(box.lines(), [&](const std::string& line) {
      return line.starts_with(count + " berkas terlalu besar");
    });
  };
  FarMailbox box;
  box.smtp = {{"EHLO", "250-mail\r\n250 SIZE 100000"},
              {"MAIL", "250 ok"},
              {"RCPT", "250 ok"},
              {"DATA", "354 go"},
              {".", "250 ok"}};
  CHECK(box->send(std::vector{answer}).at(0));
  CHECK(photos_in(box) == 1);
  CHECK(says_how_many(box, "1"));

  for (const std::string said :
       {"552 5.3.4 Message size exceeds fixed limit", "554 5.3.4 Message too big for system"}) {
    INFO(said);
    FarMailbox small;
    small.smtp = {{"EHLO", "250 mail"}, {"MAIL", "250 ok"}, {"RCPT", "250 ok"},
                  {"RSET", "250 ok"},   {"NOOP", "250 ok"}, {"DATA", "354 go"}};
    small.at_the_dot = {said, "250 ok"};
    CHECK(small->send(std::vector{answer}).at(0));
    CHECK(photos_in(small) == 2);
    CHECK(says_how_many(small, "2"));
    small.at_the_dot = {said, said};
    const auto refused = small->send(std::vector{answer});
    REQUIRE_FALSE(refused.at(0));
    CHECK(refused[0].error().remedy == Remedy::drop);
  }
  std::filesystem::remove(path);
}

TEST_CASE("an answer too many is taken for that to no command") {
  FarMailbox box;
  const std::map<std::string, std::string> sound = {{"EHLO", "250 mail"}, {"MAIL", "250 ok"},
                                                    {"RCPT", "250 ok"},   {"RSET", "250 ok"},
                                                    {"NOOP", "250 ok"},   {"DATA", "354 go"}};
  const auto outcome = [&](const std::string& word, const std::string& said,
                           const std::string& at_the_dot) {
    box.smtp = sound;
    if (!word.empty()) box.smtp[word] = said;
    box.at_the_dot = {at_the_dot};
    const auto sent = box->send(std::vector{FarMailbox::reply(1)});
    box.at_the_dot.clear();
    box.open();
    return sent.at(0) ? std::optional<Remedy>() : sent[0].error().remedy;
  };
  CHECK_FALSE(outcome({}, {}, "250 ok"));
  CHECK(outcome({}, {}, "554 no") == Remedy::drop);
  CHECK(outcome("DATA", "354 go\r\n250 stale", "554 no") == Remedy::retry);
  CHECK(outcome("DATA", "354 go\r\n552 5.3.4 too big", "554 no") == Remedy::drop);
  CHECK(outcome("RCPT", "250 ok\r\n250 again", "250 ok") == Remedy::retry);
  CHECK(outcome("MAIL", "354 go", "250 ok") == Remedy::retry);
  CHECK(outcome({}, {}, "354 again") == Remedy::uncertain);
}

TEST_CASE("a mail whose body the server does not give out is named, and stays unread") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 4; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  box.withheld = {2, 3};
  const auto all = read(box, 3);
  CHECK(all.posts == Ids{"m1@x", "m4@x"});
  REQUIRE(all.unreadable.size() == 2);
  CHECK(all.unreadable[0].id.value() == "uid:7:2");
  CHECK(all.unreadable[1].id.value() == "uid:7:3");
  CHECK(box.seen == std::set<unsigned>{1, 4});
}

TEST_CASE("a mail that was not given out stays unread when the channel starts again") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 4; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  box.withheld = {2};
  const auto before = read(box, 2);
  box.mails[5] = far_mail("m5@x");
  box.open();
  const auto after = read(box, 2, before.at);
  CHECK(after.posts == Ids{"m5@x"});
  box.open();
  (void)read(box, 1, after.at);
  CHECK(box.seen == std::set<unsigned>{1, 3, 4, 5});
}

TEST_CASE("refused mails are remembered with the place, of many the newest") {
  Position position;
  position.uid_validity = 7;
  position.folder = "Surat masuk";
  CHECK(parse_position(print_position(position))->refused.empty());
  add_refused(position, {9, 4});
  add_refused(position, {4, 12});
  const auto read = parse_position(print_position(position));
  REQUIRE(read);
  CHECK(read->refused == std::vector<std::uint32_t>{4, 9, 12});
  CHECK(read->folder == "Surat masuk");
  std::vector<std::uint32_t> many(1000);
  std::iota(many.begin(), many.end(), 100);
  add_refused(position, many);
  CHECK(position.refused.size() <= 200);
  CHECK(position.refused.back() == 1099);
  CHECK_FALSE(parse_position({print_position(position).value + ",x"}));
}

TEST_CASE("what the server tells unasked of a mail is not taken for its place in the list") {
  FarMailbox box;
  box.settings.most_mail_bytes = 65536;
  box.settings.start_from = "2026-03-02";
  box.open();
  box.mails[1] = far_mail("big@x", std::string(200'000, 'x'));
  box.mails[2] = far_mail("small@x");
  box.unasked = "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n";
  const auto all = read(box, 3);
  CHECK(all.posts == Ids{"small@x"});
  REQUIRE(all.unreadable.size() == 1);
  CHECK(all.unreadable[0].reason.find("(200") != std::string::npos);
  CHECK(std::ranges::count_if(box.lines(), [](const std::string& line) {
          return line.find("BODY.PEEK[HEADER]") != std::string::npos;
        }) == 1);
}

TEST_CASE("what is told unasked makes no old mail a new one") {
  FarMailbox box;
  box.settings.start_from = "2026-03-03";
  box.open();
  box.mails[1] = far_mail("old@x");
  box.unasked = "* 1 FETCH (UID 1 FLAGS ())\r\n";
  CHECK(read(box, 3).posts.empty());
}

TEST_CASE("a folder is read again from a date in turns, up to where its channel stands") {
  FarMailbox box;
  for (unsigned uid = 1; uid <= 6; ++uid)
    box.mails[uid] = far_mail("m" + std::to_string(uid) + "@x");
  box.arrived = {{1, "01-Feb-2026 09:15:00 +0700"}, {3, " 1-Mar-2026 01:00:00 +0700"}};
  // Of its own reading, which has come to the fifth.
  const Cursor own{"imap2 7 5 1 1 - INBOX"};
  const Backfill::Stretch stretch{k_far_now - std::chrono::hours(24), own};
  const auto turn = [&](const Cursor& since) {
    Budget budget;
    budget.posts = 2;
    auto batch = box->backfill(stretch, since, budget);
    REQUIRE(batch);
    CHECK(box->committed(*batch));
    return std::move(*batch);
  };
  const auto ids_of = [](const Batch& batch) {
    Ids ids;
    for (const auto& post : batch.posts) ids.push_back(post.id.value());
    return ids;
  };
  const auto first = turn({});
  CHECK(ids_of(first) == Ids{"m2@x", "m4@x"});
  CHECK(first.more);
  box.open();
  const auto second = turn(first.next);
  CHECK(ids_of(second) == Ids{"m5@x"});
  CHECK_FALSE(second.more);
  CHECK(box.seen == std::set<unsigned>{2, 4, 5});
  CHECK(turn(second.next).posts.empty());
  CHECK(std::ranges::any_of(box.lines(), [](const std::string& line) {
    return line.ends_with("UID SEARCH SINCE 28-Feb-2026");
  }));
}

TEST_CASE("a folder that has nothing since a date is read again at once") {
  FarMailbox box;
  box.mails[1] = far_mail("m1@x");
  box.arrived = {{1, "01-Feb-2026 09:15:00 +0700"}};
  const auto batch = box->backfill({k_far_now}, {}, {});
  REQUIRE(batch);
  CHECK(batch->posts.empty());
  CHECK_FALSE(batch->more);
}

}  // namespace kanal::email::test
