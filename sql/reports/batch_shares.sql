-- How a run's entries did, by feed (NULL: all together), beside how those of its feeds did since $since before it.
-- Failed: the page could not be read; empty: it held no article; dateless: an article of which nobody states the date.
WITH looked AS (
    SELECT entry_id, run_id = $run_id AS is_now, arg_max(outcome, history_number) AS outcome
    FROM ledger.entry_history
    WHERE (run_id = $run_id OR changed_at >= $since)
      AND reason NOT IN ('new', 'entry_changed', 'link_changed', 'original_gone', 'retry_asked', 'released', 'replayed')
    GROUP BY entry_id, run_id
), judged AS (
    SELECT e.feed_id, l.is_now,
           l.outcome IN ('pending', 'unreachable', 'gone', 'blocked') AS failed,
           l.outcome = 'empty' AS is_empty,
           l.outcome IN ('loaded', 'off_topic', 'quarantined') AS is_article,
           is_article AND e.published_at IS NULL AND r.published_at IS NULL AS dateless
    FROM looked AS l
    JOIN ledger.entries AS e USING (entry_id)
    LEFT JOIN content.article_revisions AS r ON r.article_id = e.article_id AND r.is_current
)
SELECT
    feed_id,
    count(*) FILTER (is_now) AS entries,
    count(*) FILTER (is_now AND failed) AS failed,
    count(*) FILTER (is_now AND is_empty) AS "empty",
    count(*) FILTER (is_now AND is_article) AS articles,
    count(*) FILTER (is_now AND dateless) AS dateless,
    count(*) FILTER (NOT is_now) AS past_entries,
    count(*) FILTER (NOT is_now AND failed) AS past_failed,
    count(*) FILTER (NOT is_now AND is_empty) AS past_empty,
    count(*) FILTER (NOT is_now AND is_article) AS past_articles,
    count(*) FILTER (NOT is_now AND dateless) AS past_dateless
FROM judged
GROUP BY GROUPING SETS ((feed_id), ())
HAVING count(*) FILTER (is_now) > 0
ORDER BY feed_id NULLS FIRST;
