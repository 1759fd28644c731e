#include "tests/sandbox/courier.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cpprest/http_client.h>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace kanal::sandbox {

namespace {

using std::chrono::steady_clock;
using web::http::client::http_client;
using web::http::client::http_client_config;

constexpr int k_most_tries = 100;
constexpr std::chrono::seconds k_between_tries{1};
constexpr std::chrono::seconds k_patience{15};

// 0: there was no answer.
int bring(const Parcel& parcel) {
  try {
    http_client_config config;
    config.set_timeout(k_patience);
    // The bridge on this machine, whoever its certificate is from.
    config.set_validate_certificates(false);
    http_client client(web::uri(parcel.url), config);
    web::http::http_request request(parcel.method);
    if (parcel.method != "GET") request.set_body(parcel.body, parcel.type);
    if (parcel.headers) {
      for (const auto& [name, value] : parcel.headers()) request.headers().add(name, value);
    }
    return client.request(request).get().status_code();
  } catch (const std::exception&) {
    return 0;
  }
}

bool is_for_later(int status) {
  return status == 0 || status == 408 || status == 429 || status >= 500;
}

}  // namespace

struct Courier::Inside {
  struct Waiting {
    Parcel parcel;
    std::function<void(int)> told;
    int tries = 0;
    steady_clock::time_point due = steady_clock::now();
  };
  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Waiting> waiting;
  std::jthread thread;

  // The first that is due: one that is not taken holds up no other.
  std::optional<Waiting> next(const std::stop_token& end) {
    std::unique_lock lock(mutex);
    while (!end.stop_requested()) {
      const auto first = std::ranges::min_element(waiting, {}, &Waiting::due);
      if (first != waiting.end() && first->due <= steady_clock::now()) {
        auto found = std::move(*first);
        waiting.erase(first);
        return found;
      }
      const auto until = first == waiting.end() ? steady_clock::now() + k_patience : first->due;
      changed.wait_until(lock, end, until,
                         [&, count = waiting.size()] { return waiting.size() != count; });
    }
    return std::nullopt;
  }

  void work(const std::stop_token& end) {
    while (auto each = next(end)) {
      const int status = bring(each->parcel);
      if (is_for_later(status) && ++each->tries < k_most_tries) {
        each->due = steady_clock::now() + k_between_tries;
        const std::scoped_lock lock(mutex);
        waiting.push_back(std::move(*each));
        continue;
      }
      if (each->told) each->told(status);
    }
  }
};

Courier::Courier() : inside_(new Inside) {
  inside_->thread =
      std::jthread([inside = inside_.get()](const std::stop_token& end) { inside->work(end); });
}

Courier::~Courier() {
  inside_->thread.request_stop();
  inside_->thread.join();
}

void Courier::carry(Parcel parcel, std::function<void(int)> told) {
  const std::scoped_lock lock(inside_->mutex);
  inside_->waiting.push_back({std::move(parcel), std::move(told)});
  inside_->changed.notify_one();
}

}  // namespace kanal::sandbox
