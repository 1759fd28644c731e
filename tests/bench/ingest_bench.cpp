// What `kanal ingest` costs against a bare COPY of the rows that it wrote, in one run.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <libpq-fe.h>
#include <malloc.h>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "config/organisation.hpp"
#include "core/rfc3339.hpp"
#include "format/post_json.hpp"
#include "router/intake.hpp"
#include "store/private_server.hpp"
#include "store/store.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program

constexpr std::size_t k_batch = 10000;

double own_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Process {
  long parent = 0;
  double seconds = 0;       // of its own
  double gone_seconds = 0;  // of children that ended
};

Process read_process(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  std::getline(file, line);
  const auto close = line.rfind(')');
  if (close == std::string::npos) return {};
  std::istringstream rest(line.substr(close + 2));
  std::string word;
  std::vector<std::string> words;
  while (rest >> word) words.push_back(word);
  const double tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto number = [&](std::size_t index) { return std::stod(words.at(index)); };
  return {std::stol(words.at(1)), (number(11) + number(12)) / tick,
          (number(13) + number(14)) / tick};
}

// The server is our child; its sessions are its own.
double server_seconds() {
  double total = 0;
  std::vector<long> servers;
  std::vector<std::pair<long, Process>> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    all.emplace_back(std::stol(name), read_process(name));
  }
  for (const auto& [pid, process] : all) {
    if (process.parent != ::getpid()) continue;
    servers.push_back(pid);
    total += process.seconds + process.gone_seconds;
  }
  for (const auto& [pid, process] : all) {
    for (const auto server : servers) {
      if (process.parent == server) total += process.seconds;
    }
  }
  return total;
}

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

class Session {
 public:
  explicit Session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    must(PQstatus(connection_) == CONNECTION_OK, PQerrorMessage(connection_));
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { PQfinish(connection_); }
  void run(const std::string& statement) {
    auto* result = PQexec(connection_, statement.c_str());
    const auto status = PQresultStatus(result);
    must(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection_));
    PQclear(result);
  }

 private:
  PGconn* connection_;
};

std::vector<std::string> make_lines(std::size_t count) {
  static const char* const k_texts[] = {
      "Jalan berlubang di depan pasar sudah dua minggu, sangat berbahaya bagi pengendara motor "
      "terutama malam hari karena lampu jalan juga mati. Mohon segera diperbaiki oleh dinas.",
      "Sampah menumpuk di TPS sejak hari raya dan baunya sampai ke sekolah. Kami sudah melapor ke "
      "kelurahan tetapi belum ada yang datang mengangkut.",
      "Air PDAM mati sejak tiga hari lalu di seluruh banjar, padahal tagihan tetap jalan.",
      "Mohon penjelasan syarat mengurus akta kelahiran yang terlambat di Disdukcapil.",
      "Parkir liar di trotoar Jalan Diponegoro membuat pejalan kaki turun ke jalan raya."};
  std::vector<std::string> lines;
  lines.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    Post post;
    post.id = ExternalId("bench-" + std::to_string(index));
    post.author.id = ExternalId("author-" + std::to_string(index % (count / 2 + 1)));
    post.author.handle = "warga" + std::to_string(index % 5000);
    post.text = std::string(k_texts[index % std::size(k_texts)]) + " Laporan nomor " +
                std::to_string(index) + ".";
    post.posted_at = *parse_rfc3339("2026-01-02T03:04:05+07:00") + std::chrono::seconds(index);
    lines.push_back(print_post(post, "bench"));
  }
  return lines;
}

struct Cost {
  double client = 0;
  double server = 0;
  double wall = 0;
};

template <class Work>
Cost measure(Work work) {
  const auto client = own_seconds();
  const auto server = server_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {own_seconds() - client, server_seconds() - server, wall.count()};
}

void ingest(Store& store, const Organisation& organisation, const Clock& clock,
            const std::vector<std::string>& lines) {
  Intake intake(store, organisation, clock);
  ChannelRules rules;
  rules.name = ChannelName("bench");
  rules.replies = false;
  intake.know(rules);
  PostReader reader;
  Batch batch;
  for (std::size_t index = 0; index < lines.size(); ++index) {
    batch.posts.push_back(reader.read(lines[index])->post);
    if (batch.posts.size() < k_batch && index + 1 < lines.size()) continue;
    Ingested ingested;
    const auto done = intake.ingest_mass(rules.name, std::exchange(batch, {}), ingested);
    must(done.has_value(), done ? "" : done.error().message);
  }
}

std::string with_database(std::string url, const std::string& name) {
  const auto at = url.find("dbname=");
  must(at != std::string::npos, "no dbname in " + url);
  const auto end = url.find_first_of(" &", at);
  return url.substr(0, at) + "dbname=" + name + (end == std::string::npos ? "" : url.substr(end));
}

void print(const char* what, const Cost& cost, std::size_t count) {
  const auto each = [&](double seconds) { return seconds / static_cast<double>(count) * 1e6; };
  std::printf("%-8s %7.1f us/post client, %7.1f us/post server, %7.1f both; %8.0f posts/s\n", what,
              each(cost.client), each(cost.server), each(cost.client + cost.server),
              static_cast<double>(count) / cost.wall);
}

}  // namespace

int main(int argument_count, char** arguments) {
  // As `kanal ingest` does.
  constexpr int k_kept_bytes = 256 << 20;
  ::mallopt(M_TRIM_THRESHOLD, k_kept_bytes);
  ::mallopt(M_MMAP_THRESHOLD, k_kept_bytes / 8);
  const std::size_t count =
      argument_count > 1 ? static_cast<std::size_t>(std::atoll(arguments[1])) : 100'000;
  auto name = (std::filesystem::temp_directory_path() / "kanal-bench-XXXXXX").string();
  must(::mkdtemp(name.data()) != nullptr, "no temporary directory");
  const std::filesystem::path directory = name;
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  {
    auto server = PrivateServer::open(directory / "postgres");
    must(server.has_value(), server ? "" : server.error().message);
    const SystemClock clock;
    const auto keys = Keys::of_seed("bench");
    const auto organisation = Organisation::shipped();
    const auto url = (*server)->url();
    const auto lines = make_lines(count);
    Cost ingested;
    {
      auto store = Store::open({url, directory / "files", 8}, keys, clock);
      must(store.has_value(), store ? "" : store.error().message);
      ingested = measure([&] { ingest(**store, organisation, clock, lines); });
    }
    Session session(url);
    session.run("CREATE DATABASE copied");
    const auto copied_url = with_database(url, "copied");
    auto copied = Store::open({copied_url, directory / "files", 3}, keys, clock);
    must(copied.has_value(), copied ? "" : copied.error().message);
    copied->reset();
    const std::vector<std::string> tables = {"reporter",   "reporter_alias", "report",
                                             "entry",      "entry_words",    "post",
                                             "attachment", "contact",        "outbox"};
    const auto files = directory / "postgres";
    for (const auto& table : tables) {
      session.run("COPY " + table + " TO '" + (files / table).string() + "' (FORMAT binary)");
    }
    Session target(copied_url);
    target.run("CHECKPOINT");
    const auto copy = measure([&] {
      for (const auto& table : tables) {
        target.run("COPY " + table + " FROM '" + (files / table).string() + "' (FORMAT binary)");
      }
    });
    print("ingest", ingested, count);
    print("COPY", copy, count);
    std::printf(
        "ratio of CPU: %.2f (goal: at most 1.5); ratio of rates: %.2f (goal: at least "
        "0.67)\n",
        (ingested.client + ingested.server) / (copy.client + copy.server),
        copy.wall / ingested.wall);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
