#include <cstdint>
#include <string>
#include <string_view>

#include "net/body.hpp"
#include "tests/fuzz/must.hpp"

namespace {

using namespace kanal;

constexpr std::uint64_t k_most_bytes = 1024;

struct Outcome {
  int status = 200;
  bool whole = false;
  std::string body;
  std::size_t left = 0;  ///< bytes that belong to the next request
};

Outcome read(std::string_view bytes, std::size_t step) {
  RequestHead head;
  head.chunked = true;
  Route route;
  route.body = BodyKind::raw;
  route.most_bytes = k_most_bytes;
  const HttpServerOptions options;
  Body body(head, "", route, options);
  std::string waiting;
  std::size_t taken = 0;
  while (taken < bytes.size() && !body.is_whole()) {
    const auto piece = bytes.substr(taken, step);
    taken += piece.size();
    waiting += piece;
    if (const auto refusal = body.feed(waiting)) return {refusal->status, false, {}, 0};
  }
  if (!body.is_whole()) return {};
  Request request;
  if (const auto refusal = body.deliver(request)) return {refusal->status, true, {}, 0};
  must(request.body.size() <= k_most_bytes);
  return {200, true, request.body, waiting.size() + bytes.size() - taken};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = read(text.substr(1), 8192);
  const auto pieces = read(text.substr(1), static_cast<std::size_t>(data[0]) % 16 + 1);
  must(whole.status == pieces.status && whole.whole == pieces.whole);
  must(whole.body == pieces.body && whole.left == pieces.left);
  return 0;
}
