-- The entities named in these articles, in place of what was known before.
DELETE FROM content.mentions WHERE article_id IN (SELECT unnest($ids::VARCHAR[]));

INSERT INTO content.mentions BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY article_id, entity_id) > 1,
           error('double key ' || article_id || ' ' || entity_id), article_id) AS article_id)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        article_id VARCHAR, entity_id VARCHAR, name VARCHAR, kind VARCHAR, "count" BIGINT, in_title BOOLEAN,
        first_start BIGINT)[]) AS parameter(item)
) AS given;
