namespace kanal {

extern const char* const k_migration_0012_installation;

// What is sealed and looked up here is so with one key: the mark tells it from others.
const char* const k_migration_0012_installation = R"sql(
CREATE TABLE installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key_mark bytea NOT NULL
);
GRANT SELECT, INSERT ON installation TO kanal_bridge;
)sql";

}  // namespace kanal
