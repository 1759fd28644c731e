namespace kanal {

extern const char* const k_migration_0005_rounds;

// A person may have a reply sent again after its attempts were used up: it gets as many once more,
// and how often it was tried stays known.
const char* const k_migration_0005_rounds = R"sql(
ALTER TABLE outbox ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;
)sql";

}  // namespace kanal
