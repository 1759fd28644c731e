namespace kanal {

extern const char* const k_migration_0013_marked;

// - What could not be read of an import is told nothing either once it can be read.
// - What a back-fill used up of a channel's caps was in no account: it runs beside the bridge,
//   which alone writes the channel's place.
// - Answers went below what its author had not called us with, where X refuses them, because it was
//   the newest of the report.
// - A change whose words were stored under the first id was taken for another one, and one back to
//   the first words for nothing new: whose words a post has was not known.
// - Deadlines that passed long ago, advice that was given, lines that were set aside and receipts
//   of what others sent were read again by every look for what is new.
// - Nobody was told of messages to offices that did not go out. They are counted whenever somebody
//   looks at a channel, among all that ever failed.
// - A complaint told over several posts was known by the last one's id alone: an answer to its
//   beginning began a second report, and what its author deleted of it stayed.
// - A back-fill that was broken off began anew, and nobody but who had ordered it saw it run.
// - Nobody was told of held messages. They are counted for whoever opens the console.
const char* const k_migration_0013_marked = R"sql(
ALTER TABLE quarantine ADD COLUMN quiet boolean NOT NULL DEFAULT false;

ALTER TABLE channel ADD COLUMN used_apart text;

ALTER TABLE post ADD COLUMN uncalled boolean NOT NULL DEFAULT false;
ALTER TABLE post ADD COLUMN edition text;

DROP INDEX report_due;
CREATE INDEX report_due ON report (due_at, id)
WHERE timer <> 'none' AND (NOT overdue OR timer IN ('completion', 'silence'));
CREATE INDEX report_unsolved ON report (id) WHERE state IN ('received', 'at_agency', 'at_unit',
  'returned', 'in_progress', 'reopened');
CREATE INDEX entry_advice ON entry (report) WHERE event = 'advise';
CREATE INDEX early_receipt_at ON early_receipt (at);

ALTER TABLE quarantine ADD COLUMN discarded_at timestamptz;
UPDATE quarantine AS q SET discarded_at = d.at
FROM (SELECT subject, max(at) AS at FROM act WHERE act = 'discard' GROUP BY subject) AS d
WHERE d.subject = 'quarantine ' || q.id;
DROP INDEX quarantine_waiting;
CREATE INDEX quarantine_waiting ON quarantine (id)
WHERE replayed_at IS NULL AND discarded_at IS NULL;

CREATE INDEX outbox_untold ON outbox (channel)
WHERE state IN ('failed', 'uncertain') AND address IS NOT NULL;

CREATE TABLE told (
  channel text NOT NULL,
  external_id text NOT NULL,
  post bigint NOT NULL,
  PRIMARY KEY (channel, external_id)
);
GRANT SELECT, INSERT ON told TO kanal_bridge;

ALTER TABLE channel ADD COLUMN backfill_from timestamptz;
ALTER TABLE channel ADD COLUMN backfill_cursor text;
ALTER TABLE channel ADD COLUMN backfill_posts bigint;
ALTER TABLE channel ADD COLUMN backfill_at timestamptz;

CREATE INDEX post_held ON post (id) WHERE fate = 'held' AND NOT erased;
)sql";

}  // namespace kanal
