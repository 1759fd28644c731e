#include "tests/support/bridge_process.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kanal::test {

namespace {

// Making a database takes long on a machine that is busy with other tests.
constexpr int k_start_patience_s = 300;

pid_t spawn(const std::vector<std::string>& arguments, const std::filesystem::path& in,
            const std::filesystem::path& out, const std::filesystem::path& err) {
  std::vector<char*> words;
  for (const auto& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  // A test that is cut off leaves nothing running.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Catch's handlers are the test's alone.
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  const auto redirect = [](const std::filesystem::path& path, int flags, int to) {
    const int file = ::open(path.c_str(), flags, 0600);
    if (file < 0 || ::dup2(file, to) < 0) ::_exit(127);
  };
  redirect(in.empty() ? "/dev/null" : in, O_RDONLY, 0);
  redirect(out, O_WRONLY | O_CREAT | O_APPEND, 1);
  redirect(err, O_WRONLY | O_CREAT | O_APPEND, 2);
  ::execv(words.front(), words.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TemporaryDirectory::TemporaryDirectory() {
  auto name = (std::filesystem::temp_directory_path() / "kanal-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
  ::chmod(path_.c_str(), 0755);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

BridgeProcess::BridgeProcess(std::string settings) : http_(make_http({})) {
  // The usual address of metrics is one for all bridges of a machine.
  if (settings.find("[http]") == std::string::npos) {
    settings += "\n[http]\nmetrics_listen = \"off\"\n";
  }
  has_own_database_ = settings.find("[store]") != std::string::npos;
  std::ofstream(directory() / "kanal.toml") << settings;
}

BridgeProcess::~BridgeProcess() {
  if (runs()) stop();
}

bool BridgeProcess::runs() const {
  return pid_ > 0 && ::kill(pid_, 0) == 0;
}

void BridgeProcess::begin() {
  const auto ready = directory() / "ready.json";
  pid_ = spawn({KANAL_BINARY, "serve", "--demo", "--config", directory() / "kanal.toml", "--data",
                directory() / "data", "--listen", "127.0.0.1:0", "--ready-file", ready},
               {}, directory() / "out.log", directory() / "err.log");
}

void BridgeProcess::start() {
  const auto data = directory() / "data";
  const auto* const fresh = std::getenv("KANAL_FRESH_DATA");
  if (fresh != nullptr && std::filesystem::exists(fresh) && !has_own_database_ &&
      !std::filesystem::exists(data)) {
    const auto copied = run_program({"/bin/cp", "-a", fresh, data});
    if (copied.code != 0) throw std::runtime_error("no fresh data: " + copied.err);
  }
  begin();
  const auto ready = directory() / "ready.json";
  const bool is_up = eventually(
      [&] {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
          pid_ = -1;
          return true;
        }
        // What a killed one has left is another's.
        const auto read = Json::parse(text_of(ready));
        if (read) ready_ = *read;
        return read && ready_.find("pid")->integer == pid_;
      },
      k_start_patience_s);
  if (!is_up || pid_ < 0) throw std::runtime_error("the bridge does not start:\n" + log());
  url_ = ready_.text("url");
}

std::string BridgeProcess::start_database() {
  const auto told = directory() / "database.out";
  std::error_code absent;
  std::filesystem::remove(told, absent);
  pid_ = spawn({KANAL_BINARY, "database", "--config", directory() / "kanal.toml", "--data",
                directory() / "data"},
               {}, told, directory() / "err.log");
  const bool is_up = eventually([&] { return text_of(told).ends_with('\n'); }, k_start_patience_s);
  if (!is_up) throw std::runtime_error("the database does not start:\n" + log());
  auto address = text_of(told);
  address.pop_back();
  return address;
}

void BridgeProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_);
  pid_ = -1;
}

int BridgeProcess::stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGINT);
  const auto code = wait_for(pid_);
  pid_ = -1;
  return code;
}

std::uint16_t BridgeProcess::port() const {
  return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

std::string BridgeProcess::password_of(const std::string& user) const {
  for (const auto& officer : ready_.find("officers")->array) {
    if (officer.text("user") == user) return officer.text("password");
  }
  throw std::runtime_error("no officer " + user);
}

std::string BridgeProcess::log() const {
  return text_of(directory() / "out.log") + text_of(directory() / "err.log");
}

Finished run_program(const std::vector<std::string>& words, const std::string& input) {
  const TemporaryDirectory scratch;
  std::ofstream(scratch.path() / "in") << input;
  const auto child =
      spawn(words, scratch.path() / "in", scratch.path() / "out", scratch.path() / "err");
  Finished finished;
  finished.code = wait_for(child);
  finished.out = text_of(scratch.path() / "out");
  finished.err = text_of(scratch.path() / "err");
  return finished;
}

Finished run_kanal(const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> words{KANAL_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program(words, input);
}

Finished BridgeProcess::command(std::vector<std::string> arguments,
                                const std::string& input) const {
  arguments.insert(arguments.end(),
                   {"--config", directory() / "kanal.toml", "--data", directory() / "data"});
  return run_kanal(arguments, input);
}

std::vector<Json> BridgeProcess::query(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  const auto finished = command(std::move(arguments));
  if (finished.code != 0) throw std::runtime_error(finished.err);
  std::vector<Json> answers;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) answers.push_back(Json::parse(line).value());
  return answers;
}

HttpReply BridgeProcess::get(const std::string& path,
                             std::vector<std::pair<std::string, std::string>> headers) {
  HttpCall call;
  call.url = url_ + path;
  call.headers = std::move(headers);
  call.allow_private = true;
  const auto reply = http_->fetch(call);
  if (!reply) throw std::runtime_error(path + ": " + reply.error().message);
  return *reply;
}

HttpReply BridgeProcess::post(const std::string& path, const std::string& type,
                              const std::string& body,
                              std::vector<std::pair<std::string, std::string>> headers) {
  HttpCall call;
  call.method = "POST";
  call.url = url_ + path;
  call.headers = std::move(headers);
  call.headers.emplace_back("Content-Type", type);
  call.body = body;
  call.allow_private = true;
  const auto reply = http_->fetch(call);
  if (!reply) throw std::runtime_error(path + ": " + reply.error().message);
  return *reply;
}

std::string multipart(const std::string& boundary,
                      const std::vector<std::pair<std::string, std::string>>& fields,
                      const std::optional<FormFile>& file) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
            value + "\r\n";
  }
  if (file) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + file->field +
            "\"; filename=\"" + file->name + "\"\r\nContent-Type: " + file->type + "\r\n\r\n" +
            file->bytes + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto start = text.find(before);
  if (start == std::string::npos) return {};
  const auto from = start + before.size();
  const auto end = text.find(after, from);
  return end == std::string::npos ? std::string() : text.substr(from, end - from);
}

}  // namespace kanal::test
