-- Events told by several articles: one row an event. Filled by a later version.
CREATE OR REPLACE VIEW main.stories AS
SELECT
    s.story_id, s.title, min(a.published_at) AS first_published_at,
    list(DISTINCT r.language) AS languages, list(DISTINCT r.publisher) AS publishers, count(*) AS articles,
    count(*) FILTER (sa.role = 'original') AS originals
FROM content.stories AS s
JOIN content.story_articles AS sa USING (story_id)
JOIN content.article_revisions AS r ON r.article_id = sa.article_id AND r.is_current
JOIN (SELECT article_id, published_at FROM content.article_revisions WHERE is_current) AS a
  ON a.article_id = sa.article_id
GROUP BY s.story_id, s.title;

COMMENT ON VIEW main.stories IS 'Events told by several articles: one row an event. Filled by a later version.';
COMMENT ON COLUMN main.stories.story_id IS 'The story.';
COMMENT ON COLUMN main.stories.title IS 'Its title.';
COMMENT ON COLUMN main.stories.first_published_at IS 'The earliest stated time (UTC).';
COMMENT ON COLUMN main.stories.languages IS 'Languages of its articles.';
COMMENT ON COLUMN main.stories.publishers IS 'Who tells it.';
COMMENT ON COLUMN main.stories.articles IS 'Number of articles.';
COMMENT ON COLUMN main.stories.originals IS 'Number of articles that report it themselves.';
