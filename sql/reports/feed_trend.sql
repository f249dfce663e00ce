-- How the feeds do, those with trouble first, with the new entries of each of the last 14 days, oldest first.
WITH latest AS (
    SELECT max(started_at)::DATE AS today FROM ledger.runs
), daily AS (
    SELECT feed_id, today - polled_at::DATE AS ago, sum(entries_new)::BIGINT AS added
    FROM ledger.polls, latest
    WHERE polled_at >= today - 13 AND entries_new > 0
    GROUP BY ALL
), trends AS (
    SELECT feed_id, map_from_entries(list({'key': ago, 'value': added})) AS added FROM daily GROUP BY feed_id
)
SELECT f.feed_id, f.title, h.state, h.last_success_at, h.next_poll_at, h.entries_7d, h.consecutive_failures, h.last_error, h.explanation,
       list_transform(range(13, -1, -1), lambda ago: coalesce(trends.added[ago], 0)) AS trend
FROM main.feeds AS f
JOIN main.feed_health AS h USING (feed_id)
LEFT JOIN trends USING (feed_id)
WHERE f.retired_at IS NULL
ORDER BY h.consecutive_failures DESC, h.state <> 'silent', f.feed_id;
