namespace kanal {

extern const char* const k_migration_0008_canary;

// One a channel: the newest message that the bridge sent to itself, and when the last one arrived.
const char* const k_migration_0008_canary = R"sql(
CREATE TABLE canary (
  channel text PRIMARY KEY,
  token text NOT NULL,
  sent_at timestamptz NOT NULL,
  seen_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON canary TO kanal_bridge;
)sql";

}  // namespace kanal
