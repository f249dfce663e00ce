-- Pseudo-feeds of backfills. They are retired from the start: nobody polls them.
INSERT INTO ledger.feeds BY NAME
SELECT DISTINCT feed_id, feed_id AS url, title, 'und' AS "language", 'ZZ' AS country, 'UTC' AS timezone, 86400 AS every_seconds,
       false AS full_text, $now::TIMESTAMPTZ AS retired_at, 0 AS consecutive_failures
FROM (SELECT item.* FROM unnest($rows::STRUCT(feed_id VARCHAR, title VARCHAR)[]) AS parameter(item))
WHERE feed_id NOT IN (SELECT feed_id FROM ledger.feeds);
