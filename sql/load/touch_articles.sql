-- Known articles that were seen again: the hash of what the page says now; whose entry speaks for them, which the
-- duplicates follow; when they were first loaded; and since when the publisher has withdrawn them (NULL: they are there).
CREATE OR REPLACE TEMP TABLE given AS
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY article_id) > 1, error('double key ' || article_id), article_id) AS article_id)
FROM (SELECT item.* FROM unnest($rows::STRUCT(
            article_id VARCHAR, entry_id VARCHAR, content_hash VARCHAR, cleaner_version VARCHAR, loaded_at TIMESTAMPTZ,
            withdrawn_at TIMESTAMPTZ)[]) AS parameter(item));

UPDATE content.articles SET
    content_hash = coalesce(given.content_hash, articles.content_hash),
    cleaner_version = coalesce(given.cleaner_version, articles.cleaner_version),
    entry_id = coalesce(given.entry_id, articles.entry_id),
    loaded_at = coalesce(articles.loaded_at, given.loaded_at),
    withdrawn_at = if(given.withdrawn_at IS NULL, NULL, coalesce(articles.withdrawn_at, given.withdrawn_at))
FROM given
WHERE articles.article_id = given.article_id;

UPDATE ledger.entries SET duplicate_of = given.entry_id
FROM given
WHERE entries.article_id = given.article_id AND entries.outcome = 'duplicate' AND given.entry_id IS NOT NULL
  AND entries.entry_id <> given.entry_id;

DROP TABLE given;
