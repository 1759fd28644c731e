#include <algorithm>
#include <memory>

#include "web/parts.hpp"
#include "web/problem.hpp"

namespace kanal {
namespace {

// A sender repeats without end what it is told to repeat later: what can never fit is refused.
constexpr std::uint64_t k_most_delivery_bytes = k_most_held_bytes_per_address - (1U << 20U);

Response plain(int status, std::string text) {
  auto response = Response::text(status, std::move(text));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

int status_of(Remedy remedy) {
  switch (remedy) {
    case Remedy::drop:
    case Remedy::withhold:
      return 400;
    case Remedy::reconfigure:
      return 403;
    case Remedy::throttled:
      return 429;
    case Remedy::retry:
    case Remedy::uncertain:
      return 503;
  }
  return 503;
}

Response refusal(const Request& request, const Error& error) {
  const auto status = status_of(error.remedy);
  const auto wait = std::chrono::ceil<std::chrono::seconds>(error.retry_after);
  return wait.count() > 0 ? problem(request, status, error.message, {}, wait)
                          : problem(request, status, error.message);
}

Response unstored(const Request& request, const Error& error) {
  const bool theirs = error.remedy == Remedy::drop || error.remedy == Remedy::throttled;
  return theirs ? refusal(request, error) : trouble(request, error);
}

Response accepted(const Answer& answer) {
  Response response;
  response.status = answer.status;
  response.headers = {{"Content-Type", answer.type}, {"Cache-Control", "no-store"}};
  response.body = answer.body;
  return response;
}

class Machine {
 public:
  explicit Machine(WebParts parts) : parts_(std::move(parts)) {}

  Response ready(const Request& request) const {
    if (const auto ready = parts_.ready ? parts_.ready() : Result<>(); !ready) {
      return trouble(request, ready.error());
    }
    return plain(200, "ready\n");
  }

  [[nodiscard]] const std::vector<WebParts::Channel>& channels() const { return parts_.channels; }

  void receive(const WebParts::Channel& channel, const std::shared_ptr<Request>& request,
               const Responder& answer) const {
    const auto rest = request->parameters.find("rest");
    Delivery delivery{
        request->method, rest == request->parameters.end() ? std::string() : rest->second,
        request->query,  request->headers,
        request->body,   request->peer};
    auto received = channel.receiver->receive(delivery);
    if (!received) return answer(refusal(*request, received.error()));
    if (received->posts.empty() && received->unreadable.empty() && received->signals.empty()) {
      return answer(accepted(received->answer));
    }
    parts_.intake.submit(
        channel.name, std::move(*received),
        [request, answer, told = received->answer](const Result<Ingested>& ingested) {
          answer(ingested ? accepted(told) : unstored(*request, ingested.error()));
        });
  }

 private:
  WebParts parts_;
};

}  // namespace

std::vector<Route> machine_routes(WebParts parts) {
  // Shared by the handlers, which are copied.
  const auto machine = std::make_shared<const Machine>(std::move(parts));
  std::vector<Route> routes;
  routes.push_back({"GET",
                    "/healthz",
                    BodyKind::none,
                    0,
                    [](const Request&) { return plain(200, "alive\n"); },
                    {}});
  routes.push_back({"GET",
                    "/readyz",
                    BodyKind::none,
                    0,
                    [machine](const Request& request) { return machine->ready(request); },
                    {}});
  for (const auto& channel : machine->channels()) {
    if (channel.receiver == nullptr) continue;
    const auto receive = [machine, &channel](const std::shared_ptr<Request>& request,
                                             const Responder& answer) {
      machine->receive(channel, request, answer);
    };
    const auto most_bytes = std::min(channel.receiver->most_body_bytes(), k_most_delivery_bytes);
    const auto address = "/in/" + channel.name.value();
    for (const auto& pattern : {address, address + "/{rest...}"}) {
      routes.push_back({"GET", pattern, BodyKind::none, 0, {}, receive});
      routes.push_back({"POST", pattern, BodyKind::raw, most_bytes, {}, receive});
    }
  }
  const auto refuse = [](const Request& request) {
    return problem(request, 404, "No channel of this name takes messages here.");
  };
  for (const auto* pattern : {"/in/{channel}", "/in/{channel}/{rest...}"}) {
    routes.push_back({"GET", pattern, BodyKind::none, 0, refuse, {}});
    routes.push_back({"POST", pattern, BodyKind::raw, Route().most_bytes, refuse, {}});
  }
  return routes;
}

}  // namespace kanal
