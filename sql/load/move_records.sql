-- The pointers to a file of the archive, now that its kept records lie in a new one: moved, or said to have expired.
CREATE OR REPLACE TEMP TABLE moved AS
SELECT item.* FROM unnest($rows::STRUCT(was BIGINT, "is" BIGINT)[]) AS parameter(item);

UPDATE content.article_revisions SET archive_file = $new, archive_offset = moved."is"
FROM moved
WHERE article_revisions.archive_file = $file AND article_revisions.archive_offset = moved.was;

UPDATE ledger.fetches SET archive_file = $new, archive_offset = moved."is"
FROM moved
WHERE fetches.archive_file = $file AND fetches.archive_offset = moved.was;

UPDATE ledger.fetches SET archive_file = NULL, archive_offset = NULL, archive_expired_at = $now
WHERE archive_file = $file;

DROP TABLE moved;
