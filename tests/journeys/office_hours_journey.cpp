// Reports handed over to offices whose own system is away for an hour, whichever way it is reached:
// the real connectors, intake, casework, outbox and database on one clock, so that the hour passes
// in a moment; and killed wherever we speak to such a system.

#include <algorithm>
#include <functional>

#include "connectors/kind.hpp"
#include "core/tracking_code.hpp"
#include "tests/journeys/far_systems.hpp"
#include "tests/journeys/mail_hours.hpp"

namespace kanal::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_words = "Sudah kami perbaiki kemarin.";

struct OfficeHours;

/// An office's own system.
class OfficeSystem {
 public:
  virtual ~OfficeSystem() = default;
  [[nodiscard]] virtual std::string kind() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Connector> connect(const OfficeHours& bridge) = 0;
  virtual void go_away(OfficeHours& bridge) = 0;
  virtual void come_back(OfficeHours& bridge) = 0;
  /// What is posted next is taken, and its answer comes too late.
  virtual void answer_late(OfficeHours& bridge) = 0;
  /// How often it has a report.
  virtual std::size_t has(const std::string& code) = 0;
  /// Says of all that it has that it is done, as often as it likes.
  virtual void answer_all(OfficeHours& bridge) = 0;
};

struct OfficeHours : HoursWorld {
  HttpWay way;
  std::unique_ptr<Mail> post = make_mail();
  Surroundings around{clock, keys, organisation, way, *post, {}};
  ChannelRules form;
  std::unique_ptr<OfficeSystem> office;
  std::vector<Report> reports;

  explicit OfficeHours(std::unique_ptr<OfficeSystem> of)
      : HoursWorld("kantor", of->kind()), office(std::move(of)) {
    form.name = ChannelName("form");
    form.kind = "webform";
    rules.sender_ids = rules.kind == "email";
    for (auto& unit : organisation.units) {
      if (unit.id.value() != "putr") continue;
      unit.handed_over.by = rules.kind;
      unit.handed_over.channel = name;
      unit.handed_over.writes = find_kind(rules.kind)->manner().handing == Handing::writes;
      if (rules.kind == "email") unit.handed_over.address = "putr@contoh.test";
    }
    restart();
  }
  ~OfficeHours() { close(); }
  void restart() {
    HoursWorld::restart([this] { return office->connect(*this); });
    intake->know(form);
    casework->know(form);
  }
  [[nodiscard]] std::unique_ptr<Connector> create(const std::string& toml) const {
    Problems problems;
    const auto table = Table::parse(toml, "kanal.toml", problems);
    REQUIRE(problems.empty());
    return find_kind(rules.kind)->create(name, table, around).value();
  }
  /// A new report, with the office from now on.
  void hand_over() {
    const auto number = std::to_string(reports.size());
    Batch batch;
    auto& complaint = batch.posts.emplace_back();
    complaint.id = ExternalId("f-" + number);
    complaint.author.id = ExternalId("warga-" + number);
    complaint.text = "Jembatan retak di jalan nomor " + number;
    complaint.posted_at = clock.now();
    const auto filed = intake->ingest(form.name, std::move(batch), std::nullopt).value().filings;
    Command command;
    command.event = Event::verify;
    command.actor = {Role::national_admin, OfficerId(1), {}, {}};
    command.agency = AgencyId("buleleng");
    REQUIRE(casework->act(filed.at(0).report, command));
    command.event = Event::dispose;
    command.actor = {Role::agency_admin, OfficerId(2), command.agency, {}};
    command.unit = UnitId("putr");
    const auto handed = casework->act(filed.at(0).report, command);
    REQUIRE(handed);
    reports.push_back(*handed);
  }
  /// Waits between looks as long as it takes, a day at most.
  void go_on(const std::function<bool()>& until) {
    for (int turn = 0; turn < 288 && !until(); ++turn) {
      (void)send();
      (void)read();
      clock.advance(5min);
    }
    CHECK(until());
  }
  /// The message that handed the report over.
  OutboxRecord handing(const Report& report) {
    auto replies = store->replies_of(report.id).value();
    for (auto& record : replies) {
      if (record.reply.office) return std::move(record);
    }
    FAIL("nothing is owed to the office");
    return {};
  }
  bool is_listed(const Report& report) { return handing(report).state == ReplyState::uncertain; }
  bool is_done(const Report& report) {
    const auto state = handing(report).state;
    return state == ReplyState::sent || state == ReplyState::delivered ||
           state == ReplyState::uncertain;
  }
  bool all_done() {
    return std::ranges::all_of(reports, [&](const Report& report) { return is_done(report); });
  }
  State state_of(const Report& report) { return store->report(report.id).value()->state; }
  std::size_t answers(const Report& report) {
    const auto history = store->history(report.id).value();
    return static_cast<std::size_t>(std::ranges::count(history, Event::answer, &Entry::event));
  }
  std::size_t told(const Report& report) {
    const auto replies = store->replies_of(report.id).value();
    return static_cast<std::size_t>(std::ranges::count_if(replies, [](const auto& record) {
      return record.reply.text.find(k_words) != std::string::npos;
    }));
  }
};

