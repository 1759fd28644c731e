#include "tests/sandbox/email/imap.hpp"

#include <algorithm>
#include <thread>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox::email {
namespace {

constexpr std::size_t k_longest_line = 64U << 10U;
constexpr std::size_t k_small_literal_bytes = 64U << 10U;
constexpr std::size_t k_most_literals = 20;
constexpr std::chrono::milliseconds k_idle_look{100};
constexpr std::chrono::minutes k_longest_idle{30};
constexpr std::string_view k_abilities =
    "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN IDLE MOVE UIDPLUS UNSELECT";

std::string print_uids(const std::vector<Uid>& uids) {
  std::string set;
  for (const auto uid : uids) set += (set.empty() ? "" : ",") + std::to_string(uid);
  return set;
}

std::string name_of_folder(std::string_view text) {
  return equals_ignoring_case(text, "INBOX") ? "INBOX" : std::string(text);
}

/// The items of FETCH, its macros spelt out, with UID first where it must be told.
std::vector<std::string> items_of(const Word& asked, bool by_uid) {
  std::vector<std::string> items;
  if (by_uid) items.emplace_back("UID");
  const auto add = [&](const std::string& item) {
    const auto macro = to_upper_ascii(item);
    if (macro == "FAST" || macro == "ALL") {
      items.insert(items.end(), {"FLAGS", "INTERNALDATE", "RFC822.SIZE"});
      if (macro == "ALL") items.emplace_back("ENVELOPE");
    } else if (!by_uid || macro != "UID") {
      items.push_back(item);
    }
  };
  if (!asked.is_list()) add(asked.text);
  for (const auto& item : asked.items) add(item.text);
  return items;
}

/// Whether `pattern` of LIST ("*", "%") takes in a name; goes back to the last star only.
bool matches(std::string_view pattern, std::string_view name) {
  const auto is_star = [&](std::size_t at) {
    return at < pattern.size() && (pattern[at] == '*' || pattern[at] == '%');
  };
  std::size_t at = 0;
  std::optional<std::size_t> star;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < name.size();) {
    if (is_star(at)) {
      star = at++;
      taken = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star) {
      at = *star + 1;
      i = ++taken;
    } else {
      return false;
    }
  }
  while (is_star(at)) ++at;
  return at == pattern.size();
}

}  // namespace

template <class Use>
auto ImapSession::with_folder(Use use) {
  return office_.with(account_,
                      [&](PostOffice::Folders& folders) { return use(folders[folder_]); });
}

bool ImapSession::say(const std::string& line) {
  return wire_.write(line + "\r\n");
}

bool ImapSession::finish(const Command& command, std::string_view outcome) {
  const auto slow = office_.orders().slow;
  if (slow.count() > 0) std::this_thread::sleep_for(slow);
  return say(command.tag + " " + std::string(outcome));
}

bool ImapSession::refuse(const Command& command, std::string_view why) {
  return finish(command, why);
}

void ImapSession::run() {
  if (!say("* OK [CAPABILITY " + std::string(k_abilities) + "] sandbox")) return;
  while (const auto command = read_command()) {
    if (!carry_out(*command)) return;
  }
}

std::optional<ImapSession::Command> ImapSession::read_command() {
  std::string text;
  std::vector<std::string> literals;
  while (true) {
    auto line = wire_.read_line(k_longest_line);
    if (!line || text.size() + line->size() > 2 * k_longest_line) return std::nullopt;
    text += *line;
    const auto literal = announced_literal(*line);
    if (!literal) break;
    const bool may_be_large = to_upper_ascii(text).find(" APPEND ") != std::string::npos;
    const auto most = may_be_large && !account_.empty() ? k_most_mail_bytes : k_small_literal_bytes;
    if (literal->bytes > most || literals.size() == k_most_literals) {
      say("* BYE [TOOBIG] that is more than is taken here");
      return std::nullopt;
    }
    if (literal->waits && !say("+ go on")) return std::nullopt;
    auto bytes = wire_.read_exactly(literal->bytes);
    if (!bytes) return std::nullopt;
    literals.push_back(std::move(*bytes));
  }
  Command command;
  auto words = parse_words(text, std::move(literals));
  if (!words || words->size() < 2 || (*words)[0].is_list()) {
    command.tag = words && !words->empty() && !(*words)[0].is_list() ? (*words)[0].text : "*";
    command.name = "?";
    return command;
  }
  command.tag = (*words)[0].text;
  command.name = to_upper_ascii((*words)[1].text);
  std::size_t taken = 2;
  if (command.name == "UID" && words->size() > 2) {
    command.by_uid = true;
    command.name = to_upper_ascii((*words)[taken++].text);
  }
  command.words.assign(std::make_move_iterator(words->begin() + static_cast<std::ptrdiff_t>(taken)),
                       std::make_move_iterator(words->end()));
  return command;
}

