-- Who is said to do what with whom: one row a claim. Filled by a later version.
CREATE OR REPLACE VIEW main.claims AS
SELECT article_id, subject, relation, object, status, source_name, sentence, start
FROM content.claims;

COMMENT ON VIEW main.claims IS 'Who is said to do what with whom: one row a claim. Filled by a later version.';
COMMENT ON COLUMN main.claims.article_id IS 'The article.';
COMMENT ON COLUMN main.claims.subject IS 'Who acts.';
COMMENT ON COLUMN main.claims.relation IS 'partners_with, in_talks_with, dropped, supplies, competes_with, invests_in, files_with, approved_by, blocked_by, investigates or launches.';
COMMENT ON COLUMN main.claims.object IS 'With whom or on what.';
COMMENT ON COLUMN main.claims."status" IS 'reported, confirmed or denied.';
COMMENT ON COLUMN main.claims.source_name IS 'Who says so.';
COMMENT ON COLUMN main.claims.sentence IS 'The sentence.';
COMMENT ON COLUMN main.claims."start" IS '0-based code point in the text.';
