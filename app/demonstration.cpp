#include "app/demonstration.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "config/organisation.hpp"
#include "config/shipped.hpp"
#include "connectors/kind.hpp"
#include "format/encode.hpp"
#include "store/child.hpp"

namespace kanal::app {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds k_start_patience{30};
constexpr std::chrono::milliseconds k_look{10};
constexpr std::chrono::seconds k_end_patience{5};
constexpr std::chrono::seconds k_between_starts{5};
constexpr std::array<std::string_view, 5> k_kinds = {"twitter", "email", "smsc", "gateway",
                                                     "office"};

constexpr std::string_view k_own_channels = R"([channel.form]
kind = "webform"
least_fill_s = 0

[channel.open311]
kind = "open311"
test = true
[channel.open311.applications.demo]
key = "file:open311_key"
)";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// An office of the shipped organisation that keeps its own mailbox or system.
struct OwnSystem {
  std::string_view unit;
  std::string_view by;
  std::string_view channel;
};
constexpr std::array<OwnSystem, 4> k_own_systems = {{{"dlh", "email", "email"},
                                                     {"pdam", "webhook", Demonstration::k_webhook},
                                                     {"dishub", "open311_client", "dishub"},
                                                     {"bpjn", "lapor", "lapor"}}};
constexpr auto& k_by_mail = k_own_systems[0];

bool write_private(const std::filesystem::path& file, const std::string& text) {
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written =
      out >= 0 && ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (out >= 0) ::close(out);
  return written;
}

std::string quoted(std::string_view key, std::string_view value) {
  return std::string(key) + " = \"" + std::string(value) + "\"\n";
}

// A port that the far side was given, to be had again.
std::string port_behind(std::string_view url) {
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos) return {};
  const auto rest = url.substr(colon + 1);
  return std::string(rest.substr(0, rest.find('/')));
}

}  // namespace

std::filesystem::path demonstration_settings(const std::filesystem::path& data) {
  return data / "demo" / "kanal.toml";
}

Demonstration::Demonstration(const std::filesystem::path& data) : directory_(data / "demo") {
  std::error_code error;
  program_ = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "kanal-sandbox";
}

Outcome<std::unique_ptr<Demonstration>> Demonstration::start(const std::filesystem::path& data) {
  auto demonstration = std::unique_ptr<Demonstration>(new Demonstration(data));
  const auto& directory = demonstration->directory_;
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  std::filesystem::create_directories(directory, error);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (error) return app::stop(1, directory.string() + " cannot be made: " + error.message());
  if (!std::filesystem::exists(demonstration->program_, error)) return demonstration;
  for (const auto kind : k_kinds) {
    auto& far_side = demonstration->far_sides_[std::string(kind)];
    TRY(demonstration->start(std::string(kind), far_side));
  }
  return demonstration;
}

Demonstration::~Demonstration() {
  for (const auto& [kind, far_side] : far_sides_) {
    if (far_side.child > 0) ::kill(far_side.child, SIGTERM);
  }
  for (const auto& [kind, far_side] : far_sides_) {
    if (far_side.child <= 0 || await_end(far_side.child, k_end_patience)) continue;
    ::kill(far_side.child, SIGKILL);
    await_end(far_side.child, k_end_patience);
  }
  std::error_code error;
  std::filesystem::remove(demonstration_settings(directory_.parent_path()), error);
}

Outcome<> Demonstration::start(const std::string& kind, FarSide& far_side) {
  const auto ready_file = directory_ / (kind + ".json");
  std::error_code error;
  std::filesystem::remove(ready_file, error);
  ChildPlan plan;
  plan.command = {program_.string(), kind, "--ready-file", ready_file.string()};
  const auto again = [&](const char* option, const std::string& port) {
    if (!port.empty()) plan.command.insert(plan.command.end(), {option, port});
  };
  const auto& was = far_side.ready;
  const auto url = was.text("url");
  again("--port", !url.empty()      ? port_behind(url)
                  : kind == "email" ? was.text("imap_port")
                                    : was.text("port"));
  again("--second-port", was.text("smtp_port"));
  // Else it stands at the same address.
  if (url.empty()) again("--control-port", port_behind(was.text("control")));
  plan.user.uid = ::geteuid();
  plan.user.gid = ::getegid();
  plan.log = directory_ / (kind + ".log");
  plan.dies_with_us = true;
  far_side.child = TRY(or_stop(start_child(plan)));
  far_side.started = steady_clock::now();
  return {};
}

