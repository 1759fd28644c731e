#include "connectors/smpp/smpp.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include <spdlog/spdlog.h>

#include "connectors/smpp/assemble.hpp"
#include "connectors/smpp/session.hpp"
#include "connectors/smpp/submit.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::smpp {
namespace {

constexpr std::size_t k_most_waiting = 5000;
constexpr std::size_t k_most_told = 16;
/// An answer that was written this long before its session ended has arrived.
constexpr std::chrono::seconds k_arrives_within{120};
/// A later answer may find that the SMSC has given the message up, and sends it again.
constexpr std::chrono::seconds k_answers_within{10};
/// While another session stands, one that does not is dialled less and less often, and soon let be.
constexpr std::chrono::seconds k_before_redial{30};
constexpr int k_most_doublings = 5;
constexpr std::chrono::milliseconds k_redial_within{5'000};
constexpr std::size_t k_most_raw_bytes = 4U << 20U;

/// By up to half at random, so that all who lost an SMSC do not come back to it at once.
std::chrono::milliseconds shortened(std::chrono::milliseconds whole) {
  const auto random = static_cast<unsigned char>(random_bytes(1).front());
  return whole - whole * random / 512;
}

IdForm id_form(const std::string& name) {
  return name == "hex" ? IdForm::hex : name == "decimal" ? IdForm::decimal : IdForm::text;
}

Codings codings_of(const Settings& settings) {
  return {alphabet_of(settings.alphabet_0).value_or(Alphabet::gsm7),
          alphabet_of(settings.alphabet_1).value_or(Alphabet::ascii)};
}

Reading reading_of(const Settings& settings) {
  return {codings_of(settings), id_form(settings.receipt_ids), settings.region,
          settings.wait_for_parts_s};
}

Address source_of(const Settings& settings) {
  constexpr std::uint8_t k_npi_isdn = 1;
  Address source;
  const bool international = settings.source.starts_with('+');
  source.digits = international ? settings.source.substr(1) : settings.source;
  const bool number =
      std::ranges::all_of(source.digits, [](char c) { return c >= '0' && c <= '9'; });
  source.ton = international ? k_ton_international : number ? std::uint8_t{0} : k_ton_alphanumeric;
  source.npi = number ? k_npi_isdn : std::uint8_t{0};
  if (settings.source_ton >= 0) source.ton = static_cast<std::uint8_t>(settings.source_ton);
  if (settings.source_npi >= 0) source.npi = static_cast<std::uint8_t>(settings.source_npi);
  return source;
}

Sending sending_of(const Settings& settings) {
  Sending sending;
  sending.source = source_of(settings);
  sending.codings = codings_of(settings);
  sending.submit_ids = id_form(settings.submit_ids);
  sending.long_messages = settings.long_messages == "sar"       ? LongMessages::sar
                          : settings.long_messages == "payload" ? LongMessages::payload
                                                                : LongMessages::udh;
  sending.most_segments = static_cast<std::size_t>(settings.most_segments);
  sending.window = static_cast<std::size_t>(settings.window);
  sending.timeout_ms = settings.timeout_s;
  return sending;
}

}  // namespace

struct Smpp::Inside {
  /// A session that is wanted, whether it stands or not.
  struct Link {
    Session::Role role = Session::Role::transceiver;
    int number = 0;  ///< of the session: another one after each dial
    std::unique_ptr<Session> session;
    int failures = 0;              ///< of dials since it stood last
    std::optional<Error> failure;  ///< of the last of them
    Moment again_at;
  };
  /// A message that is not answered yet.
  struct Unanswered {
    int link = 0;
    Pdu pdu;
    Moment came_at;
    Incoming incoming;
  };
  struct Answered {
    int link = 0;
    Time at;
    Moment since;
  };

  ChannelName channel;
  Settings settings;
  const Surroundings& around;
  std::unique_ptr<Dialer> dialer;
  Reading reading;
  Submitter submitter;
  Recipients recipients;

  std::vector<Link> links;
  int last_number = 0;
  std::deque<Unanswered> waiting;
  std::map<std::string, std::size_t> taken;    ///< by cursor: how many of those waiting
  std::map<std::uint64_t, Answered> answered;  ///< by fingerprint: over sessions that stand
  /// Surely arrived, and when they were answered; forgotten by the next state that is stored.
  std::map<std::uint64_t, Time> settled;
  bool has_more = false;  ///< the last turn left something, whatever the SMSC brings
  /// Why there is no session, when a turn had something to bring all the same; said at the next.
  std::optional<Error> unsaid;
  std::optional<Error> given_up;  ///< why the last that received fell

