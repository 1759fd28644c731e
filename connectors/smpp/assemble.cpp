#include "connectors/smpp/assemble.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "connectors/delivery_words.hpp"
#include "connectors/smpp/partials.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/phone_number.hpp"
#include "format/sms_address.hpp"

namespace kanal::smpp {
namespace {

constexpr std::size_t k_most_doubtful = 512;
// As long as an SMSC usually tries. Only what was stored in the last minutes of a session that
// broke is doubtful for so long.
constexpr std::int64_t k_doubtful_for_s = 24L * 3600;
// What an SMSC has not sent again by then is more likely a person's than a copy.
constexpr std::int64_t k_copies_within_s = 3600;
constexpr std::string_view k_perhaps_a_copy =
    "the same words came before, and the message centre may not know that they are stored";
// How long a part may still come for a message that was taken without it.
constexpr std::int64_t k_late_within_s = 24L * 3600;
constexpr std::size_t k_most_torn = 200;

std::string to_hex64(std::uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
  return to_hex(bytes);
}

ExternalId id_of(std::uint64_t print, std::uint64_t serial) {
  return ExternalId(to_hex64(print) + "-" + std::to_string(serial));
}

std::string written(const Address& address) {
  // Not every SMSC leaves the sign of an international number away.
  const bool bare = address.ton == k_ton_international && !address.digits.starts_with('+');
  return scrub_utf8(bare ? "+" + address.digits : address.digits);
}

std::string missing(int first, int last, int total) {
  auto which = std::to_string(first);
  if (last > first) which += "-" + std::to_string(last);
  return "[bagian " + which + "/" + std::to_string(total) + " tidak sampai]";
}

struct Piece {
  std::string_view bytes;
  std::uint8_t data_coding = 0;
  gsm7::Shift shift;
};

/// Pieces that follow each other are read as one: a character may be cut in two.
std::string read_pieces(const std::map<int, Piece>& pieces, int total, const Codings& codings) {
  std::string text;
  std::string run;
  const Piece* of_run = nullptr;
  const auto flush = [&] {
    if (of_run != nullptr) text += decode(run, of_run->data_coding, of_run->shift, codings);
    run.clear();
    of_run = nullptr;
  };
  int expected = 1;
  const auto mark_until = [&](int number) {
    if (number <= expected) return;
    flush();
    text += (text.empty() ? "" : " ") + missing(expected, number - 1, total) + " ";
  };
  for (const auto& [number, piece] : pieces) {
    mark_until(number);
    expected = number + 1;
    const bool alike = of_run != nullptr && of_run->data_coding == piece.data_coding &&
                       of_run->shift == piece.shift;
    if (!alike) flush();
    of_run = &piece;
    run += piece.bytes;
  }
  flush();
  mark_until(total + 1);
  return text;
}

/// Whether a receipt comes from where its message went. Not every SMSC turns the two addresses
/// round, and each writes a number its own way; the ends agree.
bool is_of(const Message& receipt, std::string_view recipient) {
  constexpr std::size_t k_digits = 7;
  const auto names_it = [&](const Address& address) {
    return address.digits.size() >= k_digits &&
           recipient.ends_with(
               std::string_view(address.digits).substr(address.digits.size() - k_digits));
  };
  const bool both_numbers =
      is_answerable_number(receipt.source.digits) && is_answerable_number(recipient);
  return !both_numbers || names_it(receipt.source) || names_it(receipt.destination);
}

/// One turn at work; what it does not reach stays for the next one.
class Assembly {
 public:
  Assembly(const State& state, const Answers& answers, Time now, const Reading& reading,
           const Keys& keys)
      : next_(state),
        partials_(std::exchange(next_.held, {})),
        answers_(answers),
        now_(now),
        reading_(reading),
        keys_(keys) {
    const auto now_s = seconds(now);
    // A cursor that went on doubting would take the same words of another day for a copy.
    const auto forgotten = std::erase_if(next_.doubtful, [&](const Doubtful& each) {
      const auto settled = answers.settled.find(each.fingerprint);
      return each.at_s + k_doubtful_for_s < now_s ||
             (settled != answers.settled.end() && each.at_s <= seconds(settled->second));
    });
    changed_ = forgotten > 0;
    for (const auto& each : next_.doubtful) doubtful_[each.fingerprint] = each.at_s;
    std::erase_if(next_.torn,
                  [&](const Torn& each) { return each.at_s + k_late_within_s < now_s; });
  }

