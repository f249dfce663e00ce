-- How fresh this file is: its only row. While no feed answers, an ingest that comes to its end brings nothing: then the
-- last feed that was read counts. That is so where since then whatever was asked has failed, and a feed among it that had
-- not failed before: a slow feed that is not due hides no outage, and a dead one that is asked alone is none. What failed
-- in the very run in which one was read last counts as failing before.
CREATE OR REPLACE VIEW main.freshness AS
WITH asked AS (
    FROM ledger.feeds WHERE retired_at IS NULL AND last_attempt_at IS NOT NULL
), since AS (
    SELECT feed_id, run_id, status FROM ledger.polls
    WHERE polled_at >= (SELECT coalesce(max(last_success_at), '-infinity') FROM asked)
), failed AS (
    SELECT feed_id, count(*) AS times
    FROM since
    WHERE run_id NOT IN (SELECT run_id FROM since WHERE status <> 'failed')
    GROUP BY feed_id
), outage AS (
    SELECT count(*) > 0 AS there
    FROM asked JOIN failed USING (feed_id)
    WHERE asked.consecutive_failures BETWEEN 1 AND failed.times
)
SELECT
    s.copied_at,
    CASE WHEN outage.there
        THEN (SELECT max(last_success_at) FROM asked)
        ELSE (SELECT max(ended_at) FROM ledger.runs WHERE flow = 'ingest' AND status IN ('completed', 'degraded'))
    END AS last_success_at,
    s.commit_number,
    (SELECT max(number) FROM ledger.migrations) AS schema_version,
    s.rule_versions,
    outage.there AS no_feed_answers
FROM ledger.state AS s CROSS JOIN outage;

COMMENT ON VIEW main.freshness IS 'How fresh this file is: its only row.';
COMMENT ON COLUMN main.freshness.copied_at IS 'When this copy was taken (UTC).';
COMMENT ON COLUMN main.freshness.last_success_at IS 'End of the last ingest that ran to its end; while no feed answers, when one was read last (UTC).';
COMMENT ON COLUMN main.freshness.commit_number IS 'Number of the last change in it.';
COMMENT ON COLUMN main.freshness.schema_version IS 'Number of the last migration.';
COMMENT ON COLUMN main.freshness.rule_versions IS 'The rules in force, by topic.';
COMMENT ON COLUMN main.freshness.no_feed_answers IS 'Whether every feed that was asked since one was read last failed, and not all of these had failed before.';
