namespace kanal {

extern const char* const k_migration_0013_marked;

// - What could not be read of an import is told nothing either once it can be read.
const char* const k_migration_0013_marked = R"sql(
ALTER TABLE quarantine ADD COLUMN quiet boolean NOT NULL DEFAULT false;
)sql";

}  // namespace kanal
