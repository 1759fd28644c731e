// What it takes to read 2,000 mails from a server 20 ms away into the store, against one FETCH of
// them all over the same wire, and against the store's own time for the same posts.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/email/email.hpp"
#include "router/channel_worker.hpp"
#include "router/intake.hpp"
#include "store/private_server.hpp"
#include "store/store.hpp"
#include "tests/support/distance.hpp"
#include "tests/support/mail_servers.hpp"
#include "tests/support/no_http.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program
using std::chrono::steady_clock;

constexpr std::size_t k_mails = 2000;
constexpr int k_rounds = 5;
constexpr std::chrono::milliseconds k_one_way{10};

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

template <class T>
T the(Result<T> result) {
  must(result.has_value(), result ? "" : result.error().message);
  return std::move(*result);
}

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

std::string mail_text(std::size_t index) {
  const auto number = std::to_string(index);
  std::string text;
  while (text.size() < 900) {
    text += "Jalan berlubang di lokasi nomor " + number +
            " sudah dua minggu, sangat berbahaya bagi pengendara.\r\n";
  }
  return "Return-Path: <warga" + number + "@contoh.id>\r\nReceived: from mx.contoh.id by test\r\n" +
         "From: Warga <warga" + number +
         "@contoh.id>\r\nTo: lapor@test.local\r\nSubject: Laporan " + number +
         "\r\nMessage-ID: <bench-" + number +
         "@contoh.id>\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
         text;
}

/// The least that any reader needs: log in, select, one FETCH of everything.
double one_fetch(Mail& mail, std::uint16_t port) {
  MailServer server;
  server.security = MailServer::Security::plain;
  server.host = "127.0.0.1";
  server.port = port;
  server.user = "lapor@test.local";
  server.password = test::MailServers::k_password;
  const auto pipe = the(mail.connect(server));
  const auto until = [&](const std::string& tag) {
    for (;;) {
      const auto line = the(pipe->read_line(1U << 20U, server.timeout_ms));
      if (line.starts_with(tag)) return;
      const auto open = line.rfind('{');
      if (!line.ends_with("}\r\n") || open == std::string::npos) continue;
      (void)the(pipe->read_exactly(std::stoul(line.substr(open + 1)), server.timeout_ms));
    }
  };
  must(pipe->write("a SELECT INBOX\r\n", server.timeout_ms).has_value(), "SELECT");
  until("a ");
  const auto start = steady_clock::now();
  must(pipe->write("b UID FETCH 1:* (UID BODY.PEEK[])\r\n", server.timeout_ms).has_value(),
       "FETCH");
  until("b ");
  return seconds_since(start);
}

/// A store of its own with an intake, on the one server.
struct World {
  std::filesystem::path directory;
  Organisation organisation = Organisation::shipped();
  SystemClock clock;
  Keys keys = Keys::of_seed("bench");
  std::unique_ptr<PrivateServer> server;
  std::unique_ptr<Store> store;
  std::unique_ptr<Intake> intake;
  test::NoHttp http;
  std::unique_ptr<Mail> mail = make_mail();
  email::Settings settings;
  std::unique_ptr<Surroundings> around;
  std::unique_ptr<email::Email> email;

  explicit World(const std::string& name, std::uint16_t imap_port) {
    auto path = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
    must(::mkdtemp(path.data()) != nullptr, "no temporary directory");
    directory = path;
    std::filesystem::permissions(directory, std::filesystem::perms(0755));
    server = the(PrivateServer::open(directory / "postgres"));
    store = the(Store::open({server->url(), directory / "attachments", 4}, keys, clock));
    intake = std::make_unique<Intake>(*store, organisation, clock);
    ChannelRules rules;
    rules.name = ChannelName("email");
    rules.kind = "email";
    rules.replies = false;
    intake->know(rules);
    ::setenv("KANAL_TEST_MAIL_PASSWORD", test::MailServers::k_password, 1);
    settings.address = "lapor@test.local";
    settings.start_from = "all";
    settings.imap.host = settings.smtp.host = "127.0.0.1";
    settings.imap.security = settings.smtp.security = "plain";
    settings.imap.port = imap_port;
    settings.imap.password = Secret("env:KANAL_TEST_MAIL_PASSWORD");
    around.reset(new Surroundings{clock, keys, organisation, http, *mail, {}});
    email = std::make_unique<email::Email>(ChannelName("email"), settings, *around);
  }
  ~World() {
    email.reset();
    intake.reset();
    store.reset();
    server.reset();
    std::error_code error;
    std::filesystem::remove_all(directory, error);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] std::size_t posts() const {
    const auto record = store->channel(ChannelName("email"));
    return record ? static_cast<std::size_t>(record->posts_today) : 0;
  }
};

double store_alone(World& world, const std::vector<std::string>& mails) {
  std::vector<Batch> batches;
  for (std::size_t at = 0; at < mails.size();) {
    Batch batch;
    for (; at < mails.size() && batch.posts.size() < Budget{}.posts; ++at) {
      auto one = the(world.email->translate(mails[at]));
      std::ranges::move(one.posts, std::back_inserter(batch.posts));
    }
    batches.push_back(std::move(batch));
  }
  const auto start = steady_clock::now();
  for (auto& batch : batches) {
    (void)the(world.intake->ingest(ChannelName("email"), std::move(batch), std::nullopt));
  }
  return seconds_since(start);
}

double through_worker(World& world, const test::Distance& wire) {
  ChannelWorker worker(
      {*world.store, *world.intake, world.clock, *world.email, ChannelName("email"), "bench", {}});
  worker.start();
  while (world.posts() < k_mails) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return seconds_since(wire.first_connection());
}

}  // namespace

int main() {
  must(test::MailServers::available(), "Postfix and Dovecot run for root only");
  test::MailServers servers;
  std::vector<std::string> mails;
  std::size_t bytes = 0;
  for (std::size_t index = 0; index < k_mails; ++index) {
    mails.push_back(mail_text(index));
    bytes += mails.back().size();
    servers.deliver("lapor", mails.back());
  }
  const auto pipes = make_mail();
  // Dovecot takes the files into its index at the first look.
  (void)one_fetch(*pipes, servers.ports().imap);
  const test::Distance far(servers.ports().imap, k_one_way);
  std::printf("%zu mails of %zu bytes, 20 ms round trip\n", k_mails, bytes / k_mails);
  std::printf("one FETCH of all   the store alone   first connect to commit   (to reach: 5)\n");
  std::vector<double> times;
  for (int round = 0; round < k_rounds; ++round) {
    const auto fetch = std::min(one_fetch(*pipes, far.port()), one_fetch(*pipes, far.port()));
    double alone = 0;
    {
      World world("kanal-bench-store", servers.ports().imap);
      alone = store_alone(world, mails);
    }
    const test::Distance wire(servers.ports().imap, k_one_way);
    World world("kanal-bench-mail", wire.port());
    const auto whole = through_worker(world, wire);
    times.push_back((whole - alone) / fetch);
    std::printf("%14.3f s %15.3f s %23.3f s %15.2f\n", fetch, alone, whole, times.back());
  }
  std::ranges::sort(times);
  std::printf("(whole - store) / FETCH, the middle of %d rounds: %.2f\n", k_rounds,
              times[times.size() / 2]);
  return 0;
}
