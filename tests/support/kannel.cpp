#include "tests/support/kannel.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <sys/wait.h>

#include "tests/support/loopback.hpp"

namespace kanal::test {
namespace {

constexpr const char* k_bearerbox = "/usr/sbin/bearerbox";
constexpr const char* k_smsbox = "/usr/sbin/smsbox";

std::string configuration(const Kannel::Wiring& wiring, const std::string& directory,
                          const std::array<std::uint16_t, 3>& ports) {
  const auto number = [](std::uint16_t port) { return std::to_string(port); };
  return "group = core\nadmin-port = " + number(ports[0]) +
         "\nadmin-interface = 127.0.0.1\nadmin-password = tidak-dipakai\nsmsbox-port = " +
         number(ports[1]) +
         "\nsmsbox-interface = 127.0.0.1\nbox-allow-ip = \"127.0.0.1\"\nlog-file = " + directory +
         "/bearerbox.log\nlog-level = 1\ndlr-storage = internal"
         "\n\n"
         "group = smsc\nsmsc = smpp\nsmsc-id = OPERATOR\nhost = 127.0.0.1\nport = " +
         number(wiring.smsc_port) + "\ntransceiver-mode = 1\nsmsc-username = " + wiring.smsc_user +
         "\nsmsc-password = " + wiring.smsc_password +
         "\nsystem-type = \"\"\ninterface-version = 34\nenquire-link-interval = 5\n"
         "reconnect-delay = 1\nsource-addr-autodetect = true\n\n"
         "group = smsbox\nbearerbox-host = 127.0.0.1\nbearerbox-port = " +
         number(ports[1]) + "\nsendsms-port = " + number(ports[2]) +
         "\nsendsms-interface = 127.0.0.1\n"
         // Without them a message is lost at the first request that fails.
         "http-request-retry = 200\nhttp-queue-delay = 1\nmax-pending-requests = 200\nlog-file = " +
         directory + "/smsbox.log\nlog-level = 1\n\n" +
         "group = sendsms-user\nusername = " + Kannel::k_user +
         "\npassword = " + Kannel::k_password +
         "\nuser-allow-ip = \"127.0.0.1\"\nconcatenation = true\nmax-messages = 5\n\n"
         "group = sms-service\nkeyword = default\ncatch-all = true\nmax-messages = 0\n"
         "concatenation = true\npost-url = \"" +
         wiring.post_url + "\"\n";
}

void end(pid_t child) {
  if (child <= 0) return;
  // It does not end on SIGTERM while it holds messages.
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool Kannel::is_installed() {
  return std::filesystem::exists(k_bearerbox) && std::filesystem::exists(k_smsbox);
}

Kannel::Kannel(const Wiring& wiring) {
  const auto ports = free_ports<3>();
  send_port_ = ports[2];
  const auto file = directory_.path() / "kannel.conf";
  const auto log = directory_.path() / "output.log";
  std::ofstream(file) << configuration(wiring, directory_.path().string(), ports);
  bearerbox_ = spawn({k_bearerbox, "-v", "4", file}, log);
  const bool up = eventually([&] { return listens(ports[1]); }, 180);
  if (up) smsbox_ = spawn({k_smsbox, "-v", "4", file}, log);
  if (up && eventually([&] { return listens(send_port_); }, 180)) return;
  end(smsbox_);
  end(bearerbox_);
  throw std::runtime_error("Kannel does not start");
}

Kannel::~Kannel() {
  end(smsbox_);
  end(bearerbox_);
}

std::string Kannel::send_url() const {
  return "http://127.0.0.1:" + std::to_string(send_port_) + "/cgi-bin/sendsms";
}

}  // namespace kanal::test