Outcome<> Demonstration::await(const std::string& kind, FarSide& far_side) const {
  const auto ready_file = directory_ / (kind + ".json");
  const auto deadline = steady_clock::now() + k_start_patience;
  while (!std::filesystem::exists(ready_file)) {
    if (ended(far_side.child) || steady_clock::now() > deadline) {
      far_side.child = -1;
      return app::stop(1, program_.string() + " " + kind + " does not start; see " +
                              (directory_ / (kind + ".log")).string());
    }
    std::this_thread::sleep_for(k_look);
  }
  auto ready = Json::parse(text_of(ready_file));
  if (!ready) return app::stop(1, ready_file.string() + ": " + ready.error().message);
  far_side.ready = std::move(*ready);
  return {};
}

std::string Demonstration::said(std::string_view kind, std::string_view key) const {
  const auto found = far_sides_.find(kind);
  return found == far_sides_.end() ? std::string() : found->second.ready.text(key);
}

std::string Demonstration::application_key(const Keys& keys) {
  return to_base32(keys.tag(Purpose::session, "demonstration application", 10));
}

std::string Demonstration::office_address() const {
  const auto domain = said("email", "domain");
  return domain.empty() ? std::string() : std::string(k_by_mail.unit) + "@" + domain;
}

std::string Demonstration::channels(const std::string& bridge) const {
  std::string text(k_own_channels);
  if (far_sides_.empty()) return text;
  text += "\n[organisation]\nfile = \"organisation.toml\"\n";
  const auto server = [&](std::string_view name, std::string_view port) {
    return "[channel.email." + std::string(name) + "]\n" + quoted("host", said("email", "host")) +
           "port = " + said("email", port) +
           "\nsecurity = \"plain\"\npassword = \"file:email_password\"\n";
  };
  text +=
      "\n[channel.email]\nkind = \"email\"\nreplies_per_hour = 60\nstart_from = \"all\"\n"
      "plus_addresses = true\nname = \"Kanal (demonstrasi)\"\n" +
      quoted("address", said("email", "address")) + server("imap", "imap_port") +
      server("smtp", "smtp_port");
  text +=
      "\n[channel.twitter]\nkind = \"twitter\"\nreplies_per_hour = 60\nstart_from = \"all\"\n"
      "quotations = true\ndirect_messages = true\n"
      // Nearly as often as X allows: it counts what is asked besides, too.
      "mentions_every_s = 4\nsearch_every_s = 15\nmessages_every_s = 60\n" +
      quoted("handle", said("twitter", "handle")) + quoted("api_url", said("twitter", "url"));
  for (const auto* key : {"consumer_key", "consumer_secret", "access_token", "access_secret"}) {
    text += quoted(key, "file:" + std::string(key));
  }
  text +=
      "\n[channel.sms]\nkind = \"smpp\"\nreplies_per_hour = 60\n"
      "security = \"plain\"\npassword = \"file:sms_password\"\n" +
      quoted("source", k_number) + quoted("host", said("smsc", "host")) +
      "port = " + said("smsc", "port") + "\n" + quoted("system_id", said("smsc", "system_id"));
  const auto table = [](std::string_view name, std::string_view kind) {
    return "\n[channel." + std::string(name) + "]\n" + quoted("kind", kind) +
           "private_network = true\n";
  };
  text += table(k_gateway, "sms_gateway") +
          "provider = \"kannel\"\nreplies_per_hour = 60\nsecret = \"file:gateway_secret\"\n"
          "password = \"file:gateway_password\"\n" +
          quoted("source", k_gateway_number) + quoted("user", said("gateway", "user")) +
          quoted("send_url", said("gateway", "send_url")) +
          quoted("public_url", bridge + "/in/" + std::string(k_gateway));
  text += table(k_webhook, "webhook") + quoted("url", said("office", "webhook_url")) +
          "replies_per_hour = 60\nsecret = \"file:webhook_secret\"\n";
  text += table("dishub", "open311_client") + quoted("url", said("office", "open311_url")) +
          "api_key = \"file:office_key\"\nservice_code = \"umum\"\nupdates = true\n"
          "lists_all = true\npoll_s = 3\n";
  text += table("lapor", "lapor") + quoted("url", said("office", "lapor_url")) +
          "poll_s = 3\n[channel.lapor.headers]\nAuthorization = \"file:lapor_token\"\n";
  return text;
}