  Inside(ChannelName name, Settings given, const Surroundings& surroundings,
         std::unique_ptr<Dialer> by)
      : channel(std::move(name)),
        settings(std::move(given)),
        around(surroundings),
        dialer(std::move(by)),
        reading(reading_of(settings)),
        submitter(sending_of(settings), around.clock) {
    const bool pair = settings.bind == "pair";
    for (std::int64_t i = 0; i < settings.binds; ++i) {
      links.emplace_back().role = pair ? Session::Role::receiver : Session::Role::transceiver;
      if (pair) links.emplace_back().role = Session::Role::transmitter;
    }
  }

  Result<std::unique_ptr<Session>> dial(Session::Role role, std::chrono::milliseconds within) const;
  Result<> connect();
  std::optional<Error> failure_of_all_but(Session::Role role) const;
  void reap();
  void pump();
  void drop(Link& link);
  void sort_answers();
  Link* find(int number);
  std::vector<Session*> sessions(bool (Session::*able)() const);
  void answer_first(std::size_t count);
  Batch turn(const Cursor& since, const State& state, Budget budget);
  Result<Batch> poll(const Cursor& since, Budget budget);
};

Result<std::unique_ptr<Session>> Smpp::Inside::dial(Session::Role role,
                                                    std::chrono::milliseconds within) const {
  PeerAddress to;
  to.host = settings.host;
  to.tls = settings.security == "tls";
  to.port = static_cast<std::uint16_t>(settings.port != 0 ? settings.port : to.tls ? 3550 : 2775);
  to.ca_file = settings.ca_file.string();
  to.timeout_ms = within;
  Session::Options options;
  options.role = role;
  options.bind.system_id = settings.system_id;
  if (!settings.password.empty()) {
    options.bind.password = TRY(settings.password.reveal(&around.keys));
  }
  options.bind.system_type = settings.system_type;
  options.bind_within_ms = within;
  options.timeout_ms = settings.timeout_s;
  options.enquire_every_ms = settings.enquire_every_s;
  return Session::open(TRY(dialer->dial(to)), std::move(options), around.clock);
}

/// Some sessions are enough to work with; the error is why there is none that receives.
Result<> Smpp::Inside::connect() {
  const auto now = around.clock.steady();
  const std::chrono::milliseconds usual = settings.timeout_s;
  std::set<Session::Role> served;
  for (const auto& link : links) {
    if (link.session) served.insert(link.role);
  }
  const bool any = !served.empty();
  for (auto& link : links) {
    if (link.session || (any && now < link.again_at)) continue;
    // What another session of its kind does meanwhile need not be hurried; what none does is given
    // all its time once.
    const bool is_brief = served.contains(link.role) || (any && link.failures > 0);
    auto session = dial(link.role, is_brief ? std::min(usual, k_redial_within) : usual);
    if (session) {
      link.session = std::move(*session);
      link.number = ++last_number;
      link.failures = 0;
      link.failure.reset();
      if (link.session->receives()) given_up.reset();
    } else {
      link.again_at =
          now + shortened(k_before_redial * (1 << std::min(link.failures++, k_most_doublings)));
      link.failure = std::move(session).error();
      if (link.failure->remedy == Remedy::reconfigure) break;
    }
    // The others' messages wait meanwhile.
    if (any) break;
  }
  const bool receives = std::ranges::any_of(
      links, [](const Link& link) { return link.session && link.session->receives(); });
  auto failure = failure_of_all_but(Session::Role::transmitter);
  if (!receives && failure) return tl::unexpected(std::move(*failure));
  return {};
}

/// What keeps a session from standing, of those that do more than this role alone.
std::optional<Error> Smpp::Inside::failure_of_all_but(Session::Role role) const {
  for (const auto& link : links) {
    if (link.role != role && link.failure) return link.failure;
  }
  return std::nullopt;
}

/// What it brought and nobody has stored comes again over another session.
void Smpp::Inside::drop(Link& link) {
  if (const auto& why = link.session->ended_by()) {
    spdlog::warn("channel {}: a session was given up: {}", channel.value(), why->message);
    if (link.session->receives()) given_up = why;
  }
  const auto now = around.clock.steady();
  std::erase_if(answered, [&](const auto& one) {
    if (one.second.link != link.number) return false;
    if (now - one.second.since >= k_arrives_within) settled[one.first] = one.second.at;
    return true;
  });
  std::erase_if(waiting, [&](const Unanswered& one) { return one.link == link.number; });
  taken.clear();
  link.session.reset();
}

void Smpp::Inside::reap() {
  for (auto& link : links) {
    if (link.session && !link.session->alive()) drop(link);
  }
}

void Smpp::Inside::pump() {
  for (auto& link : links) {
    if (!link.session) continue;
    if (!link.session->alive() || !link.session->pump()) {
      drop(link);
      continue;
    }
    auto& requests = link.session->requests();
    while (!requests.empty() && waiting.size() < k_most_waiting) {
      auto& [pdu, came_at] = requests.front();
      Unanswered one{link.number, std::move(pdu), came_at, {}};
      requests.pop_front();
      one.incoming.raw = {one.pdu.command, std::move(one.pdu.body)};
      one.incoming.fingerprint = fingerprint(one.incoming.raw, around.keys);
      waiting.push_back(std::move(one));
    }
  }
}

void Smpp::Inside::sort_answers() {
  const auto now = around.clock.steady();
  std::erase_if(answered, [&](const auto& one) {
    if (now - one.second.since < k_arrives_within) return false;
    settled[one.first] = one.second.at;
    return true;
  });
}

Smpp::Inside::Link* Smpp::Inside::find(int number) {
  const auto found = std::ranges::find_if(
      links, [&](const Link& link) { return link.session && link.number == number; });
  return found == links.end() ? nullptr : &*found;
}

std::vector<Session*> Smpp::Inside::sessions(bool (Session::*able)() const) {
  std::vector<Session*> found;
  for (auto& link : links) {
    if (link.session && (link.session.get()->*able)()) found.push_back(link.session.get());
  }
  return found;
}

void Smpp::Inside::answer_first(std::size_t count) {
  const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(count, waiting.size()));
  std::vector<Unanswered> stored(std::make_move_iterator(waiting.begin()),
                                 std::make_move_iterator(end));
  waiting.erase(waiting.begin(), end);
  taken.clear();
  std::set<std::uint64_t> prints;
  for (const auto& one : stored) prints.insert(one.incoming.fingerprint);
  // What lies there already was sent before these answers: its copies are no new messages.
  pump();
  const auto copies = std::stable_partition(waiting.begin(), waiting.end(), [&](const auto& one) {
    return !prints.contains(one.incoming.fingerprint);
  });
  std::move(copies, waiting.end(), std::back_inserter(stored));
  waiting.erase(copies, waiting.end());
  const auto now = around.clock.steady();
  for (const auto& one : stored) {
    auto* const link = find(one.link);
    if (link == nullptr || !link->session->answer(one.pdu, Status::ok)) continue;
    if (now - one.came_at <= k_answers_within) {
      answered[one.incoming.fingerprint] = {one.link, around.clock.now(), now};
    } else {
      answered.erase(one.incoming.fingerprint);
    }
  }
}

