-- How each feed does, and when and why it is asked next, in words: one row a feed. A feed is silent when it is read well,
-- but its newest entry is older than five of the pauses that it usually makes between two days on which it publishes
-- (at least 3 days; 30 where fewer than four such days are known), counted at the start of the latest run.
CREATE OR REPLACE VIEW main.feed_health AS
WITH latest AS (
    SELECT max(started_at) AS reference FROM ledger.runs
), days AS (
    -- Not AT TIME ZONE, which costs ten times as much over a long past.
    SELECT DISTINCT feed_id, coalesce(published_on, make_timestamp(epoch_us(first_seen_at))::DATE) AS published
    FROM ledger.entries
), newest AS (
    FROM days
    QUALIFY row_number() OVER (PARTITION BY feed_id ORDER BY published DESC) <= 20
), pauses AS (
    SELECT feed_id, published, published - lag(published) OVER (PARTITION BY feed_id ORDER BY published) AS pause
    FROM newest
), rhythm AS (
    SELECT feed_id, max(published) AS last_day, if(count(*) >= 4, median(pause), NULL) AS usual_pause
    FROM pauses
    GROUP BY feed_id
), recent AS (
    SELECT feed_id, count(*) AS entries
    FROM ledger.entries, latest
    WHERE first_seen_at > reference - INTERVAL 7 DAY
    GROUP BY feed_id
), polled AS (
    SELECT feed_id, 1 - sum(entries_new) / nullif(sum(entries_seen), 0) AS duplicate_share
    FROM ledger.polls, latest
    WHERE status = 'changed' AND polled_at > reference - INTERVAL 7 DAY
    GROUP BY feed_id
), judged AS (
    SELECT
        f.*, polled.* EXCLUDE (feed_id), rhythm.* EXCLUDE (feed_id), coalesce(recent.entries, 0) AS entries_7d,
        CASE
            WHEN f.retired_at IS NOT NULL THEN 'retired'
            WHEN f.last_attempt_at IS NULL THEN 'new'
            WHEN f.consecutive_failures > 0 THEN 'failing'
            WHEN (latest.reference AT TIME ZONE 'UTC')::DATE - rhythm.last_day
                 > coalesce(greatest(5 * rhythm.usual_pause, 3), 30) THEN 'silent'
            ELSE 'ok'
        END AS state
    FROM ledger.feeds AS f
    CROSS JOIN latest
    LEFT JOIN polled USING (feed_id)
    LEFT JOIN rhythm USING (feed_id)
    LEFT JOIN recent USING (feed_id)
)
SELECT
    feed_id, last_success_at, consecutive_failures, next_poll_at, to_seconds(interval_seconds) AS "interval", entries_7d,
    duplicate_share, state, last_attempt_at, last_error,
    CASE state
        WHEN 'retired' THEN if(starts_with(feed_id, 'archive:'), 'Pages that a backfill took in: it has no feed to ask.',
                               'It left the configuration, and is not asked any more.')
        WHEN 'new' THEN 'It was not asked yet: the next run does.'
        WHEN 'failing' THEN format('It could not be read; failures in a row: {}, the last {}: {}.', consecutive_failures,
                                   coalesce(last_trouble, 'unknown'), coalesce(last_error, 'no words'))
        WHEN 'silent' THEN format('It is read well, but has published nothing since {}{}.', last_day,
            if(usual_pause IS NULL, '', format('; its usual pause is {} d', greatest(round(usual_pause)::INT, 1))))
        ELSE 'It is read well.'
    END
    || if(state IN ('retired', 'new'), '', format(' Next poll after {} UTC: {}.',
          strftime(next_poll_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M'), coalesce(next_poll_reason, 'as configured')))
    || if(validators_lie, ' Its server says "not modified" though its entries changed, so it is asked for all of them each time.', '')
    || if(moved_to IS NULL, '', format(' Its server says that it has moved for good to {}: change its url.', moved_to))
        AS explanation,
    24 * rate AS entries_per_day, listed AS entries_listed, repeated AS entries_repeated, moved_to
FROM judged;

COMMENT ON VIEW main.feed_health IS 'How each feed does: one row a feed.';
COMMENT ON COLUMN main.feed_health.feed_id IS 'The feed.';
COMMENT ON COLUMN main.feed_health.last_success_at IS 'Last time it was read (UTC).';
COMMENT ON COLUMN main.feed_health.consecutive_failures IS 'Polls failed in a row.';
COMMENT ON COLUMN main.feed_health.next_poll_at IS 'When it is due (UTC).';
COMMENT ON COLUMN main.feed_health."interval" IS 'The wait decided at the last poll, before the few per cent by which feeds are kept apart.';
COMMENT ON COLUMN main.feed_health.entries_7d IS 'New entries in the seven days before the latest run.';
COMMENT ON COLUMN main.feed_health.duplicate_share IS 'Share of entries already known in documents of those days.';
COMMENT ON COLUMN main.feed_health.state IS 'new, ok, silent (nothing new for far longer than it usually pauses), failing or retired.';
COMMENT ON COLUMN main.feed_health.last_attempt_at IS 'Last poll (UTC).';
COMMENT ON COLUMN main.feed_health.last_error IS 'What the latest failed poll said.';
COMMENT ON COLUMN main.feed_health.explanation IS 'State and next poll in words.';
COMMENT ON COLUMN main.feed_health.entries_per_day IS 'Its rate of new entries, older days fading; NULL: not known.';
COMMENT ON COLUMN main.feed_health.entries_listed IS 'Entries in its last document.';
COMMENT ON COLUMN main.feed_health.entries_repeated IS 'Items of its last document that repeated another''s key, and are no entries of their own.';
COMMENT ON COLUMN main.feed_health.moved_to IS 'Where its server says that it has moved for good; NULL: nowhere.';