bool ImapSession::carry_out(const Command& command) {
  const auto& name = command.name;
  if (name == "CAPABILITY") {
    return say("* CAPABILITY " + std::string(k_abilities)) && finish(command, "OK done");
  }
  if (name == "NOOP" || name == "CHECK") {
    return tell_news(true) && finish(command, "OK done");
  }
  if (name == "LOGOUT") {
    if (say("* BYE until next time")) finish(command, "OK done");
    return false;
  }
  if (!account_.empty()) return carry_out_signed_in(command);
  if (name == "LOGIN") return log_in(command, command.text(0), command.text(1));
  if (name == "AUTHENTICATE") return authenticate(command);
  return refuse(command, "BAD not before signing in");
}

bool ImapSession::log_in(const Command& command, std::string_view user, std::string_view password) {
  const auto account = PostOffice::account_of(user);
  if (office_.orders().refuse_login || !account || password != k_password) {
    return refuse(command, "NO [AUTHENTICATIONFAILED] the name or the password is wrong");
  }
  if (!office_.open(*account)) return refuse(command, "NO [OVERQUOTA] there is no room");
  account_ = *account;
  return finish(command, "OK [CAPABILITY " + std::string(k_abilities) + "] signed in");
}

bool ImapSession::authenticate(const Command& command) {
  if (to_upper_ascii(command.text(0)) != "PLAIN") return refuse(command, "NO only PLAIN is known");
  auto response = command.text(1);
  if (response.empty()) {
    if (!say("+ ")) return false;
    const auto line = wire_.read_line(k_longest_line);
    if (!line) return false;
    response = *line;
  }
  // RFC 4616: authorisation, name and password, with NUL between.
  const auto bytes = from_base64(response).value_or("");
  const auto parts = split(bytes, '\0');
  if (parts.size() != 3) return refuse(command, "BAD that is not PLAIN");
  return log_in(command, parts[1], parts[2]);
}

bool ImapSession::carry_out_signed_in(const Command& command) {
  const auto& name = command.name;
  if (name == "SELECT") return select(command, false);
  if (name == "EXAMINE") return select(command, true);
  if (name == "LIST" || name == "LSUB") return list(command);
  if (name == "STATUS") return status(command);
  if (name == "CREATE") return create(command);
  if (name == "SUBSCRIBE" || name == "UNSUBSCRIBE") return finish(command, "OK done");
  if (name == "APPEND") return append(command);
  if (name == "IDLE") return idle(command);
  if (!folder_.empty()) return carry_out_selected(command);
  return refuse(command);
}

bool ImapSession::carry_out_selected(const Command& command) {
  const auto& name = command.name;
  if (name == "FETCH") return fetch(command);
  if (name == "SEARCH") return search(command);
  if (name == "UNSELECT") {
    folder_.clear();
    known_.clear();
    return finish(command, "OK done");
  }
  const bool changes = name == "STORE" || name == "MOVE" || name == "EXPUNGE" || name == "CLOSE";
  if (changes && read_only_ && name != "CLOSE") return refuse(command, "NO [READ-ONLY] opened so");
  if (name == "STORE") return store(command);
  if (name == "COPY") return copy(command, false);
  if (name == "MOVE") return copy(command, true);
  if (name == "EXPUNGE") return expunge(command);
  if (name != "CLOSE") return refuse(command);
  if (!read_only_) {
    with_folder([](Folder& folder) {
      std::erase_if(folder.mails,
                    [](const Mail& mail) { return mail.flags.contains("\\Deleted"); });
    });
  }
  folder_.clear();
  known_.clear();
  return finish(command, "OK done");
}