  void take(const Incoming& incoming) {
    bytes_ += incoming.raw.body.size();
    if (!seen_.insert(incoming.fingerprint).second) return;
    auto parsed = parse(incoming.raw);
    const auto doubt = doubtful_.find(incoming.fingerprint);
    if (doubt != doubtful_.end() && !answers_.arrived.contains(incoming.fingerprint)) {
      if (doubt->second + k_copies_within_s < seconds(now_)) take_doubtful(parsed, incoming);
      return;
    }
    remember(incoming.fingerprint);
    changed_ = true;
    if (!parsed) {
      batch_.unreadable.push_back({next_id(incoming.fingerprint), payload({&incoming.raw, 1}),
                                   "not a message of SMPP 3.4"});
    } else if (const auto notice = notice_of(parsed->message)) {
      take_notice(*notice, parsed->message);
    } else if (parsed->part) {
      take_part(*parsed, incoming);
    } else {
      add_post({&incoming.raw, 1}, incoming.fingerprint);
    }
  }

  /// Takes as they are the messages that have waited long enough, and those without room.
  void release(const Budget& budget) {
    while (!full(budget)) {
      const auto late = overdue();
      const auto given_up = late ? std::nullopt : partials_.surplus();
      if (!late && !given_up) return;
      if (given_up) ++given_up_;
      deliver(late ? *late : *given_up);
    }
  }
  [[nodiscard]] bool has_more() { return overdue() || partials_.surplus(); }

  [[nodiscard]] bool full(const Budget& budget) const {
    const auto made = batch_.posts.size() + batch_.signals.size() + batch_.unreadable.size();
    return made >= budget.posts || bytes_ >= budget.bytes;
  }
  /// Also repeated messages are answered only after a commit, which needs another cursor.
  void mark() {
    if (!changed_) ++next_.serial;
    changed_ = true;
  }
  Turn finish(const Cursor& since) {
    if (changed_) next_.held = partials_.held();
    batch_.next = changed_ ? print(next_, keys_) : since;
    return {std::move(batch_), 0, given_up_, disbelieved_};
  }

 private:
  static std::int64_t seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  }
  static std::string payload(std::span<const Raw> parts) {
    std::string lines;
    for (const auto& part : parts) {
      lines += to_hex(print(Pdu{part.command, Status::ok, 0, part.body})) + "\n";
    }
    return lines;
  }
  ExternalId next_id(std::uint64_t print) { return id_of(print, next_.serial++); }
  void remember(std::uint64_t print) {
    std::erase_if(next_.doubtful, [&](const Doubtful& each) { return each.fingerprint == print; });
    next_.doubtful.push_back({print, seconds(now_)});
    if (next_.doubtful.size() > k_most_doubtful) next_.doubtful.erase(next_.doubtful.begin());
  }
  void add_post(std::span<const Raw> parts, std::uint64_t print) {
    auto post = make_post(parts, next_id(print), now_, reading_);
    post.payload = "# " + post.id.value() + ' ' + print_rfc3339(now_) + '\n' + payload(parts);
    batch_.posts.push_back(std::move(post));
  }
  void take_doubtful(const std::optional<Parsed>& parsed, const Incoming& incoming) {
    if (!parsed || parsed->part || notice_of(parsed->message)) return;
    changed_ = true;
    add_post({&incoming.raw, 1}, incoming.fingerprint);
    batch_.posts.back().hints.suspicion = k_perhaps_a_copy;
  }
  void take_notice(const Notice& notice, const Message& message) {
    auto signal = signal_of(notice, reading_);
    if (!signal) return;
    const auto* const recipient =
        answers_.recipients != nullptr ? answers_.recipients->find(signal->subject) : nullptr;
    if (recipient != nullptr && !is_of(message, *recipient)) {
      ++disbelieved_;
      return;
    }
    batch_.signals.push_back(std::move(*signal));
  }
  std::optional<Partials::Place> overdue() {
    const auto oldest = partials_.oldest();
    const bool is_late = oldest && now_ - (*oldest)->held.first_at >= reading_.wait_for_parts;
    return is_late ? oldest : std::nullopt;
  }
  void deliver(Partials::Place place) {
    changed_ = true;
    const auto partial = partials_.take(place);
    const auto print = fingerprint(partial.held.parts.front(), keys_);
    const auto serial = next_.serial;
    add_post(partial.held.parts, print);
    if (!partial.is_whole()) join_torn(partial, print, serial);
  }
  /// What came late refers to the post of what was there in time.
  void join_torn(const Partial& partial, std::uint64_t print, std::uint64_t serial) {
    const auto& [source, destination, reference, total] = partial.key;
    const auto key = keyed_hash(source + '\n' + destination + '\n' + std::to_string(reference) +
                                    '\n' + std::to_string(total),
                                keys_);
    std::uint64_t parts = 0;
    for (const auto& [number, at] : partial.places) parts |= std::uint64_t{1} << (number % 64U);
    const auto earlier = std::ranges::find(next_.torn, key, &Torn::key);
    // A part that was there already is of another message of that reference.
    if (earlier != next_.torn.end() && (earlier->parts & parts) == 0) {
      batch_.posts.back().hints.references = {id_of(earlier->fingerprint, earlier->serial)};
      earlier->parts |= parts;
      return;
    }
    if (earlier != next_.torn.end()) next_.torn.erase(earlier);
    next_.torn.push_back({key, print, serial, seconds(now_), parts});
    if (next_.torn.size() > k_most_torn) next_.torn.erase(next_.torn.begin());
  }
  void take_part(const Parsed& parsed, const Incoming& incoming) {
    auto place = partials_.find(parsed.key());
    if (place) {
      const auto& there = **place;
      if (const auto same = there.places.find(parsed.part->number); same != there.places.end()) {
        if (there.held.parts[same->second].body == incoming.raw.body) return;
        // The phone has begun to count its references anew.
        deliver(*place);
        place.reset();
      }
    }
    if (!place) place = partials_.begin(parsed.key(), now_);
    partials_.add(*place, incoming.raw, parsed.part->number);
    if ((*place)->is_whole()) deliver(*place);
  }

