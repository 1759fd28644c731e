#include "connectors/smpp/submit.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "connectors/send_each.hpp"
#include "format/sms.hpp"
#include "format/sms_address.hpp"

namespace kanal::smpp {
namespace {

constexpr std::uint8_t k_npi_isdn = 1;
constexpr std::size_t k_most_begun = 1000;
constexpr std::chrono::milliseconds k_patience{2'000};

std::optional<Address> destination_of(const std::string& address) {
  if (!is_answerable_number(address)) return std::nullopt;
  const bool international = address.starts_with('+');
  return Address{international ? k_ton_international : std::uint8_t{0}, k_npi_isdn,
                 international ? address.substr(1) : address};
}

/// The same for the same reply, so that parts sent again join those that are there (FNV-1a).
std::uint8_t reference_of(const std::string& key) {
  std::uint32_t hash = 2166136261U;
  for (const char c : key) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  return static_cast<std::uint8_t>(hash ^ hash >> 8U ^ hash >> 16U ^ hash >> 24U);
}

std::string byte(std::size_t value) {
  return {static_cast<char>(value)};
}

Error error_of(const Pdu& answer) {
  const auto said = "the SMSC answered " + verdict_of(answer);
  switch (answer.status) {
    case Status::throttled:
    case Status::queue_full:
      return {Remedy::throttled, said, k_patience};
    case Status::invalid_destination:
      return {Remedy::drop, said, {}};
    case Status::invalid_source:
      return {Remedy::reconfigure, said + "; check source, source_ton and source_npi", {}};
    default:
      return {Remedy::retry, said, {}};
  }
}

Encoded encoded_text(const Reply& reply, const Sending& sending) {
  return encode(fit_sms(reply.text, sending.most_segments), sending.most_segments, sending.codings);
}

/// Which of two failures of one reply says what to do.
int weight(Remedy remedy) {
  switch (remedy) {
    case Remedy::retry:
      return 0;
    case Remedy::throttled:
      return 1;
    case Remedy::reconfigure:
      return 2;
    case Remedy::drop:
    case Remedy::withhold:
      return 3;
    case Remedy::uncertain:
      return 4;
  }
  return 0;
}

}  // namespace

std::vector<Message> compose(const Reply& reply, const Sending& sending) {
  const auto destination = destination_of(reply.address);
  if (!destination) return {};
  const auto encoded = encoded_text(reply, sending);
  Message plain;
  plain.source = sending.source;
  plain.destination = *destination;
  plain.data_coding = encoded.data_coding;
  const auto total = encoded.segments.size();
  std::vector<Message> messages;
  if (total > 1 && sending.long_messages == LongMessages::payload) {
    std::string whole;
    for (const auto& segment : encoded.segments) whole += segment;
    plain.optional.push_back({Tag::message_payload, std::move(whole)});
    messages.push_back(std::move(plain));
  } else {
    const auto reference = reference_of(reply.key);
    for (std::size_t i = 0; i < total; ++i) {
      auto message = plain;
      message.text = encoded.segments[i];
      if (total > 1 && sending.long_messages == LongMessages::udh) {
        message.esm_class |= k_esm_header;
        message.text = byte(5) + byte(0) + byte(3) + byte(reference) + byte(total) + byte(i + 1) +
                       message.text;
      } else if (total > 1) {
        message.optional.push_back({Tag::sar_reference, byte(0) + byte(reference)});
        message.optional.push_back({Tag::sar_total, byte(total)});
        message.optional.push_back({Tag::sar_number, byte(i + 1)});
      }
      messages.push_back(std::move(message));
    }
  }
  messages.back().registered_delivery = 1;
  return messages;
}

Appearance appearance_of(const Reply& reply, const Sending& sending) {
  return {.text = fit_sms(reply.text, sending.most_segments).text,
          .segments = encoded_text(reply, sending).segments.size()};
}

/// One call of send at work.
struct Submitter::Round {
  struct Job {
    std::size_t reply = 0;
    std::size_t segment = 0;
    Message message;
  };
  struct UnderWay {
    Session* session = nullptr;
    std::uint32_t sequence = 0;
    Job job;
  };

  Submitter& submitter;
  std::span<Session* const> sessions;
  std::span<const Reply> replies;
  std::deque<Job> waiting;
  std::vector<UnderWay> under_way;
  std::vector<std::optional<Error>> errors;
  bool halted = false;

  Progress& progress(std::size_t reply) { return submitter.begun_[replies[reply].key]; }

  void fail_reply(std::size_t reply, Error error) {
    auto& slot = errors[reply];
    if (!slot || weight(error.remedy) > weight(slot->remedy)) slot = std::move(error);
  }

