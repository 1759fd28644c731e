namespace kanal {

extern const char* const k_migration_0004_when;

// Other systems ask for what came or happened in a range of time. Rows are written in the order of
// these times, more or less, so that an index of blocks does, which costs the intake nothing.
// Unasked, it would know of new blocks only after the next vacuum, and all of them would be read.
const char* const k_migration_0004_when = R"sql(
CREATE INDEX report_received ON report USING brin (received_at) WITH (autosummarize = on);
CREATE INDEX entry_at ON entry USING brin (at) WITH (autosummarize = on);
)sql";

}  // namespace kanal
