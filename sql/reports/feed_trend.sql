-- How the feeds do, those with trouble first, with the new entries of each of the last 14 days, oldest first.
WITH days AS (
    SELECT (SELECT max(started_at) FROM ledger.runs)::DATE - i::INTEGER AS day FROM range(14) AS t(i)
), daily AS (
    SELECT feed_id, polled_at::DATE AS day, sum(entries_new)::BIGINT AS added
    FROM ledger.polls
    WHERE polled_at >= (SELECT min(day) FROM days)
    GROUP BY ALL
)
SELECT f.feed_id, f.title, h.state, h.last_success_at, h.entries_7d, h.consecutive_failures, h.last_error, h.explanation,
       list(coalesce(daily.added, 0) ORDER BY days.day) AS trend
FROM main.feeds AS f
JOIN main.feed_health AS h USING (feed_id)
CROSS JOIN days
LEFT JOIN daily ON daily.feed_id = f.feed_id AND daily.day = days.day
WHERE f.retired_at IS NULL
GROUP BY ALL
ORDER BY h.consecutive_failures DESC, any_value(h.state) <> 'silent', f.feed_id;
