namespace kanal {

extern const char* const k_migration_0008_canary;

// One a channel: the newest message that the bridge sent to itself, the first of those that have
// not arrived since one last did, and when that was.
const char* const k_migration_0008_canary = R"sql(
CREATE TABLE canary (
  channel text PRIMARY KEY,
  token text NOT NULL,
  sent_at timestamptz,
  missing_since timestamptz,
  seen_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON canary TO kanal_bridge;
)sql";

}  // namespace kanal
