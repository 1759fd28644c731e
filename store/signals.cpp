#include "store/signals.hpp"

#include <charconv>
#include <map>
#include <tuple>
#include <vector>

#include "core/visibility.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

// A failure may still come after a relay said "delivered"; nothing takes a failure back. A late
// notice of delay is only worth a remark.
constexpr Statement k_apply_receipts{
    "apply_receipts",
    "UPDATE outbox AS o SET"
    " state = CASE WHEN s.kind = 'delayed' THEN o.state ELSE s.kind END,"
    " detail = s.detail,"
    " settled_at = CASE WHEN s.kind = 'delayed' THEN o.settled_at ELSE $6::timestamptz END"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[])"
    " AS s (report, step, rest, kind, detail)"
    " WHERE o.report = s.report AND o.step = s.step AND key_rest(o) = s.rest"
    " AND (o.state IN ('sent', 'sending', 'uncertain')"
    "      OR o.state = 'delivered' AND s.kind = 'failed')"};

constexpr Statement k_suspend_contacts{
    "suspend_contacts",
    "INSERT INTO contact (report, channel, reporter, suspended)"
    " SELECT DISTINCT ON (o.report, o.channel, o.reporter) o.report, o.channel, o.reporter,"
    " s.detail"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[])"
    " AS s (report, step, rest, detail)"
    " JOIN outbox AS o ON o.report = s.report AND o.step = s.step AND key_rest(o) = s.rest"
    " ON CONFLICT (report, channel, reporter) DO UPDATE SET suspended = EXCLUDED.suspended"};

constexpr Statement k_fail_owed{
    "fail_owed",
    "UPDATE outbox AS w SET state = 'failed', detail = 'address suspended: ' || s.detail,"
    " settled_at = $5::timestamptz"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[])"
    " AS s (report, step, rest, detail)"
    " JOIN outbox AS o ON o.report = s.report AND o.step = s.step AND key_rest(o) = s.rest"
    " WHERE w.report = o.report AND w.channel = o.channel AND w.reporter = o.reporter"
    " AND w.state = 'owed'"};

// Some far sides give an id out again after a while: it means the newest reply of that name, and
// none that was settled long ago.
constexpr Statement k_find_replies{
    "find_replies",
    "SELECT DISTINCT ON (external_id) external_id, report, step, key_rest(o) FROM outbox AS o"
    " WHERE channel = $1::text AND external_id = ANY($2::text[])"
    " AND (settled_at IS NULL OR settled_at >= $3::timestamptz) ORDER BY external_id, id DESC"};

constexpr Statement k_mark_posts{
    "mark_posts",
    "UPDATE post AS p SET at_source = s.kind || s.detail"
    " FROM unnest($2::text[], $3::text[], $4::text[]) AS s (external_id, kind, detail)"
    " WHERE p.channel = $1::text AND p.external_id = s.external_id"};

constexpr Statement k_keep_receipts{
    "keep_receipts",
    "INSERT INTO early_receipt (channel, external_id, kind, detail, permanent, at)"
    " SELECT $1::text, s.external_id, s.kind, s.detail, s.permanent, $6::timestamptz"
    " FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[])"
    " AS s (external_id, kind, detail, permanent)"};

constexpr Statement k_take_receipts{
    "take_receipts",
    "DELETE FROM early_receipt AS e USING outbox AS o WHERE o.id = ANY($1::bigint[])"
    " AND e.channel = o.channel AND e.external_id = o.external_id"
    " RETURNING e.channel, e.external_id, e.kind, e.detail, e.permanent"};

constexpr Statement k_take_crossing_receipts{
    "take_crossing_receipts",
    "DELETE FROM early_receipt AS e USING outbox AS o WHERE e.channel = $1::text"
    " AND e.at >= $3::timestamptz AND o.channel = e.channel AND o.external_id = e.external_id"
    " AND (o.settled_at IS NULL OR o.settled_at >= $2::timestamptz)"
    " RETURNING e.channel, e.external_id, e.kind, e.detail, e.permanent"};

constexpr Statement k_forget_receipts{"forget_receipts",
                                      "DELETE FROM early_receipt WHERE at < $1::timestamptz"};

constexpr std::chrono::hours k_receipts_kept{1};
// Longer than a commit takes, and than any bridge is away that is started again at once.
constexpr std::chrono::minutes k_receipts_cross_within{5};
// Longer than mail servers try.
constexpr std::chrono::hours k_receipts_come_within{7 * 24};

struct Key {
  std::int64_t report = 0;
  int step = 0;
  std::string rest;
  friend auto operator<=>(const Key&, const Key&) = default;
};

std::optional<Key> parse_key(std::string_view text) {
  Key key;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, key.report);
  if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [second, wrong] = std::from_chars(dot + 1, end, key.step);
  if (wrong != std::errc() || second == end || *second != '.') return std::nullopt;
  key.rest.assign(second + 1, end);
  return key;
}

struct Keys3 {
  Column report{Type::bigint}, step{Type::integer}, rest{Type::text}, detail{Type::text};
  void add(const Key& key, const std::string& said) {
    report.add(key.report);
    step.add(key.step);
    rest.add(key.rest);
    detail.add(said);
  }
};

