#include <algorithm>
#include <array>
#include <set>

#include "router/files.hpp"
#include "web/api/api.hpp"
#include "web/api/command.hpp"
#include "web/api/operation.hpp"

namespace kanal::api {
namespace {

constexpr std::int64_t k_most_page = 200;
constexpr std::uint64_t k_most_event_bytes = 512U << 10U;
constexpr std::uint64_t k_most_small_bytes = 16U << 10U;
constexpr std::int64_t k_most_number = 9'000'000'000'000'000;

constexpr Member k_most{"most", Kind::whole, "How many at most (50 unless told).",
                        false,  1,           k_most_page};
constexpr Member k_channel{"channel", Kind::text, "Only of this channel.", false, 1, 100};

constexpr auto k_reports = std::to_array<Member>({
    {"words", Kind::text, "With these words, or of this tracking code.", false, 0, 500},
    {"state", Kind::text, "In one of these states; may be said several times.", false, 1, 20,
     "State", true},
    {"agency", Kind::text, "With this agency.", false, 1, 100},
    {"unit", Kind::text, "With this unit.", false, 1, 100},
    {"category", Kind::text, "Of this category.", false, 1, 100},
    {"channel", Kind::text, "That came by this channel; only officers may ask for it.", false, 1,
     100},
    {"overdue", Kind::truth, "Only those whose deadline has passed."},
    {"before", Kind::text, "The \"next\" of the page before.", false, 1, 40},
    k_most,
});

constexpr auto k_reporter = std::to_array<Member>({
    {"why", Kind::text, "Why you must know; it is recorded with your name.", true, 3, 300},
});

constexpr auto k_discard = std::to_array<Member>({
    {"reason", Kind::text, "Why it is no complaint; it is recorded with your name.", true, 3, 500},
});

constexpr auto k_messages = std::to_array<Member>({
    k_channel,
    {"fate", Kind::text, "What became of them.", false, 1, 20, "Fate"},
    {"sender", Kind::text, "From exactly this address, number or handle; recorded.", false, 1, 300},
    {"external_id", Kind::text, "What the channel calls it (a Message-ID).", false, 1, 1000},
    {"words", Kind::text, "With these words.", false, 0, 500},
    {"before", Kind::whole, "The \"next\" of the page before.", false, 1, k_most_number},
    k_most,
});

constexpr auto k_quarantine = std::to_array<Member>({
    k_channel,
    {"waiting", Kind::truth, "Only those that were neither read again nor set aside."},
    {"external_id", Kind::text, "What the channel calls it (a Message-ID).", false, 1, 1000},
    {"before", Kind::whole, "The \"next\" of the page before.", false, 1, k_most_number},
    k_most,
});

constexpr auto k_outbox = std::to_array<Member>({
    k_channel,
    {"state", Kind::text, "How far they are.", false, 1, 20, "ReplyState"},
    k_most,
});

constexpr auto k_verdict = std::to_array<Member>({
    {"verdict", Kind::text, "What is to become of it.", true, 1, 20, "Verdict"},
});

constexpr auto k_officer = std::to_array<Member>({
    {"user", Kind::text, "The user name: a-z, 0-9, dot, dash, underscore.", true, 1, 64},
    {"name", Kind::text, "The officer's name.", false, 1, 200},
    {"role", Kind::text, "An officer's role.", true, 1, 20, "Role"},
    {"agency", Kind::text, "Of an agency admin.", false, 1, 100},
    {"unit", Kind::text, "Of a liaison officer.", false, 1, 100},
    {"password", Kind::text, "At least twelve characters.", true, 1, 256},
});

constexpr auto k_token = std::to_array<Member>({
    {"label", Kind::text, "What the token is for.", true, 1, 60},
    {"days", Kind::whole, "How long it is good (30 unless told).", false, 1, 365},
});

using enum Ability;

const std::vector<Operation>& table() {
  static const std::vector<Operation> k_table = {
      {.method = "GET",
       .path = "/openapi.json",
       .id = "openapi",
       .about = "This description.",
       .door = Door::anyone,
       .answer = "Document",
       .handle = &Api::openapi},
      {.method = "GET",
       .path = "/organisation",
       .id = "organisation",
       .about = "Agencies, units, categories and kinds of report.",
       .door = Door::anyone,
       .answer = "Organisation",
       .handle = &Api::organisation},
      {.method = "GET",
       .path = "/me",
       .id = "me",
       .about = "Who the token is for, and what the role may.",
       .door = Door::officer,
       .answer = "Me",
       .handle = &Api::me},
      {.method = "POST",
       .path = "/tokens",
       .id = "issue_token",
       .about = "A new token for the officer of this one, shown once. It ends no later than this "
                "one, and with it.",
       .door = Door::officer,
       .body = k_token,
       .most_bytes = k_most_small_bytes,
       .success = 201,
       .answer = "Token",
       .handle = &Api::issue_token},
      {.method = "DELETE",
       .path = "/tokens/current",
       .id = "revoke_token",
       .about = "Ends the token of this request.",
       .door = Door::officer,
       .success = 204,
       .handle = &Api::revoke_token},
      {.method = "GET",
       .path = "/reports",
       .id = "reports",
       .about = "Reports that whoever asks may see, newest first. Without a token: those that are "
                "public.",
       .door = Door::reader,
       .query = k_reports,
       .answer = "Reports",
       .handle = &Api::reports},
      {.method = "GET",
       .path = "/reports/{code}",
       .id = "report",
       .about = "One report. Without a token: what anybody may see of it.",
       .door = Door::reader,
       .answer = "Report",
       .handle = &Api::report},
      {.method = "GET",
       .path = "/reports/{code}/history",
       .id = "history",
       .about = "Its history, oldest first.",
       .door = Door::reader,
       .answer = "History",
       .handle = &Api::history},
      {.method = "GET",
       .path = "/reports/{code}/posts",
       .id = "posts",
       .about = "The messages that belong to it.",
       .door = Door::ability,
       .ability = read_reports,
       .answer = "Posts",
       .handle = &Api::posts},
      {.method = "GET",
       .path = "/reports/{code}/replies",
       .id = "replies",
       .about = "What its reporter was told or is owed.",
       .door = Door::ability,
       .ability = read_reports,
       .answer = "Replies",
       .handle = &Api::replies},
      {.method = "GET",
       .path = "/reports/{code}/reporter",
       .id = "reporter",
       .about = "Who the reporter is; that you asked, and why, is recorded.",
       .door = Door::ability,
       .ability = read_reports,
       .query = k_reporter,
       .answer = "Reporter",
       .handle = &Api::reporter},
      {.method = "POST",
       .path = "/reports/{code}/events",
       .id = "act",
       .about =
           "Causes an event of the lifecycle and gives the report after it; 204 when it is "
           "then no longer yours to see. As a form it takes files too, with answer, interim and "
           "hold.",
       .door = Door::ability,
       .ability = read_reports,
       .body = event_shape(),
       .most_bytes = k_most_event_bytes,
       .most_files_bytes = k_most_line_files * k_most_line_file_bytes,
       .answer = "Report",
       .others = {204, 409},
       .handle = &Api::act},
      {.method = "GET",
       .path = "/messages",
       .id = "messages",
       .about = "Stored messages and what became of them, newest first.",
       .door = Door::ability,
       .ability = read_posts,
       .query = k_messages,
       .answer = "Messages",
       .handle = &Api::messages},
      {.method = "GET",
       .path = "/messages/{id}",
       .id = "message",
       .about = "One message, with what each stage saw and decided.",
       .door = Door::ability,
       .ability = read_posts,
       .answer = "Message",
       .handle = &Api::message},
      {.method = "POST",
       .path = "/messages/{id}/promote",
       .id = "promote",
       .about = "Makes a report of a message that was screened out or held.",
       .door = Door::ability,
       .ability = promote,
       .answer = "Report",
       .others = {422},
       .handle = &Api::promote},
      {.method = "POST",
       .path = "/messages/{id}/discard",
       .id = "discard",
       .about = "Screens out a message that was held, for good reason. It is kept.",
       .door = Door::ability,
       .ability = promote,
       .body = k_discard,
       .most_bytes = k_most_small_bytes,
       .success = 204,
       .handle = &Api::discard},
      {.method = "GET",
       .path = "/quarantine",
       .id = "quarantine",
       .about = "Messages that could not be digested, newest first.",
       .door = Door::ability,
       .ability = read_quarantine,
       .query = k_quarantine,
       .answer = "Quarantine",
       .handle = &Api::quarantine},
      {.method = "POST",
       .path = "/quarantine/{id}/replay",
       .id = "replay",
       .about = "Takes one through the pipeline again.",
       .door = Door::ability,
       .ability = replay_quarantine,
       .answer = "Filings",
       .others = {422},
       .handle = &Api::replay},
      {.method = "POST",
       .path = "/quarantine/{id}/discard",
       .id = "discard_quarantined",
       .about = "Sets one aside that nobody needs to read, for good reason. It is kept.",
       .door = Door::ability,
       .ability = promote,
       .body = k_discard,
       .most_bytes = k_most_small_bytes,
       .success = 204,
       .handle = &Api::discard_quarantined},
      {.method = "GET",
       .path = "/channels",
       .id = "channels",
       .about = "The channels and their health.",
       .door = Door::ability,
       .ability = read_channels,
       .answer = "Channels",
       .handle = &Api::channels},
      {.method = "POST",
       .path = "/channels/{name}/pause",
       .id = "pause",
       .about = "Stops reading and answering.",
       .door = Door::ability,
       .ability = run_channels,
       .answer = "Channel",
       .handle = &Api::pause},
      {.method = "POST",
       .path = "/channels/{name}/resume",
       .id = "resume",
       .about = "Goes on.",
       .door = Door::ability,
       .ability = run_channels,
       .answer = "Channel",
       .handle = &Api::resume},
      {.method = "POST",
       .path = "/channels/{name}/test",
       .id = "probe",
       .about = "The connection test; may take a minute. One runs at a time.",
       .door = Door::ability,
       .ability = run_channels,
       .answer = "Test",
       .others = {409, 422},
       .handle = &Api::probe},
      {.method = "GET",
       .path = "/outbox",
       .id = "outbox",
       .about = "Replies of all channels, without their words.",
       .door = Door::ability,
       .ability = read_channels,
       .query = k_outbox,
       .answer = "Replies",
       .handle = &Api::outbox},
      {.method = "POST",
       .path = "/outbox/{id}/verdict",
       .id = "decide",
       .about = "Decides about a reply that is in doubt, or has one sent again that failed.",
       .door = Door::ability,
       .ability = settle_outbox,
       .body = k_verdict,
       .most_bytes = k_most_small_bytes,
       .success = 204,
       .others = {409},
       .handle = &Api::decide},
      {.method = "GET",
       .path = "/officers",
       .id = "officers",
       .about = "All officers.",
       .door = Door::ability,
       .ability = read_officers,
       .answer = "Officers",
       .handle = &Api::officers},
      {.method = "POST",
       .path = "/officers",
       .id = "add_officer",
       .about = "A new officer.",
       .door = Door::ability,
       .ability = manage_officers,
       .body = k_officer,
       .most_bytes = k_most_small_bytes,
       .success = 201,
       .answer = "Officer",
       .others = {409},
       .handle = &Api::add_officer},
      {.method = "POST",
       .path = "/officers/{user}/disable",
       .id = "disable",
       .about = "No more sign-ins; sessions and tokens stop counting.",
       .door = Door::ability,
       .ability = manage_officers,
       .answer = "Officer",
       .others = {409},
       .handle = &Api::disable},
      {.method = "POST",
       .path = "/officers/{user}/enable",
       .id = "enable",
       .about = "Sign-ins again.",
       .door = Door::ability,
       .ability = manage_officers,
       .answer = "Officer",
       .others = {409},
       .handle = &Api::enable},
  };
  return k_table;
}

}  // namespace

std::span<const Operation> operations() {
  return table();
}

std::vector<int> others_of(const Operation& operation) {
  std::set<int> all(operation.others.begin(), operation.others.end());
  all.insert({401, 503});
  if (operation.door != Door::anyone && operation.door != Door::officer) all.insert(403);
  if (operation.path.find('{') != std::string_view::npos) all.insert(404);
  // A query that is not known is refused everywhere, one that does not fit where there is one.
  all.insert(422);
  if (!operation.body.empty()) all.insert({400, 413, 415});
  return {all.begin(), all.end()};
}

}  // namespace kanal::api
