-- Which article belongs to which story, and as what: one row an article in a story. Filled by a later version.
CREATE OR REPLACE VIEW main.story_articles AS
SELECT story_id, article_id, role, evidence
FROM content.story_articles;

COMMENT ON VIEW main.story_articles IS 'Which article belongs to which story, and as what: one row an article in a story. Filled by a later version.';
COMMENT ON COLUMN main.story_articles.story_id IS 'The story.';
COMMENT ON COLUMN main.story_articles.article_id IS 'The article.';
COMMENT ON COLUMN main.story_articles."role" IS 'original, follow_up or syndicated.';
COMMENT ON COLUMN main.story_articles.evidence IS 'Why.';
