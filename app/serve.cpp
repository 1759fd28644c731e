#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <malloc.h>
#include <unistd.h>
#include <utility>

#include <spdlog/spdlog.h>

#include "app/bridge.hpp"
#include "app/commands.hpp"
#include "app/demonstration.hpp"
#include "app/log.hpp"
#include "app/officers.hpp"
#include "app/reviver.hpp"
#include "app/rules.hpp"
#include "app/running.hpp"
#include "app/signals.hpp"
#include "config/listen.hpp"
#include "config/stands.hpp"
#include "connectors/all_settings.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "net/certificate.hpp"

namespace kanal::app {

namespace {

constexpr int k_watch_interval_ms = 1000;
// Where programs on this machine reach the bridge.
std::string local_url(const Settings& settings, ListenAddress listen) {
  if (listen.host == "0.0.0.0") listen.host = "127.0.0.1";
  if (listen.host == "::") listen.host = "::1";
  return (settings.http.certificate_file.empty() ? "http://" : "https://") + listen.print();
}

std::string ready_line(const Home& home, const std::string& public_url,
                       const std::vector<DemoLogin>& officers) {
  const auto& settings = home.prepared.settings;
  const auto listen = parse_listen(settings.http.listen);
  JsonWriter out;
  out.begin_object().member("pid", static_cast<std::int64_t>(::getpid()));
  out.member("url", listen ? local_url(settings, *listen) : public_url);
  out.member("public_url", public_url).member("listen", settings.http.listen);
  // An address of the user's own may hold more than a reader of this file should know.
  out.member("database", home.server ? home.server->url() : "configured");
  out.key("officers").begin_array();
  for (const auto& officer : officers) {
    out.begin_object().member("user", officer.user);
    out.member("role", officer.role);
    out.member("password", officer.password).end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

// Stands while requests are accepted: what a bridge that was killed has left goes at the start.
class ReadyFile {
 public:
  explicit ReadyFile(std::filesystem::path file) : file_(std::move(file)) { remove(); }
  ~ReadyFile() { remove(); }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  void remove() const {
    std::error_code absent;
    if (!file_.empty()) std::filesystem::remove(file_, absent);
  }
  // Whole or not at all: readers wait for the name to appear.
  [[nodiscard]] Outcome<> write(const std::string& line) const {
    if (file_.empty()) return {};
    const auto aside = aside_of(file_);
    const int out = open(aside);
    const bool written =
        out >= 0 && ::write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (out >= 0) ::close(out);
    if (!written || ::rename(aside.c_str(), file_.c_str()) != 0) {
      return stop(1, file_.string() + " cannot be written");
    }
    return {};
  }
  // Before a database is made for nothing; the file may stand in the data's own directory.
  static Outcome<> check(const std::filesystem::path& file) {
    if (file.empty()) return {};
    const auto aside = aside_of(file);
    const int out = open(aside);
    if (out < 0) return stop(2, "--ready-file: " + aside.string() + " cannot be written");
    ::close(out);
    ::unlink(aside.c_str());
    return {};
  }

 private:
  static std::filesystem::path aside_of(const std::filesystem::path& file) {
    return file.string() + ".new";
  }
  static int open(const std::filesystem::path& file) {
    return ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }
  std::filesystem::path file_;
};

DemoStage stage_of(const Demonstration& demonstration, const Keys& keys,
                   const std::vector<DemoLogin>& officers, const std::string& own_url) {
  DemoStage stage;
  stage.officers = officers;
  stage.twitter_control = demonstration.said("twitter", "control");
  stage.email_control = demonstration.said("email", "control");
  stage.sms_control = demonstration.said("smsc", "control");
  stage.gateway_control = demonstration.said("gateway", "control");
  stage.office_control = demonstration.said("office", "control");
  stage.gateway_channel = own_url + "/in/" + std::string(Demonstration::k_gateway);
  stage.office_channel = own_url + "/in/" + std::string(Demonstration::k_webhook);
  stage.handle = demonstration.said("twitter", "handle");
  stage.address = demonstration.said("email", "address");
  stage.number = Demonstration::k_number;
  stage.gateway_number = Demonstration::k_gateway_number;
  stage.office_address = demonstration.office_address();
  stage.application_key = Demonstration::application_key(keys);
  return stage;
}

// So that it can be told later by which settings the bridge worked when.
std::string rules_in_force(const Prepared& prepared) {
  constexpr std::size_t k_bytes = 8;
  const auto short_digest = [](std::string_view text) {
    return to_hex(digest(Hash::sha256, text).substr(0, k_bytes));
  };
  const auto& file = prepared.settings.organisation.file;
  std::ifstream chart(file, std::ios::binary);
  const std::string words{std::istreambuf_iterator<char>(chart), {}};
  return "version " KANAL_VERSION ", settings " + short_digest(print_settings(prepared.settings)) +
         ", organisation " + (file.empty() ? "as shipped" : short_digest(words));
}

void record_start(const Home& home, const std::string& rules) {
  spdlog::info("started: {}", rules);
  const auto recorded = home.store->record({Role::system, {}, {}, {}}, "start", rules);
  if (!recorded) spdlog::warn("the start was not recorded: {}", recorded.error().message);
}

void greet(const Home& home, const std::string& url, const std::vector<DemoLogin>& officers,
           bool played) {
  std::fprintf(stderr, "\n  Kanal is running.\n\n    Citizens   %s\n    Officers   %s/console\n",
               url.c_str(), url.c_str());
  const auto& http = home.prepared.settings.http;
  if (!http.public_url.empty()) std::fprintf(stderr, "    Listens    %s\n", http.listen.c_str());
  if (played) std::fprintf(stderr, "    Try it     %s/demo\n", url.c_str());
  if (!officers.empty()) {
    std::fprintf(stderr,
                 "\n  This is a demonstration with an example organisation.%s Sign in as\n\n",
                 played ? "\n  Nothing leaves this machine." : "");
    for (const auto& officer : officers) {
      const bool first_of_role =
          &officer == &officers.front() || officer.role != (&officer - 1)->role;
      if (!first_of_role) continue;
      std::fprintf(stderr, "    %-16s %-18s %s\n", officer.role.c_str(), officer.user.c_str(),
                   officer.password.c_str());
    }
  }
  std::fprintf(stderr, "\n  Ctrl-C stops it.\n\n");
}

/// Says once of each change since it was made that it is not in force.
class WatchedFiles {
 public:
  WatchedFiles(const Settings& settings, bool reloads) : reloads_(reloads) {
    for (const auto& file : {std::filesystem::path(settings.file), settings.organisation.file}) {
      if (!file.empty()) files_.emplace_back(file, time_of(file));
    }
  }
  void look() {
    for (auto& [file, known] : files_) {
      const auto now = time_of(file);
      // An editor may put a new file in the old one's place.
      if (now == known || now == std::filesystem::file_time_type::min()) continue;
      known = now;
      spdlog::warn("{} has changed: what was read from it at the start holds until the bridge {}",
                   file.string(),
                   reloads_ ? "is told to read it again (systemctl reload, or kill -HUP " +
                                  std::to_string(::getpid()) + ")"
                            : std::string("is stopped and started"));
    }
  }

 private:
  static std::filesystem::file_time_type time_of(const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::last_write_time(file, error);
  }
  const bool reloads_;
  std::vector<std::pair<std::filesystem::path, std::filesystem::file_time_type>> files_;
};

bool may_reload(const Common& common) {
  const auto faults = faults_of(common);
  for (const auto fault : split(faults, '\n')) {
    if (!fault.empty()) spdlog::error("not read again: {}", fault);
  }
  return faults.empty();
}

// A terminal that goes away sends the same signal.
bool heeds_reload() {
  return ::isatty(STDERR_FILENO) == 0;
}

// Until it is to end, or to begin again with other settings.
Asked watch(const Common& common, Home& home, WatchedFiles& files, Demonstration* demonstration,
            int signals, Asked left) {
  std::optional<Reviver> reviver;
  if (home.server) reviver.emplace(*home.server);
  while (true) {
    auto wish = std::exchange(left, Asked::nothing);
    if (wish == Asked::nothing) wish = asked(signals, k_watch_interval_ms);
    if (wish == Asked::stop) return wish;
    if (wish == Asked::reload && heeds_reload() && may_reload(common)) return wish;
    files.look();
    if (demonstration != nullptr) demonstration->revive();
    if (reviver) reviver->look();
  }
}

// As the same process, for whoever supervises it.
tl::unexpected<Stop> begin_again() {
  std::ifstream file("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv("/proc/self/exe", arguments.data());
  return app::stop(1, "the bridge cannot begin again");
}

// Stands in the data of a demonstration from its first start on, whoever is added to its officers.
std::filesystem::path demonstration_mark(const std::filesystem::path& data) {
  return data / "demonstration";
}

// Stand-ins would swallow what a real bridge owes, and move on its places in the channels.
Outcome<> refuse_data_of_a_real_bridge(Home& home, bool is_new_here) {
  const auto& data = home.prepared.data;
  const auto mark = demonstration_mark(data);
  if (TRY(or_stop(stands(mark)))) return {};
  PostFilter any;
  any.most = 1;
  const auto posts = TRY(or_stop(home.store->find_posts(any)));
  if (TRY(has_demo_officers_alone(home, is_new_here || posts.empty()))) {
    std::ofstream(mark) << "What is kept here is a demonstration's.\n";
    return {};
  }
  return app::stop(2,
                   data.string() +
                       " is kept by a bridge that is no demonstration, and no settings were found"
                       " that declare its channels: name them with --config, or give a"
                       " demonstration a directory of its own with --data");
}

Outcome<ListenAddress> listen_address(const ServeOptions& options, const Settings& settings) {
  const auto& text = options.listen.empty() ? settings.http.listen : options.listen;
  if (const auto address = parse_listen(text)) return *address;
  return app::stop(2,
                   "--listen: \"" + text + "\" is not an IP address and port (\"127.0.0.1:8080\")");
}

}  // namespace

Outcome<int> serve(const Common& common, const ServeOptions& options) {
  const int signals = block_signals();
  const auto reader = options.demo ? Reader::demonstration : Reader::bridge;
  const auto checked = TRY(prepare(common, reader));
  // Starting may take minutes, in which they are changed.
  WatchedFiles files(checked.settings, heeds_reload());
  auto listen = TRY(listen_address(options, checked.settings));
  if (const auto& http = checked.settings.http; !http.certificate_file.empty()) {
    TRY(or_stop(check_certificate(http.certificate_file, http.key_file)));
  }
  TRY(hold_directory(checked.data));
  TRY(ReadyFile::check(options.ready_file));
  const ReadyFile ready_file(options.ready_file);
  WhileStarting starting(signals);
  const bool demo = options.demo || !checked.settings.from_file;
  std::unique_ptr<Demonstration> demonstration;
  const bool is_new_here = !std::filesystem::exists(key_file_of(checked)) ||
                           std::filesystem::exists(checked.data / "demo");
  if (demo && !checked.settings.declares_channels) {
    demonstration = TRY(Demonstration::start(checked.data));
  } else {
    // Of a demonstration that was killed: its channels lead nowhere, and from now on this is none.
    std::error_code gone;
    std::filesystem::remove(demonstration_settings(checked.data), gone);
    std::filesystem::remove(demonstration_mark(checked.data), gone);
  }
  auto home = TRY(Home::open(common, Access::serve, reader));
  auto& prepared = home->prepared;
  start_log(prepared.settings.log);
  const auto rules = rules_in_force(prepared);
  if (demonstration) {
    if (auto ours = refuse_data_of_a_real_bridge(*home, is_new_here); !ours) {
      demonstration.reset();
      std::error_code gone;
      std::filesystem::remove_all(checked.data / "demo", gone);
      return tl::unexpected(ours.error());
    }
  }
  std::vector<DemoLogin> officers;
  if (demo) officers = TRY(demo_officers(*home));
  std::optional<DemoStage> stage;
  if (demonstration) {
    listen = with_port(std::move(listen));
    const auto own_url = local_url(prepared.settings, listen);
    TRY(demonstration->take_over(prepared, home->keys, own_url));
    prepared.organisation.demonstration = true;
    stage = stage_of(*demonstration, home->keys, officers, own_url);
  }
  // What was on its way in when the last bridge ended: nobody got a number for it.
  std::error_code error;
  std::filesystem::remove_all(prepared.data / "spool" / "http", error);
  for (const auto& channel : prepared.settings.channels) {
    std::filesystem::remove_all(prepared.data / "spool" / channel.name.value(), error);
  }
  // A backup copies the files also before the first has come.
  for (const auto* inside : {"spool", "attachments"}) {
    std::filesystem::create_directories(prepared.data / inside, error);
  }
  auto bridge = TRY(Bridge::start(*home, listen, std::move(stage)));
  // What starting took is not needed again.
  ::malloc_trim(0);
  const auto left = starting.end();
  const auto line = ready_line(*home, bridge->url(), officers);
  greet(*home, bridge->url(), officers, demonstration != nullptr);
  record_start(*home, rules);
  TRY(or_stop(tell_address(prepared.data, prepared.settings.http.listen)));
  TRY(ready_file.write(line));
  const auto wish = watch(common, *home, files, demonstration.get(), signals, left);
  ready_file.remove();
  forget_address(prepared.data);
  std::fputs("\nStopping: finishing what runs …\n", stderr);
  bridge->stop();
  bridge.reset();
  home.reset();
  if (wish == Asked::reload) {
    demonstration.reset();
    return begin_again();
  }
  std::fputs("Stopped.\n", stderr);
  return 0;
}

}  // namespace kanal::app
