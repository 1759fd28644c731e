namespace kanal {

extern const char* const k_migration_0014_passed_on;

// Whoever passes on a post supports its report, and was counted nowhere.
const char* const k_migration_0014_passed_on = R"sql(
ALTER TABLE post ADD COLUMN passes_on bigint;
CREATE INDEX post_passes_on ON post (passes_on) WHERE passes_on IS NOT NULL;
)sql";

}  // namespace kanal
