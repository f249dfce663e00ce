-- Newly minted articles.
INSERT INTO content.articles BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY article_id) > 1
           OR EXISTS (FROM content.articles AS old WHERE old.article_id = given.article_id),
           error('double key ' || article_id), article_id) AS article_id)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        article_id VARCHAR, entry_id VARCHAR, site VARCHAR, content_hash VARCHAR, cleaner_version VARCHAR,
        first_seen_at TIMESTAMPTZ)[]) AS parameter(item)
) AS given;
