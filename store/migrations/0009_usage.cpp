namespace kanal {

extern const char* const k_migration_0009_usage;

// What a channel has used of what its far side bills, as its worker last knew it: JSON, read and
// written whole.
const char* const k_migration_0009_usage = R"sql(
ALTER TABLE channel ADD COLUMN usage text NOT NULL DEFAULT '';
)sql";

}  // namespace kanal
