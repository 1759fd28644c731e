namespace kanal {

extern const char* const k_migration_0012_early;

// A receipt may be faster than the settlement that says what the far side calls the reply: it is
// kept for a while.
const char* const k_migration_0012_early = R"sql(
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
)sql";

}  // namespace kanal
