namespace kanal {

extern const char* const k_migration_0001_start;

// States, events and the like are stored by name. What everything of a report hangs on are its
// numbers: rows of the hot tables name each other without foreign keys, whose checks would cost a
// look-up a row; all of them are written by one transaction.
const char* const k_migration_0001_start = R"sql(
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kanal_bridge') THEN
    CREATE ROLE kanal_bridge NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'kanal_bridge', 'MEMBER') THEN
    EXECUTE format('GRANT kanal_bridge TO %I', current_user);
  END IF;
END
$$;

CREATE FUNCTION micros(timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT (extract(epoch FROM $1) * 1000000)::bigint $$;

CREATE TABLE channel (
  name text PRIMARY KEY,
  cursor text NOT NULL DEFAULT '',
  health text NOT NULL DEFAULT 'connecting',
  health_since timestamptz NOT NULL,
  advice text NOT NULL DEFAULT '',
  paused boolean NOT NULL DEFAULT false,
  last_success timestamptz,
  last_post timestamptz,
  node text NOT NULL DEFAULT '',
  epoch bigint NOT NULL DEFAULT 0,
  leased_until timestamptz
);

CREATE TABLE channel_hour (
  channel text NOT NULL,
  hour timestamptz NOT NULL,
  posts bigint NOT NULL,
  PRIMARY KEY (channel, hour)
);

-- Who somebody is stands sealed; they are found by keyed hashes.
CREATE TABLE reporter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel text NOT NULL,
  lookup bytea NOT NULL,
  sealed bytea NOT NULL,
  blocked boolean NOT NULL DEFAULT false,
  first_seen timestamptz NOT NULL,
  UNIQUE (channel, lookup)
);

CREATE TABLE reporter_alias (
  lookup bytea NOT NULL,
  reporter bigint NOT NULL,
  PRIMARY KEY (lookup, reporter)
);

CREATE SEQUENCE report_id;

CREATE TABLE report (
  id bigint PRIMARY KEY,
  code text NOT NULL UNIQUE,
  steps integer NOT NULL,
  head bytea NOT NULL,
  state text NOT NULL,
  timer text NOT NULL,
  due_at timestamptz,
  overdue boolean NOT NULL,
  kind text NOT NULL,
  category text NOT NULL,
  agency text NOT NULL,
  unit text NOT NULL,
  channel text NOT NULL,
  reporter bigint NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  text_hash bigint NOT NULL,
  language text NOT NULL,
  latitude double precision,
  longitude double precision,
  address text,
  anonymous boolean NOT NULL,
  confidential boolean NOT NULL,
  hops integer NOT NULL,
  reopenings integer NOT NULL,
  rating integer,
  merged_into bigint,
  received_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX report_same_text ON report (reporter, text_hash);
CREATE INDEX report_waiting ON report (reporter, id) WHERE state IN ('needs_info', 'answered');
CREATE INDEX report_due ON report (due_at) WHERE timer <> 'none';
CREATE INDEX report_state ON report (state, id);
CREATE INDEX report_agency ON report (agency, id) WHERE agency <> '';

-- A report's history: appended to, never changed; each line holds the hash of the one before.
CREATE TABLE entry (
  report bigint NOT NULL,
  step integer NOT NULL,
  at timestamptz NOT NULL,
  role text NOT NULL,
  officer bigint,
  actor_agency text NOT NULL,
  actor_unit text NOT NULL,
  event text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  agency text NOT NULL,
  unit text NOT NULL,
  post bigint,
  other bigint,
  reason text NOT NULL,
  words_hash bytea,
  audience text NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (report, step)
);

-- What was said may be erased; the line keeps a salted hash of it, and the salt goes with it.
CREATE TABLE entry_words (
  report bigint NOT NULL,
  step integer NOT NULL,
  salt bytea NOT NULL,
  words text NOT NULL,
  PRIMARY KEY (report, step)
);

CREATE TABLE post (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel text NOT NULL,
  external_id text NOT NULL,
  in_reply_to text,
  reporter bigint NOT NULL,
  fate text NOT NULL,
  reason text NOT NULL,
  report bigint,
  subject text NOT NULL,
  text text NOT NULL,
  full_text text,
  language text NOT NULL,
  stages text NOT NULL,
  posted_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  at_source text,
  erased boolean NOT NULL DEFAULT false,
  payload bytea,
  UNIQUE (channel, external_id)
);
ALTER TABLE post ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX post_reporter ON post (reporter, received_at);
CREATE INDEX post_report ON post (report) WHERE report IS NOT NULL;

CREATE TABLE attachment (
  post bigint NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (post, position)
);
CREATE INDEX attachment_file ON attachment (sha256);

-- Addresses besides the one a post came from (a mail address left on a form), and bounced ones.
CREATE TABLE contact (
  report bigint NOT NULL,
  channel text NOT NULL,
  reporter bigint NOT NULL,
  address bytea,
  lookup bytea,
  suspended text,
  PRIMARY KEY (report, channel, reporter)
);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report bigint NOT NULL,
  step integer NOT NULL,
  channel text NOT NULL,
  reporter bigint NOT NULL,
  address bytea,
  in_reply_to text,
  language text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  acknowledgement boolean NOT NULL,
  state text NOT NULL DEFAULT 'owed',
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  node text,
  leased_until timestamptz,
  external_id text,
  settled_at timestamptz,
  detail text NOT NULL DEFAULT '',
  UNIQUE (report, step, channel)
);
CREATE INDEX outbox_owed ON outbox (channel, due_at) WHERE state = 'owed';
CREATE INDEX outbox_sending ON outbox (channel, leased_until) WHERE state = 'sending';
CREATE INDEX outbox_external ON outbox (channel, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX outbox_reporter ON outbox (reporter, created_at);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel text NOT NULL,
  external_id text NOT NULL,
  reason text NOT NULL,
  payload_hash bytea NOT NULL,
  payload bytea NOT NULL,
  size_bytes bigint NOT NULL,
  at timestamptz NOT NULL,
  replayed_at timestamptz,
  UNIQUE (channel, external_id, payload_hash)
);

-- Filled behind the intake: text indexes would cost it four to ten times its price.
CREATE TABLE report_search (report bigint PRIMARY KEY, document tsvector NOT NULL);
CREATE INDEX report_search_document ON report_search USING gin (document);
CREATE TABLE post_search (post bigint PRIMARY KEY, document tsvector NOT NULL);
CREATE INDEX post_search_document ON post_search USING gin (document);

CREATE TABLE officer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  agency text NOT NULL,
  unit text NOT NULL,
  password_hash text NOT NULL,
  failures integer NOT NULL,
  locked_until timestamptz,
  disabled boolean NOT NULL
);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  officer bigint NOT NULL REFERENCES officer ON DELETE CASCADE,
  until timestamptz NOT NULL,
  label text NOT NULL,
  started_at timestamptz NOT NULL
);

-- The installation's log of acts that belong to no report.
CREATE TABLE act (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  role text NOT NULL,
  officer bigint,
  act text NOT NULL,
  subject text NOT NULL,
  reason text NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'lines of % are never changed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON act
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT USAGE ON SCHEMA public TO kanal_bridge;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO kanal_bridge;
GRANT SELECT, INSERT, UPDATE, DELETE ON channel, channel_hour, reporter, reporter_alias, report,
  entry_words, post, attachment, contact, outbox, quarantine, report_search, post_search, officer,
  session TO kanal_bridge;
GRANT SELECT, INSERT ON entry, act TO kanal_bridge;
GRANT SELECT ON schema_version TO kanal_bridge;
)sql";

}  // namespace kanal
