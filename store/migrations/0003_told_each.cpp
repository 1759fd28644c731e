namespace kanal {

extern const char* const k_migration_0003_told_each;

// Everybody of a report is told of a step. The replies of before keep the key without the reporter
// that stands in what was sent. Posts told apart from another of their id are found by that id.
const char* const k_migration_0003_told_each = R"sql(
ALTER TABLE outbox ADD COLUMN bare_key boolean NOT NULL DEFAULT true;
ALTER TABLE outbox ALTER COLUMN bare_key SET DEFAULT false;
ALTER TABLE outbox DROP CONSTRAINT outbox_report_step_channel_key;
ALTER TABLE outbox ADD UNIQUE (report, step, channel, reporter);
CREATE FUNCTION key_rest(outbox) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN $1.bare_key THEN $1.channel ELSE $1.reporter || '.' || $1.channel END $$;
CREATE INDEX post_apart ON post (channel, left(external_id, -17))
WHERE strpos(external_id, '#') > 0;
)sql";

}  // namespace kanal