  void queue(std::size_t reply) {
    auto messages = compose(replies[reply], submitter.sending_);
    if (messages.empty()) {
      return fail_reply(reply, {Remedy::drop, "the address is no number that can be answered", {}});
    }
    auto& done = progress(reply);
    if (done.taken.size() != messages.size()) done = {std::vector<bool>(messages.size()), {}};
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (!done.taken[i]) waiting.push_back({reply, i, std::move(messages[i])});
    }
  }

  Session* idle() {
    Session* best = nullptr;
    for (auto* const session : sessions) {
      if (!session->alive() || session->unanswered() >= submitter.sending_.window) continue;
      if (best == nullptr || session->unanswered() < best->unanswered()) best = session;
    }
    return best;
  }

  void fill_windows() {
    while (!waiting.empty() && !halted) {
      auto* const session = idle();
      if (session == nullptr) return;
      auto& job = waiting.front();
      const auto& reply = replies[job.reply];
      // Of what was begun, the parts are to follow.
      if (job.segment == 0 && submitter.clock_.now() >= reply.begin_before) {
        fail_reply(job.reply, too_late().value());
      }
      if (errors[job.reply]) {
        waiting.pop_front();
        continue;
      }
      const auto sequence = session->ask(Command::submit_sm, print(job.message));
      // It was not handed over whole, so the SMSC cannot have taken it.
      if (!sequence) continue;
      under_way.push_back({session, *sequence, std::move(job)});
      waiting.pop_front();
    }
  }

  void take(const UnderWay& one, const Pdu& answer) {
    if (!accepts(answer)) {
      auto error = error_of(answer);
      halted = halted || error.remedy == Remedy::throttled || error.remedy == Remedy::reconfigure;
      return fail_reply(one.job.reply, std::move(error));
    }
    auto& done = progress(one.job.reply);
    done.taken[one.job.segment] = true;
    if (one.job.segment + 1 == done.taken.size()) done.last_id = parse_id(answer.body);
  }

  /// Whether any answer came, or any was lost for good.
  bool collect() {
    for (auto* const session : sessions) {
      if (session->alive()) (void)session->pump();
    }
    bool moved = false;
    std::erase_if(under_way, [&](const UnderWay& one) {
      if (const auto answer = one.session->take_answer(one.sequence)) {
        take(one, *answer);
      } else if (!one.session->alive()) {
        fail_reply(one.job.reply,
                   {Remedy::uncertain,
                    "the session ended before the answer: " + one.session->ended_by()->message,
                    {}});
      } else {
        return false;
      }
      moved = true;
      return true;
    });
    return moved;
  }

  void give_up() {
    for (const auto& one : under_way) {
      one.session->forget(one.sequence);
      fail_reply(one.job.reply, {Remedy::uncertain, "the SMSC did not answer in time", {}});
    }
    under_way.clear();
  }

  void run() {
    auto moved_at = submitter.clock_.steady();
    while (true) {
      fill_windows();
      if (under_way.empty()) return;
      std::vector<Pipe*> pipes;
      for (auto* const session : sessions) {
        if (session->alive()) pipes.push_back(&session->pipe());
      }
      const auto timeout = submitter.sending_.timeout_ms;
      const bool heard = pipes.empty() || wait_any(pipes, timeout);
      if (collect()) moved_at = submitter.clock_.steady();
      // The other side may talk on of other things.
      if (!heard || submitter.clock_.steady() - moved_at >= timeout) return give_up();
    }
  }

  std::vector<Result<Receipt>> finish() {
    for (const auto& job : waiting) {
      fail_reply(job.reply, halted
                                ? Error{Remedy::throttled, "the SMSC asks for patience", k_patience}
                                : Error{Remedy::retry, "the session has ended", {}});
    }
    std::vector<Result<Receipt>> results;
    for (std::size_t i = 0; i < replies.size(); ++i) {
      if (errors[i]) {
        results.emplace_back(tl::unexpected(*errors[i]));
        continue;
      }
      const auto id = canonical_id(progress(i).last_id, submitter.sending_.submit_ids);
      const auto segments = encoded_text(replies[i], submitter.sending_).segments.size();
      results.emplace_back(Receipt{ExternalId(id), false, static_cast<int>(segments)});
      submitter.begun_.erase(replies[i].key);
    }
    return results;
  }
};

std::vector<Result<Receipt>> Submitter::send(std::span<Session* const> sessions,
                                             std::span<const Reply> replies) {
  if (begun_.size() > k_most_begun) begun_.clear();
  Round round{*this, sessions, replies, {}, {}, {}, false};
  round.errors.resize(replies.size());
  for (std::size_t i = 0; i < replies.size(); ++i) round.queue(i);
  round.run();
  return round.finish();
}

}  // namespace kanal::smpp
