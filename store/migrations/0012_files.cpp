namespace kanal {

extern const char* const k_migration_0012_files;

// What officers put to their words is part of the history: its lines' hashes hold it.
const char* const k_migration_0012_files = R"sql(
CREATE TABLE entry_file (
  report bigint NOT NULL,
  step integer NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (report, step, position)
);
CREATE INDEX entry_file_file ON entry_file (sha256);
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON entry_file
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON entry_file
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON entry_file TO kanal_bridge;
)sql";

}  // namespace kanal
