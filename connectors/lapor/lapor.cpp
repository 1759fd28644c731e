#include "connectors/lapor/lapor.hpp"

#include <algorithm>
#include <array>

#include "connectors/far_system.hpp"
#include "connectors/lapor/complaint.hpp"
#include "connectors/office.hpp"
#include "connectors/office_words.hpp"
#include "connectors/send_each.hpp"
#include "core/deadline.hpp"
#include "core/text.hpp"
#include "format/json.hpp"

namespace kanal::lapor {
namespace {

constexpr std::size_t k_most_answer_bytes = 4U << 20U;
// Each costs two questions; its operators asked for a hundred an hour of a client that is known.
constexpr std::size_t k_most_a_turn = 25;

}  // namespace

struct Lapor::Turn {
  Followed followed;
  Questions questions;
  Batch batch;
  Time now;
};

Result<std::unique_ptr<Lapor>> Lapor::create(ChannelName channel, Settings settings,
                                             const Surroundings& around) {
  std::unique_ptr<Lapor> made(new Lapor(std::move(channel), std::move(settings), around));
  while (made->settings_.url.ends_with('/')) made->settings_.url.pop_back();
  for (const auto& [name, secret] : made->settings_.headers) {
    made->headers_.emplace_back(name, TRY(secret.reveal(&around.keys)));
  }
  return made;
}

HttpCall Lapor::call_to(std::string_view resource) const {
  auto call =
      kanal::call_to(settings_, settings_.url + '/' + std::string(resource), k_most_answer_bytes);
  call.headers = headers_;
  return call;
}

Result<std::string> Lapor::get(std::string_view resource) const {
  return TRY(judge_question(around_.http.fetch(call_to(resource)))).body;
}

// Files that no complaint names are nobody's, so that they may be sent once more.
Result<std::vector<std::int64_t>> Lapor::upload(const Reply& reply) const {
  auto files = TRY(print_files(reply.attachments));
  if (files.body.empty()) return std::vector<std::int64_t>();
  auto call = call_to("complaints/complaint/file");
  call.method = "POST";
  call.headers.emplace_back("Content-Type", files.type);
  call.body = std::move(files.body);
  return read_files(TRY(judge_repeatable(around_.http.fetch(call))).body);
}

Result<Receipt> Lapor::deliver(const Reply& reply) const {
  if (std::ranges::any_of(reply.address,
                          [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
    return fail(Remedy::drop, "the address is none");
  }
  if (reply.confidential) return fail(Remedy::drop, std::string(k_not_outside));
  const auto earlier = reply.references.empty() ? std::string() : reply.references.back().value();
  const auto notice = read_office_notice(reply.text);
  const bool makes = !notice || notice->news == "handed" || notice->news == "back";
  if (!makes) return fail(Remedy::drop, "the other system is not told of this: tell the office");
  if (notice && notice->news == "back" && earlier.empty()) {
    return fail(Remedy::retry, "the other system does not have the report yet");
  }
  const auto files = TRY(upload(reply));
  auto call = call_to("complaints/complaint");
  call.method = "POST";
  call.headers.emplace_back("Content-Type", "application/json");
  call.body = print_complaint(reply, earlier, files, settings_,
                              utc_offset_of(around_.organisation.time_zone));
  const auto answer = TRY(around_.http.fetch(call));
  TRY(judge_answer(answer));
  auto number = read_number(answer.body);
  if (number.empty()) {
    return fail(Remedy::uncertain, "the other system took the report and gave it no number");
  }
  return Receipt{ExternalId(std::move(number)), false};
}

std::vector<Result<Receipt>> Lapor::send(std::span<const Reply> replies) {
  return send_each(replies, around_.clock, [this](const Reply& reply) { return deliver(reply); });
}

Result<> Lapor::ask_about(const Outstanding& sent, Turn& turn) const {
  const auto place = "complaints/" + sent.id.value();
  const auto complaint = get(place + "/complaint");
  // One that is gone there is no reason not to ask about the others.
  if (!complaint && complaint.error().remedy == Remedy::drop) return {};
  if (!complaint) return tl::unexpected(complaint.error());
  const auto followups = get(place + "/followups");
  if (!followups && followups.error().remedy != Remedy::drop) {
    return tl::unexpected(followups.error());
  }
  const auto standing = read_standing(*complaint, followups.value_or(std::string()), sent.language);
  if (!standing) return fail(Remedy::retry, standing.error().message);
  if (standing->event.empty()) return {};
  auto& mark = turn.followed[sent.id];
  if (!Followed::is_news(mark, standing->event + '\n' + standing->words)) return {};
  auto post = TRY(post_of({sent.id.value() + '/' + std::to_string(mark.words) + '-' + mark.newest,
                           sent.key, standing->event, standing->words, turn.now},
                          channel_));
  turn.batch.posts.push_back(std::move(post));
  return {};
}

std::optional<std::chrono::milliseconds> Lapor::rests_for() const {
  const auto now = around_.clock.now();
  const bool rests = ask_at_ && now < *ask_at_ && *ask_at_ - now <= settings_.poll_s;
  if (!rests) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(*ask_at_ - now);
}

Result<Batch> Lapor::follow(std::span<const Outstanding> sent, const Cursor& since,
                            Budget /*budget*/) {
  const auto now = around_.clock.now();
  Turn turn;
  turn.now = now;
  turn.batch.next = since;
  if (rests_for()) return std::move(turn.batch);
  if (sent.empty()) {
    ask_at_ = now + settings_.poll_s;
    return std::move(turn.batch);
  }
  turn.followed = Followed::read(since);
  turn.followed.keep(sent, now);
  if (next_ >= sent.size()) next_ = 0;
  const auto last = std::min(sent.size(), next_ + k_most_a_turn);
  while (next_ < last && !turn.questions.ended()) {
    const auto asked = ask_about(sent[next_++], turn);
    if (asked) turn.questions.heard();
    if (!asked) turn.questions.failed(asked.error());
  }
  const auto outcome = turn.questions.outcome();
  // What was read before something failed is kept; what failed is met again.
  if (!outcome && turn.batch.posts.empty()) return tl::unexpected(outcome.error());
  if (outcome) ask_at_ = now + settings_.poll_s;
  turn.batch.next = turn.followed.print();
  return std::move(turn.batch);
}

Result<Batch> Lapor::translate(std::string_view raw) const {
  const auto word = TRY(read_office_word(raw));
  Batch batch;
  batch.posts.push_back(TRY(post_of(word, channel_)));
  return batch;
}

std::vector<ProbeStep> Lapor::probe(std::string_view /*send_to*/) {
  // Of no complaint of anybody's: it is enough to hear in its own form that there is none.
  auto answer = around_.http.fetch(call_to("complaints/0/complaint"));
  const bool is_theirs = answer && Json::parse(answer->body);
  constexpr std::array<int, 3> k_there_is_none = {400, 404, 422};
  const bool is_none =
      answer && std::ranges::find(k_there_is_none, answer->status) != k_there_is_none.end();
  const auto judged = judge_question(std::move(answer));
  const bool heard = is_theirs && (judged || is_none);
  const auto why = heard     ? std::string()
                   : !judged ? judged.error().message
                             : "the other system's answer is not LAPOR!'s; check the url";
  return {{"ask about a complaint", heard, why}};
}

}  // namespace kanal::lapor
