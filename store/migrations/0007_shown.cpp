namespace kanal {

extern const char* const k_migration_0007_shown;

// Whoever looks for words in public may find nothing that a public page blots out. shown_words
// takes away more than core/visibility does, so that the two never part; `shown` is empty where
// nothing had to go.
const char* const k_migration_0007_shown = R"sql(
CREATE FUNCTION report_words(title text, content text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN left(title || ' ' || content, 200000);
CREATE FUNCTION shown_words(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(
    words, '[^[:space:]]*@[^[:space:]]*|([0-9][^[:alnum:]]{0,5}){5,}[0-9]', ' ', 'g');
ALTER TABLE report_search ADD COLUMN shown tsvector;
CREATE INDEX report_search_shown ON report_search USING gin (shown) WHERE shown IS NOT NULL;
UPDATE report_search AS s SET shown = to_tsvector('indonesian', w.shown)
  FROM report AS r, report_words(r.title, r.text) AS whole, LATERAL (SELECT shown_words(whole)) AS w (shown)
  WHERE r.id = s.report AND w.shown <> whole;
)sql";

}  // namespace kanal
