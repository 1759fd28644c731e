namespace kanal {

extern const char* const k_migration_0002_merged;

// Who is told of a report are also the people of those that were merged into it.
const char* const k_migration_0002_merged = R"sql(
CREATE INDEX report_merged ON report (merged_into) WHERE merged_into IS NOT NULL;
)sql";

}  // namespace kanal
