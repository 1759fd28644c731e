// What `kanal serve` holds in memory, without PostgreSQL's processes: at rest, and while a photo of
// 25 MB goes through the citizen's form.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "format/json.hpp"
#include "net/http_server_fixture.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program

constexpr std::size_t k_photo_bytes = 25'000'000;

void must(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

double mib_of(pid_t process, std::string_view key) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::atof(line.c_str() + key.size() + 1) / 1024;
  }
  return 0;
}

class Bridge {
 public:
  explicit Bridge(const std::filesystem::path& directory) {
    const auto ready = directory / "ready.json";
    const auto data = directory / "data";
    process_ = ::fork();
    if (process_ == 0) {
      const int log = ::open((directory / "log").c_str(), O_WRONLY | O_CREAT, 0600);
      ::dup2(log, 1);
      ::dup2(log, 2);
      ::execl(KANAL_BINARY, "kanal", "serve", "--listen", "127.0.0.1:0", "--data", data.c_str(),
              "--ready-file", ready.c_str(), static_cast<char*>(nullptr));
      std::_Exit(127);
    }
    must(eventually([&] { return std::filesystem::exists(ready); }), "the bridge does not start");
    std::ifstream file(ready);
    std::stringstream text;
    text << file.rdbuf();
    const auto url = text.str().substr(text.str().find("127.0.0.1:") + 10);
    port_ = static_cast<std::uint16_t>(std::atoi(url.c_str()));
  }
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;
  ~Bridge() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  [[nodiscard]] double resident() const { return mib_of(process_, "VmRSS:"); }
  [[nodiscard]] double peak() const { return mib_of(process_, "VmHWM:"); }
  void reset_peak() const {
    std::ofstream("/proc/" + std::to_string(process_) + "/clear_refs") << "5";
  }
  [[nodiscard]] RawClient client() const { return RawClient(port_); }

 private:
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

/// A picture of one pixel whose scan has as many bytes as wanted.
std::string make_photo(std::size_t bytes) {
  std::string photo = "\xff\xd8\xff\xe0" + std::string("\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 16);
  photo += std::string("\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0", 13);
  photo += std::string("\xff\xda\0\x08\1\1\0\0\x3f\0", 10);
  photo.resize(bytes - 2, 'j');
  return photo + "\xff\xd9";
}

std::string between(const std::string& text, const std::string& before, char after) {
  const auto at = text.find(before);
  must(at != std::string::npos, "the page has no " + before);
  const auto start = at + before.size();
  return text.substr(start, text.find(after, start) - start);
}

int send_report(const Bridge& bridge, const std::string& photo) {
  auto client = bridge.client();
  const auto page = client.ask(get("/report"));
  const auto token = between(page.body, "name=\"token\" value=\"", '"');
  // A form that comes back at once would be held.
  std::this_thread::sleep_for(std::chrono::seconds(4));
  std::string body;
  const auto field = [&](const std::string& name, const std::string& value) {
    body +=
        "--edge\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  field("token", token);
  field("text", "Jalan berlubang di depan pasar sudah dua minggu, mohon segera diperbaiki.");
  if (!photo.empty()) {
    body +=
        "--edge\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"jalan.jpg\"\r\n"
        "Content-Type: image/jpeg\r\n\r\n" +
        photo + "\r\n";
  }
  body += "--edge--\r\n";
  return client.ask(post("/report", "multipart/form-data; boundary=edge", body)).status;
}

}  // namespace

int main() {
  auto name = (std::filesystem::temp_directory_path() / "kanal-bench-XXXXXX").string();
  must(::mkdtemp(name.data()) != nullptr, "no temporary directory");
  const std::filesystem::path directory = name;
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  {
    const Bridge bridge(directory);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::printf("at rest: %.1f MiB (goal: at most 50)\n", bridge.resident());
    // What is loaded or begun at the first use of a form is not the photo's price.
    must(send_report(bridge, make_photo(100'000)) == 303, "a small photo was not taken");
    const auto photo = make_photo(k_photo_bytes);
    bridge.reset_peak();
    const auto before = bridge.resident();
    must(send_report(bridge, photo) == 303, "the photo was not taken");
    std::printf("a photo of 25 MB: %.1f MiB more at its peak (goal: at most 1), from %.1f\n",
                bridge.peak() - before, before);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