Batch Smpp::Inside::turn(const Cursor& since, const State& state, Budget budget) {
  sort_answers();
  Answers answers;
  for (const auto& [print, how] : answered) answers.arrived.insert(print);
  answers.settled = settled;
  answers.recipients = &recipients;
  std::vector<const Incoming*> incoming;
  for (const auto& one : waiting) incoming.push_back(&one.incoming);
  auto made =
      assemble(since, state, incoming, answers, budget, around.clock.now(), reading, around.keys);
  if (taken.size() > k_most_told) taken.clear();
  taken[made.batch.next.value] = made.taken;
  if (made.given_up > 0) {
    spdlog::warn(
        "channel {}: too many long messages wait for parts; taken as they are to make room: {}",
        channel.value(), made.given_up);
  }
  if (made.disbelieved > 0) {
    spdlog::warn(
        "channel {}: receipts passed over, as they came from other numbers than their messages "
        "went to: {}",
        channel.value(), made.disbelieved);
  }
  has_more = made.batch.more;
  return std::move(made.batch);
}

Result<Batch> Smpp::Inside::poll(const Cursor& since, Budget budget) {
  if (unsaid) return tl::unexpected(*std::exchange(unsaid, std::nullopt));
  const auto state = TRY(parse_state(since, around.keys, around.clock.now()));
  reap();
  if (auto connected = connect(); !connected) {
    // Parts whose rest has not come in time wait for no SMSC.
    auto late = turn(since, state, budget);
    if (late.posts.empty() && late.unreadable.empty()) return tl::unexpected(connected.error());
    if (!late.more) unsaid = std::move(connected.error());
    late.more = true;
    return late;
  }
  pump();
  if (waiting.empty() && !has_more && budget.wait.count() > 0) {
    std::vector<Pipe*> pipes;
    for (auto* const session : sessions(&Session::alive)) pipes.push_back(&session->pipe());
    if (!pipes.empty() && wait_any(pipes, budget.wait, budget.wake)) pump();
  }
  // An SMSC that binds and hangs up must not be dialled in a circle.
  if (sessions(&Session::receives).empty()) {
    return tl::unexpected(
        given_up.value_or(Error{Remedy::retry, "no session that reads stands", {}}));
  }
  auto batch = turn(since, state, budget);
  batch.listens = true;
  return batch;
}

Smpp::Smpp(ChannelName channel, Settings settings, const Surroundings& around,
           std::unique_ptr<Dialer> dialer)
    : inside_(std::make_unique<Inside>(std::move(channel), std::move(settings), around,
                                       std::move(dialer))) {}