  State next_;  ///< but for what is held
  Partials partials_;
  const Answers& answers_;
  Time now_;
  const Reading& reading_;
  const Keys& keys_;
  Batch batch_;
  std::map<std::uint64_t, std::int64_t> doubtful_;  ///< by fingerprint: since when
  std::set<std::uint64_t> seen_;
  std::size_t bytes_ = 0;
  std::size_t given_up_ = 0;
  std::size_t disbelieved_ = 0;
  bool changed_ = false;
};

}  // namespace

std::optional<Signal> signal_of(const Notice& notice, const Reading& reading) {
  if (notice.id.empty() || !notice.kind) return std::nullopt;
  Signal signal;
  signal.kind = *notice.kind;
  signal.subject = ExternalId(canonical_id(notice.id, reading.receipt_ids));
  signal.detail = told_of_delivery(signal.kind, notice.state);
  signal.permanent = notice.permanent;
  return signal;
}

Post make_post(std::span<const Raw> parts, ExternalId id, Time at, const Reading& reading) {
  std::vector<Message> messages;
  messages.reserve(parts.size());
  for (const auto& raw : parts) {
    if (auto message = parse_message(raw.command, raw.body)) messages.push_back(*message);
  }
  Post post;
  post.id = std::move(id);
  post.posted_at = at;
  if (messages.empty()) return post;
  std::map<int, Piece> pieces;
  int total = 1;
  for (const auto& message : messages) {
    const auto content = content_of(message);
    if (content.part) total = content.part->total;
    pieces[content.part ? content.part->number : 1] = {content.bytes, message.data_coding,
                                                       content.shift};
  }
  post.text = read_pieces(pieces, total, reading.codings);
  const auto& first = messages.front();
  const auto sender = sms_sender(written(first.source), reading.region);
  post.author.id = ExternalId(sender.id);
  if (sender.is_answerable) post.author.phone = sender.id;
  if (!sender.is_answerable) post.hints.automatic = std::string(k_sms_unanswerable);
  post.hints.entrance = written(first.destination);
  return post;
}

Turn assemble(const Cursor& since, const State& state, std::span<const Incoming* const> incoming,
              const Answers& answers, const Budget& budget, Time now, const Reading& reading,
              const Keys& keys) {
  Assembly assembly(state, answers, now, reading, keys);
  std::size_t taken = 0;
  for (const auto* const each : incoming) {
    assembly.release(budget);
    if (assembly.full(budget)) break;
    assembly.take(*each);
    ++taken;
  }
  assembly.release(budget);
  if (taken > 0) assembly.mark();
  const bool more = taken < incoming.size() || assembly.has_more();
  auto turn = assembly.finish(since);
  turn.taken = taken;
  turn.batch.more = more;
  return turn;
}

}  // namespace kanal::smpp
