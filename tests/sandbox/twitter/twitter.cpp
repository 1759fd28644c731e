#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"

namespace kanal::sandbox {
namespace {

class Twitter final : public FarSide {
 public:
  explicit Twitter(const Ports& ports)
      : face_(ports.channel, [](const Request& request) {
          Answer answer;
          answer.status = request.path == "/control/health" ? 200 : 404;
          answer.body = "{}";
          return answer;
        }) {}
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override {
    return {{"url", face_.url()}, {"control", face_.url() + "/control"}};
  }

 private:
  HttpFace face_;
};

}  // namespace

std::unique_ptr<FarSide> make_twitter(const Ports& ports);
std::unique_ptr<FarSide> make_twitter(const Ports& ports) {
  return std::make_unique<Twitter>(ports);
}

}  // namespace kanal::sandbox
