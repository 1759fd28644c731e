namespace kanal {

extern const char* const k_migration_0007_shown;

// Whoever looks for words in public may find nothing that a public page blots out. shown_words
// takes away more than core/visibility does, so that the two never part; `shown` is empty where
// nothing had to go.
const char* const k_migration_0007_shown = R"sql(
CREATE FUNCTION shown_words(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(
    words, '[^[:space:]]*@[^[:space:]]*|([0-9][^[:alnum:]]{0,5}){5,}[0-9]', ' ', 'g');
CREATE FUNCTION report_documents(title text, content text, OUT document tsvector, OUT shown tsvector)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('indonesian', whole),
      CASE WHEN bare <> whole THEN to_tsvector('indonesian', bare) END
    FROM left(title || ' ' || content, 200000) AS whole, shown_words(whole) AS bare
  $$;
ALTER TABLE report_search ADD COLUMN shown tsvector;
CREATE INDEX report_search_shown ON report_search USING gin (shown) WHERE shown IS NOT NULL;
UPDATE report_search AS s SET shown = d.shown
  FROM report AS r, report_documents(r.title, r.text) AS d
  WHERE r.id = s.report AND d.shown IS NOT NULL;
)sql";

}  // namespace kanal
