namespace kanal {

extern const char* const k_migration_0013_marked;

// - What could not be read of an import is told nothing either once it can be read.
// - What a back-fill used up of a channel's caps was in no account: it runs beside the bridge,
//   which alone writes the channel's place.
// - Answers went below what its author had not called us with, where X refuses them, because it was
//   the newest of the report.
// - A change whose words were stored under the first id was taken for another one, and one back to
//   the first words for nothing new: whose words a post has was not known.
// - A back-fill that was broken off began anew, and nobody but who had ordered it saw it run.
const char* const k_migration_0013_marked = R"sql(
ALTER TABLE quarantine ADD COLUMN quiet boolean NOT NULL DEFAULT false;

ALTER TABLE channel ADD COLUMN used_apart text;

ALTER TABLE post ADD COLUMN uncalled boolean NOT NULL DEFAULT false;
ALTER TABLE post ADD COLUMN edition text;

ALTER TABLE channel ADD COLUMN backfill_from timestamptz;
ALTER TABLE channel ADD COLUMN backfill_cursor text;
ALTER TABLE channel ADD COLUMN backfill_posts bigint;
ALTER TABLE channel ADD COLUMN backfill_at timestamptz;
)sql";

}  // namespace kanal
