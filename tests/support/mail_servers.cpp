#include "tests/support/mail_servers.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <curl/curl.h>

#include "tests/support/loopback.hpp"

namespace kanal::test {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> k_people = {"lapor", "warga", "budi"};

void put(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::string get(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

bool within(int patience_ms, const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// Ends `ward` when we end, however that happens: for a program that changes its user, which makes
/// the kernel forget PR_SET_PDEATHSIG. The pipe is closed with its last holder, us.
pid_t start_guard(pid_t ward, int& leash) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t guard = ::fork();
  if (guard == 0) {
    ::close(ends[1]);
    // What ends our whole group must not end it first.
    ::setsid();
    char nothing = 0;
    while (::read(ends[0], &nothing, 1) < 0 && errno == EINTR) {
    }
    ::kill(ward, SIGTERM);
    ::_exit(0);
  }
  ::close(ends[0]);
  leash = ends[1];
  return guard;
}

int run(std::initializer_list<std::string> command, const fs::path& log) {
  int status = 0;
  ::waitpid(spawn(command, log), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream in("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) +
                   "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

/// Ends a server and, when they outlive it, the processes that it had started.
void end(pid_t& child) {
  if (child <= 0) return;
  const auto grandchildren = children_of(child);
  ::kill(child, SIGTERM);
  int status = 0;
  if (!within(10'000, [&] { return ::waitpid(child, &status, WNOHANG) != 0; })) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  const auto all_gone = [&] {
    return std::none_of(grandchildren.begin(), grandchildren.end(),
                        [](pid_t pid) { return ::kill(pid, 0) == 0; });
  };
  if (!within(1'000, all_gone)) {
    for (const auto pid : grandchildren) ::kill(pid, SIGKILL);
  }
  child = 0;
}

constexpr std::string_view k_dovecot = R"(base_dir = @D/dovecot/base
state_dir = @D/dovecot/state
log_path = @D/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <@D/tls.pem
ssl_key = <@D/tls.key
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_home = @D/home/%Lu
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu @D/passwd
}
userdb {
  driver = passwd-file
  args = username_format=%Lu @D/passwd
  default_fields = uid=nobody gid=nogroup home=@D/home/%Lu
}
service imap-login {
  chroot =
  inet_listener imap {
    port = @imap@
  }
  inet_listener imaps {
    port = @imaps@
    ssl = yes
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = @auth@
  }
}
# Or logins after a refused one, from the same address, wait for up to 15 s.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = @lmtp@
  }
}
protocol lmtp {
  postmaster_address = postmaster@test.local
  recipient_delimiter = +
}
)";

constexpr std::string_view k_main_cf = R"(compatibility_level = 3.6
queue_directory = @D/postfix/queue
data_directory = @D/postfix/data
maillog_file_prefixes = /var, @D
maillog_file = @D/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.test.local
mydestination =
local_transport = error:no local delivery
alias_maps =
virtual_mailbox_domains = test.local
virtual_mailbox_maps = regexp:@D/postfix/etc/people
virtual_transport = lmtp:inet:127.0.0.1:@lmtp@
default_transport = error:no outside delivery
recipient_delimiter = +
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:@auth@
smtpd_tls_cert_file = @D/tls.pem
smtpd_tls_key_file = @D/tls.key
smtpd_tls_security_level = may
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
in_flow_delay = 0
)";

constexpr std::string_view k_master_cf = R"(127.0.0.1:@smtp@ inet n - n - - smtpd
127.0.0.1:@smtps@ inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
)";

std::string filled(std::string_view form, const fs::path& directory,
                   const MailServers::Ports& ports) {
  auto text = replaced(std::string(form), "@D", directory.string());
  text = replaced(text, "@imap@", std::to_string(ports.imap));
  text = replaced(text, "@imaps@", std::to_string(ports.imaps));
  text = replaced(text, "@smtp@", std::to_string(ports.smtp));
  text = replaced(text, "@smtps@", std::to_string(ports.smtps));
  text = replaced(text, "@lmtp@", std::to_string(ports.lmtp));
  return replaced(text, "@auth@", std::to_string(ports.auth));
}

void give_to_nobody(const fs::path& path) {
  static const auto ids = [] {
    const passwd* nobody = ::getpwnam("nobody");
    if (nobody == nullptr) throw std::runtime_error("there is no user nobody");
    return std::pair{nobody->pw_uid, nobody->pw_gid};
  }();
  if (::lchown(path.c_str(), ids.first, ids.second) != 0) {
    throw std::runtime_error("chown " + path.string());
  }
}

std::string crlf(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\n' && (i == 0 || raw[i - 1] != '\r')) text += '\r';
    text += raw[i];
  }
  return text;
}

}  // namespace