bool names_its_reply(const Signal& signal) {
  return signal.kind != Signal::Kind::deletion && signal.reply_key.empty() &&
         !signal.subject.empty();
}

/// The replies that receipts name by what the far side called them.
std::map<std::string, Key> find_replies(sql::Work& work, const ChannelName& channel,
                                        std::span<const Signal> signals, Time now) {
  Column ids(Type::text);
  for (const auto& signal : signals) {
    if (names_its_reply(signal)) ids.add(key_of(signal.subject));
  }
  std::map<std::string, Key> found;
  if (ids.empty()) return found;
  for (const auto& row : work.run(k_find_replies, Parameters() << channel.value() << ids
                                                               << now - k_receipts_come_within)) {
    found[sql::text(row[0])] = {sql::number(row[1]), sql::small(row[2]), sql::text(row[3])};
  }
  return found;
}

void keep_receipts(sql::Work& work, const ChannelName& channel, std::span<const Signal> signals,
                   const std::map<std::string, Key>& found, Time now) {
  Column id(Type::text), kind(Type::text), detail(Type::text), permanent(Type::boolean);
  for (const auto& signal : signals) {
    if (!names_its_reply(signal) || found.contains(key_of(signal.subject))) continue;
    id.add(key_of(signal.subject));
    kind.add(name(signal.kind));
    detail.add(redact_detail(signal.detail));
    permanent.add(signal.permanent);
  }
  if (id.empty()) return;
  work.run(k_keep_receipts, Parameters()
                                << channel.value() << id << kind << detail << permanent << now);
}

void apply_kept(sql::Work& work, const pqxx::result& kept, Time now) {
  std::map<ChannelName, std::vector<Signal>> all;
  for (const auto& row : kept) {
    Signal signal;
    signal.subject = ExternalId(sql::text(row[1]));
    const auto kind = sql::text(row[2]);
    for (const auto each : {Signal::Kind::failed, Signal::Kind::delayed}) {
      if (kind == name(each)) signal.kind = each;
    }
    signal.detail = sql::text(row[3]);
    signal.permanent = sql::truth(row[4]);
    all[ChannelName(sql::text(row[0]))].push_back(std::move(signal));
  }
  for (const auto& [channel, signals] : all) apply_signals(work, channel, signals, now);
}

}  // namespace

void apply_early_receipts(sql::Work& work, const sql::Column& replies, Time now) {
  apply_kept(work, work.run(k_take_receipts, Parameters() << replies), now);
}

void apply_crossing_receipts(sql::Work& work, const ChannelName& channel, Time now) {
  apply_kept(work,
             work.run(k_take_crossing_receipts, Parameters() << channel.value()
                                                             << now - k_receipts_come_within
                                                             << now - k_receipts_cross_within),
             now);
}

void forget_receipts(sql::Work& work, Time now) {
  work.run(k_forget_receipts, Parameters() << now - k_receipts_kept);
}

void apply_signals(sql::Work& work, const ChannelName& channel, std::span<const Signal> signals,
                   Time now) {
  if (signals.empty()) return;
  const auto keys_of = find_replies(work, channel, signals, now);
  keep_receipts(work, channel, signals, keys_of, now);
  // An UPDATE takes one of several matching rows as it pleases: the weightiest signal a row.
  std::map<Key, const Signal*> receipts;
  std::map<std::string, const Signal*> marks;
  const auto weight = [](const Signal& signal) {
    return signal.kind == Signal::Kind::failed ? 2 : signal.kind == Signal::Kind::delivered ? 1 : 0;
  };
  for (const auto& signal : signals) {
    if (signal.kind == Signal::Kind::deletion) {
      marks[key_of(signal.subject)] = &signal;
      continue;
    }
    const auto named = keys_of.find(key_of(signal.subject));
    const auto key = !signal.reply_key.empty() ? parse_key(signal.reply_key)
                     : named != keys_of.end()  ? std::optional(named->second)
                                               : std::nullopt;
    if (key) {
      auto& slot = receipts[*key];
      if (slot == nullptr || weight(signal) >= weight(*slot)) slot = &signal;
    }
  }

  Keys3 all;
  Keys3 permanent;
  Column kind(Type::text);
  for (const auto& [key, signal] : receipts) {
    const auto detail = redact_detail(signal->detail);
    all.add(key, detail);
    kind.add(name(signal->kind));
    if (signal->kind == Signal::Kind::failed && signal->permanent) {
      permanent.add(key, detail);
    }
  }
  if (!kind.empty()) {
    work.run(k_apply_receipts,
             Parameters() << all.report << all.step << all.rest << kind << all.detail << now);
  }
  if (!permanent.report.empty()) {
    const auto keys = [&] {
      return Parameters() << permanent.report << permanent.step << permanent.rest
                          << permanent.detail;
    };
    work.run(k_suspend_contacts, keys());
    work.run(k_fail_owed, keys() << now);
  }
  if (!marks.empty()) {
    Column id(Type::text), what(Type::text), detail(Type::text);
    for (const auto& [external_id, signal] : marks) {
      id.add(external_id);
      what.add(name(signal->kind));
      detail.add(signal->detail.empty() ? std::string() : ": " + signal->detail);
    }
    work.run(k_mark_posts, Parameters() << channel.value() << id << what << detail);
  }
}

}  // namespace kanal