bool ImapSession::select(const Command& command, bool read_only) {
  folder_.clear();
  known_.clear();
  const auto name = name_of_folder(command.text(0));
  std::uint32_t next = 0;
  const bool known = office_.with(account_, [&](PostOffice::Folders& folders) {
    const auto found = folders.find(name);
    if (found == folders.end()) return false;
    validity_ = found->second.validity;
    next = found->second.next;
    for (const auto& mail : found->second.mails) known_.push_back({mail.uid, mail.flags});
    return true;
  });
  if (!known) return refuse(command, "NO [NONEXISTENT] there is no such folder");
  folder_ = name;
  read_only_ = read_only;
  constexpr std::string_view k_flags = "(\\Answered \\Flagged \\Deleted \\Seen \\Draft)";
  return say("* FLAGS " + std::string(k_flags)) &&
         say("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] kept") &&
         say("* " + std::to_string(known_.size()) + " EXISTS") && say("* 0 RECENT") &&
         say("* OK [UIDVALIDITY " + std::to_string(validity_) + "] valid") &&
         say("* OK [UIDNEXT " + std::to_string(next) + "] next") &&
         finish(command, read_only ? "OK [READ-ONLY] done" : "OK [READ-WRITE] done");
}

bool ImapSession::list(const Command& command) {
  const auto pattern = command.text(0) + command.text(1);
  if (command.text(1).empty()) {
    return say("* " + command.name + " (\\Noselect) \"/\" \"\"") && finish(command, "OK done");
  }
  std::string lines;
  office_.with(account_, [&](PostOffice::Folders& folders) {
    for (const auto& [name, folder] : folders) {
      if (!matches(pattern, name) && !matches(to_upper_ascii(pattern), name)) continue;
      lines += "* " + command.name + " (\\HasNoChildren) \"/\" " + print_text(name) + "\r\n";
    }
  });
  return wire_.write(lines) && finish(command, "OK done");
}

bool ImapSession::status(const Command& command) {
  const auto name = name_of_folder(command.text(0));
  const auto told = office_.with(account_, [&](PostOffice::Folders& folders) -> std::string {
    const auto found = folders.find(name);
    if (found == folders.end()) return {};
    const auto& folder = found->second;
    const auto unseen = std::ranges::count_if(
        folder.mails, [](const Mail& mail) { return !mail.flags.contains("\\Seen"); });
    return "(MESSAGES " + std::to_string(folder.mails.size()) + " RECENT 0 UIDNEXT " +
           std::to_string(folder.next) + " UIDVALIDITY " + std::to_string(folder.validity) +
           " UNSEEN " + std::to_string(unseen) + ")";
  });
  if (told.empty()) return refuse(command, "NO [NONEXISTENT] there is no such folder");
  return say("* STATUS " + print_text(name) + " " + told) && finish(command, "OK done");
}

bool ImapSession::create(const Command& command) {
  const auto name = name_of_folder(command.text(0));
  if (name.empty() || name.size() > 200) return refuse(command, "NO that is no name");
  const bool made = office_.with(account_, [&](PostOffice::Folders& folders) {
    return !folders.contains(name) && office_.folder(account_, name, true) != nullptr;
  });
  return finish(command, made ? "OK done" : "NO [ALREADYEXISTS] it stands, or there is no room");
}

bool ImapSession::append(const Command& command) {
  if (command.words.size() < 2 || command.words.back().is_list()) return refuse(command);
  const auto name = name_of_folder(command.text(0));
  Mail mail;
  for (const auto& word : command.words) {
    for (const auto& flag : word.items) mail.flags.insert(flag.text);
  }
  mail.arrived = SystemClock().now();
  mail.bytes = std::make_shared<const std::string>(command.words.back().text);
  const auto outcome = office_.with(account_, [&](PostOffice::Folders& folders) -> std::string {
    const auto found = folders.find(name);
    if (found == folders.end()) return "NO [TRYCREATE] there is no such folder";
    const auto uid = office_.make_room(mail.bytes->size())
                         ? PostOffice::put(found->second, std::move(mail))
                         : std::nullopt;
    if (!uid) return "NO [OVERQUOTA] there is no room";
    return "OK [APPENDUID " + std::to_string(found->second.validity) + " " + std::to_string(*uid) +
           "] done";
  });
  return tell_news(false) && finish(command, outcome);
}

