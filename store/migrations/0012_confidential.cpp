namespace kanal {

extern const char* const k_migration_0012_confidential;

// Whether the sender asked for confidence, for as long as no report says it: until now only the
// sealed payload knew.
const char* const k_migration_0012_confidential = R"sql(
ALTER TABLE post ADD COLUMN confidential boolean NOT NULL DEFAULT false;
UPDATE post SET confidential = true
WHERE reason = 'it asks not to be shown, and the report is somebody else''s';
CREATE FUNCTION asks_confidence(post) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT $1.confidential AND $1.fate NOT IN ('report', 'joined') $$;
)sql";

}  // namespace kanal
