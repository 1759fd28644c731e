namespace kanal {

extern const char* const k_migration_0013_marked;

// - What could not be read of an import is told nothing either once it can be read.
// - What a back-fill used up of a channel's caps was in no account: it runs beside the bridge,
//   which alone writes the channel's place.
const char* const k_migration_0013_marked = R"sql(
ALTER TABLE quarantine ADD COLUMN quiet boolean NOT NULL DEFAULT false;

ALTER TABLE channel ADD COLUMN used_apart text;
)sql";

}  // namespace kanal