bool MailServers::available() {
  const bool is_root = ::geteuid() == 0;
  const bool are_installed = fs::exists("/usr/sbin/dovecot") && fs::exists("/usr/sbin/postfix");
  const bool are_there = is_root && are_installed;
  if (!are_there && std::getenv("KANAL_NEEDS_MAIL_SERVERS") != nullptr) {
    throw std::runtime_error(is_root ? "Postfix and Dovecot are needed and not installed"
                                     : "Postfix and Dovecot are needed and run for root only");
  }
  return are_there;
}

MailServers::MailServers() {
  auto name = (fs::temp_directory_path() / "kanal-mail-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  directory_ = name;
  fs::permissions(directory_, fs::perms(0755));
  const auto ports = free_ports<6>();
  ports_ = {ports[0], ports[1], ports[2], ports[3], ports[4], ports[5]};
  for (const auto* part : {"home", "dovecot", "postfix/etc", "postfix/queue", "postfix/data"}) {
    fs::create_directories(directory_ / part);
  }
  give_to_nobody(directory_ / "home");
  for (const auto person : k_people) passwords_.emplace(person, k_password);
  write_passwords();
  if (run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
           "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
           (directory_ / "tls.key").string(), "-out", certificate().string()},
          directory_ / "openssl.log") != 0) {
    throw std::runtime_error("openssl: " + get(directory_ / "openssl.log"));
  }
  put(directory_ / "dovecot.conf", filled(k_dovecot, directory_, ports_));
  put(directory_ / "postfix/etc/main.cf", filled(k_main_cf, directory_, ports_));
  put(directory_ / "postfix/etc/master.cf", filled(k_master_cf, directory_, ports_));
  put(directory_ / "postfix/etc/people", "/^(lapor|warga|budi|gone)(\\+.*)?@test\\.local$/ ok\n");
  if (const passwd* postfix = ::getpwnam("postfix"); postfix != nullptr) {
    if (::chown((directory_ / "postfix/data").c_str(), postfix->pw_uid, postfix->pw_gid) != 0) {
      throw std::runtime_error("chown postfix/data");
    }
  }
  start_dovecot();
  start_postfix();
}

MailServers::~MailServers() {
  stop_postfix();
  stop_dovecot();
  std::error_code error;
  fs::remove_all(directory_, error);
}

