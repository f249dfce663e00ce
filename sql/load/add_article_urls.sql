-- Addresses under which an article was seen; an address belongs to one article for good.
INSERT INTO content.article_urls BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY url) > 1
           OR EXISTS (FROM content.article_urls AS old WHERE old.url = given.url),
           error('double key ' || url), url) AS url)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        url VARCHAR, article_id VARCHAR, kind VARCHAR, first_seen_at TIMESTAMPTZ)[]) AS parameter(item)
) AS given;
