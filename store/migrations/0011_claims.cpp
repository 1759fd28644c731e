namespace kanal {

extern const char* const k_migration_0011_claims;

// An attempt may be taken back, so that it does not tell one claim of a reply from another. Only
// people leave an address behind: what goes to any other is for an office.
const char* const k_migration_0011_claims = R"sql(
ALTER TABLE outbox ADD COLUMN claims integer NOT NULL DEFAULT 0;
CREATE FUNCTION goes_to_office(outbox) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT $1.address IS NOT NULL AND NOT EXISTS (SELECT FROM contact AS k
  WHERE k.report = $1.report AND k.channel = $1.channel AND k.reporter = $1.reporter
  AND k.address IS NOT NULL) $$;
)sql";

}  // namespace kanal
