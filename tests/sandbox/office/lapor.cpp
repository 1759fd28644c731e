#include "tests/sandbox/office/lapor.hpp"

#include "tests/sandbox/control.hpp"

namespace kanal::sandbox::office {

Answer LaporSystem::answer(const Request& request, std::string_view path) {
  if (request.header("authorization") != token_) return refused(401, "Unauthorized");
  const auto before = api_.complaints().size();
  auto said = api_.answer(request.method, path, request.body);
  if (api_.complaints().size() > before) {
    steps_[api_.complaints().back().number] = {{false, "handed", {}, system_clock::now()}};
  }
  Answer answer;
  answer.status = said.status;
  answer.body = std::move(said.body);
  return answer;
}

std::vector<Handed> LaporSystem::handed() const {
  std::vector<Handed> all;
  for (const auto& each : api_.complaints()) {
    all.push_back({each.number,
                   each.body.text("title"),
                   each.body.text("content"),
                   {},
                   steps_.find(each.number)->second});
  }
  return all;
}

bool LaporSystem::act(std::string_view id, const Act& act) {
  const auto* const status = act.event == "answer"     ? "Selesai"
                             : act.event == "not_ours" ? "Ditolak"
                                                       : "Dalam Proses";
  if (!api_.says(id, status, act.words)) return false;
  steps_.find(id)->second.push_back({true, act.event, act.words, system_clock::now()});
  return true;
}

}  // namespace kanal::sandbox::office