Smpp::~Smpp() = default;

Result<Batch> Smpp::poll(const Cursor& since, Budget budget) {
  return inside_->poll(since, budget);
}

Result<> Smpp::committed(const Batch& batch) {
  const auto found = inside_->taken.find(batch.next.value);
  if (found == inside_->taken.end()) return {};
  inside_->settled.clear();
  inside_->answer_first(found->second);
  return {};
}

void Smpp::rest() {
  for (auto& link : inside_->links) {
    if (link.session) inside_->drop(link);
    link.failures = 0;
    link.failure.reset();
    link.again_at = {};
  }
}

std::vector<Result<Receipt>> Smpp::send(std::span<const Reply> replies) {
  inside_->reap();
  const auto connected = inside_->connect();
  inside_->pump();
  const auto sessions = inside_->sessions(&Session::sends);
  if (sessions.empty()) {
    const auto failure = inside_->failure_of_all_but(Session::Role::receiver);
    const auto error = failure     ? *failure
                       : connected ? Error{Remedy::retry, "no session that sends stands", {}}
                                   : connected.error();
    return std::vector<Result<Receipt>>(replies.size(), tl::unexpected(error));
  }
  auto sent = inside_->submitter.send(sessions, replies);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (sent[i]) inside_->recipients.remember(sent[i]->id, replies[i].address);
  }
  return sent;
}

Result<Batch> Smpp::translate(std::string_view given) const {
  auto raw = given;
  // The line that our own payloads begin with: id and time.
  std::optional<Time> at;
  ExternalId id;
  if (raw.starts_with("# ")) {
    const auto head = split(raw.substr(2, raw.find('\n') - 2), ' ');
    if (head.size() == 2 && !head[0].empty() && is_utf8(head[0])) {
      id = ExternalId(std::string(head[0]));
      at = parse_rfc3339(head[1]);
    }
    raw.remove_prefix(std::min(raw.find('\n'), raw.size()));
  }
  std::string digits;
  for (const char c : raw) {
    if (static_cast<unsigned char>(c) > ' ') digits += c;
  }
  const auto bytes =
      digits.size() <= k_most_raw_bytes ? from_hex(to_lower_ascii(digits)) : std::nullopt;
  if (!bytes) return fail(Remedy::drop, "not the hexadecimal digits of SMPP units");
  Framer framer;
  framer.feed(*bytes);
  std::vector<Raw> parts;
  while (auto pdu = TRY(framer.next())) {
    if (pdu->command != Command::deliver_sm && pdu->command != Command::data_sm) continue;
    parts.push_back({pdu->command, std::move(pdu->body)});
  }
  if (parts.empty()) return fail(Remedy::drop, "there is no whole deliver_sm in it");
  Batch batch;
  const auto print = fingerprint(parts.front(), inside_->around.keys);
  if (id.empty()) id = ExternalId("raw-" + std::to_string(print));
  const auto message = parse_message(parts.front().command, parts.front().body);
  if (!message) {
    batch.unreadable.push_back({id, std::string(given), "not a message of SMPP 3.4"});
    return batch;
  }
  if (const auto notice = notice_of(*message)) {
    if (auto signal = signal_of(*notice, inside_->reading)) {
      batch.signals.push_back(std::move(*signal));
    }
    return batch;
  }
  auto post = make_post(parts, id, at.value_or(inside_->around.clock.now()), inside_->reading);
  post.payload = given;
  batch.posts.push_back(std::move(post));
  return batch;
}

std::vector<Appearance> Smpp::preview(const Reply& reply) const {
  return {appearance_of(reply, sending_of(inside_->settings))};
}

std::vector<ProbeStep> Smpp::probe(std::string_view send_to) {
  std::vector<ProbeStep> steps;
  auto session = inside_->dial(inside_->links.back().role, inside_->settings.timeout_s);
  steps.push_back({"connect and bind to " + inside_->settings.host, session.has_value(),
                   session ? "the SMSC calls itself \"" + scrub_utf8((*session)->far_side()) + "\""
                           : session.error().message});
  if (!session || send_to.empty()) return steps;
  Reply reply;
  reply.key = "probe";
  reply.address = send_to;
  reply.text = "Kanal: tes. / Kanal: test.";
  std::array<Session*, 1> over{session->get()};
  Submitter submitter(sending_of(inside_->settings), inside_->around.clock);
  const auto sent = submitter.send(over, {&reply, 1});
  steps.push_back({"send a message", sent.front().has_value(),
                   sent.front() ? "the SMSC took it as " + scrub_utf8(sent.front()->id.value())
                                : sent.front().error().message});
  return steps;
}

}  // namespace kanal::smpp
