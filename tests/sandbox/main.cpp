#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <string_view>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>

#include "format/json.hpp"
#include "tests/sandbox/far_side.hpp"

namespace kanal::sandbox {

#define KANAL_SANDBOX(name, about) std::unique_ptr<FarSide> make_##name(const Ports& ports);
#include "tests/sandbox/kinds.def"
#undef KANAL_SANDBOX

namespace {

struct Offer {
  std::string_view name;
  std::string_view about;
  std::function<std::unique_ptr<FarSide>(const Ports&)> make;
};

const std::vector<Offer>& offers() {
  static const std::vector<Offer> all = {
#define KANAL_SANDBOX(name, about) {#name, about, make_##name},
#include "tests/sandbox/kinds.def"
#undef KANAL_SANDBOX
  };
  return all;
}

bool is_offered(std::string_view name) {
  return std::ranges::find(offers(), name, &Offer::name) != offers().end();
}

std::string ready_line(const Offer& offer, const FarSide& far_side) {
  JsonWriter line;
  line.begin_object().member("kind", offer.name);
  for (const auto& [name, address] : far_side.addresses()) line.member(name, address);
  return line.end_object().take() + "\n";
}

int play(const Offer& offer, const Ports& ports, const std::string& ready_file) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  // Before any thread is made, so that all of them leave these to sigwait.
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto far_side = offer.make(ports);
    const auto line = ready_line(offer, *far_side);
    std::cout << line << std::flush;
    if (!ready_file.empty()) {
      std::ofstream(ready_file + ".new") << line;
      std::rename((ready_file + ".new").c_str(), ready_file.c_str());
    }
    int signal = 0;
    sigwait(&ends, &signal);
    return 0;
  } catch (const std::exception& exception) {
    std::cerr << "kanal-sandbox " << offer.name << ": " << exception.what() << "\n";
    return 1;
  }
}

}  // namespace
}  // namespace kanal::sandbox

int main(int count, char** words) {
  using namespace kanal::sandbox;
  CLI::App app{
      "A local stand-in for what is behind a channel. Listens on loopback only, keeps "
      "everything in memory, and prints its addresses as one line of JSON when ready."};
  Ports ports;
  std::string ready_file;
  bool with_parent = false;
  app.add_option("--port", ports.channel, "Where the bridge talks to it; 0: any");
  app.add_option("--second-port", ports.second, "The same, of a far side with two (email: SMTP)");
  app.add_option("--control-port", ports.control, "Its control API, where that stands apart");
  app.add_option("--ready-file", ready_file, "Write the line of JSON here too");
  app.add_flag("--with-parent", with_parent, "End when the process that started it ends");
  app.require_subcommand(1);
  app.fallthrough();
  for (const auto& offer : offers()) {
    app.add_subcommand(std::string(offer.name), std::string(offer.about));
  }
  if (count > 1 && words[1][0] != '-' && !is_offered(words[1])) {
    std::cerr << "kanal-sandbox: there is no kind \"" << words[1] << "\"; there are:";
    for (const auto& offer : offers()) std::cerr << ' ' << offer.name;
    std::cerr << '\n';
    return 2;
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (with_parent) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (const auto& offer : offers()) {
    if (app.got_subcommand(std::string(offer.name))) return play(offer, ports, ready_file);
  }
  return 2;
}
