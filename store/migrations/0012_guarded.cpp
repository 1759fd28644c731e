namespace kanal {

extern const char* const k_migration_0012_guarded;

// What is sealed and looked up here is so with one key: the mark tells it from others. Whether the
// sender of a post asked for confidence, for as long as no report says it: until now only the sealed
// payload knew.
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
)sql";

}  // namespace kanal
