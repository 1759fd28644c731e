#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/office/system.hpp"
#include "tests/support/lapor.hpp"

namespace kanal::sandbox::office {

/// A system with the API of SP4N-LAPOR! v3, for whoever brings its token as `Authorization`.
class LaporSystem final : public System {
 public:
  LaporSystem(std::string token, std::int64_t first_number)
      : token_(std::move(token)), api_(first_number) {}

  Answer answer(const Request& request, std::string_view path) override;
  [[nodiscard]] std::vector<Handed> handed() const override;
  [[nodiscard]] std::vector<std::string_view> events() const override {
    return {"proceed", "answer", "not_ours"};
  }
  bool act(std::string_view id, const Act& act) override;

 private:
  std::string token_;
  test::LaporApi api_;
  std::map<std::string, std::vector<Step>, std::less<>> steps_;  ///< by the complaint's number
};

}  // namespace kanal::sandbox::office