void MailServers::start_dovecot() {
  dovecot_ = spawn({"/usr/sbin/dovecot", "-F", "-c", (directory_ / "dovecot.conf").string()},
                   directory_ / "dovecot.out");
  if (!within(180'000, [&] { return listens(ports_.imap) && listens(ports_.lmtp); })) {
    throw std::runtime_error("dovecot does not start: " + get(directory_ / "dovecot.out") +
                             get(directory_ / "dovecot.log"));
  }
}

void MailServers::stop_dovecot() {
  end(dovecot_);
  within(5'000, [&] { return !listens(ports_.imap) && !listens(ports_.lmtp); });
}

void MailServers::start_postfix() {
  const auto etc = (directory_ / "postfix/etc").string();
  run({"/usr/sbin/postfix", "-c", etc, "check"}, directory_ / "postfix.out");
  postfix_ = spawn({"/usr/lib/postfix/sbin/master", "-c", etc}, directory_ / "postfix.out");
  guard_ = start_guard(postfix_, leash_);
  if (!within(180'000, [&] { return listens(ports_.smtp); })) {
    throw std::runtime_error("postfix does not start: " + get(directory_ / "postfix.out") +
                             get(directory_ / "postfix.log"));
  }
}

void MailServers::stop_postfix() {
  if (guard_ > 0) {
    ::kill(guard_, SIGKILL);
    ::waitpid(guard_, nullptr, 0);
    ::close(leash_);
    guard_ = 0;
  }
  end(postfix_);
  within(5'000, [&] { return !listens(ports_.smtp); });
}

// Put in place in one step, as Dovecot may be reading; it looks at the file's time and size.
void MailServers::write_passwords() {
  std::string accounts;
  for (const auto& [person, password] : passwords_) {
    accounts += person + "@test.local:{PLAIN}" + password + "::::::\n";
  }
  put(directory_ / "passwd.new", accounts);
  fs::rename(directory_ / "passwd.new", directory_ / "passwd");
}

void MailServers::set_password(std::string_view person, std::string_view password) {
  passwords_.insert_or_assign(std::string(person), std::string(password));
  write_passwords();
}

fs::path MailServers::home(std::string_view person) const {
  return directory_ / "home" / (std::string(person) + "@test.local");
}

fs::path MailServers::maildir(std::string_view person) const {
  return home(person) / "Maildir";
}

void MailServers::deliver(std::string_view person, std::string_view raw) {
  for (const auto& path : {home(person), maildir(person), maildir(person) / "tmp",
                           maildir(person) / "new", maildir(person) / "cur"}) {
    if (fs::create_directory(path)) give_to_nobody(path);
  }
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%08d", ++delivered_);
  const auto name = std::to_string(1'700'000'000 + delivered_) + ".M" + number.data() + ".test";
  const auto file = maildir(person) / "tmp" / name;
  put(file, std::string(raw));
  give_to_nobody(file);
  fs::rename(file, maildir(person) / "new" / name);
}

void MailServers::submit(std::string_view sender, std::string_view recipient,
                         std::string_view raw) {
  const auto text = crlf(raw);
  std::string_view left = text;
  CURL* curl = ::curl_easy_init();
  const auto url = "smtp://127.0.0.1:" + std::to_string(ports_.smtp) + "/test.local";
  const auto from = "<" + std::string(sender) + ">";
  curl_slist* recipients =
      ::curl_slist_append(nullptr, ("<" + std::string(recipient) + ">").c_str());
  const auto read = +[](char* into, std::size_t size, std::size_t count, void* from_view) {
    auto& rest = *static_cast<std::string_view*>(from_view);
    const auto taken = std::min(size * count, rest.size());
    std::memcpy(into, rest.data(), taken);
    rest.remove_prefix(taken);
    return taken;
  };
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  ::curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
  ::curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  ::curl_easy_setopt(curl, CURLOPT_READFUNCTION, read);
  ::curl_easy_setopt(curl, CURLOPT_READDATA, &left);
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT, 180L);
  const auto code = ::curl_easy_perform(curl);
  ::curl_slist_free_all(recipients);
  ::curl_easy_cleanup(curl);
  if (code != CURLE_OK) throw std::runtime_error(::curl_easy_strerror(code));
}

std::vector<MailServers::Stored> MailServers::mailbox(std::string_view person) const {
  std::vector<std::pair<std::string, Stored>> found;
  std::error_code error;
  std::vector<std::pair<std::string, fs::path>> folders = {{"INBOX", maildir(person)}};
  for (const auto& entry : fs::directory_iterator(maildir(person), error)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with('.') && entry.is_directory()) {
      folders.emplace_back(name.substr(1), entry.path());
    }
  }
  for (const auto& [folder, path] : folders) {
    for (const auto* part : {"new", "cur"}) {
      for (const auto& entry : fs::directory_iterator(path / part, error)) {
        const auto name = entry.path().filename().string();
        const auto flags = name.find(":2,");
        const bool seen =
            flags != std::string::npos && name.find('S', flags + 3) != std::string::npos;
        found.push_back({name, {folder, seen, get(entry.path())}});
      }
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Stored> mails;
  for (auto& [name, mail] : found) mails.push_back(std::move(mail));
  return mails;
}

std::vector<MailServers::Stored> MailServers::wait_for(std::string_view person, std::size_t count,
                                                       int patience_ms) const {
  within(patience_ms, [&] { return mailbox(person).size() >= count; });
  return mailbox(person);
}

void MailServers::renumber(std::string_view person) {
  // UIDVALIDITY is made of the time in seconds; a session that has just ended writes no more.
  within(5'000, [started = std::time(nullptr)] { return std::time(nullptr) > started + 1; });
  std::error_code error;
  std::vector<fs::path> indexes;
  for (const auto& entry : fs::directory_iterator(maildir(person), error)) {
    if (entry.path().filename().string().starts_with("dovecot")) indexes.push_back(entry.path());
  }
  for (const auto& index : indexes) fs::remove_all(index, error);
}

void MailServers::empty(std::string_view person) {
  // A session that is just ending may still move mails within it.
  const bool gone = within(60'000, [where = maildir(person)] {
    std::error_code error;
    fs::remove_all(where, error);
    return !fs::exists(where, error);
  });
  if (!gone) throw std::runtime_error("a mailbox cannot be emptied");
}

}  // namespace kanal::test
