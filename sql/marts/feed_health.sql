-- How each feed does: one row a feed.
CREATE OR REPLACE VIEW main.feed_health AS
SELECT
    f.feed_id, f.last_success_at, f.consecutive_failures, f.next_poll_at, to_seconds(f.interval_seconds) AS "interval",
    (SELECT count(*) FROM ledger.entries AS e
     WHERE e.feed_id = f.feed_id AND e.first_seen_at > s.reference - INTERVAL 7 DAY) AS entries_7d,
    (SELECT 1 - sum(p.entries_new) / nullif(sum(p.entries_seen), 0) FROM ledger.polls AS p
     WHERE p.feed_id = f.feed_id AND p.status = 'changed' AND p.polled_at > s.reference - INTERVAL 7 DAY) AS duplicate_share,
    CASE
        WHEN f.retired_at IS NOT NULL THEN 'retired'
        WHEN f.last_attempt_at IS NULL THEN 'new'
        WHEN f.consecutive_failures > 0 THEN 'failing'
        ELSE 'ok'
    END AS state,
    f.last_attempt_at,
    (SELECT arg_max(p.error, p.polled_at) FROM ledger.polls AS p
     WHERE p.feed_id = f.feed_id AND p.status = 'failed') AS last_error
FROM ledger.feeds AS f, (SELECT max(started_at) AS reference FROM ledger.runs) AS s;

COMMENT ON VIEW main.feed_health IS 'How each feed does: one row a feed.';
COMMENT ON COLUMN main.feed_health.feed_id IS 'The feed.';
COMMENT ON COLUMN main.feed_health.last_success_at IS 'Last time it was read (UTC).';
COMMENT ON COLUMN main.feed_health.consecutive_failures IS 'Polls failed in a row.';
COMMENT ON COLUMN main.feed_health.next_poll_at IS 'When it is due (UTC).';
COMMENT ON COLUMN main.feed_health."interval" IS 'Its present interval.';
COMMENT ON COLUMN main.feed_health.entries_7d IS 'New entries in the seven days before the latest run.';
COMMENT ON COLUMN main.feed_health.duplicate_share IS 'Share of entries already known in documents of those days.';
COMMENT ON COLUMN main.feed_health.state IS 'new, ok, failing or retired.';
COMMENT ON COLUMN main.feed_health.last_attempt_at IS 'Last poll (UTC).';
COMMENT ON COLUMN main.feed_health.last_error IS 'What the latest failed poll said.';
