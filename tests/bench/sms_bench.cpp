// Text messages from an SMSC, in a window of 50, into stored reports, over SMPP and through a real
// Kannel, against a Kannel that hands them to an HTTP server which keeps nothing; the CPU is that
// of the processes in between, PostgreSQL's among them.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/kannel.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/smsc.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program
using std::chrono::steady_clock;
using test::Smsc;

constexpr std::size_t k_warming = 300;
constexpr std::size_t k_texts = 3000;
constexpr std::size_t k_window = 50;
constexpr int k_rounds = 3;
constexpr int k_patience_s = 300;
constexpr std::chrono::milliseconds k_shortest_pause{5};
constexpr std::chrono::milliseconds k_longest_pause{300};

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

/// User and system seconds of all that this process has begun, and of what they have.
double cpu_seconds() {
  struct Process {
    pid_t parent = 0;
    double seconds = 0;
  };
  std::map<pid_t, Process> all;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto id = std::atoi(entry.path().filename().c_str());
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (id == 0 || !std::getline(file, line)) continue;
    // Field 3 and on, behind a name that may hold anything: state, parent, …, utime to cstime.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::vector<std::string> words;
    for (std::string word; fields >> word;) words.push_back(word);
    constexpr std::size_t k_parent = 1;
    constexpr std::size_t k_first_time = 11;
    double spent = 0;
    for (std::size_t i = k_first_time; i < k_first_time + 4; ++i) spent += std::stod(words.at(i));
    all[id] = {std::stoi(words.at(k_parent)), spent / ticks};
  }
  double sum = 0;
  for (const auto& [id, process] : all) {
    auto parent = process.parent;
    while (parent != ::getpid() && all.contains(parent)) parent = all.at(parent).parent;
    if (parent == ::getpid()) sum += process.seconds;
  }
  return sum;
}

struct Figures {
  double per_second = 0;
  double per_cpu_second = 0;
};

/// `arrived`: how many have come to where they are going.
Figures measure(Smsc& smsc, const std::function<std::size_t()>& arrived) {
  smsc.order([](Smsc::Orders& orders) { orders.window = k_window; });
  int number = 0;
  const auto send = [&](std::size_t count) {
    const auto cpu = cpu_seconds();
    const auto start = steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      const auto own = std::to_string(1'000'000 + ++number);
      smsc.text("+62812" + own, "1708",
                "Jalan berlubang di gang nomor " + own + ", mohon ditambal");
    }
    const auto expected = static_cast<std::size_t>(number);
    const auto end = start + std::chrono::seconds(k_patience_s);
    const auto before = expected - count;
    for (auto there = arrived(); there < expected; there = arrived()) {
      must(steady_clock::now() < end, "messages do not arrive");
      // A look at a bridge's metrics costs as much as some messages: half of the way to the end.
      const std::chrono::duration<double> so_far = steady_clock::now() - start;
      const auto each = so_far / static_cast<double>(std::max<std::size_t>(there - before, 1));
      const auto missing = static_cast<double>(expected - there);
      std::this_thread::sleep_for(std::clamp<std::chrono::duration<double>>(
          each * missing / 2, k_shortest_pause, k_longest_pause));
    }
    const std::chrono::duration<double> spent = steady_clock::now() - start;
    return Figures{static_cast<double>(count) / spent.count(),
                   static_cast<double>(count) / std::max(cpu_seconds() - cpu, 0.01)};
  };
  (void)send(k_warming);
  return send(k_texts);
}

void check_stored(const test::BridgeProcess& bridge) {
  std::size_t stored = 0;
  for (const auto& each : bridge.query({"channel", "show", "sms"})) {
    stored = static_cast<std::size_t>(each.find("posts_today")->integer);
  }
  must(stored == k_warming + k_texts, "only " + std::to_string(stored) + " are stored");
}

Figures over_smpp() {
  Smsc smsc;
  ::setenv("KANAL_BENCH_SMSC_PASSWORD", smsc.orders().password.c_str(), 1);
  test::BridgeProcess bridge(
      "[channel.sms]\nkind = \"smpp\"\nhost = \"127.0.0.1\"\nport = " +
      std::to_string(smsc.port()) + "\nsecurity = \"plain\"\nsystem_id = \"" +
      smsc.orders().system_id +
      "\"\npassword = \"env:KANAL_BENCH_SMSC_PASSWORD\"\nsource = \"1708\"\nreplies = false\n");
  bridge.start();
  must(smsc.wait_sessions(1, std::chrono::seconds(k_patience_s)), "the bridge does not bind");
  // An answer to the SMSC says that the report is committed.
  const auto figures =
      measure(smsc, [&] { return smsc.unanswered() == 0 ? k_warming + k_texts : 0; });
  check_stored(bridge);
  bridge.stop();
  return figures;
}

