#include "tests/sandbox/control.hpp"

#include <algorithm>
#include <stdexcept>

namespace kanal::sandbox {

namespace {

constexpr std::chrono::milliseconds k_most_delay{60'000};

}  // namespace

Json parse_body(const Request& request) {
  auto body = Json::parse(request.body.empty() ? "{}" : request.body);
  if (!body) throw std::runtime_error(body.error().message);
  return std::move(*body);
}

std::int64_t number_in(const Json& body, std::string_view key, std::int64_t fallback) {
  const auto* const found = body.find(key);
  return found != nullptr && found->type == Json::Type::integer ? found->integer : fallback;
}

bool truth_in(const Json& body, std::string_view key, bool fallback) {
  const auto* const found = body.find(key);
  return found != nullptr && found->type == Json::Type::boolean ? found->boolean : fallback;
}

std::string text_in(const Json& body, std::string_view key, std::string_view fallback) {
  auto found = body.text(key);
  return found.empty() ? std::string(fallback) : found;
}

OrderedFault fault_in(const Json& body) {
  OrderedFault fault;
  fault.name = body.text("fault");
  fault.times = static_cast<int>(std::clamp<std::int64_t>(number_in(body, "times", 1), 0, 1 << 20));
  const std::chrono::milliseconds delay(number_in(body, "delay_ms", fault.delay.count()));
  fault.delay = std::clamp(delay, std::chrono::milliseconds(0), k_most_delay);
  return fault;
}

Answer FaultList::order(const Request& request) {
  const auto body = parse_body(request);
  const Waiting ordered{fault_in(body), body.text("on")};
  if (std::ranges::count(names_, ordered.fault.name) == 0) {
    return unknown("fault", ordered.fault.name, names_);
  }
  if (!ordered.place.empty() && std::ranges::count(places_, ordered.place) == 0) {
    return unknown("place", ordered.place, places_);
  }
  const std::scoped_lock lock(mutex_);
  if (ordered.fault.times > 0) waiting_.push_back(ordered);
  return told();
}

Answer FaultList::forget() {
  const std::scoped_lock lock(mutex_);
  waiting_.clear();
  return told();
}

std::optional<OrderedFault> FaultList::next(std::string_view name, std::string_view place) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(waiting_, [&](const Waiting& each) {
    return each.fault.name == name && (each.place.empty() || each.place == place);
  });
  if (found == waiting_.end()) return std::nullopt;
  const auto fault = found->fault;
  if (--found->fault.times <= 0) waiting_.erase(found);
  return fault;
}

Answer told(std::string json) {
  Answer answer;
  answer.body = std::move(json);
  return answer;
}

Answer refused(int status, std::string why) {
  Answer answer;
  answer.status = status;
  answer.type = "text/plain; charset=utf-8";
  answer.body = std::move(why);
  return answer;
}

Answer unknown(std::string_view what, std::string_view name,
               std::span<const std::string_view> known) {
  auto why = "there is no " + std::string(what) + " \"" + std::string(name) + "\"; there are:";
  for (const auto each : known) why += ' ' + std::string(each);
  return refused(400, std::move(why));
}

}  // namespace kanal::sandbox
