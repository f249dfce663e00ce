-- Revisions that turn out to have been served earlier than we had seen: each begins there, and the one before ends there.
CREATE OR REPLACE TEMP TABLE given AS
SELECT * REPLACE (
    if(count(*) OVER (PARTITION BY article_id) > 1, error('double key ' || article_id), article_id) AS article_id)
FROM (SELECT item.* FROM unnest($rows::STRUCT(article_id VARCHAR, revision BIGINT, seen_from TIMESTAMPTZ)[]) AS parameter(item));

UPDATE content.article_revisions SET seen_from = given.seen_from
FROM given
WHERE article_revisions.article_id = given.article_id AND article_revisions.revision = given.revision;

UPDATE content.article_revisions SET seen_until = given.seen_from
FROM given
WHERE article_revisions.article_id = given.article_id AND article_revisions.revision = given.revision - 1;

DROP TABLE given;
