namespace kanal {

extern const char* const k_migration_0015_blotted;

// core/visibility has come to blot out more than shown_words took away: numbers that are parted by
// more signs or written in other digits, addresses with blanks or quotes, links to files.
const char* const k_migration_0015_blotted = R"sql(
CREATE OR REPLACE FUNCTION shown_words(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(
    -- In three goes, as what lies on both sides of a blank is looked for in quadratic time.
    regexp_replace(regexp_replace(words, ' ?@ ?', '@', 'g'), '"[^"\n]*"@', '@', 'g'),
    '(Foto|Berkas): https?://[^[:space:]]*'
    '|[^[:space:]]*@[^[:space:]]*'
    '|([0-9٠-٩۰-۹०-९๐-๙᭐-᭙᮰-᮹꧐-꧙][^[:alnum:]]{0,12}){5,}[0-9٠-٩۰-۹०-९๐-๙᭐-᭙᮰-᮹꧐-꧙]',
    ' ', 'g');
UPDATE report_search AS s SET shown = d.shown
  FROM report AS r, report_documents(r.title, r.text) AS d
  WHERE r.id = s.report AND d.shown IS DISTINCT FROM s.shown;
)sql";

}  // namespace kanal