bool ImapSession::idle(const Command& command) {
  if (!say("+ idling")) return false;
  const auto end = std::chrono::steady_clock::now() + k_longest_idle;
  while (!wire_.wait(k_idle_look)) {
    if (!tell_news(true) || std::chrono::steady_clock::now() > end) return false;
  }
  const auto line = wire_.read_line(k_longest_line);
  if (!line || to_upper_ascii(*line) != "DONE") return false;
  return tell_news(true) && finish(command, "OK done");
}

LastNumbers ImapSession::last() const {
  return {static_cast<std::uint32_t>(known_.size()), known_.empty() ? 0 : known_.back().uid};
}

std::optional<std::vector<std::size_t>> ImapSession::chosen(const Command& command) const {
  const auto numbers = last();
  const auto set =
      NumberSet::parse(command.text(0), command.by_uid ? numbers.uid : numbers.sequence);
  if (!set) return std::nullopt;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (set->holds(command.by_uid ? known_[i].uid : static_cast<std::uint32_t>(i + 1))) {
      places.push_back(i);
    }
  }
  return places;
}

bool ImapSession::fetch(const Command& command) {
  const auto places = chosen(command);
  if (!places || command.words.size() != 2) return refuse(command);
  const auto items = items_of(command.words[1], command.by_uid);
  const bool marks = !read_only_ && std::ranges::any_of(items, marks_seen);
  const bool reads = std::ranges::any_of(items, [](const std::string& item) {
    return to_upper_ascii(item).find("BODY") != std::string::npos || marks_seen(item);
  });
  for (const auto place : *places) {
    bool known = true;
    const auto line = with_folder([&](Folder& folder) -> std::string {
      auto* const mail = folder.find(known_[place].uid);
      if (mail == nullptr) return {};
      if (marks) mail->flags.insert("\\Seen");
      const auto sequence = static_cast<std::uint32_t>(place + 1);
      std::string shown;
      for (const auto& item : items) {
        const auto printed = print_item({*mail, sequence}, item);
        known = known && printed;
        shown += (shown.empty() ? "" : " ") + printed.value_or("");
      }
      return "* " + std::to_string(sequence) + " FETCH (" + shown + ")";
    });
    if (!known) return refuse(command, "BAD [CANNOT] such an item is not known here");
    if (line.empty()) continue;
    if (reads && office_.take(&Orders::drop_literal)) {
      wire_.write(line.substr(0, line.size() / 2));
      return false;
    }
    if (!say(line)) return false;
  }
  return tell_news(command.by_uid) && finish(command, "OK done");
}

bool ImapSession::store(const Command& command) {
  const auto places = chosen(command);
  if (!places || command.words.size() < 3) return refuse(command);
  const auto how = to_upper_ascii(command.text(1));
  const auto name = how.substr(how.find_first_not_of("+-"));
  if (name != "FLAGS" && name != "FLAGS.SILENT") return refuse(command);
  Flags flags;
  for (std::size_t i = 2; i < command.words.size(); ++i) {
    if (!command.words[i].is_list()) flags.insert(command.words[i].text);
    for (const auto& flag : command.words[i].items) flags.insert(flag.text);
  }
  std::string lines;
  for (const auto place : *places) {
    with_folder([&](Folder& folder) {
      auto* const mail = folder.find(known_[place].uid);
      if (mail == nullptr) return;
      if (how.starts_with('-')) {
        for (const auto& flag : flags) mail->flags.erase(flag);
      } else {
        if (!how.starts_with('+')) mail->flags.clear();
        mail->flags.insert(flags.begin(), flags.end());
      }
      known_[place].flags = mail->flags;
      if (name == "FLAGS.SILENT") return;
      lines += "* " + std::to_string(place + 1) + " FETCH (UID " + std::to_string(mail->uid) +
               " FLAGS " + print_flags(mail->flags) + ")\r\n";
    });
  }
  return wire_.write(lines) && tell_news(command.by_uid) && finish(command, "OK done");
}

