-- Files of the archive of which something may go: all their requests were made before, and one at least is of no revision.
-- A file to which an open row of quarantine points stays whole.
WITH revisions AS (
    SELECT DISTINCT archive_file, archive_offset FROM content.article_revisions WHERE archive_file IS NOT NULL
), waiting AS (
    SELECT coalesce(payload ->> '$.article.fetch.archive_file', payload ->> '$.article.entry.feed_record[0]') AS archive_file
    FROM ledger.quarantine WHERE status = 'open'
)
SELECT f.archive_file, count(*) FILTER (r.archive_file IS NULL) AS expired
FROM ledger.fetches AS f
LEFT JOIN revisions AS r ON r.archive_file = f.archive_file AND r.archive_offset = f.archive_offset
WHERE f.archive_file IS NOT NULL
  AND f.archive_file NOT IN (SELECT archive_file FROM waiting WHERE archive_file IS NOT NULL)
GROUP BY f.archive_file
HAVING max(f.requested_at) < $before::TIMESTAMPTZ AND count(*) FILTER (r.archive_file IS NULL) > 0
ORDER BY f.archive_file;