/// One that is reached by HTTP.
class HttpOffice : public OfficeSystem {
 public:
  void go_away(OfficeHours& bridge) override { bridge.way.is_cut = true; }
  void come_back(OfficeHours& bridge) override { bridge.way.is_cut = false; }
  void answer_late(OfficeHours& bridge) override { bridge.way.late_answers = 1; }
};

class OfficeByWebhook final : public HttpOffice {
 public:
  [[nodiscard]] std::string kind() const override { return "webhook"; }
  std::unique_ptr<Connector> connect(const OfficeHours& bridge) override {
    return bridge.create(WebhookSystem::settings(system_.port()));
  }
  std::size_t has(const std::string& code) override {
    return static_cast<std::size_t>(std::ranges::count_if(
        system_.about(code), [](const Json& message) { return is_handing(message); }));
  }
  void answer_all(OfficeHours& bridge) override {
    for (const auto& [id, message] : system_.taken()) {
      if (!is_handing(message)) continue;
      const auto key = message.find("data")->text("key");
      for (int times = 0; times < 2; ++times) {
        post(bridge, "answer-" + id, WebhookSystem::answer(key, "answer", k_words));
      }
    }
  }

 private:
  static bool is_handing(const Json& message) {
    return message.find("data")->find("report")->text("news") == "handed";
  }
  static void post(OfficeHours& bridge, const std::string& id, const std::string& body) {
    Delivery delivery;
    delivery.method = "POST";
    delivery.headers = WebhookSystem::headers(id, bridge.clock.now(), body);
    delivery.body = body;
    auto received = dynamic_cast<Receiver&>(*bridge.connector).receive(delivery);
    INFO((received ? "" : received.error().message));
    REQUIRE(received);
    Batch batch;
    batch.posts = std::move(received->posts);
    REQUIRE(bridge.intake->ingest(bridge.name, std::move(batch), std::nullopt));
  }
  WebhookSystem system_;
};

class OfficeByLapor final : public HttpOffice {
 public:
  [[nodiscard]] std::string kind() const override { return "lapor"; }
  std::unique_ptr<Connector> connect(const OfficeHours& bridge) override {
    return bridge.create("url = \"" + loopback_url(system_.port()) +
                         "\"\nprivate_network = true\npoll_s = 1\n");
  }
  std::size_t has(const std::string& code) override { return system_.taken(code); }
  void answer_all(OfficeHours& /*bridge*/) override { system_.says("Selesai", k_words); }

 private:
  Lapor system_;
};

class OfficeByOpen311 final : public HttpOffice {
 public:
  [[nodiscard]] std::string kind() const override { return "open311_client"; }
  std::unique_ptr<Connector> connect(const OfficeHours& bridge) override {
    ::setenv("KANAL_HOURS_CITY", "kunci-kota", 1);
    return bridge.create("url = \"" + loopback_url(system_.port()) +
                         "/open311/v2\"\nprivate_network = true\nservice_code = \"1\"\n"
                         "api_key = \"env:KANAL_HOURS_CITY\"\npoll_s = 1\n");
  }
  std::size_t has(const std::string& code) override { return system_.taken(code); }
  void answer_all(OfficeHours& /*bridge*/) override { system_.says("closed", k_words); }

 private:
  City system_;
};

class OfficeByMail final : public OfficeSystem {
 public:
  [[nodiscard]] std::string kind() const override { return "email"; }
  std::unique_ptr<Connector> connect(const OfficeHours& bridge) override {
    return std::make_unique<email::Email>(bridge.name, server_.settings(), bridge.around);
  }
  void go_away(OfficeHours& /*bridge*/) override { server_.go_away(); }
  void come_back(OfficeHours& /*bridge*/) override { server_.come_back(); }
  void answer_late(OfficeHours& /*bridge*/) override { server_.order("lost_answer"); }
  std::size_t has(const std::string& code) override {
    const auto number = grouped(TrackingCode(code));
    return static_cast<std::size_t>(std::ranges::count_if(
        server_.inbox("putr"),
        [&](const Json& mail) { return mail.text("text").find(number) != std::string::npos; }));
  }
  void answer_all(OfficeHours& /*bridge*/) override {
    for (const auto& mail : server_.inbox("putr")) {
      if (!answered_.insert(mail.text("id")).second) continue;
      server_.write("putr", "Re: " + mail.text("subject"), k_words, mail.text("id"));
    }
    // All that ever came is to be read again.
    server_.renumber();
  }

