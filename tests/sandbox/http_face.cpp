#include "tests/sandbox/http_face.hpp"

#include <arpa/inet.h>
#include <cpprest/http_listener.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox {

namespace {

using web::http::experimental::listener::http_listener;

// cpprestsdk does not say which port it was given, so one is asked for before.
std::uint16_t free_port() {
  const int one = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const bool bound = one >= 0 && ::bind(one, plain, size) == 0;
  const bool named = bound && ::getsockname(one, plain, &size) == 0;
  if (one >= 0) ::close(one);
  if (!named) throw std::runtime_error("no port is free");
  return ::ntohs(address.sin_port);
}

Request read_request(web::http::http_request& from) {
  Request request;
  request.method = from.method();
  request.path = from.request_uri().path();
  request.query = from.request_uri().query();
  for (const auto& [name, value] : from.headers()) request.headers[to_lower_ascii(name)] = value;
  const auto body = from.extract_vector().get();
  request.body.assign(body.begin(), body.end());
  return request;
}

web::http::http_response response_of(const Answer& answer) {
  web::http::http_response response(static_cast<web::http::status_code>(answer.status));
  for (const auto& [name, value] : answer.headers) response.headers().add(name, value);
  response.set_body(answer.body.substr(0, answer.cut_after.value_or(std::string::npos)),
                    answer.type);
  return response;
}

}  // namespace

std::string Request::header(std::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string() : found->second;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : parse_form(query).value_or(FormFields())) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct HttpFace::Inside {
  std::string url;
  Handler handler;
  std::unique_ptr<http_listener> listener;

  void answer(web::http::http_request from) {
    Answer answer;
    try {
      answer = handler(read_request(from));
    } catch (const std::exception& exception) {
      answer.status = 500;
      answer.type = "text/plain; charset=utf-8";
      answer.body = exception.what();
    }
    if (answer.delay.count() > 0) std::this_thread::sleep_for(answer.delay);
    // The caller may have gone.
    from.reply(response_of(answer)).then([](const pplx::task<void>& sent) {
      try {
        sent.get();
      } catch (const std::exception&) {
      }
    });
  }
};

HttpFace::HttpFace(std::uint16_t port, Handler handler) : inside_(new Inside) {
  inside_->handler = std::move(handler);
  constexpr int k_most_tries = 20;
  for (int tries = 1; !inside_->listener; ++tries) {
    inside_->url = "http://127.0.0.1:" + std::to_string(port != 0 ? port : free_port());
    auto listener = std::make_unique<http_listener>(inside_->url + "/");
    listener->support([inside = inside_.get()](const web::http::http_request& from) {
      pplx::create_task([inside, from] { inside->answer(from); });
    });
    try {
      listener->open().wait();
      inside_->listener = std::move(listener);
    } catch (const std::exception&) {
      if (port != 0 || tries == k_most_tries) throw;
    }
  }
}

HttpFace::~HttpFace() {
  try {
    inside_->listener->close().wait();
  } catch (const std::exception&) {
  }
}

const std::string& HttpFace::url() const {
  return inside_->url;
}

}  // namespace kanal::sandbox
