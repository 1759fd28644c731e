#include "connectors/far_system.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "connectors/standard_webhook.hpp"
#include "core/text.hpp"

namespace kanal {
namespace {

constexpr std::chrono::seconds k_patience{30};
constexpr std::chrono::seconds k_most_patience{3600};
constexpr std::size_t k_most_said_bytes = 300;

std::string print_answer(const HttpReply& answer, std::string_view words) {
  auto said = "the other system answered " + std::to_string(answer.status);
  if (!words.empty()) said += ": " + scrub_utf8(clip_utf8(words, k_most_said_bytes));
  return said;
}

Result<> judge_status(const HttpReply& answer, const std::string& said) {
  if (answer.status >= 200 && answer.status <= 299) return {};
  if (answer.status == 401 || answer.status == 403) {
    return fail(Remedy::reconfigure, said + "; check the secret");
  }
  if (answer.status == 429) {
    const std::chrono::seconds told(whole_number(answer.header("retry-after")).value_or(0));
    return fail(Remedy::throttled, said,
                told.count() > 0 ? std::min(told, k_most_patience) : k_patience);
  }
  if (answer.status == 408 || answer.status == 503) return fail(Remedy::retry, said);
  // A proxy may say so of a request that was carried out behind it.
  if (answer.status >= 500) return fail(Remedy::uncertain, said);
  return fail(Remedy::drop, said);
}

Result<HttpReply> without_doubt(Result<HttpReply> answer, const Result<>& judged) {
  if (judged) return answer;
  auto error = judged.error();
  if (!answer || error.remedy == Remedy::uncertain) error.remedy = Remedy::retry;
  return tl::unexpected(std::move(error));
}

}  // namespace

bool is_wrong_address(int status) {
  constexpr std::array k_of_the_address{404, 405, 410, 415, 501};
  return (status >= 300 && status <= 399) || std::ranges::count(k_of_the_address, status) > 0;
}

Result<> judge_answer(const HttpReply& answer, std::string_view words) {
  const auto said = print_answer(answer, words);
  if (is_wrong_address(answer.status)) {
    return fail(Remedy::reconfigure, said + "; check the address");
  }
  return judge_status(answer, said);
}

Result<HttpReply> judge_repeatable(Result<HttpReply> answer) {
  const auto judged = answer ? judge_answer(*answer) : tl::unexpected(answer.error());
  return without_doubt(std::move(answer), judged);
}

Result<HttpReply> judge_question(Result<HttpReply> answer, std::string_view said) {
  const auto judged =
      answer ? judge_status(*answer, print_answer(*answer, said)) : tl::unexpected(answer.error());
  return without_doubt(std::move(answer), judged);
}

std::string why_not_called(std::string_view url, bool private_network) {
  const bool is_safe = url.starts_with("https://");
  if (!is_safe && (!private_network || !url.starts_with("http://"))) {
    return "must begin with \"https://\"; \"http://\" only with private_network";
  }
  auto host = url.substr(url.find("//") + 2);
  host = host.substr(0, host.find_first_of("/?#"));
  host.remove_prefix(host.rfind('@') + 1);
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (host.substr(0, colon).empty()) return "names no host";
  constexpr std::int64_t k_most_port = 65'535;
  if (colon == std::string_view::npos) return {};
  const auto port = whole_number(host.substr(colon + 1)).value_or(0);
  return port > 0 && port <= k_most_port ? "" : "has no number for its port";
}

WrongSettings wrong_far_system(const FarSystem& system) {
  auto why = why_not_called(system.url, system.private_network);
  if (why.empty()) return {};
  return {{"url", std::move(why)}};
}

HttpCall call_to(const FarSystem& system, std::string url, std::size_t most_answer_bytes) {
  HttpCall call;
  call.url = std::move(url);
  call.timeout_ms = system.timeout_s;
  call.most_bytes = most_answer_bytes;
  call.allow_private = system.private_network;
  return call;
}

}  // namespace kanal