bool ImapSession::search(const Command& command) {
  if (command.words.empty()) return refuse(command);
  std::string found;
  bool known = true;
  with_folder([&](Folder& folder) {
    for (std::size_t i = 0; i < known_.size() && known; ++i) {
      const auto* const mail = folder.find(known_[i].uid);
      if (mail == nullptr) continue;
      const auto sequence = static_cast<std::uint32_t>(i + 1);
      const auto fits = answers({*mail, sequence}, command.words, last());
      known = fits.has_value();
      if (fits.value_or(false))
        found += " " + std::to_string(command.by_uid ? mail->uid : sequence);
    }
  });
  if (!known) return refuse(command, "BAD such a key is not known here");
  return say("* SEARCH" + found) && tell_news(command.by_uid) && finish(command, "OK done");
}

bool ImapSession::copy(const Command& command, bool move) {
  const auto places = chosen(command);
  if (!places || command.words.size() != 2) return refuse(command);
  const auto name = name_of_folder(command.text(1));
  std::vector<Uid> from;
  std::vector<Uid> to;
  std::uint32_t validity = 0;
  const auto failure = office_.with(account_, [&](PostOffice::Folders& folders) -> std::string {
    const auto target = folders.find(name);
    if (target == folders.end()) return "NO [TRYCREATE] there is no such folder";
    auto& source = folders[folder_];
    validity = target->second.validity;
    for (const auto place : *places) {
      const auto* const mail = source.find(known_[place].uid);
      if (mail == nullptr) continue;
      const auto uid = mail->uid;
      const auto made = PostOffice::put(target->second, *mail);
      if (!made) return "NO [OVERQUOTA] there is no room";
      from.push_back(uid);
      to.push_back(*made);
    }
    if (move) {
      std::erase_if(source.mails,
                    [&](const Mail& mail) { return std::ranges::binary_search(from, mail.uid); });
    }
    return {};
  });
  if (!failure.empty()) return refuse(command, failure);
  const auto told = from.empty() ? std::string()
                                 : "[COPYUID " + std::to_string(validity) + " " + print_uids(from) +
                                       " " + print_uids(to) + "] ";
  if (!move) return tell_news(true) && finish(command, "OK " + told + "done");
  return (told.empty() || say("* OK " + told + "moved")) && tell_news(true) &&
         finish(command, "OK done");
}

bool ImapSession::expunge(const Command& command) {
  const auto set = command.by_uid ? NumberSet::parse(command.text(0), last().uid) : std::nullopt;
  if (command.by_uid && !set) return refuse(command);
  with_folder([&](Folder& folder) {
    std::erase_if(folder.mails, [&](const Mail& mail) {
      return mail.flags.contains("\\Deleted") && (!set || set->holds(mail.uid));
    });
  });
  return tell_news(true) && finish(command, "OK done");
}

bool ImapSession::tell_news(bool may_expunge) {
  if (folder_.empty()) return true;
  std::string lines;
  const bool stands = with_folder([&](Folder& folder) {
    if (folder.validity != validity_) return false;
    for (std::size_t i = known_.size(); may_expunge && i > 0; --i) {
      if (folder.find(known_[i - 1].uid) != nullptr) continue;
      lines += "* " + std::to_string(i) + " EXPUNGE\r\n";
      known_.erase(known_.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    for (std::size_t i = 0; i < known_.size(); ++i) {
      const auto* const mail = folder.find(known_[i].uid);
      if (mail == nullptr || mail->flags == known_[i].flags) continue;
      known_[i].flags = mail->flags;
      lines += "* " + std::to_string(i + 1) + " FETCH (UID " + std::to_string(mail->uid) +
               " FLAGS " + print_flags(mail->flags) + ")\r\n";
    }
    const auto after = last().uid;
    const auto before = known_.size();
    for (const auto& mail : folder.mails) {
      if (mail.uid > after) known_.push_back({mail.uid, mail.flags});
    }
    if (known_.size() > before) {
      lines += "* " + std::to_string(known_.size()) + " EXISTS\r\n* 0 RECENT\r\n";
    }
    return true;
  });
  if (!stands) {
    say("* BYE the folder was made anew");
    return false;
  }
  return wire_.write(lines);
}

}  // namespace kanal::sandbox::email
