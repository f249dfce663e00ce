-- The addresses of feeds that have failed, but only since a host last answered anything: what failed before, or in the
-- very run of that answer, failed by itself. Of those that were never read only what an outage is known to have met,
-- since others may be no feeds at all. What is dated after $now, by a clock that has been put back since, does not count.
WITH answered AS (
    SELECT run_id, requested_at
    FROM ledger.fetches
    WHERE status IS NOT NULL AND requested_at <= $now::TIMESTAMPTZ
    ORDER BY requested_at DESC
    LIMIT 1
), asked AS (
    SELECT feed_id, count(*) AS times
    FROM ledger.fetches
    WHERE kind = 'feed' AND run_id IS DISTINCT FROM (SELECT run_id FROM answered)
      AND requested_at > coalesce((SELECT requested_at FROM answered), '-infinity'::TIMESTAMPTZ)
      AND requested_at <= $now::TIMESTAMPTZ
    GROUP BY feed_id
)
SELECT f.url
FROM ledger.feeds AS f
JOIN asked USING (feed_id)
WHERE f.retired_at IS NULL AND f.consecutive_failures BETWEEN 1 AND asked.times
  AND (f.last_success_at IS NOT NULL OR f.last_trouble = 'local');