std::string Demonstration::organisation() const {
  std::string text(shipped_organisation());
  for (const auto& office : k_own_systems) {
    const auto unit = "[[unit]]\nid = \"" + std::string(office.unit) + "\"\n";
    const auto place = text.find(unit);
    if (place == std::string::npos) continue;
    auto way = "by = \"" + std::string(office.by) + "\", channel = \"" +
               std::string(office.channel) + "\"";
    if (&office == &k_by_mail) way += ", address = \"" + office_address() + "\"";
    text.insert(place + unit.size(), "handed_over = { " + way + " }\n");
  }
  return text;
}

Outcome<> Demonstration::keep_secrets(const Keys& keys) const {
  const std::map<std::string, std::string> secrets = {
      {"open311_key", application_key(keys)},
      {"email_password", said("email", "password")},
      {"sms_password", said("smsc", "password")},
      {"consumer_key", said("twitter", "consumer_key")},
      {"consumer_secret", said("twitter", "consumer_secret")},
      {"access_token", said("twitter", "access_token")},
      {"access_secret", said("twitter", "access_secret")},
      {"gateway_secret", said("gateway", "secret")},
      {"gateway_password", said("gateway", "password")},
      {"webhook_secret", said("office", "webhook_secret")},
      {"office_key", said("office", "open311_key")},
      {"lapor_token", said("office", "lapor_token")},
  };
  for (const auto& [name, secret] : secrets) {
    if (!write_private(directory_ / name, secret)) {
      return app::stop(1, (directory_ / name).string() + " cannot be written");
    }
  }
  return {};
}

Outcome<> Demonstration::take_over(Prepared& prepared, const Keys& keys,
                                   const std::string& bridge) {
  if (far_sides_.empty()) {
    spdlog::warn("{} is not there: the demonstration has the form and Open311 alone",
                 program_.string());
  }
  for (auto& [kind, far_side] : far_sides_) {
    TRY(await(kind, far_side));
  }
  TRY(keep_secrets(keys));
  const auto chart = directory_ / "organisation.toml";
  const auto file = demonstration_settings(directory_.parent_path());
  for (const auto& [name, text] :
       {std::pair(chart, organisation()), std::pair(file, channels(bridge))}) {
    if (!write_private(name, text)) return app::stop(1, name.string() + " cannot be written");
  }
  Problems problems;
  prepared.settings.channels = Settings::read(file, problems).channels;
  if (!problems.empty()) return app::stop(1, print(problems));
  const auto& own = prepared.settings.organisation.file;
  if (far_sides_.empty() && own.empty()) return {};
  const Organisation::Ways ways{&prepared.settings.channels, handing_kinds()};
  prepared.organisation = TRY(or_stop(Organisation::read(own.empty() ? chart : own, &ways)));
  return {};
}

void Demonstration::revive() {
  for (auto& [kind, far_side] : far_sides_) {
    if (far_side.child > 0 && !ended(far_side.child)) continue;
    far_side.child = -1;
    if (steady_clock::now() - far_side.started < k_between_starts) continue;
    spdlog::warn("kanal-sandbox {} has ended and is started again", kind);
    if (const auto started = start(kind, far_side); !started) {
      spdlog::error("kanal-sandbox {}: {}", kind, started.error().message);
      far_side.started = steady_clock::now();
    }
  }
}

}  // namespace kanal::app