 private:
  std::set<std::string> answered_;
  MailSandbox server_;
};

std::unique_ptr<OfficeSystem> office_by(const std::string& kind) {
  if (kind == "webhook") return std::make_unique<OfficeByWebhook>();
  if (kind == "lapor") return std::make_unique<OfficeByLapor>();
  if (kind == "email") return std::make_unique<OfficeByMail>();
  return std::make_unique<OfficeByOpen311>();
}

TEST_CASE("an hour without an office's system hands each report over once, and hears it once") {
  const auto kind = GENERATE(as<std::string>(), "webhook", "open311_client", "lapor", "email");
  const bool killed = GENERATE(false, true);
  INFO(kind << (killed ? ", killed" : ""));
  OfficeHours bridge(office_by(kind));
  auto& system = *bridge.office;
  bridge.hand_over();
  bridge.go_on([&] { return bridge.all_done(); });
  REQUIRE(system.has(bridge.reports[0].code.value()) == 1);
  // What comes by mail or is asked for waits there until we read it; a request finds us.
  system.go_away(bridge);
  system.answer_all(bridge);
  for (int minute = 0; minute < 60; minute += 5) {
    if (minute % 15 == 0) bridge.hand_over();
    const auto heard = bridge.read();
    CHECK(heard.has_value() == (kind == "webhook"));
    (void)bridge.send();
    bridge.clock.advance(5min);
  }
  CHECK(bridge.owed().size() == 4);
  if (killed) bridge.restart();
  system.come_back(bridge);
  system.answer_late(bridge);
  bridge.go_on([&] { return bridge.all_done(); });
  system.answer_all(bridge);
  const auto is_heard = [&](const Report& report) {
    return bridge.state_of(report) == State::answered ||
           (bridge.is_listed(report) && kind == "lapor");
  };
  bridge.go_on([&] { return std::ranges::all_of(bridge.reports, is_heard); });
  // The same once more changes nothing.
  bridge.restart();
  system.answer_all(bridge);
  REQUIRE(bridge.read());
  std::size_t listed = 0;
  for (const auto& report : bridge.reports) {
    INFO(report.code.value());
    CHECK(system.has(report.code.value()) == 1);
    const std::size_t once = bridge.state_of(report) == State::answered ? 1 : 0;
    CHECK(bridge.answers(report) == once);
    CHECK(bridge.told(report) == once);
    listed += bridge.is_listed(report) ? 1 : 0;
  }
  // Which of these cannot find out what became of a message, and may not send it twice.
  CHECK(listed == (kind == "lapor" || kind == "email" ? 1 : 0));
}

TEST_CASE("killed at any call to an office's system or step, it has each report once at most") {
  const auto kind = GENERATE(as<std::string>(), "webhook", "open311_client", "lapor");
  INFO(kind);
  OfficeHours bridge(office_by(kind));
  auto& system = *bridge.office;
  const auto run = [&] {
    bridge.hand_over();
    (void)bridge.send();
    (void)bridge.read();
    bridge.clock.advance(15min);
  };
  int killed = 0;
  const auto dies = [&](const auto& when) {
    when();
    try {
      run();
    } catch (const Killed&) {
      ++killed;
    }
    bridge.way.dies_at = -1;
    bridge.reached = [](Step) {};
    bridge.restart();
    bridge.clock.advance(15min);
  };
  run();
  for (const bool after : {false, true}) {
    for (int call = 0; call < 3; ++call) {
      dies([&] {
        bridge.way.dies_at = call;
        bridge.way.dies_after = after;
        // From here on there is something to hear.
        if (after && call == 1) system.answer_all(bridge);
      });
    }
  }
  for (const auto step : {Step::sent, Step::polled, Step::ingested}) {
    dies([&] {
      bridge.reached = [step](Step here) {
        if (here == step) throw Killed{};
      };
    });
  }
  CHECK(killed >= (kind == "webhook" ? 4 : 8));
  bridge.go_on([&] { return bridge.all_done(); });
  system.answer_all(bridge);
  bridge.go_on([&] {
    return std::ranges::all_of(bridge.reports, [&](const Report& report) {
      return bridge.state_of(report) == State::answered || bridge.is_listed(report);
    });
  });
  for (const auto& report : bridge.reports) {
    INFO(report.code.value());
    const auto has = system.has(report.code.value());
    CHECK(has <= 1);
    CHECK((has == 1 || bridge.is_listed(report)));
    const std::size_t once = bridge.state_of(report) == State::answered ? 1 : 0;
    CHECK(bridge.answers(report) == once);
    CHECK(bridge.told(report) == once);
  }
}

}  // namespace
}  // namespace kanal::test
