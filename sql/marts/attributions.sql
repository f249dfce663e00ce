-- Statements with a source ("according to X"): one row a statement. Filled by a later version.
CREATE OR REPLACE VIEW main.attributions AS
SELECT article_id, source_entity_id, source_name, quote, start, language
FROM content.attributions;

COMMENT ON VIEW main.attributions IS 'Statements with a source ("according to X"): one row a statement. Filled by a later version.';
COMMENT ON COLUMN main.attributions.article_id IS 'The article.';
COMMENT ON COLUMN main.attributions.source_entity_id IS 'The source as an entity; NULL if unknown.';
COMMENT ON COLUMN main.attributions.source_name IS 'The source''s name.';
COMMENT ON COLUMN main.attributions.quote IS 'The sentence.';
COMMENT ON COLUMN main.attributions."start" IS '0-based code point in the text.';
COMMENT ON COLUMN main.attributions."language" IS 'ISO 639-1 code.';
