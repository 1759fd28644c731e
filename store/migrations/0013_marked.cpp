namespace kanal {

extern const char* const k_migration_0013_marked;

// - What could not be read of an import is told nothing either once it can be read.
// - What a back-fill used up of a channel's caps was in no account: it runs beside the bridge,
//   which alone writes the channel's place.
// - Answers went below what its author had not called us with, where X refuses them, because it was
//   the newest of the report.
// - A change whose words were stored under the first id was taken for another one, and one back to
//   the first words for nothing new: whose words a post has was not known.
// - A complaint told over several posts was known by the last one's id alone: an answer to its
//   beginning began a second report, and what its author deleted of it stayed.
const char* const k_migration_0013_marked = R"sql(
ALTER TABLE quarantine ADD COLUMN quiet boolean NOT NULL DEFAULT false;

ALTER TABLE channel ADD COLUMN used_apart text;

ALTER TABLE post ADD COLUMN uncalled boolean NOT NULL DEFAULT false;
ALTER TABLE post ADD COLUMN edition text;

CREATE TABLE told (
  channel text NOT NULL,
  external_id text NOT NULL,
  post bigint NOT NULL,
  PRIMARY KEY (channel, external_id)
);
GRANT SELECT, INSERT ON told TO kanal_bridge;
)sql";

}  // namespace kanal
