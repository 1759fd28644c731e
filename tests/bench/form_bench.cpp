// 64 citizens at once who send forms over and over: committed together by the intake, against a
// transaction for each request, on the same server and database in one run.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "config/organisation.hpp"
#include "format/encode.hpp"
#include "net/http_server_fixture.hpp"
#include "router/intake.hpp"
#include "store/private_server.hpp"
#include "store/store.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program

constexpr int k_clients = 64;
constexpr int k_rounds = 3;

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

Post post_of(const Request& request) {
  Post post;
  post.id = ExternalId("form-" + to_hex(random_bytes(16)));
  post.author.id = ExternalId(request.form_value("phone"));
  post.author.name = request.form_value("name");
  post.text = request.form_value("text");
  post.posted_at = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  return post;
}

Response answer(const Result<Ingested>& ingested) {
  if (!ingested || ingested->filings.empty()) return Response::text(503, "not now\n");
  return Response::redirect("/r/" + ingested->filings.front().code.value());
}

std::vector<Route> routes(Intake& intake, const ChannelName& channel) {
  Route together{.method = "POST",
                 .pattern = "/together",
                 .body = BodyKind::form,
                 .handle = {},
                 .handle_later = {}};
  together.handle_later = [&](const std::shared_ptr<Request>& request, const Responder& responder) {
    Received received;
    received.posts.push_back(post_of(*request));
    intake.submit(channel, std::move(received),
                  [responder](const Result<Ingested>& ingested) { responder(answer(ingested)); });
  };
  auto each = together;
  each.pattern = "/each";
  each.handle_later = {};
  each.handle = [&](const Request& request) {
    Batch batch;
    batch.posts.push_back(post_of(request));
    return answer(intake.ingest(channel, std::move(batch), std::nullopt));
  };
  return {std::move(together), std::move(each)};
}

/// Forms a second that were stored, as their senders were told.
double rate(std::uint16_t port, const std::string& path, std::chrono::seconds time) {
  std::atomic<long> stored{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> citizens;
  const auto start = std::chrono::steady_clock::now();
  for (int number = 0; number < k_clients; ++number) {
    citizens.emplace_back([&, number] {
      RawClient client(port);
      for (int turn = 0; !over; ++turn) {
        const auto form = "name=Warga+" + std::to_string(number) +
                          "&phone=" + to_hex(random_bytes(8)) +
                          "&text=Jalan+berlubang+di+depan+pasar+nomor+" + std::to_string(turn) +
                          "+sudah+dua+minggu,+mohon+diperbaiki.";
        const auto reply = client.ask(post(path, "application/x-www-form-urlencoded", form));
        must(reply.status == 303, "a form was answered " + std::to_string(reply.status));
        ++stored;
      }
    });
  }
  std::this_thread::sleep_for(time);
  over = true;
  for (auto& each : citizens) each.join();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return static_cast<double>(stored) / spent.count();
}

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::chrono::seconds time(argument_count > 1 ? std::atoi(arguments[1]) : 4);
  auto name = (std::filesystem::temp_directory_path() / "kanal-bench-XXXXXX").string();
  must(::mkdtemp(name.data()) != nullptr, "no temporary directory");
  const std::filesystem::path directory = name;
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  {
    auto database = PrivateServer::open(directory / "postgres");
    must(database.has_value(), database ? "" : database.error().message);
    const SystemClock clock;
    const auto keys = Keys::of_seed("bench");
    const auto organisation = Organisation::shipped();
    auto store = Store::open({(*database)->url(), directory / "files", 8}, keys, clock);
    must(store.has_value(), store ? "" : store.error().message);
    ChannelRules rules;
    rules.name = ChannelName("form");
    rules.replies = false;
    Intake intake(**store, organisation, clock);
    intake.know(rules);
    HttpServerOptions options;
    options.spool = directory;
    const auto server = serve(options, routes(intake, rules.name));
    std::vector<double> together;
    std::vector<double> each;
    for (int round = 0; round < k_rounds; ++round) {
      together.push_back(rate(server->port(), "/together", time));
      each.push_back(rate(server->port(), "/each", time));
      std::printf("round %d: together %.0f forms/s, a transaction each %.0f forms/s\n", round + 1,
                  together.back(), each.back());
    }
    std::printf("ratio of the middle rounds: %.1f (goal: at least 10)\n",
                middle(together) / middle(each));
  }
  std::filesystem::remove_all(directory);
  return 0;
}
