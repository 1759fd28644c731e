namespace kanal {

extern const char* const k_migration_0012_guarded;

// - What is sealed and looked up here is so with one key: the mark tells it from others.
// - Whether the sender of a post asked for confidence, for as long as no report says it: until now
//   only the sealed payload knew.
// - A receipt may be faster than the settlement that says what the far side calls the reply: it is
//   kept for a while.
// - What officers put to their words is part of the history: its lines' hashes hold it.
// - Commits at the same time count their posts apart.
// - The time to reopen runs from when a report was closed, whatever is added to it later.
// - Who was imported is told nothing by a clock.
// - A post that is held has its number already, which the report made of it will bear.
// - Where answers are read by all, a reply may have other words for them, and what went out to one
//   person alone is no answer before all eyes. An answer to who only asks is of no report, and has
//   to know by itself that it tells of a confidential one.
// - The indexes are for lists that are drawn all day from tables that only grow.
const char* const k_migration_0012_guarded = R"sql(
CREATE TABLE installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key_mark bytea NOT NULL
);
GRANT SELECT, INSERT ON installation TO kanal_bridge;

ALTER TABLE post ADD COLUMN confidential boolean NOT NULL DEFAULT false;
UPDATE post SET confidential = true
WHERE reason = 'it asks not to be shown, and the report is somebody else''s';
CREATE FUNCTION asks_confidence(post) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT $1.confidential AND $1.fate NOT IN ('report', 'joined') $$;

CREATE TABLE early_receipt (
  channel text NOT NULL,
  external_id text NOT NULL,
  kind text NOT NULL,
  detail text NOT NULL,
  permanent boolean NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX early_receipt_of ON early_receipt (channel, external_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON early_receipt TO kanal_bridge;

CREATE TABLE entry_file (
  report bigint NOT NULL,
  step integer NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (report, step, position)
);
CREATE INDEX entry_file_file ON entry_file (sha256);
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON entry_file
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON entry_file
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON entry_file TO kanal_bridge;

ALTER TABLE channel_hour ADD COLUMN part smallint NOT NULL DEFAULT 0,
  DROP CONSTRAINT channel_hour_pkey, ADD PRIMARY KEY (channel, hour, part);

ALTER TABLE report ADD COLUMN state_since timestamptz;
UPDATE report AS r SET state_since = coalesce((SELECT max(e.at) FROM entry AS e
  WHERE e.report = r.id AND e.from_state <> e.to_state), r.received_at);
ALTER TABLE report ALTER COLUMN state_since SET NOT NULL;

ALTER TABLE post ADD COLUMN code text, ADD COLUMN quiet boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX post_code ON post (code) WHERE code IS NOT NULL;

ALTER TABLE outbox ADD COLUMN public_text text NOT NULL DEFAULT '',
  ADD COLUMN in_private boolean NOT NULL DEFAULT false,
  ADD COLUMN confidential boolean NOT NULL DEFAULT false;
UPDATE outbox SET in_private = true WHERE external_id LIKE 'dm:%';

CREATE INDEX outbox_in_doubt ON outbox (state, id) WHERE state IN ('uncertain', 'failed');
CREATE INDEX act_on ON act (subject, id) WHERE act IN ('block', 'discard');
CREATE INDEX post_kept_back ON post (fate, id) WHERE fate IN ('held', 'screened');
CREATE INDEX quarantine_waiting ON quarantine (id) WHERE replayed_at IS NULL;
CREATE INDEX quarantine_external ON quarantine (external_id);
CREATE INDEX reporter_blocked ON reporter (id) WHERE blocked;
)sql";

}  // namespace kanal