test::Kannel kannel_between(const Smsc& smsc, const std::string& address) {
  return test::Kannel({smsc.port(), smsc.orders().system_id, smsc.orders().password,
                       address + "?from=%p&to=%P&id=%I&smsc=%i&ts=%T&coding=%c&charset=%C"});
}

/// As the bridge's metrics count them.
std::size_t reports_of(Http& http, const std::string& metrics) {
  HttpCall call;
  call.url = metrics;
  call.allow_private = true;
  const auto reply = http.fetch(call);
  if (!reply) return 0;
  std::istringstream lines(reply->body);
  std::size_t reports = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool counts =
        line.starts_with("kanal_posts_total{") && line.find("fate=\"report\"") != std::string::npos;
    if (counts) reports += std::stoul(line.substr(line.rfind(' ')));
  }
  return reports;
}

Figures through_kannel() {
  Smsc smsc;
  ::setenv("KANAL_BENCH_GATEWAY_SECRET", "alamat-rahasia-42", 1);
  const auto metrics = "127.0.0.1:" + std::to_string(test::free_ports<1>()[0]);
  test::BridgeProcess bridge(
      "[http]\nmetrics_listen = \"" + metrics +
      "\"\n[channel.sms]\nkind = \"sms_gateway\"\nprovider = \"kannel\"\nsecret = "
      "\"env:KANAL_BENCH_GATEWAY_SECRET\"\nsend_url = \"http://127.0.0.1:9/\"\n"
      "private_network = true\n"
      "source = \"1708\"\nreplies = false\n");
  bridge.start();
  const auto kannel = kannel_between(smsc, bridge.url() + "/in/sms/alamat-rahasia-42");
  must(smsc.wait_sessions(1, std::chrono::seconds(k_patience_s)), "Kannel does not bind");
  const auto http = make_http({});
  // Kannel answers the SMSC before it has delivered anything: the bridge alone knows.
  const auto figures =
      measure(smsc, [&] { return reports_of(*http, "http://" + metrics + "/metrics"); });
  check_stored(bridge);
  bridge.stop();
  return figures;
}

Figures through_kannel_to_nowhere() {
  Smsc smsc;
  std::atomic<std::size_t> arrived{0};
  const test::TemporaryDirectory spool;
  HttpServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  options.spool = spool.path();
  options.most_connections = options.most_per_address = k_texts;
  std::vector<Route> routes;
  routes.push_back({.method = "POST",
                    .pattern = "/sink",
                    .body = BodyKind::raw,
                    .handle =
                        [&](const Request&) {
                          ++arrived;
                          return Response::text(200, "");
                        },
                    .handle_later = {}});
  auto server = HttpServer::start(options, std::move(routes));
  must(server.has_value(), server ? "" : server.error().message);
  const auto kannel =
      kannel_between(smsc, "http://127.0.0.1:" + std::to_string((*server)->port()) + "/sink");
  must(smsc.wait_sessions(1, std::chrono::seconds(k_patience_s)), "Kannel does not bind");
  return measure(smsc, [&] { return arrived.load(); });
}

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() {
  must(test::Kannel::is_installed(), "Kannel is not installed");
  std::printf("%zu text messages in a window of %zu: a second, a CPU second\n", k_texts, k_window);
  std::printf("%22s %24s %24s\n", "SMPP to reports", "Kannel to reports", "Kannel to nowhere");
  std::vector<double> smpp_by_time;
  std::vector<double> smpp_by_cpu;
  std::vector<double> kannel_by_time;
  for (int round = 0; round < k_rounds; ++round) {
    const auto smpp = over_smpp();
    const auto kannel = through_kannel();
    const auto nowhere = through_kannel_to_nowhere();
    smpp_by_time.push_back(smpp.per_second / nowhere.per_second);
    smpp_by_cpu.push_back(smpp.per_cpu_second / nowhere.per_cpu_second);
    kannel_by_time.push_back(kannel.per_second / nowhere.per_second);
    std::printf("%12.0f %9.0f %14.0f %9.0f %14.0f %9.0f\n", smpp.per_second, smpp.per_cpu_second,
                kannel.per_second, kannel.per_cpu_second, nowhere.per_second,
                nowhere.per_cpu_second);
    std::fflush(stdout);
  }
  std::printf(
      "the middle of %d rounds: SMPP to reports / Kannel to nowhere %.2f a second (goal: at least "
      "1), %.2f a CPU second; Kannel to reports / Kannel to nowhere %.2f a second\n",
      k_rounds, middle(smpp_by_time), middle(smpp_by_cpu), middle(kannel_by_time));
  return 0;
}
