#include "tests/support/sandbox_process.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace kanal::test {

SandboxProcess::SandboxProcess(const std::string& kind) : http_(make_http({})) {
  const auto ready = directory_.path() / "ready.json";
  std::vector<std::string> words = {KANAL_SANDBOX_BINARY, kind, "--ready-file", ready,
                                    "--with-parent"};
  pid_ = ::fork();
  if (pid_ == 0) {
    std::vector<char*> list;
    for (auto& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDOUT_FILENO);
    ::execv(list.front(), list.data());
    ::_exit(127);
  }
  if (!eventually([&] { return std::filesystem::exists(ready); }, 180)) {
    throw std::runtime_error("kanal-sandbox " + kind + " does not start");
  }
  std::ifstream file(ready);
  std::ostringstream text;
  text << file.rdbuf();
  ready_ = Json::parse(text.str()).value();
}

SandboxProcess::~SandboxProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

Json SandboxProcess::order(const std::string& method, const std::string& path,
                           const std::string& body) {
  HttpCall call;
  call.method = method;
  call.url = ready("control") + path;
  call.body = body;
  call.allow_private = true;
  const auto reply = http_->fetch(call);
  if (!reply) throw std::runtime_error(path + ": " + reply.error().message);
  if (reply->status != 200) throw std::runtime_error(path + ": " + reply->body);
  return Json::parse(reply->body).value();
}

}  // namespace kanal::test
