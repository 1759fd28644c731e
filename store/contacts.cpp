#include "store/contacts.hpp"

#include "store/rows.hpp"

namespace kanal {
namespace {

// Everybody whose posts belong to the report, and the addresses that were left with it.
// The people of the report and of those that were merged into it; who is both counts as its own.
// Who took the post back is no longer told of what became of it.
// What was kept of an address that bounced, and counts again, is nobody by itself.
// Who left an address and writes from it is known twice, and reads one conversation.
constexpr sql::Statement k_contacts{
    "contacts",
    "WITH RECURSIVE family AS ("
    "  SELECT u.id AS root, u.id, 0 AS depth FROM unnest($1::bigint[]) AS u (id)"
    "  UNION ALL SELECT f.root, r.id, f.depth + 1 FROM family AS f JOIN report AS r"
    "   ON r.merged_into = f.id WHERE f.depth < 8),"
    " told AS ("
    "  SELECT c.root, c.reporter, c.channel, c.report, c.depth,"
    "  bool_or(c.suspended) AS suspended, coalesce(bool_and(c.quiet), false) AS quiet,"
    "  (array_agg(c.lookup) FILTER (WHERE c.lookup IS NOT NULL))[1] AS lookup"
    "  FROM (SELECT f.root, p.reporter, p.channel, f.id AS report, f.depth, false AS suspended,"
    "         p.quiet, NULL::bytea AS lookup FROM family AS f JOIN post AS p ON p.report = f.id"
    "         WHERE p.fate IN ('report', 'joined', 'repeated')"
    "          AND NOT (p.erased AND starts_with(coalesce(p.at_source, ''), 'deleted'))"
    "        UNION ALL SELECT f.root, k.reporter, k.channel, f.id, f.depth,"
    "         k.suspended IS NOT NULL, (SELECT bool_and(p.quiet) FROM post AS p"
    "          WHERE p.report = f.id AND p.reporter = k.reporter), k.lookup"
    "         FROM family AS f JOIN contact AS k ON k.report = f.id"
    "         WHERE k.lookup IS NOT NULL OR k.suspended IS NOT NULL) AS c"
    "  GROUP BY c.root, c.reporter, c.channel, c.report, c.depth),"
    " known AS (SELECT t.*, coalesce(t.lookup, (SELECT a.lookup FROM reporter AS a"
    "   WHERE a.id = t.reporter AND a.channel = t.channel)) AS who FROM told AS t)"
    " SELECT DISTINCT ON (t.root, t.reporter, t.channel) t.reporter, t.channel,"
    " (SELECT p.external_id FROM post AS p WHERE p.report = t.report AND p.channel = t.channel"
    "   AND p.reporter = t.reporter AND NOT p.erased"
    "   ORDER BY p.uncalled, p.id DESC LIMIT 1),"
    " t.suspended, t.report, t.depth,"
    " t.who, t.root, t.quiet,"
    " (SELECT o.subject FROM outbox AS o WHERE o.report = t.report AND o.channel = t.channel"
    "   AND (o.reporter = t.reporter OR o.reporter IN (SELECT k.reporter FROM known AS k"
    "    WHERE k.report = t.report AND k.channel = t.channel AND k.who = t.who))"
    "   AND o.state <> 'withheld' ORDER BY o.step LIMIT 1)"
    " FROM known AS t ORDER BY t.root, t.reporter, t.channel, t.depth, t.report"};

}  // namespace

Contacts read_contacts(sql::Work& work, const sql::Column& reports) {
  Contacts contacts;
  for (const auto& row : work.run(k_contacts, sql::Parameters() << reports)) {
    Contact contact;
    contact.reporter = ReporterId(sql::number(row[0]));
    contact.channel = ChannelName(sql::text(row[1]));
    contact.suspended = sql::truth(row[3]);
    contact.report = ReportId(sql::number(row[4]));
    contact.follows = sql::small(row[5]) > 0;
    contact.who = sql::bytes(row[6]);
    contact.quiet = sql::truth(row[8]);
    contact.subject = sql::text(row[9]);
    if (!row[2].is_null()) contact.newest_post = ExternalId(sql::text(row[2]));
    contacts[ReportId(sql::number(row[7]))].push_back(std::move(contact));
  }
  return contacts;
}

}  // namespace kanal
