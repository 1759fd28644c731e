namespace kanal {

extern const char* const k_migration_0010_silent;

// Who asked for silence on a channel is sent nothing there; whoever asks for that, or for help,
// may have no report, so that some replies are about report 0. What a text message took is kept
// with it, and summed up by month.
const char* const k_migration_0010_silent = R"sql(
ALTER TABLE reporter ADD COLUMN silent_since timestamptz;
ALTER TABLE outbox ADD COLUMN segments integer;
CREATE INDEX outbox_segments ON outbox (settled_at) INCLUDE (channel, segments)
WHERE segments IS NOT NULL;
)sql";

}  // namespace kanal
