namespace kanal {

extern const char* const k_migration_0006_access;

// Failed sign-ins are counted by where they come from, so that nobody can lock out somebody else.
// What a token gave out ends with it.
const char* const k_migration_0006_access = R"sql(
CREATE TABLE sign_in_failure (
  key bytea PRIMARY KEY,
  officer bigint REFERENCES officer ON DELETE CASCADE,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX sign_in_failure_officer ON sign_in_failure (officer) WHERE officer IS NOT NULL;
CREATE INDEX sign_in_failure_last_at ON sign_in_failure (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO kanal_bridge;
ALTER TABLE officer DROP COLUMN failures, DROP COLUMN locked_until;
ALTER TABLE session ADD COLUMN parent bytea REFERENCES session ON DELETE CASCADE;
CREATE INDEX session_parent ON session (parent) WHERE parent IS NOT NULL;
)sql";

}  // namespace kanal
